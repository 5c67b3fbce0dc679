/**
 * Things that are handed on together. A restore may report a million files: to write each message by
 * itself, to a file or as a row, costs more than the restore.
 */
export class Deferred<T> {
  readonly #most: number;
  readonly #handOn: (items: readonly T[]) => void;
  #items: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Hands on at most `most` at a time, and what there is after every turn of the event loop. */
  constructor(most: number, handOn: (items: readonly T[]) => void) {
    this.#most = most;
    this.#handOn = handOn;
  }

  /** Whether something waits. */
  get hasItems(): boolean {
    return this.#items.length > 0;
  }

  /** Adds one to what waits. */
  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= this.#most) this.flush();
    else this.#timer ??= setTimeout(() => this.flush());
  }

  /** Hands on what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) this.#handOn(items);
  }
}

/** Messages that are handed on at once, at most. */
export const mostDeferred = 500;
