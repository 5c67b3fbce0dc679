/**
 * Keeping to a bandwidth.
 *
 * @module
 */

/** Longest single pause, so that a change of the limit is noticed. */
const LONGEST_PAUSE_MS = 1000;

/** Paces a stream of bytes to a limit that may change on the way. */
export class Throttle {
  readonly #limit: () => number;
  #since = 0;
  #bytes = 0;
  #lastLimit = 0;

  /** `limit` gives bytes per second, 0 for none. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Whether there is a limit at present. */
  get isActive(): boolean {
    return this.#limit() > 0;
  }

  /** Counts bytes and waits as long as the limit asks for. */
  async pace(bytes: number): Promise<void> {
    const limit = this.#limit();
    if (limit <= 0) return;
    const now = performance.now();
    if (limit !== this.#lastLimit) {
      this.#lastLimit = limit;
      this.#since = now;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    const due = this.#bytes / limit * 1000 - (now - this.#since);
    if (due <= 1) return;
    const pause = Math.min(due, LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
