const slash = 0x2f;

/** A path that grows and shrinks by names while a walk goes down and up. */
export class PathBuffer {
  #bytes = new Uint8Array(4096);
  #length = 0;

  /** Bytes of the path. */
  get length(): number {
    return this.#length;
  }

  /** Starts anew from a path. */
  reset(path: Uint8Array): void {
    this.#length = 0;
    this.#reserve(path.length);
    this.#bytes.set(path);
    this.#length = path.length;
  }

  /** Puts a name, the bytes of `names` from `start` to `end`, behind a slash. */
  append(names: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start + 1);
    if (this.#length > 0 && this.#bytes[this.#length - 1] !== slash) {
      this.#bytes[this.#length++] = slash;
    }
    for (let at = start; at < end; at++) this.#bytes[this.#length++] = names[at] as number;
  }

  /** Goes back to a shorter path. */
  cut(length: number): void {
    this.#length = length;
  }

  /** The path, until it changes. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The path, to keep. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const bytes = new Uint8Array(2 * (this.#length + more));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
