import type { CipherStream, StreamMaker } from "../../../crypto/mod.ts";
import type { ChunkChain, ChunkStages } from "./chunk_stages.ts";

/** Bytes of the length that stands before an encrypted chunk. */
const lengthBytes = 4;
/** The longest block of a cipher; what it may have held back of earlier chunks, and adds at the end. */
const longestBlock = 16;
const cipherSlack = 32;

/**
 * Bytes of the state of a chain: whether it has begun (u8), how many plain bytes wait for their block
 * to be whole (u8), these bytes, the last block of cipher text.
 */
export const chainStateLength: number = 2 + 2 * longestBlock;

/**
 * Encryption of one file after the other, each from the IV of the job, after an inner stage if there
 * is one: a stream of chunks, each behind its length (volume.md 13.3).
 *
 * In CBC all that a block depends on is the block of cipher text before it. So a stream that begins
 * with that block as its IV goes on like the one that has made it.
 */
export class EncryptionStage implements ChunkStages, ChunkChain {
  readonly chain: ChunkChain = this;
  readonly ahead: ChunkChain["ahead"];
  readonly #inner: ChunkStages | undefined;
  readonly #begin: StreamMaker;
  readonly #iv: Uint8Array;
  readonly #head = new Uint8Array(lengthBytes);
  readonly #waiting = new Uint8Array(longestBlock);
  readonly #last = new Uint8Array(longestBlock);
  #waits = 0;
  #packet = new Uint8Array(0);
  #cipher: CipherStream | undefined;

  /** `begin` makes streams that begin with `iv`, and is used for nothing else. */
  constructor(inner: ChunkStages | undefined, begin: StreamMaker, iv: Uint8Array) {
    this.#inner = inner;
    this.#begin = begin;
    this.#iv = iv;
    this.ahead = inner && {
      bound: (length) => lengthBytes + inner.bound(length),
      pack: (chunk, into) => {
        const packed = inner.process(chunk, into.subarray(lengthBytes));
        setLength(into, packed);
        return lengthBytes + packed;
      },
    };
  }

  bound(length: number): number {
    return lengthBytes + (this.#inner?.bound(length) ?? length) + cipherSlack;
  }

  process(chunk: Uint8Array, into: Uint8Array): number {
    const { ahead } = this;
    if (ahead === undefined) {
      setLength(this.#head, chunk.length);
      const before = this.link(this.#head, into);
      return before + this.link(chunk, into.subarray(before));
    }
    const most = ahead.bound(chunk.length);
    if (this.#packet.length < most) this.#packet = new Uint8Array(most);
    return this.link(this.#packet.subarray(0, ahead.pack(chunk, this.#packet)), into);
  }

  link(packed: Uint8Array, into: Uint8Array): number {
    if (this.#cipher === undefined) {
      this.#cipher = this.#begin();
      this.#last.set(this.#iv);
    }
    const count = this.#cipher.update(packed, into);
    if (count > 0) this.#last.set(into.subarray(count - this.#iv.length, count));
    const waits = this.#waits + packed.length - count;
    if (waits <= packed.length) this.#waiting.set(packed.subarray(packed.length - waits));
    else this.#waiting.set(packed, this.#waits);
    this.#waits = waits;
    return count;
  }

  /** A file without data has no padding either. */
  finish(into: Uint8Array): number {
    const cipher = this.#cipher;
    this.#cipher = undefined;
    this.#waits = 0;
    return cipher?.finish(into) ?? 0;
  }

  save(into: Uint8Array): void {
    into[0] = this.#cipher === undefined ? 0 : 1;
    into[1] = this.#waits;
    into.set(this.#waiting, 2);
    into.set(this.#last, 2 + longestBlock);
  }

  resume(from: Uint8Array): void {
    this.#waits = from[1] ?? 0;
    this.#waiting.set(from.subarray(2, 2 + longestBlock));
    this.#last.set(from.subarray(2 + longestBlock, chainStateLength));
    this.#cipher = undefined;
    if (from[0] === 0) return;
    this.#cipher = this.#begin(this.#last.slice(0, this.#iv.length));
    this.#cipher.update(this.#waiting.subarray(0, this.#waits), new Uint8Array(cipherSlack)); // no block yet
  }
}

function setLength(packet: Uint8Array, length: number): void {
  new DataView(packet.buffer, packet.byteOffset).setUint32(0, length);
}
