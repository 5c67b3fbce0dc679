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
 * Nothing is remembered: who waits after {@linkcode Wakeup.notify} waits for the next one, so look
 * at the state first and wait in the same turn of the event loop. Waiters wake in the order in
 * which they came.
 */
export class Wakeup {
  #waiters: Set<() => void> = new Set();

  /** How many wait at present. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Wakes all who wait. */
  notify(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
  }

  /** Waits for the next notification, for `timeoutMs` at most, or until `signal` aborts. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<WakeReason> {
    if (signal?.aborted) return Promise.resolve("aborted");
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
