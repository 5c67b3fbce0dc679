// LZO1X (volume.md 11.3).
import {
  blockIsCut,
  bytesFollow,
  copyMatch,
  copyRun,
  fail,
  back16,
  hash2,
  matchLength,
  outputTooLong,
  table,
  wrongDistance,
  wrongEnd,
} from "./common";

const hashBits: u32 = 13;
const minMatch: usize = 4;
const maxDistance: usize = 49151;

// @ts-ignore: decorator
@inline
function putExtension(rest: usize, out: usize): usize {
  while (rest > 255) {
    store<u8>(out++, 0);
    rest -= 255;
  }
  store<u8>(out++, <u8> rest);
  return out;
}

/** `trailer`: where the last match has the two bits for literals behind it; 0 before the first match. */
// @ts-ignore: decorator
@inline
function putLiterals(from: usize, to: usize, trailer: usize, out: usize): usize {
  const count = to - from;
  if (count == 0) return out;
  if (trailer == 0 && count <= 238) store<u8>(out++, <u8> (17 + count));
  else if (trailer != 0 && count <= 3) store<u8>(trailer, load<u8>(trailer) | <u8> count);
  else if (count <= 18) store<u8>(out++, <u8> (count - 3));
  else {
    store<u8>(out++, 0);
    out = putExtension(count - 18, out);
  }
  copyRun(out, from, count);
  return out + count;
}

// @ts-ignore: decorator
@inline
function putMatch(distance: usize, length: usize, out: usize): usize {
  if (length <= 8 && distance <= 2048) {
    const back = distance - 1;
    const low = (back & 7) << 2;
    const high: usize = length <= 4 ? 0x40 | ((length - 3) << 5) : (length - 1) << 5;
    store<u8>(out++, <u8> (high | low));
    store<u8>(out++, <u8> (back >> 3));
    return out;
  }
  const isFar = distance > 16384;
  const most: usize = isFar ? 9 : 33;
  const back = isFar ? distance - 16384 : distance - 1;
  const high: usize = isFar ? 0x10 | ((back >> 11) & 8) : 0x20;
  if (length <= most) store<u8>(out++, <u8> (high | (length - 2)));
  else {
    store<u8>(out++, <u8> high);
    out = putExtension(length - most, out);
  }
  store<u16>(out, <u16> (back << 2));
  return out + 2;
}

/** The encoder: matches of at least four bytes, none of the short forms after literals. */
export function lzoEncode(input: usize, length: usize, output: usize): i32 {
  memory.fill(table, 0, 2 << hashBits);
  const end = input + length;
  let anchor = input;
  let at = input;
  let out = output;
  let trailer: usize = 0;
  let misses: u32 = 64;
  while (at + minMatch <= end) {
    const value = load<u32>(at);
    const slot = table + hash2(value, hashBits);
    const place = at - input;
    const candidate = at - back16(place, slot);
    store<u16>(slot, <u16> place);
    if (candidate < input || candidate == at || at - candidate > maxDistance || load<u32>(candidate) != value) {
      at += misses++ >> 6;
      continue;
    }
    misses = 64;
    const found = minMatch + matchLength(candidate + minMatch, at + minMatch, end);
    out = putLiterals(anchor, at, trailer, out);
    out = putMatch(at - candidate, found, out);
    // In every form of a match the count of the literals behind it is in its second last byte.
    trailer = out - 2;
    at += found;
    anchor = at;
  }
  out = putLiterals(anchor, end, trailer, out);
  store<u8>(out, 0x11);
  store<u16>(out + 1, 0);
  return <i32> (out + 3 - output);
}

/** Decodes a block; returns the bytes written, -1 if it is damaged. */
export function lzoDecode(input: usize, length: usize, output: usize, room: usize): i32 {
  const end = input + length;
  const outEnd = output + room;
  let at = input;
  let out = output;
  /** 0 after a match alone, 1 to 3 after as many literals behind it, 4 after a literal run. */
  let state: usize = 0;
  if (length == 0) return fail(blockIsCut, 0);
  const first = <usize> load<u8>(at);
  if (first > 17) {
    at++;
    const count = first - 17;
    if (count > end - at) return fail(blockIsCut, at - input);
    if (count > outEnd - out) return fail(outputTooLong, at - input);
    copyRun(out, at, count);
    at += count;
    out += count;
    state = count < 4 ? count : 4;
  }
  while (true) {
    if (at >= end) return fail(blockIsCut, at - input);
    const code = <usize> load<u8>(at++);
    if (code < 0x10 && state == 0) {
      let count = code + 3;
      if (code == 0) {
        count = 18;
        let more: usize = 0;
        while (true) {
          if (at >= end) return fail(blockIsCut, at - input);
          more = <usize> load<u8>(at++);
          if (more != 0) break;
          count += 255;
        }
        count += more;
      }
      if (count > end - at) return fail(blockIsCut, at - input);
      if (count > outEnd - out) return fail(outputTooLong, at - input);
      copyRun(out, at, count);
      at += count;
      out += count;
      state = 4;
      continue;
    }
    let count: usize;
    let distance: usize;
    if (code < 0x10) {
      if (at >= end) return fail(blockIsCut, at - input);
      distance = 4 * <usize> load<u8>(at++) + (code >> 2) + (state == 4 ? 2049 : 1);
      count = state == 4 ? 3 : 2;
      state = code & 3;
    } else if (code < 0x40) {
      const isFar = code < 0x20;
      const bits = code & (isFar ? 7 : 31);
      count = bits + 2;
      if (bits == 0) {
        count = isFar ? 9 : 33;
        let more: usize = 0;
        while (true) {
          if (at >= end) return fail(blockIsCut, at - input);
          more = <usize> load<u8>(at++);
          if (more != 0) break;
          count += 255;
        }
        count += more;
      }
      if (end - at < 2) return fail(blockIsCut, at - input);
      const value = <usize> load<u16>(at);
      at += 2;
      distance = (value >> 2) + (isFar ? 16384 + 2048 * (code & 8) : 1);
      if (isFar && distance == 16384) {
        if (count != 3) return fail(wrongEnd, at - input);
        if (at < end) return fail(bytesFollow, at - input);
        return <i32> (out - output);
      }
      state = value & 3;
    } else {
      if (at >= end) return fail(blockIsCut, at - input);
      count = code < 0x80 ? 3 + ((code >> 5) & 1) : (code >> 5) + 1;
      distance = 8 * <usize> load<u8>(at++) + ((code >> 2) & 7) + 1;
      state = code & 3;
    }
    if (distance > out - output) return fail(wrongDistance, at - input);
    if (count > outEnd - out) return fail(outputTooLong, at - input);
    copyMatch(out, distance, count);
    out += count;
    if (state > 0) {
      if (state > end - at) return fail(blockIsCut, at - input);
      if (state > outEnd - out) return fail(outputTooLong, at - input);
      store<u32>(out, load<u32>(at));
      at += state;
      out += state;
    }
  }
}
