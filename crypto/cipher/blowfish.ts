/**
 * Blowfish with keys of 16 bytes (Schneier, 1993): weak by today's measure because of its short block,
 * and needed to read what was encrypted with it.
 *
 * @module
 */
import { type BlockCipher, wordsOf } from "./block_cipher.ts";

const rounds = 16;
const sboxWords = 4 * 256;
const startWords = rounds + 2 + sboxWords;

/** The first words behind the point of pi, with which every key schedule begins. */
function piWords(): Int32Array {
  const spare = 64n;
  const bits = BigInt(startWords * 32) + spare;
  const one = 1n << bits;
  const arctangent = (inverse: bigint): bigint => {
    const square = inverse * inverse;
    let power = one / inverse;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= square;
      sum += sign * (power / n);
    }
    return sum;
  };
  // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239)
  const pi = 16n * arctangent(5n) - 4n * arctangent(239n);
  const digits = ((pi - 3n * one) >> spare).toString(16).padStart(startWords * 8, "0");
  return Int32Array.from(
    { length: startWords },
    (_, n) => parseInt(digits.slice(8 * n, 8 * n + 8), 16),
  );
}

/** Blowfish with a key of 16 bytes. */
export class Blowfish implements BlockCipher {
  readonly blockLength = 8;
  readonly #p: Int32Array;
  readonly #s: Int32Array;

  /** Words of pi, found once: each file has a key of its own, and they take much longer than the rest of its schedule. */
  static #piWords: Int32Array | undefined;

  /** Makes the subkeys: some milliseconds, the first time a hundred. */
  constructor(key: Uint8Array) {
    Blowfish.#piWords ??= piWords();
    const start = Blowfish.#piWords.slice();
    const keys = wordsOf(key);
    this.#p = start.subarray(0, rounds + 2);
    this.#s = start.subarray(rounds + 2);
    for (let n = 0; n < this.#p.length; n++) {
      this.#p[n] = (this.#p[n] ?? 0) ^ (keys[n % keys.length] ?? 0);
    }
    const block = new Int32Array(2);
    for (const table of [this.#p, this.#s]) {
      for (let n = 0; n < table.length; n += 2) {
        this.encrypt(block);
        table.set(block, n);
      }
    }
  }

  /** See {@linkcode BlockCipher}. */
  encrypt(words: Int32Array): void {
    const p = this.#p;
    let left = words[0] ?? 0;
    let right = words[1] ?? 0;
    for (let n = 0; n < rounds; n += 2) {
      left ^= p[n] ?? 0;
      right ^= this.#f(left) ^ (p[n + 1] ?? 0);
      left ^= this.#f(right);
    }
    words[0] = right ^ (p[rounds + 1] ?? 0);
    words[1] = left ^ (p[rounds] ?? 0);
  }

  /** See {@linkcode BlockCipher}. */
  decrypt(words: Int32Array): void {
    const p = this.#p;
    let left = words[0] ?? 0;
    let right = words[1] ?? 0;
    for (let n = rounds + 1; n > 1; n -= 2) {
      left ^= p[n] ?? 0;
      right ^= this.#f(left) ^ (p[n - 1] ?? 0);
      left ^= this.#f(right);
    }
    words[0] = right ^ (p[0] ?? 0);
    words[1] = left ^ (p[1] ?? 0);
  }

  #f(word: number): number {
    const s = this.#s;
    const sum = (s[word >>> 24] ?? 0) + (s[256 + ((word >>> 16) & 0xff)] ?? 0) | 0;
    return ((sum ^ (s[512 + ((word >>> 8) & 0xff)] ?? 0)) + (s[768 + (word & 0xff)] ?? 0)) | 0;
  }
}
