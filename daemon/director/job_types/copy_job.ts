/**
 * The worker of a copy or migration: one job's data from one storage to another
 * (catalog-and-jobs.md 16.3, 16.4, storage-daemon.md 8).
 *
 * @module
 */
import { isJobOk } from "../../../protocol/mod.ts";
import { baseJobsOf, copyBaseFiles, replaceBaseJob } from "../../../storage/catalog/mod.ts";
import { removeBootstrapFile } from "./copy_plan.ts";
import { copyWords } from "./copy_words.ts";
import type { CopyPlan, Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { copyBetween, copyWithin, type ReadingJob } from "./storage_copy.ts";

/** Types of jobs that can be copied: backups, copies, archives. */
const COPYABLE = "BCA";

/**
 * Copies the data.
 * @throws {JobFailure} with the cause, after the storage daemons were told to stop
 */
export async function runCopy(
  job: Job,
  plan: CopyPlan,
  environment: JobEnvironment,
): Promise<void> {
  const { operation, action, done } = copyWords(job.type);
  job.log.info(`Start ${operation} JobId ${job.jobId}, Job=${job.uniqueName}`);
  const { previous, data } = plan;
  const type = job.catalog.job(previous.jobId)?.type ?? "";
  if (!COPYABLE.includes(type) || type === "") {
    job.log.info(
      `JobId ${previous.jobId} already ${done} probably by another Job. ${operation} stopped.`,
    );
    job.hasNothingToCopy = true;
    return;
  }
  if (data === undefined) {
    job.log.info(`Previous Job has no data to ${action}.`);
    job.hasNothingToCopy = true;
    return;
  }
  data.startTime = environment.now();
  job.catalog.updateJob(data.jobId, { jobStatus: "R", startTime: data.startTime });
  const reading: ReadingJob = {
    job,
    storage: plan.readStorage.resource,
    pool: job.pool,
    bootstrap: plan.bootstrap,
    files: plan.files,
  };
  const copy = plan.isWithinOneDaemon ? copyWithin : copyBetween;
  await copy(reading, data, environment);
}

/** The rows of a worker, its data job and the original, when the worker's status is known. */
export function endCopy(job: Job, plan: CopyPlan, environment: JobEnvironment): void {
  const { catalog, counters } = job;
  const { previous, data } = plan;
  removeBootstrapFile(job);
  if (data === undefined) return;
  catalog.deleteNullJobMedia(data.jobId);
  const isOk = isJobOk(job.status) && !job.hasNothingToCopy;
  const isCopy = job.type === "c";
  catalog.updateJob(data.jobId, {
    jobStatus: job.hasNothingToCopy ? "A" : job.status,
    type: isOk && isCopy ? "C" : previous.type,
    level: previous.level,
    clientId: previous.clientId,
    fileSetId: previous.fileSetId,
    poolId: data.poolId,
    priorJobId: previous.jobId,
    startTime: previous.startTime,
    endTime: previous.endTime,
    realEndTime: environment.now(),
    jobTDate: previous.jobTDate,
    jobFiles: counters.sdFiles,
    jobBytes: counters.sdBytes,
    jobErrors: job.log.errors,
    volSessionId: data.volSessionId,
    volSessionTime: data.volSessionTime,
  });
  catalog.updateJob(job.jobId, { priorJobId: data.jobId });
  if (!isOk) return;
  if (baseJobsOf(catalog, [previous.jobId]).length > 0) {
    copyBaseFiles(catalog, previous.jobId, data.jobId);
    catalog.updateJob(data.jobId, { hasBase: true });
  }
  if (isCopy) {
    catalog.copyLog(previous.jobId, data.jobId);
    return;
  }
  catalog.updateJob(previous.jobId, { type: "M" });
  catalog.moveLog(previous.jobId, data.jobId);
  replaceBaseJob(catalog, previous.jobId, data.jobId);
  if (job.resource.purgeMigrationJob) {
    catalog.adoptCopies(previous.jobId, data.jobId);
    catalog.deleteJobs([previous.jobId]);
  } else catalog.purgeFiles([previous.jobId]);
}
