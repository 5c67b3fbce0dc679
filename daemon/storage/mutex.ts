/**
 * One at a time, in order of arrival.
 *
 * @module
 */

/** A lock for asynchronous sections. Not reentrant. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();
  #held = 0;

  /** Whether somebody is inside or waits to be. */
  get isBusy(): boolean {
    return this.#held > 0;
  }

  /** Settles when all who are inside or wait now have left. Waiting for it keeps nobody out. */
  get left(): Promise<void> {
    return this.#tail;
  }

  /**
   * Runs `section` when all who came before have left. Its result or error is the caller's.
   * @throws the reason of `signal` if that aborts before the turn has come
   */
  async run<T>(section: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tail;
    let open = (): void => {};
    this.#tail = new Promise((resolve) => open = resolve);
    this.#held++;
    const leave = (): void => {
      this.#held--;
      open();
    };
    try {
      await unlessAborted(before, signal);
    } catch (error) {
      void before.then(leave); // the turn that is not wanted any more passes on
      throw error;
    }
    try {
      return await section();
    } finally {
      leave();
    }
  }
}

/** Waits for `promise`, or throws the reason of `signal` as soon as that aborts. */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
