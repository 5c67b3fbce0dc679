import type { DigestRing } from "./digest_ring.ts";

/** Stretches of memory for decrypted chunks, and bytes of each: a chunk and what goes with it. */
const stretches = 6;
const stretchLength = (256 << 10) + 1024;

/** Bytes of the memory that a {@linkcode PlainMemory} with a ring wants. */
export const plainMemoryLength: number = stretches * stretchLength;

/**
 * Memory for the plain bytes of decrypted data. Where a thread digests them they are in memory that it
 * knows, in one stretch after the other, so that they need not be copied for it.
 */
export class PlainMemory {
  readonly #shared: SharedArrayBuffer | undefined;
  readonly #ring: DigestRing | undefined;
  /** Where the ring was when each stretch had been used. */
  readonly #marks: number[];
  #stretch = 0;
  #own = new Uint8Array(0);

  /** With the ring that knows the memory, and the memory; of this thread's own if they are absent. */
  constructor(ring?: DigestRing, shared?: SharedArrayBuffer) {
    this.#ring = ring;
    this.#shared = shared;
    this.#marks = Array.from({ length: stretches }, () => ring?.mark ?? 0);
  }

  /**
   * At least so many bytes, of which the first are those of `kept`, a part of what was given before.
   * That may be used for something else afterwards, except by the ring.
   */
  next(least: number, kept: Uint8Array): Uint8Array {
    if (this.#ring === undefined || this.#shared === undefined || least > stretchLength) {
      if (least > this.#own.length) {
        const larger = new Uint8Array(Math.max(least, 2 * this.#own.length));
        larger.set(kept);
        return this.#own = larger;
      }
      this.#own.set(kept); // may overlap
      return this.#own;
    }
    this.#marks[this.#stretch] = this.#ring.mark;
    this.#stretch = (this.#stretch + 1) % stretches;
    this.#ring.waitFor(this.#marks[this.#stretch] ?? 0);
    const bytes = new Uint8Array(this.#shared, this.#stretch * stretchLength, stretchLength);
    bytes.set(kept);
    return bytes;
  }
}
