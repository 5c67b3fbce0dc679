import type { WideNumber } from "../../../storage/volume/mod.ts";
import type { PlatformStat } from "./platform.ts";

/** Bytes of macOS' `struct stat` with inodes of 64 bits. */
export const darwinStatLength = 144;

/** `UF_NODUMP`: leave the file out of backups. */
const noDump = 0x1;

/**
 * Reads a `struct stat` of macOS (sys/stat.h), little endian. Offsets in bytes: 0 dev, 4 mode (16
 * bits), 6 nlink (16 bits), 8 ino (64 bits), 16 uid, 20 gid, 24 rdev, 32 atime, 48 mtime, 64 ctime
 * (each 64 bits of seconds and of nanoseconds), 96 size, 104 blocks (64 bits), 112 blksize, 116 flags.
 */
export function decodeDarwinStat(bytes: Uint8Array): PlatformStat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, darwinStatLength);
  const seconds = (at: number) => Number(view.getBigInt64(at, true));
  const flags = view.getUint32(116, true);
  return {
    dev: view.getInt32(0, true),
    ino: wide(view.getBigUint64(8, true)),
    mode: view.getUint16(4, true),
    nlink: view.getUint16(6, true),
    uid: view.getUint32(16, true),
    gid: view.getUint32(20, true),
    rdev: view.getInt32(24, true),
    size: seconds(96),
    blksize: view.getInt32(112, true),
    blocks: seconds(104),
    atime: seconds(32),
    mtime: seconds(48),
    ctime: seconds(64),
    atimeNanoseconds: view.getUint32(40, true),
    mtimeNanoseconds: view.getUint32(56, true),
    ctimeNanoseconds: view.getUint32(72, true),
    flags,
    noDump: (flags & noDump) !== 0,
  };
}

function wide(value: bigint): WideNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
