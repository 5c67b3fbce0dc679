// LZ4 blocks (volume.md 11.2).
import {
  blockIsCut,
  copyMatch,
  copyRun,
  fail,
  back16,
  hash2,
  hash4,
  matchLength,
  outputTooLong,
  table,
  wrongDistance,
} from "./common";

const minMatch: usize = 4;
/** The last bytes of a block are always literals ... */
const lastLiterals: usize = 5;
/** ... and no match begins later than this before its end. */
const matchLimit: usize = 12;
const maxDistance: usize = 65535;

// @ts-ignore: decorator
@inline
function putLength(out: usize, rest: usize): usize {
  while (rest >= 255) {
    store<u8>(out++, 255);
    rest -= 255;
  }
  store<u8>(out++, <u8> rest);
  return out;
}

// @ts-ignore: decorator
@inline
function putSequence(anchor: usize, at: usize, distance: usize, length: usize, out: usize): usize {
  const literals = at - anchor;
  const code = length - minMatch;
  const high: usize = literals < 15 ? literals : 15;
  const low: usize = code < 15 ? code : 15;
  store<u8>(out++, <u8> (high << 4 | low));
  if (literals >= 15) out = putLength(out, literals - 15);
  if (literals > 0) copyRun(out, anchor, literals);
  out += literals;
  store<u16>(out, <u16> distance);
  out += 2;
  return code >= 15 ? putLength(out, code - 15) : out;
}

function putLast(anchor: usize, end: usize, out: usize): usize {
  const literals = end - anchor;
  store<u8>(out++, <u8> ((literals < 15 ? literals : 15) << 4));
  if (literals >= 15) out = putLength(out, literals - 15);
  if (literals > 0) copyRun(out, anchor, literals);
  return out + literals;
}

const hashBits: u32 = 13;

/** The fast encoder: the last place of each hash is tried, nothing else. Returns the bytes written. */
export function lz4Encode(input: usize, length: usize, output: usize): i32 {
  memory.fill(table, 0, 2 << hashBits);
  const end = input + length;
  let anchor = input;
  let at = input;
  let out = output;
  let misses: u32 = 64;
  if (length > matchLimit) {
    const searchEnd = end - matchLimit;
    const matchEnd = end - lastLiterals;
    while (at <= searchEnd) {
      const value = load<u32>(at);
      const slot = table + hash2(value, hashBits);
      const place = at - input;
      let candidate = at - back16(place, slot);
      store<u16>(slot, <u16> place);
      if (candidate < input || candidate == at || load<u32>(candidate) != value) {
        // The longer nothing is found, the larger the steps: noise costs little.
        at += misses++ >> 6;
        continue;
      }
      misses = 64;
      while (at > anchor && candidate > input && load<u8>(at - 1) == load<u8>(candidate - 1)) {
        at--;
        candidate--;
      }
      const found = minMatch + matchLength(candidate + minMatch, at + minMatch, matchEnd);
      out = putSequence(anchor, at, at - candidate, found, out);
      at += found;
      anchor = at;
      if (at <= searchEnd) {
        store<u16>(table + hash2(load<u32>(at - 2), hashBits), <u16> (at - 2 - input));
      }
    }
  }
  return <i32> (putLast(anchor, end, out) - output);
}

const hcHashBits: u32 = 15;
const heads: usize = table;
/** For each place, by its low 16 bits, how far back the one before it with the same hash is; 0 for none. */
const chain: usize = table + (4 << hcHashBits);

let inserted: usize = 0;
let matchAt: usize = 0;

// @ts-ignore: decorator
@inline
function insertUpTo(to: usize, base: usize): void {
  while (inserted < to) {
    const slot = heads + hash4(load<u32>(inserted), hcHashBits);
    const place = inserted - base;
    const before = <usize> load<u32>(slot);
    const distance: usize = before == 0 ? 0 : place - before;
    store<u16>(chain + ((place & 0xffff) << 1), distance > maxDistance ? 0 : <u16> distance);
    store<u32>(slot, <u32> place);
    inserted++;
  }
}

