import { decodeBigInteger, decodeInteger, encodeInteger } from "../../bytes/mod.ts";
import { asVolumeError, VolumeError } from "./volume_error.ts";

/** A number of 64 bits: a `number` up to 2^53 and a `bigint` beyond. */
export type WideNumber = number | bigint;

/** What `stat` says of a file. Times are seconds since 1970 UTC, sizes are bytes. */
export interface FileStat {
  /** The device that holds the file, in the host's own encoding. */
  readonly dev: WideNumber;
  /** The inode. */
  readonly ino: WideNumber;
  /** Type and permission bits, the types in their traditional octal values. */
  readonly mode: number;
  /** Number of names the file has. */
  readonly nlink: number;
  /** Owner. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
  /** The device that a device node stands for, in the host's own encoding. */
  readonly rdev: WideNumber;
  /** Length in bytes. */
  readonly size: number;
  /** Preferred size of reads. */
  readonly blksize: number;
  /** Units of 512 bytes occupied. */
  readonly blocks: number;
  /** Last access. */
  readonly atime: number;
  /** Last change of the contents. */
  readonly mtime: number;
  /** Last change of the inode. */
  readonly ctime: number;
}

/** The sixteen numbers of an attributes record: a stat and three that the field adds. */
export interface EncodedStat extends FileStat {
  /** FileIndex of the file that holds the data, for a hard link; else 0. */
  readonly linkFileIndex: number;
  /** BSD file flags; 0 elsewhere. */
  readonly flags: WideNumber;
  /** Number of the data stream that follows, or would; 0 on old volumes. */
  readonly dataStream: number;
}

/** The type bits of a mode and their values. */
export const ModeType = {
  mask: 0o170000,
  socket: 0o140000,
  symbolicLink: 0o120000,
  regular: 0o100000,
  block: 0o060000,
  directory: 0o040000,
  character: 0o020000,
  fifo: 0o010000,
} as const;

/** Writes a stat as the text of an attributes record (volume.md 8.3). Fractions of seconds are cut. */
export function encodeStat(
  stat: FileStat,
  more: { linkFileIndex?: number; flags?: WideNumber; dataStream?: number } = {},
): string {
  return `${encodeInteger(stat.dev)} ${encodeInteger(stat.ino)} ${encodeInteger(stat.mode)} ${
    encodeInteger(stat.nlink)
  } ${encodeInteger(stat.uid)} ${encodeInteger(stat.gid)} ${encodeInteger(stat.rdev)} ${
    encodeInteger(stat.size)
  } ${encodeInteger(stat.blksize)} ${encodeInteger(stat.blocks)} ${
    encodeInteger(Math.floor(stat.atime))
  } ${encodeInteger(Math.floor(stat.mtime))} ${encodeInteger(Math.floor(stat.ctime))} ${
    encodeInteger(more.linkFileIndex ?? 0)
  } ${encodeInteger(more.flags ?? 0)} ${encodeInteger(more.dataStream ?? 0)}`;
}

/**
 * Reads the text of an attributes record or of the catalog's LStat; the last three numbers may be
 * missing (volume.md 8.3).
 * @throws {VolumeError} if it has fewer than 13 numbers or a malformed one
 */
export function decodeStat(text: string): EncodedStat {
  const words = text.split(" ");
  if (words.length < 13) {
    throw new VolumeError(`Cannot read stat: ${words.length} numbers where 13 to 16 were expected`);
  }
  return asVolumeError("read stat", () => ({
    dev: wide(words[0]),
    ino: wide(words[1]),
    mode: narrow(words[2]),
    nlink: narrow(words[3]),
    uid: narrow(words[4]),
    gid: narrow(words[5]),
    rdev: wide(words[6]),
    size: narrow(words[7]),
    blksize: narrow(words[8]),
    blocks: narrow(words[9]),
    atime: narrow(words[10]),
    mtime: narrow(words[11]),
    ctime: narrow(words[12]),
    linkFileIndex: narrow(words[13]),
    flags: wide(words[14]),
    dataStream: narrow(words[15]),
  }));
}

function narrow(word = ""): number {
  return decodeInteger(word);
}

function wide(word = ""): WideNumber {
  if (word.length <= 8) return decodeInteger(word); // 48 bits at most
  const value = decodeBigInteger(word);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
