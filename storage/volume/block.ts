import { crc32 } from "node:zlib";
import { VolumeError } from "./volume_error.ts";

/** Bytes of a block's header in the current version, `BB02` (volume.md 3.1). */
export const blockHeaderLength = 24;
/** Bytes of a record's header in a `BB02` block (volume.md 4.1). */
export const recordHeaderLength = 12;
/** The largest length that a block's header may claim (volume.md 3.4). */
export const maximumBlockLength = 20_000_000;
/** A record's data must be shorter than this. */
export const recordLengthLimit = 20_000_000;
/** Block size of Bareos 23 and later (volume.md 3.4). */
export const defaultBlockSize = 1_048_576;
/** Block size before Bareos 23 and of Bacula; also the size of the label's buffer. */
export const classicBlockSize = 64_512;

/** The session that wrote a block or a record: both numbers together are its name. */
export interface SessionKey {
  /** Counter of the writing storage daemon. */
  readonly sessionId: number;
  /** Start of the writing storage daemon, Unix seconds. */
  readonly sessionTime: number;
}

/** The header of a block (volume.md 3.1, 3.2). */
export interface BlockHeader extends SessionKey {
  /** CRC-32 of everything behind it; 0 if there is none. */
  readonly checksum: number;
  /** Bytes of the block, header included. */
  readonly length: number;
  /** Counts the blocks of a session; not to be relied on. */
  readonly number: number;
  /** 2, or 1 for blocks of Bacula before 1.27, whose records name the session themselves. */
  readonly version: 1 | 2;
  /** Bytes of the header: 24, or 16 in version 1. */
  readonly headerLength: number;
}

/** CRC-32 of a whole block: everything behind the checksum itself (volume.md 3.3). */
export function blockChecksum(block: Uint8Array): number {
  return crc32(block.subarray(4)) >>> 0;
}

const idHigh = 0x42423032; // "BB02"
const idLow = 0x42423031; // "BB01"

/** `BB02`, as bytes to look for. */
export const blockId: Uint8Array = Uint8Array.of(0x42, 0x42, 0x30, 0x32);

/**
 * Reads the header at the front of `bytes`.
 * @throws {VolumeError} in the words of volume.md 3.5, steps 3 to 5, without the place
 */
export function parseBlockHeader(bytes: Uint8Array): BlockHeader {
  if (bytes.length < blockHeaderLength) {
    throw new VolumeError(`Very short block of ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, blockHeaderLength);
  const id = view.getUint32(12);
  if (id !== idHigh && id !== idLow) {
    const wanted = (id & 0xff) === 0x31 ? "BB01" : "BB02";
    throw new VolumeError(`Wanted ID: "${wanted}", got "${printableId(bytes)}". Buffer discarded.`);
  }
  const version = id === idHigh ? 2 : 1;
  const headerLength = version === 2 ? blockHeaderLength : 16;
  const length = view.getUint32(4);
  if (length > maximumBlockLength) {
    throw new VolumeError(
      `Block length ${length} is insane (too large), probably due to a bad archive.`,
    );
  }
  if (length < headerLength) {
    throw new VolumeError(
      `Block length ${length} is insane (too small), probably due to a bad archive.`,
    );
  }
  return {
    checksum: view.getUint32(0),
    length,
    number: view.getUint32(8),
    version,
    headerLength,
    sessionId: version === 2 ? view.getUint32(16) : 0,
    sessionTime: version === 2 ? view.getUint32(20) : 0,
  };
}

function printableId(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(12, 16)) {
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  }
  return text;
}

/** A block on its volume, checked. */
export interface Block {
  /** The parsed header. */
  readonly header: BlockHeader;
  /** Byte offset of the block on the volume. */
  readonly offset: number;
  /** The address that the catalog has for its front: the offset, unless the volume is addressed otherwise. */
  readonly address: number;
  /** The address of its end: that of its last byte. */
  readonly lastAddress: number;
  /** The whole block with its header: a view that the next read invalidates. */
  readonly bytes: Uint8Array;
}
