/**
 * Copies between storage daemons that leave their devices to others, because they and those wait for each
 * other (docs/decisions.md).
 *
 * @module
 */
import { JobStatus } from "../../../protocol/mod.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import { AFTER_FAILURE_MS, cancelAtDaemons } from "../peers/cancel_daemons.ts";

/** Whether one attempt of a copy has to leave its devices, and what becomes of it. */
export class WayForOthers {
  #others: readonly Job[] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #endGivingWay: () => void;

  /** An attempt of `job`; `close` cuts it off from daemons that do not end it when they are told. */
  constructor(job: Job, environment: JobEnvironment, close: () => void) {
    this.#endGivingWay = environment.deviceClaims.mayGiveWay(job, {
      canBeginAnew: true,
      giveWay: (others) => {
        if (isEnding(job)) return;
        this.#others = others;
        job.log.info(
          `${
            jobIdsOf(others)
          } and this job wait for each other's devices. It leaves its own and begins ` +
            "anew when one of them has ended.",
        );
        this.#timer = setTimeout(close, AFTER_FAILURE_MS);
        void cancelAtDaemons(job, environment, ["storage"]);
      },
    });
  }

  /** Whether the attempt was told to leave its devices. */
  get isGiven(): boolean {
    return this.#others !== undefined;
  }

  /**
   * Those for whom it has left them, when both daemons have ended the attempt.
   * @throws {JobFailure} if `data`, the job that owns what is written, has something already
   */
  others(data: Job): readonly Job[] {
    const others = this.#others ?? [];
    if (data.counters.sdBytes === 0) return others;
    throw new JobFailure(
      `This job was ended to leave its devices to ${
        jobIdsOf(others)
      }, and has written before it heard of ` +
        "that. Run it again.",
    );
  }

  /** The attempt is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#endGivingWay();
  }
}

/** Whether a job that cannot begin anew has to end, because others wait for its devices as it for theirs. */
export class EndForOthers {
  #failure: JobFailure | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #endGivingWay: () => void;

  /** `job`; what does not end when it is told is cut off after `patienceMs`, so that the ring is broken. */
  constructor(job: Job, environment: JobEnvironment, patienceMs: number = AFTER_FAILURE_MS) {
    this.#endGivingWay = environment.deviceClaims.mayGiveWay(job, {
      canBeginAnew: false, // what came from the first daemon may be written
      giveWay: (others) => {
        if (isEnding(job)) return;
        const failure = new JobFailure(
          `This job and ${
            jobIdsOf(others)
          } wait for each other's devices: it ends, so that they can ` +
            "go on. Run it again, or give the daemons more devices.",
        );
        this.#failure = failure;
        this.#timer = setTimeout(() => job.abort.abort(failure), patienceMs);
        void cancelAtDaemons(job, environment, ["storage"]);
      },
    });
  }

  /** Why it has to end, if it has. */
  get failure(): JobFailure | undefined {
    return this.#failure;
  }

  /** The job's data is there, or it has failed. */
  end(): void {
    clearTimeout(this.#timer);
    this.#endGivingWay();
  }
}

/** Whether the job, or a part of it, was canceled or has failed: it leaves its devices anyway. */
function isEnding(job: Job): boolean {
  return [job, ...job.parts].some(({ isCanceled }) => isCanceled);
}

/** Waits until one of `others` has ended. @throws {JobCanceled} if `job` is canceled first */
export async function untilOneEnds(others: readonly Job[], job: Job): Promise<void> {
  job.setStatus(JobStatus.WaitingForStorageResource);
  const { givenUp } = job;
  const canceled = Promise.withResolvers<never>();
  const onAbort = (): void => canceled.reject(givenUp.reason);
  givenUp.addEventListener("abort", onAbort, { once: true });
  try {
    givenUp.throwIfAborted();
    await Promise.race([canceled.promise, ...others.map(({ done }) => done)]);
  } finally {
    givenUp.removeEventListener("abort", onAbort);
  }
  job.setStatus(JobStatus.Running);
}

/** How jobs are named in messages. */
export function jobIdsOf(jobs: readonly Job[]): string {
  return `JobId ${jobs.map(({ jobId }) => jobId).join(", ")}`;
}
