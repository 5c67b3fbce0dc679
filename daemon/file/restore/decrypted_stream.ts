/** From records of cipher text to the chunks that a backup put in (volume.md 13.3). @module */
import { CipherError, type CipherStream } from "../../../crypto/mod.ts";

/** Bytes of the length before each chunk. */
const lengthBytes = 4;
/** More than any chunk with its headers has; a length beyond it is damage, or the wrong key. */
const mostInChunk = 8 << 20;
/** Room for what a cipher has held back. */
const slack = 64;

/** Decrypts the data of one file and cuts it into chunks; record boundaries mean nothing. */
export class DecryptedStream {
  readonly #cipher: CipherStream;
  readonly #take: (chunk: Uint8Array) => void;
  #plain = new Uint8Array(0);
  #length = 0;
  #isBroken = false;

  /** `take` uses each chunk before it returns. */
  constructor(cipher: CipherStream, take: (chunk: Uint8Array) => void) {
    this.#cipher = cipher;
    this.#take = take;
  }

  /** Takes a record. @throws {CipherError} if what it decrypts to cannot be a chunk */
  push(record: Uint8Array): void {
    if (this.#isBroken) return;
    this.#isBroken = true; // until it went well
    this.#reserve(record.length + slack);
    this.#length += this.#cipher.update(record, this.#plain.subarray(this.#length));
    this.#cut();
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

  #cut(): void {
    const plain = this.#plain;
    const view = new DataView(plain.buffer);
    let at = 0;
    while (this.#length - at >= lengthBytes) {
      const length = view.getUint32(at);
      if (length > mostInChunk) {
        throw new CipherError(
          `a chunk of ${length} bytes: the data is damaged, or the key is wrong`,
        );
      }
      const end = at + lengthBytes + length;
      if (end > this.#length) break;
      this.#take(plain.subarray(at + lengthBytes, end));
      at = end;
    }
    plain.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#plain.length) return;
    const larger = new Uint8Array(Math.max(wanted, 2 * this.#plain.length));
    larger.set(this.#plain.subarray(0, this.#length));
    this.#plain = larger;
  }
}
