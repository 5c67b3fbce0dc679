/**
 * One raw LZ4 block whose length nobody tells, as frames of Bacula are (bacula.md 4.1).
 *
 * Blocks of file data go through the kernel; this is for messages, a few hundred bytes each, and
 * needs no memory but the result.
 *
 * @module
 */
import { BlockFormatError } from "./block_format_error.ts";

const shortestMatch = 4;
/** A length that begins with this goes on in further bytes. */
const more = 15;
const distanceBytes = 2;

/** A run of literals, and the match behind it; the last run has none. */
interface Sequence {
  readonly literals: number;
  readonly literalsAt: number;
  readonly match: number;
  readonly distance: number;
}

/**
 * Decompresses a raw LZ4 block.
 * @param limit the most bytes that it may become
 * @throws {BlockFormatError} if it is damaged or becomes more; memory is taken only for a whole block
 */
export function decompressLz4Block(block: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const { literals, match, distance, literalsAt } of sequences(block)) {
    length += literals;
    if (match > 0 && (distance === 0 || distance > length)) {
      throw damaged(literalsAt + literals, "a distance leads before the output");
    }
    length += match;
    if (length > limit) throw damaged(literalsAt, "the output is longer than it may be");
  }
  const output = new Uint8Array(length);
  let at = 0;
  for (const { literals, literalsAt, match, distance } of sequences(block)) {
    output.set(block.subarray(literalsAt, literalsAt + literals), at);
    at += literals;
    for (let left = match; left > 0;) {
      // A match may overlap itself: what it repeats is copied as often as it takes.
      const step = Math.min(left, distance);
      output.copyWithin(at, at - distance, at - distance + step);
      at += step;
      left -= step;
    }
  }
  return output;
}

function* sequences(block: Uint8Array): Generator<Sequence> {
  if (block.length === 0) throw damaged(0, "the block is empty");
  for (let at = 0; at < block.length;) {
    const token = block[at++] as number;
    const literals = lengthAt(block, at, token >> 4);
    const literalsAt = literals.next;
    at = literalsAt + literals.length;
    if (at > block.length) throw damaged(literalsAt, "the block is cut off");
    if (at === block.length) {
      yield { literals: literals.length, literalsAt, match: 0, distance: 0 };
      return;
    }
    if (at + distanceBytes > block.length) throw damaged(at, "the block is cut off");
    const distance = (block[at] as number) | (block[at + 1] as number) << 8;
    const match = lengthAt(block, at + distanceBytes, token & more);
    at = match.next;
    yield {
      literals: literals.length,
      literalsAt,
      match: match.length + shortestMatch,
      distance,
    };
  }
  throw damaged(block.length, "the block is cut off");
}

/** A length whose first four bits stand in the token. */
function lengthAt(block: Uint8Array, at: number, first: number): { length: number; next: number } {
  let length = first;
  if (first === more) {
    let byte: number | undefined;
    do {
      byte = block[at++];
      if (byte === undefined) throw damaged(at - 1, "the block is cut off");
      length += byte;
    } while (byte === 255);
  }
  return { length, next: at };
}

function damaged(offset: number, why: string): BlockFormatError {
  return new BlockFormatError("LZ4", offset, why);
}
