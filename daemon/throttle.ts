/**
 * Keeping to a bandwidth (director-client.md 19, storage-daemon.md 7). The limit may change while data
 * flows; a pause ends when it does, or when the job is over.
 *
 * @module
 */

/** Longest wait between two looks at the limit and at the job, in milliseconds. */
const longestPause = 200;
/** Milliseconds of unused allowance that are carried over: enough to make up for timers that come late. */
const ordinaryCarry = 100;
/** The same with bursting. Without an end, a file daemon that waited for an hour could then fill the line. */
const burstCarry = 10_000;
/** Milliseconds of the limit that go out in one piece. */
const sliceTime = 100;
/** The least that is worth a write, in bytes. */
const smallestSlice = 4 << 10;

/** What a {@linkcode Throttle} keeps to. */
export interface ThrottleOptions {
  /** Bytes per second at present, 0 for no limit. */
  limit(): number;
  /** Unused allowance may be used later (`Allow Bandwidth Bursting`). */
  readonly bursts: boolean;
  /** Ends every pause. */
  readonly aborted: AbortSignal;
  /** Milliseconds of a clock that never goes back; the system's if absent. */
  now?(): number;
  /** Waits so many milliseconds; the system's timer if absent. */
  wait?(ms: number): Promise<void>;
}

/** Paces a stream of bytes to a limit that may change on the way. */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #carry: number;
  /** When what was counted so far may all have gone, on the clock. */
  #due = 0;
  #lastLimit = 0;

  /** A throttle for one direction of one connection. */
  constructor(options: ThrottleOptions) {
    this.#options = options;
    this.#carry = options.bursts ? burstCarry : ordinaryCarry;
  }

  /** Whether there is a limit at present. */
  get isActive(): boolean {
    return this.#options.limit() > 0;
  }

  /** Counts bytes and waits as long as the limit asks for. Never throws: whoever aborts will say so. */
  async pace(bytes: number): Promise<void> {
    const { aborted } = this.#options;
    const limit = this.#options.limit();
    if (limit <= 0) {
      this.#lastLimit = 0;
      return;
    }
    if (limit !== this.#lastLimit) {
      this.#lastLimit = limit;
      this.#due = this.#now();
    }
    this.#due = Math.max(this.#due, this.#now() - this.#carry) + bytes / limit * 1000;
    for (;;) {
      const pause = this.#due - this.#now();
      // A timer is not worth less than a millisecond.
      if (pause < 1 || aborted.aborted || this.#options.limit() !== limit) return;
      await this.#wait(Math.min(pause, longestPause));
    }
  }

  /**
   * Bytes in pieces that are small enough for the limit, each to be followed by {@linkcode pace}; all
   * of them at once without a limit.
   */
  *slices(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length;) {
      const limit = this.#options.limit();
      const length = limit > 0
        ? Math.max(smallestSlice, Math.floor(limit * sliceTime / 1000))
        : bytes.length;
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }

  /** Passes bytes on through `send`, no faster than the limit. @throws what `send` throws */
  async pass(bytes: Uint8Array, send: (slice: Uint8Array) => Promise<void>): Promise<void> {
    if (!this.isActive) return await send(bytes);
    for (const slice of this.slices(bytes)) {
      await send(slice);
      await this.pace(slice.length);
    }
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  #wait(ms: number): Promise<void> {
    return this.#options.wait?.(ms) ?? new Promise((resolve) => setTimeout(resolve, ms));
  }
}
