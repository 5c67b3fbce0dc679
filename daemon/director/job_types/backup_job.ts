import { closeSync, openSync, writeSync } from "node:fs";
import { encodeText, messageOf } from "../../../bytes/mod.ts";
import {
  directorToFile,
  fileToDirector,
  isJobOk,
  JOB_LEVELS,
  JobStatus,
} from "../../../protocol/mod.ts";
import { writeBootstrapBlocks } from "../peers/bootstrap.ts";
import { ClientJob } from "../peers/client_job.ts";
import { AFTER_FAILURE_MS, cancelAtDaemons } from "../peers/cancel_daemons.ts";
import { reportTime } from "../report/formats.ts";
import type { Job } from "../jobs/job.ts";
import { sendBaseList } from "./base_jobs.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import { commandWords } from "../../command_words.ts";
import { expandPercentCodes } from "../percent_codes.ts";
import { retestSoftQuota, testQuotas } from "../jobs/quota.ts";
import { runCommand } from "../run_command.ts";
import { stopDaemons } from "../peers/stop_daemons.ts";
import { longRead } from "../long_reads.ts";
import { StorageJob } from "../peers/storage_job.ts";

/**
 * Runs a backup (catalog-and-jobs.md 5.6). The order of what is said to the two daemons is that of
 * the recorded conversations.
 * What fails is told in the job's log, and both daemons are told to stop.
 * @throws {JobFailure} if the job lacks what every backup needs
 */
export async function runBackup(job: Job, environment: JobEnvironment): Promise<void> {
  const { storage, fileSet, client } = job;
  if (storage === undefined) throw new JobFailure("Cannot run the backup: it has no Storage");
  if (fileSet === undefined || client === undefined) {
    throw new JobFailure("Cannot run the backup: it has no FileSet or no Client");
  }
  job.log.info(`Start Backup JobId ${job.jobId}, Job=${job.uniqueName}`);

  job.quota = testQuotas(job, environment.now());
  let storageJob: StorageJob | undefined;
  let clientJob: ClientJob | undefined;
  try {
    storageJob = await StorageJob.start({
      job,
      environment,
      storage: storage.resource,
      pool: job.pool,
      isWriting: true,
    });
    await storageJob.askSecureErase();

    clientJob = await ClientJob.start(job, environment, storageJob.authorization);
    await clientJob.sendLevel();
    await clientJob.sendFileSet(fileSet, storage.resource);
    await clientJob.sendPluginOptions();
    await clientJob.sendRestoreObjects(previousJobIds(job));
    await clientJob.askSecureErase();
    await clientJob.limitBandwidth();
    await clientJob.sendRunScripts();
    job.startTime = environment.now(); // what the scripts have changed is not saved twice
    job.catalog.updateJob(job.jobId, {
      startTime: job.startTime,
      jobTDate: job.startTime,
      // if the director dies, what is saved by then can be found on the volumes
      volSessionId: job.volSessionId,
      volSessionTime: job.volSessionTime,
    });
    await sendAccurateList(job, clientJob);

    await storageJob.reserve();
    if (client.passive) {
      await storageJob.connectToClient(client);
      await storageJob.run();
    } else {
      await clientJob.connectToStorage(storage.resource);
      await storageJob.run();
    }
    const backup = directorToFile.backup.format({ fileIndex: 0 });
    await clientJob.command("Backup", backup, fileToDirector.backupOk.format({}));
    await untilBothEnd(job, environment, clientJob, storageJob);
  } catch (error) {
    await stopDaemons(job, environment, error, { what: "Backup", clientJob, storageJob });
  } finally {
    await clientJob?.close();
    storageJob?.close();
    job.setStatus(JobStatus.AttributeInserting);
    storageJob?.attributes.insertAll();
  }
  retestSoftQuota(job, environment.now());
}

