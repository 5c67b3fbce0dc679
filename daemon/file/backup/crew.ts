/**
 * The threads of a backup and the memory that they share, as the main thread sees them. A crew works
 * for one job at a time; when that is over, the next job can have it.
 *
 * @module
 */
import { startThread, type Thread } from "../../threads.ts";
import type {
  FromBackupThread,
  LeadOrder,
  OutputPart,
  ToBackupThread,
  WalkOrder,
} from "./messages.ts";
import { OrderedOutput, SharedDigests } from "./ordered_output.ts";
import { SharedArea } from "./shared_area.ts";

/** Time for threads to come to rest after a job was canceled, in milliseconds. */
const restTime = 500;

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

/** Threads that save the files of one job. */
export class Crew {
  readonly #threads: readonly Thread[];
  readonly #area: SharedArea;
  /** Settles when all threads are at rest. */
  #rest: Promise<unknown> = Promise.resolve();
  /** Wakes who waits for output. */
  #events: Events | undefined;
  /** Whether a thread failed or never came to rest, so that no other job may have the crew. */
  isBroken = false;

  /** Starts so many threads. */
  constructor(
    /** How many threads. */
    readonly size: number,
  ) {
    this.#area = new SharedArea(size);
    this.#threads = Array.from({ length: size }, () => startThread("backup"));
  }

  /** Ends the job at work, and waits for the threads for a short time. */
  async cancel(): Promise<void> {
    this.#area.cancel();
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), restTime);
    if (await Promise.race([this.#rest, late.promise]) === "late") {
      this.isBroken = true;
      // A thread that does not come back, from a file system that hangs, must not keep the job.
      this.#events?.fail(new BackupThreadError("The job was canceled"));
    }
    clearTimeout(timer);
  }

  /** Ends the threads at once, wherever they are. */
  end(): void {
    this.#area.cancel();
    this.isBroken = true;
    for (const thread of this.#threads) thread.end();
  }

  /**
   * Walks and saves: the parts of the output in order, then the sums of the walk.
   * @throws {BackupThreadError} if a thread cannot go on, or the job was canceled
   */
  async *save(
    order: WalkOrder & Pick<LeadOrder, "firstFileIndex" | "protection">,
  ): AsyncGenerator<CrewOutput, WalkSums, undefined> {
    this.#area.reset();
    const events = this.#events = new Events();
    const memory = this.#area.memory;
    const output = new OrderedOutput();
    const digests = new SharedDigests();
    let walked: { readonly units: number; readonly sums: WalkSums } | undefined;
    const take = (message: FromBackupThread): void => {
      if (message.kind === "part") output.put(message);
      if (message.kind === "walked") walked = { units: message.units, sums: message };
      events.notify();
    };
    const followed = this.#threads.map((thread) => this.#follow(thread, take));
    for (const thread of followed) thread.catch((error) => events.fail(error));
    let areAtRest = false;
    this.#rest = Promise.allSettled(followed).then(() => {
      areAtRest = true;
      events.notify();
    });
    this.#threads.forEach((thread, number) => {
      const post = (message: ToBackupThread): void => thread.post(message);
      if (number > 0) {
        const { fileSet, protection } = order;
        return post({ kind: "save", memory, fileSet, protection });
      }
      post({ kind: "lead", memory, ...order });
    });
    while (walked === undefined || output.unit < walked.units) {
      const { unit } = output;
      const part = output.take();
      if (part === undefined) {
        if (areAtRest) throw new BackupThreadError("The job was ended before its files were saved");
        await events.next();
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
    await Promise.all(followed);
    return walked.sums;
  }

  /** Takes a thread's messages until it is idle. */
  async #follow(thread: Thread, take: (message: FromBackupThread) => void): Promise<void> {
    for (;;) {
      let message: FromBackupThread;
      try {
        message = await thread.receive() as FromBackupThread;
      } catch (error) {
        this.isBroken = true;
        this.#area.cancel();
        throw error;
      }
      if (message.kind !== "idle") {
        take(message);
        continue;
      }
      if (message.failure === undefined) return;
      this.isBroken = true;
      this.#area.cancel(); // the others need not go on
      throw new BackupThreadError(message.failure);
    }
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
    this.#failure = error;
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

/**
 * Crews of a daemon. Those whose job is over are kept for the next ones, since threads take time to
 * start and to become fast; after a while without work only one is left.
 */
export class CrewPool {
  readonly #cores: number;
  readonly #most: number;
  #kept: Crew[] = [];
  #working = 0;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A pool for a machine with so many cores; `most` threads a crew, 0 for no limit. */
  constructor(cores: number = navigator.hardwareConcurrency, most = 0) {
    this.#most = most;
    this.#cores = Math.max(1, Math.min(cores, mostThreads));
  }

  /** A crew: as large as the machine allows, smaller if others are at work. */
  take(): Crew {
    const fair = Math.max(1, Math.floor(this.#cores / (this.#working + 1)));
    const share = this.#most > 0 ? Math.min(fair, this.#most) : fair;
    this.#working++;
    const fitting = this.#kept.filter((crew) => crew.size <= share || this.#kept.length === 1);
    const crew = fitting.toSorted((a, b) => b.size - a.size)[0];
    if (crew === undefined) return new Crew(share);
    this.#kept = this.#kept.filter((other) => other !== crew);
    return crew;
  }

  /** Takes a crew back whose job is over. */
  async giveBack(crew: Crew): Promise<void> {
    await crew.cancel();
    this.#working--;
    if (crew.isBroken || this.#isClosed) return crew.end();
    this.#kept.push(crew);
    clearTimeout(this.#timer);
    const timer = setTimeout(() => this.#keepLargest(), idleTime);
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  /** Ends the threads that have nothing to do, for who needs their memory. */
  trim(): void {
    for (const crew of this.#kept) crew.end();
    this.#kept = [];
  }

  /** Ends all threads; those at work end when they are given back. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.trim();
  }

  #keepLargest(): void {
    const [largest, ...others] = this.#kept.toSorted((a, b) => b.size - a.size);
    for (const crew of others) crew.end();
    this.#kept = largest === undefined ? [] : [largest];
  }
}

/** Time after the last job for which all crews are kept, in milliseconds. */
const idleTime = 30_000;

/** More threads than this wait for the storage daemon, not for cores. */
const mostThreads = 8;
