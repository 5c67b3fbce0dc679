/** What takes the contents of a file in order, and may be slow: a fifo, a device, a program. @module */

/**
 * Takes bytes and waits for nobody for long, as the thread has other work. What is not taken at once is
 * kept, which is less than what one record brings, if {@linkcode flush} says that all is gone before the
 * next record.
 */
export abstract class ByteSink {
  #kept: Uint8Array[] = [];

  /** Whether it takes bytes already. */
  abstract readonly isOpen: boolean;

  /** Takes bytes. @throws {SystemError} if they cannot be written */
  write(bytes: Uint8Array): void {
    const done = this.#kept.length === 0 && this.isOpen ? this.#some(bytes) : 0;
    if (done < bytes.length) this.#kept.push(bytes.slice(done));
  }

  /**
   * Writes what was kept; false if it has to be asked again later.
   * @throws {SystemError} if it cannot be opened or written, or nobody reads in time
   */
  flush(): boolean {
    if (!this.open()) return false;
    for (let first = this.#kept[0]; first !== undefined; first = this.#kept[0]) {
      const done = this.#some(first);
      if (done === first.length) this.#kept.shift();
      else {
        this.#kept[0] = first.subarray(done);
        // A reader that is at work will have read something at once.
        if (!this.waitForRoom()) return false;
      }
    }
    return true;
  }

  /** Closes it, whatever is left. */
  close(): void {
    this.#kept = [];
    this.shut();
  }

  /** Makes it take bytes; false if that has to be tried again. */
  protected abstract open(): boolean;
  /** Writes what is taken at once; how many bytes that were. */
  protected abstract writeSome(bytes: Uint8Array): number;
  /** Waits for room, for some milliseconds; whether there is some. */
  protected abstract waitForRoom(): boolean;
  /** Closes it. */
  protected abstract shut(): void;

  #some(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const count = this.writeSome(bytes.subarray(done));
      if (count === 0) break;
      done += count;
    }
    return done;
  }
}

/** How long a thread waits for a reader before it does something else, in milliseconds. */
export const readerPauseMs = 5;
