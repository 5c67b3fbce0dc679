/**
 * Camellia (RFC 3713) with keys of 16, 24 and 32 bytes: the runtime has none, and data encrypted with
 * it must be readable for as long as volumes last.
 *
 * @module
 */
import { type BlockCipher, wordsOf } from "./block_cipher.ts";

/** The S-box of the standard (2.4.1); the other three are rotations of it. */
const sbox1 = Uint8Array.from(
  (
    "70822cecb327c0e5e4855735ea0cae4123ef6b934519a521ed0e4f4e1d6592bd" +
    "86b8af8f7ceb1fce3e30dc5f5ec50b1aa6e139cad5475d3dd9015ad651566c4d" +
    "8b0d9a66fbccb02d74122b20f0b18499df4ccbc2347e76056db7a931d11704d7" +
    "14583a61de1b111c320f9c165318f222fe44cfb2c3b57a912408e8a860fc6950" +
    "aad0a07da1896297545b1e95e0ff64d210c40048a3f775db8a03e6da093fdd94" +
    "875c8302cd4a90337367f6f39d7fbfe2529bd826c837c63b81966f4b13be632e" +
    "e979a78c9f6ebc8e29f5f9b62ffdb4597898066ae74671bad425ab4288a28dfa" +
    "7207b955f8eeac0a36492a683c38f1a44028d37bbbc943c115e3adf477c7809e"
  ).match(/../g) ?? [],
  (byte) => parseInt(byte, 16),
);

const rotateByte = (value: number, by: number): number =>
  ((value << by) | (value >>> (8 - by))) & 0xff;

/** Which of the four S-boxes the bytes of a half go through. */
const sboxes: readonly ((value: number) => number)[] = [
  (x) => sbox1[x] ?? 0,
  (x) => rotateByte(sbox1[x] ?? 0, 1),
  (x) => rotateByte(sbox1[x] ?? 0, 7),
  (x) => sbox1[rotateByte(x, 1)] ?? 0,
];
const sboxOfByte = [0, 1, 2, 3, 1, 2, 3, 0] as const;

/** To which bytes of the result each byte adds (P, 2.4.2): a bit for each, the first the highest. */
const spread = [
  0b11101001,
  0b01111100,
  0b10110110,
  0b11010011,
  0b01110111,
  0b10111011,
  0b11011101,
  0b11101110,
] as const;

/** What each value of each byte adds to the result of F, as two words. */
function makeTables(): { readonly high: Int32Array; readonly low: Int32Array } {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  const mask = (bits: number): number =>
    [0, 1, 2, 3].reduce((word, n) => word | (bits & (8 >> n) ? 0xff << (24 - 8 * n) : 0), 0);
  sboxOfByte.forEach((number, byte) => {
    const bits = spread[byte] ?? 0;
    const sbox = sboxes[number];
    for (let value = 0; value < 256 && sbox !== undefined; value++) {
      const repeated = Math.imul(sbox(value), 0x01010101);
      high[byte * 256 + value] = repeated & mask(bits >> 4);
      low[byte * 256 + value] = repeated & mask(bits & 15);
    }
  });
  return { high, low };
}

const { high: tableHigh, low: tableLow } = makeTables();

/** The constants of the key schedule (2.2): digits of square roots of primes. */
const sigma = Int32Array.of(
  ...[0xa09e667f, 0x3bcc908b, 0xb67ae858, 0x4caa73b2, 0xc6ef372f, 0xe94f82be],
  ...[0x54ff53a5, 0xf1d36f1c, 0x10e527fa, 0xde682d1d, 0xb05688c2, 0xb3e6c1fd],
);

const rotateOnce = (word: number): number => (word << 1) | (word >>> 31);

/** Adds F of the half in two words of `block` at `from`, under a subkey, to the half at `to`. */
function round(block: Int32Array, from: number, to: number, keys: Int32Array, at: number): void {
  const high = (block[from] ?? 0) ^ (keys[at] ?? 0);
  const low = (block[from + 1] ?? 0) ^ (keys[at + 1] ?? 0);
  const n0 = high >>> 24;
  const n1 = 256 + ((high >>> 16) & 0xff);
  const n2 = 512 + ((high >>> 8) & 0xff);
  const n3 = 768 + (high & 0xff);
  const n4 = 1024 + (low >>> 24);
  const n5 = 1280 + ((low >>> 16) & 0xff);
  const n6 = 1536 + ((low >>> 8) & 0xff);
  const n7 = 1792 + (low & 0xff);
  block[to] = (block[to] ?? 0) ^ (tableHigh[n0] ?? 0) ^ (tableHigh[n1] ?? 0) ^
    (tableHigh[n2] ?? 0) ^ (tableHigh[n3] ?? 0) ^ (tableHigh[n4] ?? 0) ^ (tableHigh[n5] ?? 0) ^
    (tableHigh[n6] ?? 0) ^ (tableHigh[n7] ?? 0);
  block[to + 1] = (block[to + 1] ?? 0) ^ (tableLow[n0] ?? 0) ^ (tableLow[n1] ?? 0) ^
    (tableLow[n2] ?? 0) ^ (tableLow[n3] ?? 0) ^ (tableLow[n4] ?? 0) ^ (tableLow[n5] ?? 0) ^
    (tableLow[n6] ?? 0) ^ (tableLow[n7] ?? 0);
}

