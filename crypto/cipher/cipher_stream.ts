/**
 * Encryption and decryption of a stream in CBC mode with PKCS#7 padding (volume.md 13.3), by the
 * runtime where it has the cipher, else by the program's own.
 *
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { Aes } from "./aes.ts";
import { type BlockCipher, wordsOf } from "./block_cipher.ts";
import { Blowfish } from "./blowfish.ts";
import { Camellia } from "./camellia.ts";
import type { ContentCipher } from "./content_cipher.ts";

/** Encrypted data does not end as it must: the key is wrong, or bytes are missing or damaged. */
export class CipherError extends Error {
  override readonly name = "CipherError";
}

/** A stream being encrypted or decrypted. */
export interface CipherStream {
  /**
   * Takes bytes and writes what comes out to the beginning of `into`, which has room for a block more
   * than the bytes; returns how many. They may not lie in the same memory.
   */
  update(bytes: Uint8Array, into: Uint8Array): number;
  /**
   * Ends the stream: writes what is left, at most one block.
   * @throws {CipherError} if what was decrypted is not padded
   */
  finish(into: Uint8Array): number;
}

/** Which way a stream goes. */
export type Direction = "encrypt" | "decrypt";

/**
 * Begins streams with one key: each one afresh from the IV of the key, or from another one, such as the
 * last block of cipher text that somebody else has made.
 */
export type StreamMaker = (iv?: Uint8Array) => CipherStream;

/** A key for a cipher; both are used for many streams. */
export interface CipherKey {
  readonly cipher: ContentCipher;
  /** {@linkcode ContentCipher.keyLength} bytes. */
  readonly key: Uint8Array;
  /** {@linkcode ContentCipher.blockLength} bytes. */
  readonly iv: Uint8Array;
}

/** Names of the ciphers that the runtime has, by object identifier. */
const runtimeNames: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.1.2": "aes-128-cbc",
  "2.16.840.1.101.3.4.1.42": "aes-256-cbc",
  "1.2.840.113549.3.7": "des-ede3-cbc",
};

/**
 * Streams with a key, by the runtime and the program's own ciphers.
 * @throws {RangeError} if key or IV have not the length that the cipher wants
 */
export function cipherStreams(key: CipherKey, direction: Direction): StreamMaker {
  const { cipher } = key;
  checkLengths(key);
  const name = runtimeNames[cipher.oid];
  if (name !== undefined) return (iv = key.iv) => runtimeStream(name, { ...key, iv }, direction);
  const block = ownCipher(cipher, key.key);
  return (iv = key.iv) =>
    direction === "encrypt" ? new Encryption(block, iv) : new Decryption(block, iv);
}

/** Whether the runtime has a cipher, so that the program's own is not needed. */
export function isRuntimeCipher({ oid }: ContentCipher): boolean {
  return runtimeNames[oid] !== undefined;
}

/** Streams of the program's own ciphers only: for tests. */
function ownCipher({ name, blockLength }: ContentCipher, key: Uint8Array): BlockCipher {
  if (name.startsWith("camellia")) return new Camellia(key);
  return blockLength === 8 ? new Blowfish(key) : new Aes(key);
}

/**
 * Checks the lengths of a key and its IV.
 *
 * @throws {RangeError} if key or IV have not the length that the cipher wants
 */
export function checkLengths({ cipher, key, iv }: CipherKey): void {
  if (key.length !== cipher.keyLength) {
    throw new RangeError("Encryption session provided an invalid symmetric key");
  }
  if (iv.length !== cipher.blockLength) {
    throw new RangeError("Encryption session provided an invalid IV");
  }
}

function runtimeStream(name: string, { key, iv }: CipherKey, direction: Direction): CipherStream {
  const stream = direction === "encrypt"
    ? createCipheriv(name, key, iv)
    : createDecipheriv(name, key, iv);
  let isEmpty = true;
  const give = (bytes: Uint8Array, into: Uint8Array): number => {
    into.set(bytes);
    return bytes.length;
  };
  return {
    update: (bytes, into) => {
      isEmpty &&= bytes.length === 0;
      return give(stream.update(bytes), into);
    },
    finish: (into) => {
      if (isEmpty && direction === "decrypt") throw new CipherError("there is no padded block");
      try {
        return give(stream.final(), into);
      } catch (cause) {
        throw new CipherError("the data does not end with a whole padded block", { cause });
      }
    },
  };
}

