/**
 * AES (FIPS 197), for the key of 24 bytes that the runtime does not take. With tables of the rounds;
 * on a machine that others share its timing may tell of the key, as that of any such code.
 *
 * @module
 */
import { type BlockCipher, wordsOf } from "./block_cipher.ts";

const double = (x: number): number => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The product of two bytes in the field of the cipher. */
function times(a: number, b: number): number {
  let product = 0;
  for (; b > 0; b >>= 1, a = double(a)) if (b & 1) product ^= a;
  return product;
}

/** The S-box: the inverse in the field, and an affine map. */
function makeSbox(): Uint8Array {
  const sbox = new Uint8Array(256);
  let power = 1; // of the generator 3
  let inverse = 1;
  do {
    power ^= double(power);
    inverse = times(inverse, 0xf6); // 1/3
    let mapped = 0x63;
    for (let n = 0; n < 5; n++) mapped ^= ((inverse << n) | (inverse >> (8 - n))) & 0xff;
    sbox[power] = mapped;
  } while (power !== 1);
  sbox[0] = 0x63;
  return sbox;
}

const sbox = makeSbox();
const inverseSbox = new Uint8Array(256);
sbox.forEach((value, at) => inverseSbox[value] = at);

/** What a byte of the first row becomes in a round: S-box and column of the matrix. */
const tableOf = (box: Uint8Array, [a, b, c, d]: readonly [number, number, number, number]) =>
  Int32Array.from(
    box,
    (x) => (times(x, a) << 24) | (times(x, b) << 16) | (times(x, c) << 8) | times(x, d),
  );
const forwardTable = tableOf(sbox, [2, 1, 1, 3]);
const backwardTable = tableOf(inverseSbox, [14, 9, 13, 11]);
/** The inverse matrix alone, for subkeys. */
const mixTable = tableOf(Uint8Array.from({ length: 256 }, (_, x) => x), [14, 9, 13, 11]);

const substitute = (word: number, box: Uint8Array): number =>
  ((box[word >>> 24] ?? 0) << 24) | ((box[(word >>> 16) & 0xff] ?? 0) << 16) |
  ((box[(word >>> 8) & 0xff] ?? 0) << 8) | (box[word & 0xff] ?? 0);

/** The four words, each put together of bytes of a word and those `step`, twice, thrice `step` on. */
function mix(words: Int32Array, n: number, step: number, table: Int32Array): number {
  return (table[(words[n] ?? 0) >>> 24] ?? 0) ^
    rotate(table[((words[(n + step) & 3] ?? 0) >>> 16) & 0xff] ?? 0, 24) ^
    rotate(table[((words[(n + 2 * step) & 3] ?? 0) >>> 8) & 0xff] ?? 0, 16) ^
    rotate(table[(words[(n + 3 * step) & 3] ?? 0) & 0xff] ?? 0, 8);
}

/** The same in the last round, without the matrix. */
function mixLast(words: Int32Array, n: number, step: number, box: Uint8Array): number {
  return substitute(
    ((words[n] ?? 0) & 0xff000000) | ((words[(n + step) & 3] ?? 0) & 0xff0000) |
      ((words[(n + 2 * step) & 3] ?? 0) & 0xff00) | ((words[(n + 3 * step) & 3] ?? 0) & 0xff),
    box,
  );
}

function subkeysOf(key: Uint8Array): Int32Array {
  const length = key.length >> 2;
  const keys = new Int32Array(4 * (length + 7));
  keys.set(wordsOf(key));
  let constant = 1;
  for (let n = length; n < keys.length; n++) {
    let word = keys[n - 1] ?? 0;
    if (n % length === 0) {
      word = substitute(rotate(word, 8), sbox) ^ (constant << 24);
      constant = double(constant);
    } else if (length > 6 && n % length === 4) word = substitute(word, sbox);
    keys[n] = (keys[n - length] ?? 0) ^ word;
  }
  return keys;
}

/** The subkeys of the equivalent inverse cipher (5.3.5). */
function reversed(keys: Int32Array): Int32Array {
  const rounds = keys.length / 4;
  return keys.map((_, n) => {
    const round = n >> 2;
    const word = keys[4 * (rounds - 1 - round) + (n & 3)] ?? 0;
    return round === 0 || round === rounds - 1
      ? word
      : mix(Int32Array.of(word, 0, 0, 0), 0, 0, mixTable);
  });
}

/** AES with a key of 16, 24 or 32 bytes. */
export class Aes implements BlockCipher {
  readonly blockLength = 16;
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;
  readonly #scratch = new Int32Array(4);

  /** Makes the subkeys. */
  constructor(key: Uint8Array) {
    this.#forward = subkeysOf(key);
    this.#backward = reversed(this.#forward);
  }

  /** See {@linkcode BlockCipher}. */
  encrypt(words: Int32Array): void {
    this.#crypt(words, this.#forward, 1, forwardTable, sbox);
  }

  /** See {@linkcode BlockCipher}. */
  decrypt(words: Int32Array): void {
    this.#crypt(words, this.#backward, 3, backwardTable, inverseSbox);
  }

  #crypt(
    words: Int32Array,
    keys: Int32Array,
    step: number,
    table: Int32Array,
    box: Uint8Array,
  ): void {
    const before = this.#scratch;
    const end = keys.length - 4;
    for (let n = 0; n < 4; n++) words[n] = (words[n] ?? 0) ^ (keys[n] ?? 0);
    for (let at = 4; at <= end; at += 4) {
      before.set(words);
      for (let n = 0; n < 4; n++) {
        const mixed = at < end ? mix(before, n, step, table) : mixLast(before, n, step, box);
        words[n] = mixed ^ (keys[at + n] ?? 0);
      }
    }
  }
}
