/**
 * The memory that all backups of a daemon share: buffers of frames on their way to the main thread, the
 * bell that wakes threads, and what each thread is at. It is made once, so that many jobs take little
 * more memory than one.
 *
 * Whoever waits, waits for the bell: a counter that is moved on after every change.
 *
 * @module
 */

/** Bytes of frames after which a buffer is handed on. */
export const fullBuffer: number = 1 << 20;
/** Room beyond that, for the frame that fills it. */
const slack = 320 << 10;
/** Bytes of a buffer. */
export const bufferLength: number = fullBuffer + slack;

/** Words of the control block; then those of each seat, then the state of each buffer. */
const word = {
  bell: 0,
  /** Jobs that run. */
  jobs: 1,
  /** Buffers in use. */
  used: 2,
  seats: 3,
} as const;
/** Words of a seat: orders that were posted, the job at work (0 for none), since when in seconds. */
const seatWords = 3;

/** The state of a buffer: free, lost for ever, or the number of the job that has it. */
const free = 0;
const lost = -1;

/** What makes a {@linkcode SharedPool} in another thread. */
export interface PoolMemory {
  /** Threads that are at work at best. */
  readonly threads: number;
  readonly control: SharedArrayBuffer;
  readonly buffers: SharedArrayBuffer;
}

/** Places for threads: some may be lost, others started for them. */
export function seatsFor(threads: number): number {
  return 2 * threads + 4;
}

/** Buffers that may be in use at once, beside the one that each job has for itself. */
function buffersFor(threads: number): number {
  return 2 * threads + 4;
}

/** See the module. */
export class SharedPool {
  /** What another thread needs to see the same. */
  readonly memory: PoolMemory;
  readonly #control: Int32Array;
  readonly #most: number;
  readonly #states: number;
  readonly #count: number;

  /** Opens what another thread has made, or makes it for so many threads. */
  constructor(from: PoolMemory | number) {
    const threads = typeof from === "number" ? from : from.threads;
    this.#most = buffersFor(threads);
    // Some more than are used at once, in place of those that are lost with a thread.
    this.#count = this.#most + threads + 4;
    this.#states = word.seats + seatWords * seatsFor(threads);
    this.memory = typeof from === "number"
      ? {
        threads,
        control: new SharedArrayBuffer(4 * (this.#states + this.#count)),
        buffers: new SharedArrayBuffer(this.#count * bufferLength),
      }
      : from;
    this.#control = new Int32Array(this.memory.control);
  }

  /** Wakes all who wait. */
  ring(): void {
    Atomics.add(this.#control, word.bell, 1);
    Atomics.notify(this.#control, word.bell);
  }

  /** What {@linkcode wait} is told, read before a look at what is waited for. */
  get bell(): number {
    return Atomics.load(this.#control, word.bell);
  }

  /** Waits until the bell has rung since it was read, or so many milliseconds. */
  wait(bell: number, mostMs: number): void {
    Atomics.wait(this.#control, word.bell, bell, mostMs);
  }

  /** Jobs that run: they share the buffers. */
  set jobs(count: number) {
    Atomics.store(this.#control, word.jobs, count);
    this.ring();
  }

  /** How many buffers a job may have while so many run: it always has one of its own, too. */
  get fairShare(): number {
    const jobs = Math.max(1, Atomics.load(this.#control, word.jobs));
    return Math.max(1, Math.floor(this.#most / jobs));
  }

  /** A free buffer for a job, the first one, so that few are ever touched; `spared` must be left. */
  take(job: number, spared: number): number | undefined {
    for (;;) {
      const used = Atomics.load(this.#control, word.used);
      if (used >= this.#most - spared) return undefined;
      if (this.#move(word.used, used, used + 1)) break;
    }
    for (let slot = 0; slot < this.#count; slot++) {
      if (this.#move(this.#states + slot, free, job)) return slot;
    }
    Atomics.sub(this.#control, word.used, 1); // too many are lost
    return undefined;
  }

  /** Gives a buffer of a job back, if it still has it. */
  free(slot: number, job: number): void {
    if (this.#move(this.#states + slot, job, free)) Atomics.sub(this.#control, word.used, 1);
    this.ring();
  }

  /**
   * Gives back all that a job that is over still has. If a thread of it may come back some day and
   * write there, nobody else may have these buffers again.
   */
  freeAllOf(job: number, areLost: boolean): void {
    for (let slot = 0; slot < this.#count; slot++) {
      if (this.#move(this.#states + slot, job, areLost ? lost : free)) {
        Atomics.sub(this.#control, word.used, 1);
      }
    }
    this.ring();
  }

  /** A buffer's bytes. */
  buffer(slot: number): Uint8Array {
    return new Uint8Array(this.memory.buffers, slot * bufferLength, bufferLength);
  }

  /** Orders that were posted to the thread of a seat so far. */
  orders(seat: number): number {
    return Atomics.load(this.#control, this.#seat(seat));
  }

  /** Says that an order was posted. */
  addOrder(seat: number): void {
    Atomics.add(this.#control, this.#seat(seat), 1);
    this.ring();
  }

  /** Says what the thread of a seat is at: the number of a job, 0 for none. */
  setWork(seat: number, job: number): void {
    if (job !== 0) Atomics.store(this.#control, this.#seat(seat) + 2, secondsNow());
    Atomics.store(this.#control, this.#seat(seat) + 1, job);
  }

  /** What the thread of a seat is at, and for how many seconds already. */
  workOf(seat: number): { readonly job: number; readonly seconds: number } {
    const job = Atomics.load(this.#control, this.#seat(seat) + 1);
    const since = Atomics.load(this.#control, this.#seat(seat) + 2);
    return { job, seconds: job === 0 ? 0 : (secondsNow() - since) | 0 };
  }

  /** Makes a seat ready for a new thread. */
  clearSeat(seat: number): void {
    for (let n = 0; n < seatWords; n++) Atomics.store(this.#control, this.#seat(seat) + n, 0);
  }

  #seat(seat: number): number {
    return word.seats + seatWords * seat;
  }

  #move(at: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#control, at, from, to) === from;
  }
}

/** Seconds by the system's clock, in 32 bits. */
function secondsNow(): number {
  return Math.floor(Date.now() / 1000) | 0;
}
