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

  /** Runs `section` when all who came before have left. Its result or error is the caller's. */
  async run<T>(section: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    let leave = (): void => {};
    this.#tail = new Promise((resolve) => leave = resolve);
    this.#held++;
    await before;
    try {
      return await section();
    } finally {
      this.#held--;
      leave();
    }
  }
}
