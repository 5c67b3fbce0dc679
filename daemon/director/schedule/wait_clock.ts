import { JobStatus } from "../../../protocol/mod.ts";

/** The states whose time counts for `Max Wait Time` (catalog-and-jobs.md 9.2). */
const WAITING: ReadonlySet<string> = new Set([
  JobStatus.WaitingForClient,
  JobStatus.WaitingForStorageDaemon,
  JobStatus.WaitingForMedia,
  JobStatus.WaitingForMount,
  JobStatus.WaitingForStorageResource,
  JobStatus.WaitingForJobResource,
  JobStatus.WaitingForClientResource,
  JobStatus.WaitingForMaximumJobs,
  JobStatus.WaitingForPriority,
]);

/** Sums up the time that a job spends waiting; all times are UNIX seconds. */
export class WaitClock {
  #sum = 0;
  #since: number | undefined;

  /** Says in which states the job is from `now` on: its own and the one at the storage daemon. */
  enter(now: number, ...statuses: readonly string[]): void {
    const isWaiting = statuses.some((status) => WAITING.has(status));
    if (isWaiting) this.#since ??= now;
    else if (this.#since !== undefined) {
      this.#sum += now - this.#since;
      this.#since = undefined;
    }
  }

  /** Seconds of waiting up to `now`. */
  total(now: number): number {
    return this.#sum + (this.#since === undefined ? 0 : now - this.#since);
  }
}
