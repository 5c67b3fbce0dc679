// What the codecs have in common. AssemblyScript: compiled by `deno task kernels`.
//
// Memory, in bytes: 0 the result of a failed call; 1024 hash tables and chains; `bufferStart` input,
// and behind it output, both with `slack` bytes behind them, because copies go in steps of 16.

/** A hash table, or heads and chains of LZ4HC. */
export const table: usize = 1024;

// Reasons for which a block cannot be decoded; the host has the words.
export const blockIsCut: i32 = 0;
export const outputTooLong: i32 = 1;
export const wrongDistance: i32 = 2;
export const wrongEnd: i32 = 3;
export const bytesFollow: i32 = 4;
export const wrongLevel: i32 = 5;

/** Notes why decoding failed and at which byte of the input; the result of the call is -1. */
export function fail(reason: i32, offset: usize): i32 {
  store<i32>(0, reason);
  store<u32>(4, <u32> offset);
  return -1;
}

// @ts-ignore: decorator
@inline
export function hash4(value: u32, bits: u32): usize {
  return ((value * 2654435761) >>> (32 - bits)) << 2;
}

// @ts-ignore: decorator
@inline
export function hash2(value: u32, bits: u32): usize {
  return ((value * 2654435761) >>> (32 - bits)) << 1;
}

/**
 * How far back the place in a slot is, of which the low 16 bits are kept, so that a table stays in the
 * fastest cache. A slot that was never used gives some place, too: whoever asks compares bytes.
 */
// @ts-ignore: decorator
@inline
export function back16(place: usize, slot: usize): usize {
  return (place - <usize> load<u16>(slot)) & 0xffff;
}

/** The number of equal bytes from `a` and `b` on, b behind a, up to `end`. */
// @ts-ignore: decorator
@inline
export function matchLength(a: usize, b: usize, end: usize): usize {
  const start = b;
  while (b + 8 <= end) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference != 0) return b - start + <usize> (ctz(difference) >> 3);
    a += 8;
    b += 8;
  }
  while (b < end && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return b - start;
}

/** Copies bytes that do not overlap; up to 15 bytes more than asked for. */
// @ts-ignore: decorator
@inline
export function copyRun(to: usize, from: usize, count: usize): void {
  if (count > 256) {
    memory.copy(to, from, count);
    return;
  }
  const end = to + count;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}

/** Copies a match from `distance` back, which may overlap itself; up to 15 bytes more than asked for. */
// @ts-ignore: decorator
@inline
export function copyMatch(to: usize, distance: usize, count: usize): void {
  let from = to - distance;
  const end = to + count;
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(from));
      to += 16;
      from += 16;
    } while (to < end);
  } else if (distance >= 8) {
    do {
      store<u64>(to, load<u64>(from));
      to += 8;
      from += 8;
    } while (to < end);
  } else if (distance == 1) {
    memory.fill(to, load<u8>(from), count);
  } else {
    while (to < end) {
      store<u8>(to, load<u8>(from));
      to++;
      from++;
    }
  }
}
