/**
 * The pieces that all restores of a daemon share, as the main thread gives them out. Each job may always
 * have one, so that it gets on; the more jobs there are, the fewer it has beyond that, and the sooner a
 * piece counts as full: many jobs take little more memory than one.
 *
 * @module
 */
import { fullPiece, makeShelf, PieceWriter, shelfOf, shelfSlots } from "./pieces.ts";

/** Pieces of one job beyond which nothing is gained. */
const mostOfJob = 4;
/** Bytes of a piece below which handing it over costs more than its memory is worth. */
const leastFull = 128 << 10;

/** See the module. */
export class PieceStore {
  readonly #most: number;
  readonly #users = new Set<PieceUser>();
  /** The memory of the pieces; the first one is kept for ever. */
  readonly #shelves: SharedArrayBuffer[] = [makeShelf()];
  /** The last one given back first: its memory has been touched. */
  readonly #free: number[] = [];
  #made = 0;
  #used = 0;
  /** Jobs that wait for a piece, the longest first. */
  #waiting: PieceUser[] = [];

  /** For so many threads that work on pieces. */
  constructor(threads: number) {
    this.#most = 2 * threads + 8;
  }

  /** The shelf of the first pieces. */
  get firstShelf(): SharedArrayBuffer {
    return this.shelf(0);
  }

  /** Where the pieces of a shelf are. */
  shelf(number: number): SharedArrayBuffer {
    const shelf = this.#shelves[number];
    if (shelf === undefined) throw new RangeError(`There is no shelf ${number}`);
    return shelf;
  }

  /** Pieces in use. */
  get used(): number {
    return this.#used;
  }

  /** A job begins. */
  open(): PieceUser {
    const user = new PieceUser(this);
    this.#users.add(user);
    return user;
  }

  /** For {@linkcode PieceUser}: a job is over. */
  remove(user: PieceUser): void {
    this.#users.delete(user);
    this.#waiting = this.#waiting.filter((one) => one !== user);
    // What many jobs at once have needed is not kept for few.
    if (this.#users.size === 0 && this.#used === 0) {
      this.#shelves.length = 1;
      this.#made = Math.min(this.#made, shelfSlots);
      this.#free.splice(0, Infinity, ...this.#free.filter((slot) => slot < shelfSlots));
    }
    this.#serve();
  }

  /** For {@linkcode PieceUser}: gives it a piece as soon as it may have one. */
  ask(user: PieceUser): void {
    this.#waiting.push(user);
    this.#serve();
  }

  /** For {@linkcode PieceUser}: a piece is free again. */
  give(slot: number): void {
    this.#used--;
    this.#free.push(slot);
    this.#serve();
  }

  /** For {@linkcode PieceUser}: nobody may write to a piece any more, ever. */
  lose(): void {
    this.#used--;
    this.#serve();
  }

  /** For {@linkcode PieceUser}: an empty piece. */
  writer(slot: number): PieceWriter {
    const share = Math.floor(this.#most * fullPiece / Math.max(1, this.#users.size));
    const full = Math.max(leastFull, Math.min(fullPiece, share));
    return new PieceWriter(this.shelf(shelfOf(slot)), slot, full);
  }

  #may({ held }: PieceUser): boolean {
    if (held === 0) return true;
    const share = Math.floor(this.#most / Math.max(1, this.#users.size));
    return held < Math.min(mostOfJob, share) && this.#used < this.#most;
  }

  #next(): number {
    this.#used++;
    const slot = this.#free.pop() ?? this.#made++;
    if (shelfOf(slot) >= this.#shelves.length) this.#shelves.push(makeShelf());
    return slot;
  }

  /** Gives to those who wait what they may have now. */
  #serve(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const user of waiting) {
      if (this.#may(user)) user.accept(this.#next());
      else this.#waiting.push(user);
    }
  }
}

/** What one job has of the pieces. */
export class PieceUser {
  readonly #store: PieceStore;
  readonly #slots = new Set<number>();
  #waiting: PromiseWithResolvers<PieceWriter> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** See {@linkcode PieceStore.open}. */
  constructor(store: PieceStore) {
    this.#store = store;
  }

  /** How many pieces it has. */
  get held(): number {
    return this.#slots.size;
  }

  /** An empty piece; one at a time is asked for. @throws what {@linkcode fail} was told */
  async take(): Promise<PieceWriter> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const { promise } = this.#waiting = Promise.withResolvers();
    this.#store.ask(this);
    return await promise;
  }

  /** For {@linkcode PieceStore}: here is what was asked for. */
  accept(slot: number): void {
    this.#slots.add(slot);
    this.#waiting?.resolve(this.#store.writer(slot));
  }

  /** Gives a piece back. */
  give(slot: number): void {
    if (this.#slots.delete(slot)) this.#store.give(slot);
  }

  /** No piece will be given back any more: who waits for one need not. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting?.reject(error);
  }

  /** The job is over. If a thread may still look at its pieces, nobody else may have them. */
  close(areLost: boolean): void {
    for (const slot of this.#slots) {
      if (areLost) this.#store.lose();
      else this.#store.give(slot);
    }
    this.#slots.clear();
    this.#store.remove(this);
  }
}
