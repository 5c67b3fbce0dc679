import { isJobOk, JobStatus } from "../../../protocol/mod.ts";
import { messageTime } from "../report/formats.ts";
import type { Job } from "./job.ts";
import type { JobRequest } from "./job_request.ts";

/**
 * What is to run after a backup that has failed, if it is to be tried again (catalog-and-jobs.md
 * 9.3): the same job as long as it has saved nothing, a new one otherwise. The job's log tells of it,
 * and its row says that it waits if it is to run again itself.
 * @param now UNIX seconds
 */
export function nextAttempt(job: Job, now: number): JobRequest | undefined {
  const { resource, request } = job;
  if (job.type !== "B" || !resource.rescheduleOnError) return undefined;
  if (isJobOk(job.status) || job.status === JobStatus.Canceled) return undefined;
  const count = job.rescheduleCount + 1;
  if (resource.rescheduleTimes > 0 && count > resource.rescheduleTimes) return undefined;
  const seconds = resource.rescheduleInterval;
  const when = now + seconds;
  job.log.info(
    `Rescheduled Job ${job.uniqueName} at ${messageTime(now)} to re-run in ${seconds} seconds ` +
      `(${messageTime(when)}).`,
  );
  const hasSavedNothing = job.counters.fdBytes === 0;
  if (hasSavedNothing) {
    job.catalog.updateJob(job.jobId, { jobStatus: JobStatus.WaitingForStartTime });
  }
  return {
    ...request,
    when,
    ...(hasSavedNothing ? {} : {
      level: job.level,
      pool: job.pool.resource,
      poolSource: job.pool.source,
      storage: job.storage?.resource,
      storageSource: "previous Job",
    }),
    again: {
      count,
      firstScheduledTime: job.firstScheduledTime,
      row: hasSavedNothing ? { jobId: job.jobId, uniqueName: job.uniqueName } : undefined,
    },
  };
}
