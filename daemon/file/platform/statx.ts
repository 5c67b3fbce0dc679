import type { WideNumber } from "../../../storage/volume/mod.ts";
import type { PlatformStat } from "./platform.ts";

/** Bytes of the kernel's `struct statx`. */
export const statxLength = 256;

/** `STATX_ATTR_NODUMP`: what `chattr +d` sets. */
const noDump = 0x40;

/**
 * Reads a `struct statx` (linux/stat.h), seen as its 64 words of 32 bits in the host's order, which
 * is little endian on every processor that Deno runs on. Offsets in bytes: 4 blksize, 8 attributes, 16 nlink,
 * 20 uid, 24 gid, 28 mode (16 bits), 32 ino, 40 size, 48 blocks, 64 atime, 96 ctime, 112 mtime (each
 * 64 bits of seconds, 32 of nanoseconds), 128 rdev, 136 dev (major, minor), 144 mount id.
 */
export function decodeStatx(words: Uint32Array): PlatformStat {
  return {
    dev: deviceNumber(words[34] as number, words[35] as number),
    ino: wide(words, 8),
    mode: (words[7] as number) & 0xffff,
    nlink: words[4] as number,
    uid: words[5] as number,
    gid: words[6] as number,
    rdev: deviceNumber(words[32] as number, words[33] as number),
    size: signed(words, 10),
    blksize: words[1] as number,
    blocks: signed(words, 12),
    atime: signed(words, 16),
    mtime: signed(words, 28),
    ctime: signed(words, 24),
    atimeNanoseconds: words[18] as number,
    mtimeNanoseconds: words[30] as number,
    ctimeNanoseconds: words[26] as number,
    flags: 0,
    noDump: ((words[2] as number) & noDump) !== 0,
  };
}

/** The `dev_t` of the C library: minor bits 0-7, major 0-11, minor 8-31, major 12-31. */
export function deviceNumber(major: number, minor: number): WideNumber {
  if (major >= 0x200000) {
    return BigInt(major >>> 12) << 44n | BigInt(minor >>> 8) << 20n |
      BigInt(major & 0xfff) << 8n | BigInt(minor & 0xff);
  }
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor >>> 8) * 0x100000 +
    (major >>> 12) * 2 ** 44;
}

function signed(words: Uint32Array, at: number): number {
  return (words[at] as number) + ((words[at + 1] as number) | 0) * 2 ** 32;
}

function wide(words: Uint32Array, at: number): WideNumber {
  const high = words[at + 1] as number;
  const low = words[at] as number;
  return high < 0x200000 ? low + high * 2 ** 32 : BigInt(high) << 32n | BigInt(low);
}
