/**
 * The threads of a daemon's backups: one for each core, which serve the jobs that run in turns. A job
 * gets as many of them as it has a right to.
 *
 * A thread that does not come back, from a file system that hangs, holds up the jobs that it serves. No
 * other job is given to it, another thread is started in its place, and when the job at which it hangs
 * has been canceled it is given up for lost, if it does not come back soon.
 *
 * @module
 */
import { messageOf } from "../../../bytes/mod.ts";
import { startThread, type Thread } from "../../threads.ts";
import { Crew, type CrewSeat } from "./crew.ts";
import type { FromSeat, JobOrder, ToBackupThread } from "./messages.ts";
import { restTime } from "../platform/mod.ts";
import { SharedArea } from "./shared_area.ts";
import { seatsFor, SharedPool } from "./shared_pool.ts";

/** More threads than this wait for the storage daemon, not for cores. */
const mostThreads = 8;
/** Time after the last job for which threads are kept that are more than one, in milliseconds. */
const idleTime = 30_000;

/** When a thread is held to hang. */
export interface Patience {
  /** Time in which a thread comes to rest that is told to stop, if nothing holds it up, in milliseconds. */
  readonly restMs: number;
  /** Seconds in one step after which a thread gets no other jobs. */
  readonly stalled: number;
  /** Time that a thread has to come back from a step of a canceled job, in milliseconds. */
  readonly lostMs: number;
}

const usualPatience: Patience = { restMs: restTime, stalled: 10, lostMs: 30_000 };

/** A thread of the pool, and the jobs that it serves. */
export class Seat implements CrewSeat {
  /** Its place in the shared memory. */
  readonly number: number;
  readonly #thread: Thread;
  readonly #pool: SharedPool;
  readonly #jobs = new Map<number, Crew>();
  #isEnded = false;
  /** Jobs that have a right to it. */
  assigned = 0;

  /** Starts it. `onEnd` is called when it has ended by itself. */
  constructor(number: number, pool: SharedPool, onEnd: () => void) {
    this.number = number;
    this.#pool = pool;
    pool.clearSeat(number);
    this.#thread = startThread("backup");
    const order = { kind: "seat", pool: pool.memory, seat: number } as const;
    this.#thread.post(order satisfies ToBackupThread);
    this.#follow().catch((error) => {
      onEnd();
      this.end(messageOf(error));
    });
  }

  /** How many jobs it serves. */
  get jobs(): number {
    return this.#jobs.size;
  }

  /** Whether nobody needs it. */
  get isIdle(): boolean {
    return this.assigned === 0 && this.#jobs.size === 0;
  }

  /** The number of the job of its present step, and for how many seconds that has been. */
  get work(): { readonly job: number; readonly seconds: number } {
    return this.#pool.workOf(this.number);
  }

  /** Gives it an order of a job. */
  give(crew: Crew, order: JobOrder): void {
    this.#jobs.set(crew.job, crew);
    this.#thread.post(order satisfies ToBackupThread);
    this.#pool.addOrder(this.number);
    if (this.#isEnded) this.end("The thread was ended");
  }

  /** Ends the thread at once, wherever it is; its jobs hear why. */
  end(why: string): void {
    this.#isEnded = true;
    this.#thread.end();
    const crews = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const crew of crews) crew.leave(this, why);
  }

  /** Passes on what the thread says. */
  async #follow(): Promise<void> {
    for (;;) {
      const { job, message } = await this.#thread.receive() as FromSeat;
      const crew = this.#jobs.get(job);
      if (message.kind === "idle") this.#jobs.delete(job);
      crew?.take(this, message);
    }
  }
}

/** See the module. */
export class CrewPool {
  readonly #cores: number;
  readonly #most: number;
  readonly #patience: Patience;
  readonly #pool: SharedPool;
  #seats: Seat[] = [];
  /** Areas that were used and can be used again. */
  #areas: SharedArea[] = [];
  /** What the jobs have that run. */
  readonly #taken = new Map<Crew, { readonly area: SharedArea; readonly seats: readonly Seat[] }>();
  #lastJob = 0;
  #working = 0;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A pool for a machine with so many cores; `most` threads a job, 0 for no limit. */
  constructor(
    cores: number = navigator.hardwareConcurrency,
    most = 0,
    patience: Partial<Patience> = {},
  ) {
    this.#patience = { ...usualPatience, ...patience };
    this.#most = most;
    this.#cores = Math.max(1, Math.min(cores, mostThreads));
    this.#pool = new SharedPool(this.#cores);
  }

