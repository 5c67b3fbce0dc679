/**
 * What the block codecs have in common: one block in, one block out, both
 * whole in memory; every length checked, so damaged input is an error and
 * never a wild read.
 *
 * @module
 */

/** A compressed block cannot be decoded, or its output does not fit. */
export class BlockFormatError extends Error {
  override readonly name = "BlockFormatError";
  /** Byte of the compressed block at which it was noticed. */
  readonly offset: number;

  /** An error at `offset` of the compressed block. */
  constructor(codec: string, offset: number, why: string) {
    super(`Cannot decompress ${codec} at byte ${offset}: ${why}`);
    this.offset = offset;
  }
}

/** Compresses single blocks. An encoder keeps its tables between calls and is not shared. */
export interface BlockEncoder {
  /** The most bytes that `inputLength` bytes become. */
  bound(inputLength: number): number;
  /** Compresses `input` into `output`, which holds `bound(input.length)` bytes; returns the bytes written. */
  encode(input: Uint8Array, output: Uint8Array): number;
}

/**
 * Decompresses one block into `output` and returns the bytes written.
 *
 * @throws BlockFormatError if the block is damaged or `output` too small
 */
export type BlockDecoder = (input: Uint8Array, output: Uint8Array) => number;

/** The number of equal bytes from `a` and `b` on, `b` after `a`, up to `end`. */
export function matchLength(bytes: Uint8Array, a: number, b: number, end: number): number {
  const start = b;
  while (b < end && bytes[a] === bytes[b]) {
    a++;
    b++;
  }
  return b - start;
}

/** Copies a match of `length` bytes from `distance` back: byte by byte where it overlaps itself. */
export function copyMatch(
  output: Uint8Array,
  at: number,
  distance: number,
  length: number,
): void {
  if (distance >= length && length > 16) {
    output.copyWithin(at, at - distance, at - distance + length);
    return;
  }
  if (distance === 1 && length > 16) {
    output.fill(output[at - 1] as number, at, at + length);
    return;
  }
  const end = at + length;
  for (; at < end; at++) output[at] = output[at - distance] as number;
}

/** The four bytes at `at`, little endian. */
export function fourBytes(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}
