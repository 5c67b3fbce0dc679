/** LZO1X (volume.md 11.3): an encoder like LZO1X-1 and the checking decoder. @module */
import {
  type BlockEncoder,
  BlockFormatError,
  copyMatch,
  fourBytes,
  matchLength,
} from "./block_codec.ts";

const hashBits = 14;
const minMatch = 4;
const maxDistance = 49151;

/** The encoder: matches of at least four bytes, none of the short forms after literals. */
export class Lzo1xEncoder implements BlockEncoder {
  readonly #table = new Int32Array(1 << hashBits);

  /** @inheritdoc */
  bound(inputLength: number): number {
    return inputLength + Math.floor(inputLength / 16) + 64 + 3;
  }

  /** @inheritdoc */
  encode(input: Uint8Array, output: Uint8Array): number {
    const table = this.#table.fill(-1);
    const end = input.length;
    let anchor = 0;
    let out = 0;
    /** Where the last match put the two bits for the literals behind it; -1 before the first. */
    let trailer = -1;
    let at = 0;
    let misses = 0;
    while (at + minMatch <= end) {
      const value = fourBytes(input, at);
      const slot = Math.imul(value, 2654435761) >>> (32 - hashBits);
      const candidate = table[slot] as number;
      table[slot] = at;
      if (
        candidate < 0 || at - candidate > maxDistance || fourBytes(input, candidate) !== value
      ) {
        at += 1 + (misses++ >> 6);
        continue;
      }
      misses = 0;
      const length = minMatch + matchLength(input, candidate + minMatch, at + minMatch, end);
      out = putLiterals(input, anchor, at, trailer, output, out);
      out = putMatch(at - candidate, length, output, out);
      // In every form of a match the count of the literals behind it is in its second last byte.
      trailer = out - 2;
      at += length;
      anchor = at;
    }
    out = putLiterals(input, anchor, end, trailer, output, out);
    output[out++] = 0x11;
    output[out++] = 0;
    output[out++] = 0;
    return out;
  }
}

/** Decodes an LZO1X block. @throws BlockFormatError if it is damaged or `output` too small */
export function decodeLzo1x(input: Uint8Array, output: Uint8Array): number {
  let at = 0;
  let out = 0;
  const fail = (why: string): never => {
    throw new BlockFormatError("LZO1X", at, why);
  };
  const next = (): number => {
    if (at >= input.length) fail("the block is cut off");
    return input[at++] as number;
  };
  const extended = (base: number): number => {
    let length = base;
    let byte = next();
    while (byte === 0) {
      length += 255;
      if (length > output.length + base) fail("a length is longer than the output");
      byte = next();
    }
    return length + byte;
  };
  const literals = (count: number): void => {
    if (count > input.length - at) fail("literals are cut off");
    if (count > output.length - out) fail("the output is longer than it may be");
    if (count > 32) output.set(input.subarray(at, at + count), out);
    else for (let n = 0; n < count; n++) output[out + n] = input[at + n] as number;
    at += count;
    out += count;
  };

  /** 0 after a match alone, 1 to 3 after as many literals behind it, 4 after a literal run. */
  let state = 0;
  const first = input[0] ?? fail("the block is empty");
  if (first > 17) {
    at = 1;
    literals(first - 17);
    state = Math.min(first - 17, 4);
  }
  for (;;) {
    const code = next();
    if (code < 0x10 && state === 0) {
      literals(code === 0 ? extended(18) : code + 3);
      state = 4;
      continue;
    }
    let length: number;
    let distance: number;
    let trailing: number;
    if (code < 0x10) {
      trailing = code & 3;
      distance = 4 * next() + (code >> 2) + (state === 4 ? 2049 : 1);
      length = state === 4 ? 3 : 2;
    } else if (code < 0x40) {
      const isFar = code < 0x20;
      const bits = code & (isFar ? 7 : 31);
      length = bits === 0 ? extended(isFar ? 9 : 33) : bits + 2;
      const low = next();
      const value = low | (next() << 8);
      trailing = value & 3;
      distance = (value >> 2) + (isFar ? 16384 + 2048 * (code & 8) : 1);
      if (isFar && distance === 16384) {
        if (length !== 3) fail("the end marker is damaged");
        if (at < input.length) fail("bytes follow the end marker");
        return out;
      }
    } else {
      length = code < 0x80 ? 3 + ((code >> 5) & 1) : (code >> 5) + 1;
      distance = 8 * next() + ((code >> 2) & 7) + 1;
      trailing = code & 3;
    }
    if (distance > out) fail(`a distance of ${distance} at byte ${out}`);
    if (length > output.length - out) fail("the output is longer than it may be");
    copyMatch(output, out, distance, length);
    out += length;
    literals(trailing);
    state = trailing;
  }
}

function putLiterals(
  input: Uint8Array,
  from: number,
  to: number,
  trailer: number,
  output: Uint8Array,
  out: number,
): number {
  const count = to - from;
  if (count === 0) return out;
  if (trailer < 0 && count <= 238) {
    output[out++] = 17 + count;
  } else if (trailer >= 0 && count <= 3) {
    output[trailer] = (output[trailer] as number) | count;
  } else if (count <= 18) {
    output[out++] = count - 3;
  } else {
    output[out++] = 0;
    out = putExtension(count - 18, output, out);
  }
  if (count > 32) {
    output.set(input.subarray(from, to), out);
    return out + count;
  }
  for (let at = from; at < to; at++) output[out++] = input[at] as number;
  return out;
}

function isShort(distance: number, length: number): boolean {
  return length <= 8 && distance <= 2048;
}

function putMatch(distance: number, length: number, output: Uint8Array, out: number): number {
  if (isShort(distance, length)) {
    const back = distance - 1;
    const low = (back & 7) << 2;
    output[out++] = (length <= 4 ? 0x40 | ((length - 3) << 5) : (length - 1) << 5) | low;
    output[out++] = back >> 3;
    return out;
  }
  const isFar = distance > 16384;
  const most = isFar ? 9 : 33;
  const back = isFar ? distance - 16384 : distance - 1;
  const high = isFar ? 0x10 | ((back >> 11) & 8) : 0x20;
  if (length <= most) {
    output[out++] = high | (length - 2);
  } else {
    output[out++] = high;
    out = putExtension(length - most, output, out);
  }
  output[out++] = (back << 2) & 0xff;
  output[out++] = (back >> 6) & 0xff;
  return out;
}

function putExtension(rest: number, output: Uint8Array, out: number): number {
  for (; rest > 255; rest -= 255) output[out++] = 0;
  output[out++] = rest;
  return out;
}
