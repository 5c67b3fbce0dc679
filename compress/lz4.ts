/**
 * LZ4 blocks (volume.md 11.2): a fast encoder, one that searches harder
 * (LZ4HC), and the decoder of both.
 *
 * @module
 */
import {
  type BlockEncoder,
  BlockFormatError,
  copyMatch,
  fourBytes,
  matchLength,
} from "./block_codec.ts";

const minMatch = 4;
/** The last bytes of a block are always literals ... */
const lastLiterals = 5;
/** ... and no match begins later than this before its end. */
const matchLimit = 12;
const maxDistance = 65535;

const hashBits = 14;
const hash = (value: number, bits: number): number => Math.imul(value, 2654435761) >>> (32 - bits);

/** The fast encoder: the last place of each hash is tried, nothing else. */
export class Lz4Encoder implements BlockEncoder {
  readonly #table = new Int32Array(1 << hashBits);

  /** @inheritdoc */
  bound(inputLength: number): number {
    return lz4Bound(inputLength);
  }

  /** @inheritdoc */
  encode(input: Uint8Array, output: Uint8Array): number {
    const table = this.#table.fill(-1);
    const searchEnd = input.length - matchLimit;
    const matchEnd = input.length - lastLiterals;
    let anchor = 0;
    let out = 0;
    let at = 0;
    let misses = 0;
    while (at <= searchEnd) {
      const value = fourBytes(input, at);
      const slot = hash(value, hashBits);
      let candidate = table[slot] as number;
      table[slot] = at;
      if (candidate < 0 || at - candidate > maxDistance || fourBytes(input, candidate) !== value) {
        // The longer nothing is found, the larger the steps: noise costs little.
        at += 1 + (misses++ >> 6);
        continue;
      }
      misses = 0;
      while (at > anchor && candidate > 0 && input[at - 1] === input[candidate - 1]) {
        at--;
        candidate--;
      }
      const length = minMatch +
        matchLength(input, candidate + minMatch, at + minMatch, matchEnd);
      out = putSequence(input, anchor, at, at - candidate, length, output, out);
      at += length;
      anchor = at;
      if (at <= searchEnd) table[hash(fourBytes(input, at - 2), hashBits)] = at - 2;
    }
    return putLastLiterals(input, anchor, output, out);
  }
}

const hcHashBits = 15;

/** The thorough encoder: chains of all places with the same hash, the longest match wins, looked at lazily. */
export class Lz4HcEncoder implements BlockEncoder {
  readonly #heads = new Int32Array(1 << hcHashBits);
  readonly #chain = new Uint16Array(1 << 16);
  readonly #attempts: number;
  #matchAt = 0;

  /** An encoder that tries at most `attempts` earlier places for each match. */
  constructor(attempts = 64) {
    this.#attempts = attempts;
  }

  /** @inheritdoc */
  bound(inputLength: number): number {
    return lz4Bound(inputLength);
  }

  /** @inheritdoc */
  encode(input: Uint8Array, output: Uint8Array): number {
    this.#heads.fill(-1);
    const searchEnd = input.length - matchLimit;
    let anchor = 0;
    let out = 0;
    let at = 0;
    let inserted = 0;
    const insertUpTo = (end: number): void => {
      for (; inserted < end; inserted++) {
        const slot = hash(fourBytes(input, inserted), hcHashBits);
        const before = this.#heads[slot] as number;
        const distance = before < 0 ? 0 : Math.min(inserted - before, maxDistance);
        this.#chain[inserted & 0xffff] = distance;
        this.#heads[slot] = inserted;
      }
    };
    while (at <= searchEnd) {
      insertUpTo(at);
      let length = this.#longest(input, at, minMatch - 1);
      if (length < minMatch) {
        at++;
        continue;
      }
      let match = this.#matchAt;
      // A longer match one byte on is worth a literal.
      while (at + 1 <= searchEnd) {
        insertUpTo(at + 1);
        const next = this.#longest(input, at + 1, length);
        if (next <= length) break;
        at++;
        length = next;
        match = this.#matchAt;
      }
      while (at > anchor && match > 0 && input[at - 1] === input[match - 1]) {
        at--;
        match--;
        length++;
      }
      out = putSequence(input, anchor, at, at - match, length, output, out);
      at += length;
      anchor = at;
      insertUpTo(Math.min(at, searchEnd + 1));
    }
    return putLastLiterals(input, anchor, output, out);
  }

