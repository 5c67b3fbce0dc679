/**
 * Waiting for something to change, with a time limit and a way out.
 *
 * @module
 */

/** Why a {@linkcode Wakeup.wait} ended. */
export type WakeReason = "notified" | "timeout" | "aborted";

/**
 * A place where jobs wait for a change: a device released, a volume labelled, a mount command.
 *
 * Who looks at the state, does something else and then waits, reads {@linkcode Wakeup.count} before the
 * look and says so: a notification in between ends the wait at once. Waiters wake in the order in which
 * they came.
 */
export class Wakeup {
  #waiters: Set<() => void> = new Set();

  #count = 0;

  /** How many notifications there have been. */
  get count(): number {
    return this.#count;
  }

  /** How many wait at present. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Wakes all who wait. */
  notify(): void {
    this.#count++;
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }

  /**
   * Waits for the next notification, for `timeoutMs` at most, or until `signal` aborts; not at all if
   * there was one since the count was `since`.
   */
  wait(timeoutMs: number, signal?: AbortSignal, since = this.#count): Promise<WakeReason> {
    if (signal?.aborted) return Promise.resolve("aborted");
    if (since !== this.#count) return Promise.resolve("notified");
    return new Promise((resolve) => {
      const end = (reason: WakeReason): void => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        signal?.removeEventListener("abort", abort);
        resolve(reason);
      };
      const wake = (): void => end("notified");
      const abort = (): void => end("aborted");
      const timer = setTimeout(() => end("timeout"), timeoutMs);
      this.#waiters.add(wake);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
