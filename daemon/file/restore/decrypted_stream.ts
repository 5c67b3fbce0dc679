/** From records of cipher text to the chunks that a backup put in (volume.md 13.3). @module */
import { CipherError, type CipherStream } from "../../../crypto/mod.ts";
import type { PlainMemory } from "./plain_memory.ts";

/** Bytes of the length before each chunk. */
const lengthBytes = 4;
/** More than any chunk with its headers has; a length beyond it is damage, or the wrong key. */
const mostInChunk = 8 << 20;
/** Room for what a cipher has held back. */
const slack = 64;

/** Decrypts the data of one file and cuts it into chunks; record boundaries mean nothing. */
export class DecryptedStream {
  readonly #cipher: CipherStream;
  readonly #memory: PlainMemory;
  readonly #take: (chunk: Uint8Array) => void;
  #plain: Uint8Array = new Uint8Array(0);
  #length = 0;
  #isBroken = false;

  /** `take` uses each chunk before it returns. */
  constructor(cipher: CipherStream, memory: PlainMemory, take: (chunk: Uint8Array) => void) {
    this.#cipher = cipher;
    this.#memory = memory;
    this.#take = take;
  }

  /** Takes a record. @throws {CipherError} if what it decrypts to cannot be a chunk */
  push(record: Uint8Array): void {
    if (this.#isBroken) return;
    this.#isBroken = true; // until it went well
    // A record brings the last bytes of a chunk and most of the next one, which goes to the beginning
    // of a stretch of memory if the first one is taken before.
    const lacks = this.#missing();
    const first = lacks > 0 && lacks + slack < record.length ? lacks + slack : 0;
    if (first > 0) this.#decrypt(record.subarray(0, first));
    this.#decrypt(record.subarray(first));
    this.#isBroken = false;
  }

  /** Ends the file. @throws {CipherError} if bytes are missing or damaged */
  finish(): void {
    if (this.#isBroken) return; // that was told already
    this.#isBroken = true;
    this.#reserve(slack);
    this.#length += this.#cipher.finish(this.#plain.subarray(this.#length));
    this.#cut();
    if (this.#length > 0) throw new CipherError(`the last chunk is cut off`);
  }

  /** Bytes that the chunk at work lacks; 0 if that is not known. */
  #missing(): number {
    if (this.#length < lengthBytes) return 0;
    return lengthBytes + this.#lengthAt(0) - this.#length;
  }

  #decrypt(bytes: Uint8Array): void {
    this.#reserve(bytes.length + slack);
    this.#length += this.#cipher.update(bytes, this.#plain.subarray(this.#length));
    this.#cut();
  }

  #lengthAt(at: number): number {
    const view = new DataView(this.#plain.buffer, this.#plain.byteOffset);
    const length = view.getUint32(at);
    if (length <= mostInChunk) return length;
    throw new CipherError(
      `a chunk of ${length} bytes: the data is damaged, or the key is wrong`,
    );
  }

  #cut(): void {
    const plain = this.#plain;
    let at = 0;
    while (this.#length - at >= lengthBytes) {
      const end = at + lengthBytes + this.#lengthAt(at);
      if (end > this.#length) break;
      this.#take(plain.subarray(at + lengthBytes, end));
      at = end;
    }
    if (at === 0) return;
    const rest = plain.subarray(at, this.#length);
    this.#plain = this.#memory.next(rest.length, rest);
    this.#length = rest.length;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#plain.length) return;
    this.#plain = this.#memory.next(wanted, this.#plain.subarray(0, this.#length));
  }
}
