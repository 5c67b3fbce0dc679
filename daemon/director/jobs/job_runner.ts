/** One job from its start to its report (catalog-and-jobs.md 5.5). @module */
import { isJobCanceled, JobStatus, jobTypeText } from "../../../protocol/mod.ts";
import { runBackup, writeBootstrap } from "../job_types/backup_job.ts";
import { startClones } from "./clone_jobs.ts";
import { runConsolidate } from "../job_types/consolidate_job.ts";
import { runCopyControl } from "../job_types/copy_control.ts";
import { endCopy, runCopy } from "../job_types/copy_job.ts";
import type { Job } from "./job.ts";
import type { JobEnvironment } from "./job_environment.ts";
import { jobFacts } from "../report/job_facts.ts";
import { JobFailure } from "./job_failure.ts";
import type { JobServices } from "./job_services.ts";
import { autoPrune } from "../volumes/pruning.ts";
import { inflation, jobReport } from "../report/report.ts";
import { nextAttempt } from "./reschedule.ts";
import { runRestore, type StorageFinder } from "../job_types/restore_job.ts";
import { runDirectorScripts } from "./run_scripts.ts";
import { runVerify } from "../job_types/verify_job.ts";
import { endVirtualFull, runVirtualFull } from "../job_types/virtual_full.ts";
import { longVersion } from "../report/version_text.ts";
import { exceededLimit, startLimit } from "./watchdog.ts";

/** What a run needs besides the job. */
export interface RunContext {
  readonly environment: JobEnvironment;
  readonly findStorage: StorageFinder;
  /** For jobs that make jobs. */
  readonly services: JobServices;
}

/** Runs a job and writes its report. Never throws: whatever fails is in the job's log and status. */
export async function runJob(job: Job, context: RunContext): Promise<void> {
  const { environment } = context;
  // A step that fails, such as a row that the catalog cannot take, must not keep the next from its turn.
  const steps: readonly (() => Promise<void> | void)[] = [
    () => job.isCanceled ? undefined : carryOut(job, context),
    () => environment.deviceClaims.drop(job), // a claim of a dead job would hide every ring behind it
    () => beginEnd(job, environment),
    () => settle(job, environment),
    () => recordEnd(job, environment),
    () => runDirectorScripts(job, "After", environment.codes(job), environment.runConsole),
    () => report(job, environment),
    () => autoPrune(job, environment.now()),
    () => void (job.nextAttempt = nextAttempt(job, environment.now())),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      job.fail(error);
    }
  }
  job.log.close(job.status);
}

async function carryOut(job: Job, context: RunContext): Promise<void> {
  const { environment, findStorage } = context;
  job.startTime = environment.now();
  job.setStatus(JobStatus.Running); // whatever it has waited for
  job.log.info(`Version: ${longVersion()}`);
  const late = startLimit(job, job.startTime);
  if (late !== undefined) {
    job.setStatus(JobStatus.Canceled);
    throw new JobFailure(late);
  }
  await runDirectorScripts(job, "Before", environment.codes(job), environment.runConsole);
  if (job.isCanceled) return; // the script has said why
  await startClones(job, environment.codes(job), environment.runClone);
  job.setStatus(JobStatus.Running);
  job.startTime = environment.now();
  job.catalog.updateJob(job.jobId, {
    jobStatus: JobStatus.Running,
    level: job.level,
    startTime: job.startTime,
    jobTDate: job.startTime,
    clientId: job.clientId,
    poolId: job.poolId,
    fileSetId: job.fileSetId,
  });
  switch (job.type) {
    case "B":
      return job.level === "f"
        ? await runVirtualFull(job, environment, context.services)
        : await runBackup(job, environment);
    case "R":
      return await runRestore(job, environment, findStorage);
    case "V":
      return await runVerify(job, environment, findStorage);
    case "c":
    case "g":
      return job.copy === undefined
        ? await runCopyControl(job, context.services, environment.now())
        : await runCopy(job, job.copy, environment);
    case "O":
      return runConsolidate(job, context.services, environment.now());
    case "D":
    case "A":
      job.log.info(`Start ${jobTypeText(job.type)} JobId ${job.jobId}, Job=${job.uniqueName}`);
      return;
    default:
      throw new JobFailure(`Jobs of type ${job.type} cannot be run by this version`);
  }
}

/** The work is over. A limit that ended it, or passed while it failed, is not one for what cleans up. */
function beginEnd(job: Job, { director, now }: JobEnvironment): void {
  job.isOverdue ||= job.isCanceled &&
    exceededLimit(job, now(), director.absoluteJobTimeout) !== undefined;
  job.beginEnd();
}

/** Decides how the job has ended, and what its type makes of that. */
async function settle(job: Job, environment: JobEnvironment): Promise<void> {
  job.endTime = environment.now();
  if (job.startTime === 0) job.startTime = job.endTime;
  job.setStatus(finalStatus(job));
  if (job.copy !== undefined) endCopy(job, job.copy, environment);
  if (job.level === "f") await endVirtualFull(job);
  if (job.type === "B") {
    job.catalog.deleteNullJobMedia(job.jobId);
    await writeBootstrap(job, environment);
  }
}

/** Brings the job's row up to date (catalog-and-jobs.md 5.5). */
function recordEnd(job: Job, environment: JobEnvironment): void {
  const { counters, represents } = job;
  if (represents !== undefined) {
    job.startTime = represents.startTime;
    job.endTime = represents.endTime;
  }
  job.catalog.updateJob(job.jobId, {
    jobStatus: job.status,
    level: job.type === "R" ? "F" : represents?.level ?? job.level,
    startTime: job.startTime,
    endTime: job.endTime,
    realEndTime: environment.now(),
    jobTDate: represents?.jobTDate ?? job.endTime,
    clientId: job.clientId,
    poolId: job.poolId,
    fileSetId: job.fileSetId,
    volSessionId: job.volSessionId,
    volSessionTime: job.volSessionTime,
    jobFiles: counters.fdFiles,
    jobBytes: counters.fdBytes,
    readBytes: counters.readBytes,
    jobErrors: job.log.errors,
    ...((job.base?.files.count ?? 0) > 0 && { hasBase: true }),
  });
  job.markRecorded();
  if (job.clientId !== 0 && job.clientUname !== "") {
    job.catalog.setClientUname(job.clientId, job.clientUname);
  }
}

/** Writes the report; destinations that take errors alone get those of failed jobs too (22.1). */
function report(job: Job, environment: JobEnvironment): void {
  const facts = jobFacts(job, environment.director, environment.now());
  const text = jobReport(facts);
  if (["E", "e", "f"].includes(job.status)) job.log.error(text);
  else job.log.info(text);
  const inflated = job.type === "B" ? inflation(facts) : undefined;
  if (inflated !== undefined) job.log.info(inflated);
}

/** The first status of director, file daemon and storage daemon that is not T (director-client.md 26). */
function finalStatus(job: Job): string {
  if (isJobCanceled(job.status) || job.status === JobStatus.Differences) return job.status;
  for (const status of [job.fdStatus, job.sdStatus]) {
    if (status !== "" && status !== "T" && status !== "W") return status;
  }
  const hasTrouble = job.log.errors > 0 || job.log.warnings > 0 || job.counters.sdErrors > 0 ||
    job.fdStatus === "W";
  return hasTrouble ? JobStatus.Warnings : JobStatus.Terminated;
}