  /** The longest match at `at` that is longer than `atLeast`, 0 if none; its place is in #matchAt. */
  #longest(input: Uint8Array, at: number, atLeast: number): number {
    const end = input.length - lastLiterals;
    const value = fourBytes(input, at);
    let best = atLeast;
    let candidate = this.#heads[hash(value, hcHashBits)] as number;
    for (let tries = this.#attempts; tries > 0 && candidate >= 0; tries--) {
      if (at - candidate > maxDistance) break;
      if (candidate < at) {
        if (
          input[candidate + best] === input[at + best] && fourBytes(input, candidate) === value
        ) {
          const length = minMatch + matchLength(input, candidate + minMatch, at + minMatch, end);
          if (length > best) {
            best = length;
            this.#matchAt = candidate;
          }
        }
      }
      const distance = this.#chain[candidate & 0xffff] as number;
      if (distance === 0) break;
      candidate -= distance;
    }
    return best > atLeast ? best : 0;
  }
}

/** Decodes an LZ4 block. @throws BlockFormatError if it is damaged or `output` too small */
export function decodeLz4(input: Uint8Array, output: Uint8Array): number {
  const fail = (why: string): never => {
    throw new BlockFormatError("LZ4", at, why);
  };
  let at = 0;
  let out = 0;
  while (at < input.length) {
    const token = input[at++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255;) {
        if (at >= input.length) fail("a length is cut off");
        more = input[at++] as number;
        literals += more;
      }
    }
    if (literals > input.length - at) fail("literals are cut off");
    if (literals > output.length - out) fail("the output is longer than it may be");
    if (literals > 32) output.set(input.subarray(at, at + literals), out);
    else for (let n = 0; n < literals; n++) output[out + n] = input[at + n] as number;
    at += literals;
    out += literals;
    if (at === input.length) return out;

    if (input.length - at < 2) fail("a distance is cut off");
    const distance = (input[at] as number) | ((input[at + 1] as number) << 8);
    at += 2;
    if (distance === 0 || distance > out) fail(`a distance of ${distance} at byte ${out}`);
    let length = (token & 15) + minMatch;
    if ((token & 15) === 15) {
      for (let more = 255; more === 255;) {
        if (at >= input.length) fail("a length is cut off");
        more = input[at++] as number;
        length += more;
      }
    }
    if (length > output.length - out) fail("the output is longer than it may be");
    copyMatch(output, out, distance, length);
    out += length;
  }
  return out;
}

function lz4Bound(inputLength: number): number {
  return inputLength + Math.floor(inputLength / 255) + 16;
}

function putLength(output: Uint8Array, out: number, rest: number): number {
  for (; rest >= 255; rest -= 255) output[out++] = 255;
  output[out++] = rest;
  return out;
}

function putLiterals(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  out: number,
): number {
  if (to - from > 32) output.set(input.subarray(from, to), out);
  else for (let n = from; n < to; n++) output[out + n - from] = input[n] as number;
  return out + to - from;
}

function putSequence(
  input: Uint8Array,
  anchor: number,
  at: number,
  distance: number,
  length: number,
  output: Uint8Array,
  out: number,
): number {
  const literals = at - anchor;
  const code = length - minMatch;
  output[out++] = (Math.min(literals, 15) << 4) | Math.min(code, 15);
  if (literals >= 15) out = putLength(output, out, literals - 15);
  out = putLiterals(input, anchor, at, output, out);
  output[out++] = distance & 0xff;
  output[out++] = distance >> 8;
  return code >= 15 ? putLength(output, out, code - 15) : out;
}

function putLastLiterals(
  input: Uint8Array,
  anchor: number,
  output: Uint8Array,
  out: number,
): number {
  const literals = input.length - anchor;
  output[out++] = Math.min(literals, 15) << 4;
  if (literals >= 15) out = putLength(output, out, literals - 15);
  return putLiterals(input, anchor, input.length, output, out);
}
