// FastLZ (volume.md 11.1): the encoder of level 1, the decoder of both levels.
import {
  blockIsCut,
  copyMatch,
  copyRun,
  fail,
  back16,
  hash2,
  matchLength,
  outputTooLong,
  table,
  wrongDistance,
  wrongLevel,
} from "./common";

const hashBits: u32 = 14;
const minMatch: usize = 3;
const maxMatch: usize = 264;
const maxDistance: usize = 8191;
const maxRun: usize = 32;

// @ts-ignore: decorator
@inline
function threeBytes(at: usize): u32 {
  return load<u32>(at) & 0xffffff;
}

// @ts-ignore: decorator
@inline
function putRuns(from: usize, to: usize, out: usize): usize {
  while (from < to) {
    const rest = to - from;
    const run = rest < maxRun ? rest : maxRun;
    store<u8>(out++, <u8> (run - 1));
    v128.store(out, v128.load(from));
    v128.store(out + 16, v128.load(from + 16));
    out += run;
    from += run;
  }
  return out;
}

/** The encoder of level 1, which is what LZFAST means. */
export function fastlzEncode(input: usize, length: usize, output: usize): i32 {
  memory.fill(table, 0, 2 << hashBits);
  const end = input + length;
  let anchor = input;
  // The first instruction must be a literal run.
  let at = input + 1;
  let out = output;
  let misses: u32 = 64;
  while (at + minMatch < end) {
    const value = threeBytes(at);
    const slot = table + hash2(value, hashBits);
    const place = at - input;
    const candidate = at - back16(place, slot);
    store<u16>(slot, <u16> place);
    const distance = at - candidate;
    if (candidate < input || distance == 0 || distance > maxDistance || threeBytes(candidate) != value) {
      at += misses++ >> 6;
      continue;
    }
    misses = 64;
    let count = minMatch + matchLength(candidate + minMatch, at + minMatch, end);
    if (count > maxMatch) count = maxMatch;
    out = putRuns(anchor, at, out);
    const back = distance - 1;
    if (count <= 8) store<u8>(out++, <u8> ((count - 2) << 5 | back >> 8));
    else {
      store<u8>(out++, <u8> (0xe0 | back >> 8));
      store<u8>(out++, <u8> (count - 9));
    }
    store<u8>(out++, <u8> back);
    at += count;
    anchor = at;
  }
  return <i32> (putRuns(anchor, end, out) - output);
}

/** Decodes a block; returns the bytes written, -1 if it is damaged. */
export function fastlzDecode(input: usize, length: usize, output: usize, room: usize): i32 {
  const end = input + length;
  const outEnd = output + room;
  let at = input;
  let out = output;
  if (length == 0) return 0;
  const level = load<u8>(at) >> 5;
  if (level > 1) return fail(wrongLevel, 0);
  let code = <usize> (load<u8>(at++) & 31);
  while (true) {
    if (code < 32) {
      const run = code + 1;
      if (run > end - at) return fail(blockIsCut, at - input);
      if (run > outEnd - out) return fail(outputTooLong, at - input);
      copyRun(out, at, run);
      at += run;
      out += run;
    } else {
      let count = (code >> 5) + 2;
      if (count == 9) {
        let more: usize = 255;
        do {
          if (at >= end) return fail(blockIsCut, at - input);
          more = <usize> load<u8>(at++);
          count += more;
        } while (level == 1 && more == 255);
      }
      if (at >= end) return fail(blockIsCut, at - input);
      const low = <usize> load<u8>(at++);
      let distance = (code & 31) * 256 + low + 1;
      if (level == 1 && (code & 31) == 31 && low == 255) {
        if (end - at < 2) return fail(blockIsCut, at - input);
        distance = (<usize> load<u8>(at)) * 256 + <usize> load<u8>(at + 1) + 8192;
        at += 2;
      }
      if (distance > out - output) return fail(wrongDistance, at - input);
      if (count > outEnd - out) return fail(outputTooLong, at - input);
      copyMatch(out, distance, count);
      out += count;
    }
    if (at >= end) return <i32> (out - output);
    code = <usize> load<u8>(at++);
  }
}
