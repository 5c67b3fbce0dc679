import { decompressChunk, inflateChunk } from "../../../compress/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";

/** How the records of a data stream are read (volume.md 7.2, 9). */
export interface DataStream {
  /** Whether a u64 offset into the file stands before the data. */
  readonly hasOffset: boolean;
  /** Whether the data is a Windows BackupRead stream. */
  readonly isBackupRead: boolean;
  /** Undoes the compression; absent for plain data. */
  readonly decompress: ((data: Uint8Array) => Uint8Array) | undefined;
}

const plain: DataStream = { hasOffset: false, isBackupRead: false, decompress: undefined };

/** Data streams that need no key. */
export const dataStreams: ReadonlyMap<number, DataStream> = new Map([
  [Stream.fileData, plain],
  [Stream.gzipData, { ...plain, decompress: inflateChunk }],
  [Stream.compressedData, { ...plain, decompress: decompressChunk }],
  [Stream.sparseData, { ...plain, hasOffset: true }],
  [Stream.sparseGzipData, { ...plain, hasOffset: true, decompress: inflateChunk }],
  [Stream.sparseCompressedData, { ...plain, hasOffset: true, decompress: decompressChunk }],
  [Stream.win32Data, { ...plain, isBackupRead: true }],
  [Stream.win32GzipData, { ...plain, isBackupRead: true, decompress: inflateChunk }],
  [Stream.win32CompressedData, { ...plain, isBackupRead: true, decompress: decompressChunk }],
]);

/** Data streams that need a key (volume.md 13.3); what is said of them holds once they are decrypted. */
export const encryptedStreams: ReadonlyMap<number, DataStream> = new Map([
  [Stream.encryptedFileData, plain],
  [Stream.encryptedFileGzipData, { ...plain, decompress: inflateChunk }],
  [Stream.encryptedFileCompressedData, { ...plain, decompress: decompressChunk }],
  [Stream.encryptedWin32Data, { ...plain, isBackupRead: true }],
  [Stream.encryptedWin32GzipData, { ...plain, isBackupRead: true, decompress: inflateChunk }],
  [
    Stream.encryptedWin32CompressedData,
    { ...plain, isBackupRead: true, decompress: decompressChunk },
  ],
]);

/** Bytes of the offset before the data of a sparse stream. */
const offsetLength = 8;

/**
 * Takes the offset before a sparse stream's data off.
 * @throws {RangeError} if it is cut off or no file can be that long
 */
export function splitOffset(record: Uint8Array): { offset: number; data: Uint8Array } {
  if (record.length < offsetLength) {
    throw new RangeError(`Cannot read the offset of sparse data: ${record.length} bytes`);
  }
  const view = new DataView(record.buffer, record.byteOffset, offsetLength);
  const offset = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  if (!Number.isSafeInteger(offset)) {
    throw new RangeError(`Cannot write at the offset of sparse data: ${offset}`);
  }
  return { offset, data: record.subarray(offsetLength) };
}