/** 64 bits from bit `by` on of 128 bits in four words, which go round. */
function rotated(words: Int32Array, by: number): [number, number] {
  const word = (n: number): number => words[n & 3] ?? 0;
  const [skip, shift] = [by >> 5, by & 31];
  const one = (n: number): number =>
    shift === 0 ? word(n) : (word(n) << shift) | (word(n + 1) >>> (32 - shift));
  return [one(skip), one(skip + 1)];
}

/** Where a subkey comes from: a word of 128 bits, rotated left, its left (0) or right (64) half. */
type Source = readonly [name: "L" | "R" | "A" | "B", bits: number];

/** A key of 128 bits turned by `bits`: both halves. */
const both = (name: Source[0], bits: number): Source[] => [[name, bits], [name, bits + 64]];

/** Subkeys in the order of use: whitening, six rounds, FL and FL⁻¹, six rounds ... (2.2). */
const shortSchedule: readonly Source[] = [
  ...[...both("L", 0), ...both("A", 0), ...both("L", 15), ...both("A", 15)],
  ...[...both("A", 30), ...both("L", 45), ["A", 45], ["L", 60 + 64], ...both("A", 60)],
  ...[...both("L", 77), ...both("L", 94), ...both("A", 94), ...both("L", 111), ...both("A", 111)],
] as const;
const longSchedule: readonly Source[] = [
  ...[...both("L", 0), ...both("B", 0), ...both("R", 15), ...both("A", 15)],
  ...[...both("R", 30), ...both("B", 30), ...both("L", 45), ...both("A", 45)],
  ...[...both("L", 60), ...both("R", 60), ...both("B", 60), ...both("L", 77)],
  ...[...both("A", 77), ...both("R", 94), ...both("A", 94), ...both("L", 111), ...both("B", 111)],
] as const;

/** The subkeys of a key, two words each, in the order of use. */
function subkeysOf(key: Uint8Array): Int32Array {
  const words = wordsOf(key);
  const word = (n: number): number => words[n] ?? 0;
  const L = words.slice(0, 4);
  const R = key.length === 16
    ? new Int32Array(4)
    : key.length === 24
    ? Int32Array.of(word(4), word(5), ~word(4), ~word(5))
    : words.slice(4, 8);
  const A = L.map((value, n) => value ^ (R[n] ?? 0));
  round(A, 0, 2, sigma, 0);
  round(A, 2, 0, sigma, 2);
  for (let n = 0; n < 4; n++) A[n] = (A[n] ?? 0) ^ (L[n] ?? 0);
  round(A, 0, 2, sigma, 4);
  round(A, 2, 0, sigma, 6);
  const B = A.map((value, n) => value ^ (R[n] ?? 0));
  round(B, 0, 2, sigma, 8);
  round(B, 2, 0, sigma, 10);
  const parts = { L, R, A, B };
  const schedule = key.length === 16 ? shortSchedule : longSchedule;
  return Int32Array.from(schedule.flatMap(([name, bits]) => rotated(parts[name], bits % 128)));
}

/** The subkeys for decryption: pairs from the end, each the other way round but for the whitening. */
function reversed(keys: Int32Array): Int32Array {
  const count = keys.length / 2;
  const result = new Int32Array(keys.length);
  const copy = (from: number, to: number): void =>
    result.set(keys.subarray(2 * from, 2 * from + 2), 2 * to);
  for (const n of [0, 1]) {
    copy(count - 2 + n, n);
    copy(n, count - 2 + n);
  }
  for (let n = 2; n < count - 2; n++) copy(count - 1 - n, n);
  return result;
}

function crypt(block: Int32Array, keys: Int32Array): void {
  const key = (n: number): number => keys[n] ?? 0;
  const end = keys.length - 4;
  for (let n = 0; n < 4; n++) block[n] = (block[n] ?? 0) ^ key(n);
  for (let at = 4;;) {
    for (let pair = 0; pair < 3; pair++, at += 4) {
      round(block, 0, 2, keys, at);
      round(block, 2, 0, keys, at + 2);
    }
    if (at >= end) break;
    let [a = 0, b = 0, c = 0, d = 0] = block;
    b ^= rotateOnce(a & key(at));
    a ^= b | key(at + 1);
    c ^= d | key(at + 3);
    d ^= rotateOnce(c & key(at + 2));
    block[0] = a;
    block[1] = b;
    block[2] = c;
    block[3] = d;
    at += 4;
  }
  const [a = 0, b = 0, c = 0, d = 0] = block;
  block[0] = c ^ key(end);
  block[1] = d ^ key(end + 1);
  block[2] = a ^ key(end + 2);
  block[3] = b ^ key(end + 3);
}

/** Camellia with a key of 16, 24 or 32 bytes. */
export class Camellia implements BlockCipher {
  readonly blockLength = 16;
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;

  /** Makes the subkeys. */
  constructor(key: Uint8Array) {
    this.#forward = subkeysOf(key);
    this.#backward = reversed(this.#forward);
  }

  /** See {@linkcode BlockCipher}. */
  encrypt(words: Int32Array): void {
    crypt(words, this.#forward);
  }

  /** See {@linkcode BlockCipher}. */
  decrypt(words: Int32Array): void {
    crypt(words, this.#backward);
  }
}
