/** FastLZ (volume.md 11.1): an encoder of level 1, the decoder of both levels. @module */
import { type BlockEncoder, BlockFormatError, copyMatch, matchLength } from "./block_codec.ts";

const hashBits = 14;
const minMatch = 3;
const maxMatch = 264;
const maxDistance = 8191;
const maxRun = 32;

const threeBytes = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);

/** The encoder of level 1, which is what LZFAST means. */
export class FastLzEncoder implements BlockEncoder {
  readonly #table = new Int32Array(1 << hashBits);

  /** @inheritdoc */
  bound(inputLength: number): number {
    return inputLength + Math.ceil(inputLength / maxRun) + 16;
  }

  /** @inheritdoc */
  encode(input: Uint8Array, output: Uint8Array): number {
    const table = this.#table.fill(-1);
    const end = input.length;
    let anchor = 0;
    let out = 0;
    // The first instruction must be a literal run.
    let at = 1;
    let misses = 0;
    while (at + minMatch < end) {
      const value = threeBytes(input, at);
      const slot = Math.imul(value, 2654435761) >>> (32 - hashBits);
      const candidate = table[slot] as number;
      table[slot] = at;
      const distance = at - candidate;
      if (candidate < 0 || distance > maxDistance || threeBytes(input, candidate) !== value) {
        at += 1 + (misses++ >> 6);
        continue;
      }
      misses = 0;
      const length = Math.min(
        maxMatch,
        minMatch + matchLength(input, candidate + minMatch, at + minMatch, end),
      );
      out = putRuns(input, anchor, at, output, out);
      const back = distance - 1;
      if (length <= 8) {
        output[out++] = ((length - 2) << 5) | (back >> 8);
      } else {
        output[out++] = 0xe0 | (back >> 8);
        output[out++] = length - 9;
      }
      output[out++] = back & 0xff;
      at += length;
      anchor = at;
    }
    return putRuns(input, anchor, end, output, out);
  }
}

/** Decodes a FastLZ block. @throws BlockFormatError if it is damaged or `output` too small */
export function decodeFastLz(input: Uint8Array, output: Uint8Array): number {
  const fail = (why: string): never => {
    throw new BlockFormatError("FastLZ", at, why);
  };
  let at = 0;
  let out = 0;
  if (input.length === 0) return 0;
  const level = (input[0] as number) >> 5;
  if (level > 1) fail(`level ${level + 1} does not exist`);
  let code = (input[at++] as number) & 31;
  for (;;) {
    if (code < 32) {
      const run = code + 1;
      if (run > input.length - at) fail("literals are cut off");
      if (run > output.length - out) fail("the output is longer than it may be");
      for (let n = 0; n < run; n++) output[out++] = input[at++] as number;
    } else {
      let length = (code >> 5) + 2;
      if (length === 9) {
        let more = 255;
        do {
          if (at >= input.length) fail("a length is cut off");
          more = input[at++] as number;
          length += more;
        } while (level === 1 && more === 255);
      }
      if (at >= input.length) fail("a distance is cut off");
      const low = input[at++] as number;
      let distance = (code & 31) * 256 + low + 1;
      if (level === 1 && (code & 31) === 31 && low === 255) {
        if (input.length - at < 2) fail("a distance is cut off");
        distance = (input[at] as number) * 256 + (input[at + 1] as number) + 8192;
        at += 2;
      }
      if (distance > out) fail(`a distance of ${distance} at byte ${out}`);
      if (length > output.length - out) fail("the output is longer than it may be");
      copyMatch(output, out, distance, length);
      out += length;
    }
    if (at >= input.length) return out;
    code = input[at++] as number;
  }
}

function putRuns(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  out: number,
): number {
  while (from < to) {
    const run = Math.min(maxRun, to - from);
    output[out++] = run - 1;
    for (let n = 0; n < run; n++) output[out++] = input[from++] as number;
  }
  return out;
}