  /** Threads for a job: as many as the machine allows, fewer if others are at work. */
  take(): Crew {
    clearTimeout(this.#timer);
    const fair = Math.max(1, Math.floor(this.#cores / (this.#working + 1)));
    const share = this.#most > 0 ? Math.min(fair, this.#most) : fair;
    const seats = this.#freest(share);
    this.#lastJob = this.#lastJob % 0x3fffffff + 1;
    const known = this.#areas.find(({ memory }) => memory.threads === seats.length);
    this.#areas = this.#areas.filter((area) => area !== known);
    const area = known ?? new SharedArea(seats.length, this.#pool);
    area.reset(this.#lastJob);
    const crew = new Crew(seats, area, this.#patience.restMs);
    this.#pool.jobs = ++this.#working;
    this.#taken.set(crew, { area, seats });
    for (const seat of seats) seat.assigned++;
    return crew;
  }

  /** Takes back what a job had; it is canceled if it is not over. */
  async giveBack(crew: Crew): Promise<void> {
    const isAtRest = await crew.cancel();
    this.#pool.jobs = --this.#working;
    const { area, seats = [] } = this.#taken.get(crew) ?? {};
    this.#taken.delete(crew);
    for (const seat of seats) seat.assigned--;
    if (isAtRest) this.#recycle(crew, area);
    else void this.#awaitRest(crew, area);
    if (this.#isClosed && this.#working === 0) this.#end(this.#seats);
    if (this.#working > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keepOne(), idleTime);
    Deno.unrefTimer(this.#timer);
  }

  /** Ends the threads that have nothing to do, for who needs their memory. */
  trim(): void {
    this.#end(this.#seats.filter(({ isIdle }) => isIdle));
    if (this.#working === 0) this.#areas = [];
  }

  /** Ends all threads; those at work end when their jobs are given back. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.trim();
  }

  /** The threads that serve the fewest jobs; there are enough, besides those that hang. */
  #freest(count: number): Seat[] {
    const sound = this.#seats.filter(({ work }) => work.seconds < this.#patience.stalled);
    while (sound.length < this.#cores && this.#seats.length < seatsFor(this.#cores)) {
      // A thread takes memory: there are only as many as have something to do.
      if (sound.filter(({ assigned }) => assigned === 0).length >= count) break;
      const numbers = new Set(this.#seats.map(({ number }) => number));
      let number = 0;
      while (numbers.has(number)) number++;
      const seat: Seat = new Seat(number, this.#pool, () => this.#forget([seat]));
      this.#seats.push(seat);
      sound.push(seat);
    }
    const usable = sound.length > 0 ? sound : this.#seats;
    return usable.toSorted((a, b) => a.assigned - b.assigned).slice(0, count);
  }

  /** What a job has had is free for others. */
  #recycle(crew: Crew, area: SharedArea | undefined): void {
    this.#pool.freeAllOf(crew.job, false);
    if (area !== undefined && !this.#isClosed) this.#areas.push(area);
  }

  /** A canceled job whose threads take their time. */
  async #awaitRest(crew: Crew, area: SharedArea | undefined): Promise<void> {
    let hasLost = false;
    for (let isLate = false;; isLate = true) {
      const losing = this.#seats.filter((seat) =>
        crew.working.has(seat) && seat.work.job === crew.job &&
        // Nobody else suffers from the end of a thread that serves this job alone.
        (isLate || seat.jobs === 1)
      );
      hasLost ||= losing.length > 0;
      this.#forget(losing);
      const why = "A thread of this job does not come back from the files of another job";
      for (const seat of losing) seat.end(why);
      // Where a lost thread is writing at last, nobody else may have anything.
      if (hasLost) this.#pool.freeAllOf(crew.job, true);
      if (crew.working.size === 0) return hasLost ? undefined : this.#recycle(crew, area);
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, this.#patience.lostMs);
      Deno.unrefTimer(timer);
      await Promise.race([crew.atRest, late.promise]);
      clearTimeout(timer);
    }
  }

  #keepOne(): void {
    this.#end(this.#seats.filter(({ isIdle }) => isIdle).slice(1));
    this.#areas = [];
  }

  #end(seats: readonly Seat[]): void {
    this.#forget(seats);
    for (const seat of seats) seat.end("The daemon ends");
  }

  #forget(seats: readonly Seat[]): void {
    this.#seats = this.#seats.filter((seat) => !seats.includes(seat));
  }
}
