/**
 * The threads of a daemon's restores and verifies: at most one for each core, each of which serves
 * several jobs in turns. They are started when there is something to do and end with their last job.
 *
 * A thread that does not come back, from a file system that hangs, holds up the jobs that it serves. No
 * other job is given to it, and when the job at which it hangs has been canceled it is given up for lost,
 * if it does not come back soon.
 *
 * @module
 */
import { startThread, type Thread } from "../../threads.ts";
import { makeStopWord, restTime, stop, type StopWord } from "../platform/mod.ts";
import { PieceStore } from "./piece_store.ts";
import { shelfOf } from "./pieces.ts";
import {
  type FromSeat,
  type FromWork,
  seatWord,
  type ToSeat,
  type ToWork,
  type WorkOrder,
} from "./work_messages.ts";

/** More threads than this wait for disks and peers, not for cores. */
const mostThreads = 8;

/** When a thread is held to hang. */
export interface WorkPatience {
  /** Time in which a thread comes to rest that is told to stop, if nothing holds it up, in milliseconds. */
  readonly restMs: number;
  /** Seconds in one step after which a thread gets no other jobs. */
  readonly stalled: number;
  /** Time that a thread has to come back from a step of a canceled job, in milliseconds. */
  readonly lostMs: number;
}

const usualPatience: WorkPatience = { restMs: restTime, stalled: 10, lostMs: 30_000 };

/** A thread and the jobs that it serves. */
class WorkSeat {
  readonly jobs = new Map<number, WorkLine>();
  readonly #thread: Thread = startThread("work");
  readonly #state = new Int32Array(new SharedArrayBuffer(8));
  readonly #store: PieceStore;
  readonly #onEnd: () => void;
  /** Shelves that the thread knows, by number. */
  readonly #shelves: SharedArrayBuffer[] = [];

  /** Starts it. `onEnd` is called when it gets no jobs any more. */
  constructor(store: PieceStore, onEnd: () => void) {
    this.#store = store;
    this.#onEnd = onEnd;
    this.#post({ kind: "seat", state: this.#state.buffer });
    this.#follow().catch((error) => this.end(error instanceof Error ? error.message : `${error}`));
  }

  /** The number of the job of its present step, 0 for none, and for how many seconds that has been. */
  get work(): { readonly job: number; readonly seconds: number } {
    const job = Atomics.load(this.#state, seatWord.job);
    const since = Atomics.load(this.#state, seatWord.since);
    return { job, seconds: job === 0 ? 0 : (Math.floor(Date.now() / 1000) - since) | 0 };
  }

  begin(line: WorkLine, order: WorkOrder): void {
    this.jobs.set(line.job, line);
    this.#post({ kind: "begin", job: line.job, order, stop: line.stopWord });
  }

  say(job: number, message: ToWork): void {
    if (message.kind === "records") {
      const number = shelfOf(message.slot);
      const memory = this.#store.shelf(number);
      if (this.#shelves[number] !== memory) this.#post({ kind: "shelf", number, memory });
      this.#shelves[number] = memory;
    }
    this.#post({ kind: "said", job, message });
  }

  stop(job: number): void {
    this.#post({ kind: "stop", job });
  }

  /** Ends the thread at once, wherever it is; its jobs hear why. */
  end(why: string): void {
    this.#onEnd();
    this.#thread.end();
    const lines = [...this.jobs.values()];
    this.jobs.clear();
    for (const line of lines) line.leave(why, true);
  }

  #post(message: ToSeat): void {
    this.#thread.post(message);
  }

  async #follow(): Promise<void> {
    for (;;) {
      const said = await this.#thread.receive() as FromSeat;
      const line = this.jobs.get(said.job);
      if (said.kind === "said") line?.take(said.message);
      else {
        this.jobs.delete(said.job);
        line?.leave(said.failure, false);
        if (this.jobs.size === 0) return this.end("The thread has nothing to do");
      }
    }
  }
}

/** A job's conversation with the thread that serves it. */
export class WorkLine {
  /** Its number within the pool. */
  readonly job: number;
  /** Tells the thread to stop. */
  readonly stopWord: StopWord = makeStopWord();
  readonly #seat: WorkSeat;
  readonly #arrived: FromWork[] = [];
  readonly #rest = Promise.withResolvers<void>();
  #waiting: PromiseWithResolvers<FromWork> | undefined;
  #failure: Error | undefined;
  #isLost = false;

  /** See {@linkcode WorkPool.begin}. */
  constructor(job: number, seat: WorkSeat) {
    this.job = job;
    this.#seat = seat;
  }

  /** Whether the thread is done with the job, or gone. */
  get isAtRest(): boolean {
    return !this.#seat.jobs.has(this.job);
  }