/** Whole blocks out of bytes that come in any pieces; `hold` keeps a last whole block back. */
class Blocks {
  readonly #length: number;
  readonly #held: Uint8Array;
  readonly #isHolding: boolean;
  #count = 0;

  constructor(length: number, isHolding: boolean) {
    this.#length = length;
    this.#held = new Uint8Array(length);
    this.#isHolding = isHolding;
  }

  /** What is left of bytes that make no whole block. */
  get rest(): Uint8Array {
    return this.#held.subarray(0, this.#count);
  }

  /** Calls `take` with each block and its place in the output; returns the bytes of all. */
  feed(bytes: Uint8Array, take: (from: Uint8Array, at: number, to: number) => void): number {
    const length = this.#length;
    const isHolding = this.#isHolding;
    let at = 0;
    let out = 0;
    if (this.#count > 0) {
      at = Math.min(length - this.#count, bytes.length);
      this.#held.set(bytes.subarray(0, at), this.#count);
      this.#count += at;
      if (this.#count < length || isHolding && at === bytes.length) return 0;
      take(this.#held, 0, 0);
      out = length;
      this.#count = 0;
    }
    const last = bytes.length - (isHolding ? length + 1 : length);
    for (; at <= last; at += length, out += length) take(bytes, at, out);
    this.#held.set(bytes.subarray(at));
    this.#count = bytes.length - at;
    return out;
  }
}

/** CBC with a cipher of our own. */
class Encryption implements CipherStream {
  readonly #cipher: BlockCipher;
  readonly #chain: Int32Array;
  readonly #blocks: Blocks;

  constructor(cipher: BlockCipher, iv: Uint8Array) {
    this.#cipher = cipher;
    this.#chain = wordsOf(iv);
    this.#blocks = new Blocks(cipher.blockLength, false);
  }

  update(bytes: Uint8Array, into: Uint8Array): number {
    const chain = this.#chain;
    const output = viewOf(into);
    let from = bytes;
    let input = viewOf(bytes);
    return this.#blocks.feed(bytes, (block, at, to) => {
      if (block !== from) [from, input] = [block, viewOf(block)];
      for (let n = 0; n < chain.length; n++) {
        chain[n] = (chain[n] ?? 0) ^ input.getInt32(at + 4 * n);
      }
      this.#cipher.encrypt(chain);
      for (let n = 0; n < chain.length; n++) output.setInt32(to + 4 * n, chain[n] ?? 0);
    });
  }

  finish(into: Uint8Array): number {
    const padding = this.#cipher.blockLength - this.#blocks.rest.length;
    return this.update(new Uint8Array(padding).fill(padding), into);
  }
}

class Decryption implements CipherStream {
  readonly #cipher: BlockCipher;
  readonly #chain: Int32Array;
  readonly #words: Int32Array;
  readonly #blocks: Blocks;

  constructor(cipher: BlockCipher, iv: Uint8Array) {
    this.#cipher = cipher;
    this.#chain = wordsOf(iv);
    this.#words = new Int32Array(this.#chain.length);
    this.#blocks = new Blocks(cipher.blockLength, true);
  }

  update(bytes: Uint8Array, into: Uint8Array): number {
    let from = bytes;
    let input = viewOf(bytes);
    const output = viewOf(into);
    return this.#blocks.feed(bytes, (block, at, to) => {
      if (block !== from) [from, input] = [block, viewOf(block)];
      this.#block(input, at, output, to);
    });
  }

  finish(into: Uint8Array): number {
    const length = this.#cipher.blockLength;
    const last = this.#blocks.rest;
    if (last.length < length) {
      throw new CipherError(`the data ends ${last.length} bytes into a block`);
    }
    const block = new Uint8Array(length);
    this.#block(viewOf(last), 0, viewOf(block), 0);
    const padding = block[length - 1] ?? 0;
    const isPadded = padding >= 1 && padding <= length &&
      block.subarray(length - padding).every((byte) => byte === padding);
    if (!isPadded) throw new CipherError("the data does not end with a padded block");
    into.set(block.subarray(0, length - padding));
    return length - padding;
  }

  #block(input: DataView, at: number, output: DataView, to: number): void {
    const [chain, words] = [this.#chain, this.#words];
    for (let n = 0; n < words.length; n++) words[n] = input.getInt32(at + 4 * n);
    this.#cipher.decrypt(words);
    for (let n = 0; n < words.length; n++) {
      output.setInt32(to + 4 * n, (words[n] ?? 0) ^ (chain[n] ?? 0));
      chain[n] = input.getInt32(at + 4 * n);
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
