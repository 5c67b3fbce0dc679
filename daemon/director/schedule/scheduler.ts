import type { JobResource, RunLine } from "../resources.ts";
import { dueTimes } from "./schedule.ts";

/** A due time that lies farther back is skipped, in seconds: the machine was asleep or stopped. */
const TOO_LATE = 59;
/** A job is not started again within this many seconds of its last start by a schedule. */
const NOT_AGAIN = 61;

/** Starts jobs when their Run lines are due (catalog-and-jobs.md 10). All times are UNIX seconds. */
export class Scheduler {
  readonly #start: (job: JobResource, runLine: RunLine) => void;
  readonly #lastStarts = new Map<string, number>();
  #seenUntil: number;

  /** A scheduler for what comes after `now`. */
  constructor(now: number, start: (job: JobResource, runLine: RunLine) => void) {
    this.#seenUntil = now;
    this.#start = start;
  }

  /** Starts what has become due since the last look. */
  look(jobs: readonly JobResource[], now: number): void {
    const from = Math.max(this.#seenUntil + 1, now - TOO_LATE);
    this.#seenUntil = now;
    for (const job of jobs) {
      const { schedule } = job;
      if (!job.enabled || schedule?.enabled !== true || job.client?.enabled === false) continue;
      for (const runLine of schedule.run) {
        for (const due of dueTimes(runLine.times, from, now + 1)) this.#begin(job, runLine, due);
      }
    }
  }

  #begin(job: JobResource, runLine: RunLine, due: number): void {
    if (due - (this.#lastStarts.get(job.name) ?? -Infinity) < NOT_AGAIN) return;
    this.#lastStarts.set(job.name, due);
    this.#start(job, runLine);
  }
}
