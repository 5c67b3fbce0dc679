/**
 * What the files of a dedupable volume hold (volume.md 16.3): the description of the others, the entries
 * of blocks and the entries of the parts that a block is put together from. All numbers are big-endian.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { blockHeaderLength } from "../volume/mod.ts";

/** A file of entries: its name and how many entries are valid. */
export interface EntryFile {
  readonly name: string;
  readonly count: number;
}

/** A file of data. */
export interface DataFile {
  readonly name: string;
  /** The number by which parts name it. */
  readonly index: number;
  /** Data comes in multiples of so many bytes. */
  readonly blockSize: number;
  /** Bytes that are valid. */
  readonly used: number;
  readonly isReadOnly: boolean;
}

/** The file `config`. */
export interface DedupableConfig {
  readonly blocks: EntryFile;
  readonly parts: EntryFile;
  readonly data: readonly DataFile[];
}

/** A block: its header, and which parts follow. */
export interface BlockEntry {
  /** The 24 bytes that the block begins with. */
  readonly header: Uint8Array;
  /** Number of its first part. */
  readonly firstPart: number;
  readonly partCount: number;
}

/** A stretch of a data file. */
export interface Part {
  /** Index of the data file. */
  readonly file: number;
  readonly length: number;
  readonly offset: number;
}

/** The description of a volume is not what it should be: its message says what is wrong. */
export class DedupableLayoutError extends Error {
  override readonly name = "DedupableLayoutError";
}

/** Bytes of an entry of the file of blocks. */
export const blockEntryLength = 40;
/** Bytes of an entry of the file of parts. */
export const partLength = 16;
/** More than the description of five files ever takes. */
export const configLimit = 65_536;

const version = 1;
const headLength = 24;
const fileEntryLength = 32;
/** Names of files in the volume's folder: nothing that leads out of it. */
const fileName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/** Writes the description. */
export function encodeDedupableConfig({ blocks, parts, data }: DedupableConfig): Uint8Array {
  const names = [blocks, parts, ...data].map(({ name }) => Buffer.from(name));
  const nameLength = names.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.alloc(headLength + nameLength + names.length * fileEntryLength);
  bytes.writeBigUInt64BE(BigInt(version), 0);
  for (const [at, value] of [nameLength, 1, 1, data.length].entries()) {
    bytes.writeUInt32BE(value, 8 + at * 4);
  }
  let nameAt = 0;
  for (const [number, name] of names.entries()) {
    name.copy(bytes, headLength + nameAt);
    const at = headLength + nameLength + number * fileEntryLength;
    bytes.writeUInt32BE(nameAt, at);
    bytes.writeUInt32BE(name.length, at + 4);
    nameAt += name.length;
  }
  const entryAt = (number: number): number => headLength + nameLength + number * fileEntryLength;
  for (const [number, { count }] of [blocks, parts].entries()) {
    bytes.writeBigUInt64BE(BigInt(count), entryAt(number) + 16);
  }
  for (const [number, { used, blockSize, index, isReadOnly }] of data.entries()) {
    const at = entryAt(number + 2);
    bytes.writeBigUInt64BE(BigInt(used), at + 8);
    bytes.writeBigUInt64BE(BigInt(blockSize), at + 16);
    bytes.writeUInt32BE(index, at + 24);
    bytes.writeUInt8(isReadOnly ? 1 : 0, at + 28);
  }
  return bytes;
}

/**
 * Reads the description.
 * @throws {DedupableLayoutError}
 */
export function decodeDedupableConfig(bytes: Uint8Array): DedupableConfig {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.length < headLength) throw new DedupableLayoutError("its config is too short");
  const found = view.readBigUInt64BE(0);
  if (found !== BigInt(version)) {
    throw new DedupableLayoutError(`its config has version ${found}, which is not known`);
  }
  const [nameLength = 0, blockFiles = 0, partFiles = 0, dataFiles = 0] = [8, 12, 16, 20].map((at) =>
    view.readUInt32BE(at)
  );
  if (blockFiles !== 1 || partFiles !== 1 || dataFiles < 1 || dataFiles > 1000) {
    throw new DedupableLayoutError(
      `its config names ${blockFiles} files of blocks, ${partFiles} of parts, ${dataFiles} of data`,
    );
  }
  const entries = headLength + nameLength;
  if (view.length < entries + (2 + dataFiles) * fileEntryLength) {
    throw new DedupableLayoutError("its config is too short");
  }
  const nameOf = (at: number): string => {
    const [start, length] = [view.readUInt32BE(at), view.readUInt32BE(at + 4)];
    const name = view.toString("latin1", headLength + start, headLength + start + length);
    if (start + length > nameLength || !fileName.test(name)) {
      throw new DedupableLayoutError("its config has an impossible name of a file");
    }
    return name;
  };
  const numberAt = (at: number): number => {
    const value = view.readBigUInt64BE(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new DedupableLayoutError("its config has an impossible number");
    }
    return Number(value);
  };
  const entryFile = (at: number): EntryFile => {
    if (numberAt(at + 8) !== 0) {
      throw new DedupableLayoutError("its entries begin in another file");
    }
    return { name: nameOf(at), count: numberAt(at + 16) };
  };
  const data = Array.from({ length: dataFiles }, (_, number): DataFile => {
    const at = entries + (2 + number) * fileEntryLength;
    return {
      name: nameOf(at),
      used: numberAt(at + 8),
      blockSize: numberAt(at + 16),
      index: view.readUInt32BE(at + 24),
      isReadOnly: view.readUInt8(at + 28) !== 0,
    };
  });
  if (new Set(data.map(({ index }) => index)).size < data.length) {
    throw new DedupableLayoutError("two of its files of data have one number");
  }
  return { blocks: entryFile(entries), parts: entryFile(entries + fileEntryLength), data };
}

/** Writes the entry of a block. */
export function encodeBlockEntry({ header, firstPart, partCount }: BlockEntry): Uint8Array {
  const bytes = Buffer.alloc(blockEntryLength);
  bytes.set(header.subarray(0, blockHeaderLength));
  bytes.writeUInt32BE(partCount, blockHeaderLength);
  bytes.writeBigUInt64BE(BigInt(firstPart), blockHeaderLength + 8);
  return bytes;
}

/** Reads the entry of a block at `at`; the header is a view. */
export function decodeBlockEntry(bytes: Buffer, at: number): BlockEntry {
  return {
    header: bytes.subarray(at, at + blockHeaderLength),
    partCount: bytes.readUInt32BE(at + blockHeaderLength),
    firstPart: Number(bytes.readBigUInt64BE(at + blockHeaderLength + 8)),
  };
}

/** Writes entries of parts. */
export function encodeParts(parts: readonly Part[]): Uint8Array {
  const bytes = Buffer.alloc(parts.length * partLength);
  for (const [number, { file, length, offset }] of parts.entries()) {
    bytes.writeUInt32BE(file, number * partLength);
    bytes.writeUInt32BE(length, number * partLength + 4);
    bytes.writeBigUInt64BE(BigInt(offset), number * partLength + 8);
  }
  return bytes;
}

/** Reads the entry of a part at `at`. */
export function decodePart(bytes: Buffer, at: number): Part {
  return {
    file: bytes.readUInt32BE(at),
    length: bytes.readUInt32BE(at + 4),
    offset: Number(bytes.readBigUInt64BE(at + 8)),
  };
}
