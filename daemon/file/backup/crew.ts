/**
 * The threads that save the files of one job, and the memory that they share, as the main thread sees
 * them. The threads are those of the daemon (`crew_pool.ts`) and serve other jobs as well.
 *
 * @module
 */
import type { FromBackupThread, JobOrder, LeadOrder, OutputPart, WalkOrder } from "./messages.ts";
import { OrderedOutput, SharedDigests } from "./ordered_output.ts";
import type { SharedArea } from "./shared_area.ts";

/** A part of the output, in order. */
export interface CrewOutput {
  /** The part; figures, messages and the last file are of interest. */
  readonly part: OutputPart;
  /** Its frames, until {@linkcode done} is called. */
  readonly frames: Uint8Array;
  /** Gives the frames' buffer back. */
  done(): void;
}

/** What the walk says at its end. */
export interface WalkSums {
  readonly examined: number;
  /** Bytes read to compare digests. */
  readonly readBytes: number;
}

/** A thread of a crew could not go on. */
export class BackupThreadError extends Error {
  override readonly name = "BackupThreadError";
}

/** What is to be saved, and how. */
export type CrewOrder = WalkOrder & Pick<LeadOrder, "firstFileIndex" | "protection">;

/** A thread as a crew sees it. */
export interface CrewSeat {
  /** Gives it an order; what it says comes to {@linkcode Crew.take}. */
  give(crew: Crew, order: JobOrder): void;
}

/** Threads that save the files of one job, once. */
export class Crew {
  /** Who works for the job; the first one leads. */
  readonly #seats: readonly CrewSeat[];
  readonly #area: SharedArea;
  /** Threads that are not done with the job. */
  readonly #working = new Set<CrewSeat>();
  readonly #events = new Events();
  readonly #output = new OrderedOutput();
  /** Settles when all threads are done with the job. */
  #rest = Promise.withResolvers<void>();
  #walked: { readonly units: number; readonly sums: WalkSums } | undefined;

  readonly #restMs: number;

  /** For the job of a fresh area; its threads are waited for so many milliseconds when it is canceled. */
  constructor(seats: readonly CrewSeat[], area: SharedArea, restMs: number) {
    this.#seats = seats;
    this.#area = area;
    this.#restMs = restMs;
    this.#rest.resolve(); // until there is work
  }

  /** The number of the job. */
  get job(): number {
    return this.#area.job;
  }

  /** How many threads. */
  get size(): number {
    return this.#seats.length;
  }

  /** Threads that are not done with the job. */
  get working(): ReadonlySet<CrewSeat> {
    return this.#working;
  }

  /** Ends the job at work, and waits for the threads for a short time; whether all are at rest. */
  async cancel(): Promise<boolean> {
    this.#area.cancel();
    if (this.#working.size > 0) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, this.#restMs);
      await Promise.race([this.atRest, late.promise]);
      clearTimeout(timer);
    }
    if (this.#working.size === 0) return true;
    // A thread that does not come back, from a file system that hangs, must not keep the job.
    this.#events.fail(new BackupThreadError("The job was canceled"));
    return false;
  }

  /** Settles when all threads are done with the job. */
  get atRest(): Promise<void> {
    return this.#rest.promise;
  }

  /**
   * Walks and saves: the parts of the output in order, then the sums of the walk.
   * @throws {BackupThreadError} if a thread cannot go on, or the job was canceled
   */
  async *save(order: CrewOrder): AsyncGenerator<CrewOutput, WalkSums, undefined> {
    this.#rest = Promise.withResolvers();
    const output = this.#output;
    const digests = new SharedDigests();
    const { fileSet, protection } = order;
    const { memory } = this.#area;
    for (const seat of this.#seats) this.#working.add(seat);
    this.#seats.forEach((seat, number) =>
      seat.give(
        this,
        number === 0
          ? { kind: "lead", memory, ...order }
          : { kind: "save", memory, fileSet, protection },
      )
    );
    for (;;) {
      const walked = this.#walked;
      if (walked !== undefined && output.unit >= walked.units) break;
      const { unit } = output;
      const part = output.take();
      if (part === undefined) {
        if (this.#working.size === 0) {
          throw new BackupThreadError("The job was ended before its files were saved");
        }
        await this.#events.next();
        continue;
      }
      const { buffer, length } = part;
      const bytes = buffer < 0 ? new Uint8Array(0) : this.#area.buffer(buffer);
      const used = digests.complete(bytes, length, part.digests);
      const done = (): void => {
        if (buffer >= 0) this.#area.freeBuffer(buffer);
      };
      yield { part, frames: bytes.subarray(0, used), done };
      if (output.unit !== unit) this.#area.head = output.unit;
    }
    while (this.#working.size > 0) await this.#events.next();
    return this.#walked?.sums ?? { examined: 0, readBytes: 0 };
  }

  /** Takes what a thread says. */
  take(seat: CrewSeat, message: FromBackupThread): void {
    if (message.kind === "part") this.#output.put(message);
    if (message.kind === "walked") this.#walked = { units: message.units, sums: message };
    if (message.kind === "idle") this.leave(seat, message.failure);
    this.#events.notify();
  }

  /** A thread is done with the job, or lost; why, if that was not its task's end. */
  leave(seat: CrewSeat, failure?: string): void {
    if (!this.#working.delete(seat)) return;
    if (failure !== undefined) {
      this.#area.cancel(); // the others need not go on
      this.#events.fail(new BackupThreadError(failure));
    }
    if (this.#working.size === 0) this.#rest.resolve();
    this.#events.notify();
  }
}

/** Wakes who waits for something to happen. */
class Events {
  #waiting: PromiseWithResolvers<void> | undefined;
  #hasHappened = false;
  #failure: unknown;

  notify(): void {
    this.#hasHappened = true;
    this.#waiting?.resolve();
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.notify();
  }

  async next(): Promise<void> {
    if (!this.#hasHappened) {
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
      this.#waiting = undefined;
    }
    this.#hasHappened = false;
    if (this.#failure !== undefined) throw this.#failure;
  }
}