/** Waits for both ends; the failure of one cancels the job at the other. */
async function untilBothEnd(
  job: Job,
  environment: JobEnvironment,
  clientJob: ClientJob,
  storageJob: StorageJob,
): Promise<void> {
  const failed = (error: unknown): string => {
    job.fail(error);
    return JobStatus.FatalError;
  };
  const fileEnd = clientJob.ended("Backup").then(({ status }) => status, failed);
  const storageEnd = storageJob.ended().then(
    (end) => end?.status ?? failed(new JobFailure(NO_STORAGE_END)),
    failed,
  );
  const first = await Promise.race([
    fileEnd.then((status) => ({ status, other: "storage" as const })),
    storageEnd.then((status) => ({ status, other: "client" as const })),
  ]);
  if (!isJobOk(first.status)) {
    const wasCanceled = job.status === JobStatus.Canceled;
    job.setStatus(first.status); // what the other says is but the consequence
    job.abortLater(AFTER_FAILURE_MS, `the ${first.other} has not ended`);
    if (!wasCanceled) await cancelAtDaemons(job, environment, [first.other]);
  }
  const [fileStatus] = await Promise.all([fileEnd, storageEnd]);
  // An incomplete job is that, whoever was heard first: its status weighs most (director-client.md 10).
  if (!isJobOk(fileStatus)) job.setStatus(fileStatus);
}

const NO_STORAGE_END = "Storage daemon ended its session without saying how the job ended.";

/** The job that an Incremental or Differential follows, whose plugins may have left objects. */
function previousJobIds(job: Job): number[] {
  if (job.previousJob === undefined || (job.level !== "I" && job.level !== "D")) return [];
  return job.catalog.all("SELECT JobId FROM Job WHERE Job = ?", job.previousJob)
    .map(({ JobId }) => Number(JobId));
}

async function sendAccurateList(job: Job, clientJob: ClientJob): Promise<void> {
  if (job.level === "F") return await sendBaseList(job, clientJob);
  if (!job.isAccurate || (job.level !== "I" && job.level !== "D")) return;
  const jobIds = job.catalog.currentJobs({
    clientId: job.clientId,
    fileSetId: job.fileSetId,
    fileSetName: job.fileSet?.name ?? "",
    level: job.level,
    before: job.startTime,
  }).filter((jobId) => jobId !== job.jobId);
  if (jobIds.length === 0) throw new JobFailure("Cannot find previous jobids.");
  const estimated = jobIds.reduce((sum, id) => sum + (job.catalog.job(id)?.jobFiles ?? 0), 0);
  const files = longRead(job.catalog, { kind: "currentFiles", jobIds, withDeleted: true }, {
    abort: job.givenUp,
  });
  await clientJob.sendAccurateList(files, estimated);
}

/** Writes the bootstrap of a backup where `Write Bootstrap` says (catalog-and-jobs.md 14.5). */
export async function writeBootstrap(job: Job, environment: JobEnvironment): Promise<void> {
  const { writeBootstrap: target } = job.resource;
  if (target === "" || !isJobOk(job.status) || job.counters.fdBytes === 0) return;
  const level = `${JOB_LEVELS[job.level]?.keyword ?? ""}${job.levelNote}`;
  const head = `# ${reportTime(environment.now())} - ${job.resource.name} - ${level}\n`;
  const text = head + writeBootstrapBlocks({
    volSessionId: job.volSessionId,
    volSessionTime: job.volSessionTime,
    jobMedia: job.catalog.jobMedia(job.jobId),
  });
  const codes = environment.codes(job);
  if (target.startsWith("|")) {
    const words = commandWords(target.slice(1)).map((word) => expandPercentCodes(word, codes));
    const [program = "", ...args] = words;
    const result = await job.endPrograms.run((abort) =>
      runCommand(program, args, { input: text, abort })
    );
    if (result.status !== 0) cannotWrite(job, words.join(" "), result.why);
    return;
  }
  const path = expandPercentCodes(target, codes);
  try {
    const file = openSync(path, job.level === "F" ? "w" : "a", 0o640);
    try {
      writeSync(file, encodeText(text));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    cannotWrite(job, path, messageOf(error));
  }
}

function cannotWrite(job: Job, target: string, why: string): void {
  job.log.error(`Could not open WriteBootstrap file:\n${target}: ERR=${why}`);
  job.setStatus("E");
}