  /** Settles when the thread is done with the job, or gone. */
  get atRest(): Promise<void> {
    return this.#rest.promise;
  }

  /** Whether the thread was given up, and may still look at what the job has lent to it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Says something to the thread. */
  post(message: ToWork): void {
    if (!this.isAtRest) this.#seat.say(this.job, message);
  }

  /** What the thread says next. @throws Error if nothing will come any more; its message tells why */
  receive(): Promise<FromWork> {
    const first = this.#arrived.shift();
    if (first !== undefined) return Promise.resolve(first);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Tells the thread to close what the job has open, and to stop. */
  cancel(): void {
    stop(this.stopWord);
    if (!this.isAtRest) this.#seat.stop(this.job);
  }

  /** For the thread's end of the line. */
  take(message: FromWork): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#arrived.push(message);
    else waiting.resolve(message);
  }

  /** For the thread's end of the line: nothing follows, and why, if that is not the job's own end. */
  leave(failure: string | undefined, isLost: boolean): void {
    this.#isLost = isLost;
    this.#failure = new Error(failure ?? "The work is over");
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
    this.#rest.resolve();
  }
}

/** See the module. */
export class WorkPool {
  /** What all restores share. */
  readonly pieces: PieceStore;
  /** Threads that make digests for restores, beside those of the pool. */
  digesters = 0;
  readonly #cores: number;
  readonly #patience: WorkPatience;
  #seats: WorkSeat[] = [];
  readonly #seatOf = new Map<WorkLine, WorkSeat>();
  #lastJob = 0;

  /** A pool for a machine with so many cores. */
  constructor(
    cores: number = navigator.hardwareConcurrency,
    patience: Partial<WorkPatience> = {},
  ) {
    this.#cores = Math.max(1, Math.min(cores, mostThreads));
    this.#patience = { ...usualPatience, ...patience };
    this.pieces = new PieceStore(this.#cores);
  }

  /** Threads at present. */
  get threads(): number {
    return this.#seats.length;
  }

  /** Threads that it could have beyond those for the jobs that there are. */
  get spareThreads(): number {
    return Math.max(0, this.#cores - this.#seatOf.size);
  }

  /** Gives a job to a thread. {@linkcode end} must follow. */
  begin(order: WorkOrder): WorkLine {
    this.#lastJob = this.#lastJob % 0x3fffffff + 1;
    const seat = this.#freest();
    const line = new WorkLine(this.#lastJob, seat);
    this.#seatOf.set(line, seat);
    seat.begin(line, order);
    return line;
  }

  /**
   * Ends a job, which is canceled if its thread is not done with it, and waits for the thread for a short
   * time. What the job has lent to the thread is its own again when the line is at rest.
   */
  async end(line: WorkLine): Promise<void> {
    const seat = this.#seatOf.get(line);
    this.#seatOf.delete(line);
    if (seat === undefined || line.isAtRest) return;
    line.cancel();
    await atRestWithin(line, this.#patience.restMs);
    if (!line.isAtRest) void this.#awaitRest(line, seat);
  }

  /** The thread that serves the fewest jobs, a new one if all have some; none that hangs, if possible. */
  #freest(): WorkSeat {
    const sound = this.#seats.filter(({ work }) => work.seconds < this.#patience.stalled);
    const [first] = sound.toSorted((a, b) => a.jobs.size - b.jobs.size);
    if (first !== undefined && (first.jobs.size === 0 || sound.length >= this.#cores)) return first;
    if (this.#seats.length >= 2 * this.#cores + 4) { // so many cannot be replaced for ever
      const [any] = this.#seats.toSorted((a, b) => a.jobs.size - b.jobs.size);
      if (any !== undefined) return first ?? any;
    }
    const seat: WorkSeat = new WorkSeat(this.pieces, () => {
      this.#seats = this.#seats.filter((one) => one !== seat);
    });
    this.#seats.push(seat);
    return seat;
  }

  /** A canceled job whose thread takes its time. */
  async #awaitRest(line: WorkLine, seat: WorkSeat): Promise<void> {
    for (let isLate = false; !line.isAtRest; isLate = true) {
      // Nobody else suffers from the end of a thread that serves this job alone.
      if (seat.work.job === line.job && (isLate || seat.jobs.size === 1)) {
        return seat.end("The thread of this job does not come back from the files of another job");
      }
      await atRestWithin(line, this.#patience.lostMs);
    }
  }
}

/** Waits for a thread to be done with a job, so many milliseconds at most. */
async function atRestWithin(line: WorkLine, mostMs: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, mostMs);
  Deno.unrefTimer(timer);
  await Promise.race([line.atRest, late.promise]);
  clearTimeout(timer);
}