/** The longest match at `at` that is longer than `atLeast`, 0 if none; its place is in matchAt. */
function longest(at: usize, base: usize, matchEnd: usize, atLeast: usize, attempts: i32): usize {
  const value = load<u32>(at);
  let best = atLeast;
  let place = <usize> load<u32>(heads + hash4(value, hcHashBits));
  for (let tries = attempts; tries > 0 && place != 0; tries--) {
    const candidate = base + place;
    if (candidate < at) {
      if (at - candidate > maxDistance) break;
      if (
        load<u8>(candidate + best) == load<u8>(at + best) && load<u32>(candidate) == value
      ) {
        const length = minMatch + matchLength(candidate + minMatch, at + minMatch, matchEnd);
        if (length > best) {
          best = length;
          matchAt = candidate;
          if (at + best >= matchEnd) break;
        }
      }
    }
    const distance = <usize> load<u16>(chain + ((place & 0xffff) << 1));
    if (distance == 0 || distance > place) break;
    place -= distance;
  }
  return best > atLeast ? best : 0;
}

/** The thorough encoder: of up to `attempts` places with the same hash the longest match, lazily. */
export function lz4hcEncode(input: usize, length: usize, output: usize, attempts: i32): i32 {
  memory.fill(heads, 0, 4 << hcHashBits);
  const end = input + length;
  const base = input - 1;
  let anchor = input;
  let at = input;
  let out = output;
  inserted = input;
  if (length > matchLimit) {
    const searchEnd = end - matchLimit;
    const matchEnd = end - lastLiterals;
    while (at <= searchEnd) {
      insertUpTo(at, base);
      let found = longest(at, base, matchEnd, minMatch - 1, attempts);
      if (found < minMatch) {
        at++;
        continue;
      }
      let match = matchAt;
      // A longer match one byte on is worth a literal.
      while (at + 1 <= searchEnd) {
        insertUpTo(at + 1, base);
        const next = longest(at + 1, base, matchEnd, found, attempts);
        if (next <= found) break;
        at++;
        found = next;
        match = matchAt;
      }
      while (at > anchor && match > input && load<u8>(at - 1) == load<u8>(match - 1)) {
        at--;
        match--;
        found++;
      }
      out = putSequence(anchor, at, at - match, found, out);
      at += found;
      anchor = at;
      insertUpTo(at < searchEnd + 1 ? at : searchEnd + 1, base);
    }
  }
  return <i32> (putLast(anchor, end, out) - output);
}

/** Decodes a block; returns the bytes written, -1 if it is damaged. */
export function lz4Decode(input: usize, length: usize, output: usize, room: usize): i32 {
  const end = input + length;
  const outEnd = output + room;
  let at = input;
  let out = output;
  while (at < end) {
    const token = <usize> load<u8>(at++);
    let literals = token >> 4;
    if (literals == 15) {
      let more: usize = 255;
      while (more == 255) {
        if (at >= end) return fail(blockIsCut, at - input);
        more = <usize> load<u8>(at++);
        literals += more;
      }
    }
    if (literals > end - at) return fail(blockIsCut, at - input);
    if (literals > outEnd - out) return fail(outputTooLong, at - input);
    if (literals > 0) {
      copyRun(out, at, literals);
      at += literals;
      out += literals;
    }
    if (at == end) return <i32> (out - output);
    if (end - at < 2) return fail(blockIsCut, at - input);
    const distance = <usize> load<u16>(at);
    at += 2;
    if (distance == 0 || distance > out - output) return fail(wrongDistance, at - input);
    let count = (token & 15) + minMatch;
    if ((token & 15) == 15) {
      let more: usize = 255;
      while (more == 255) {
        if (at >= end) return fail(blockIsCut, at - input);
        more = <usize> load<u8>(at++);
        count += more;
      }
    }
    if (count > outEnd - out) return fail(outputTooLong, at - input);
    copyMatch(out, distance, count);
    out += count;
  }
  return <i32> (out - output);
}
