/**
 * What the worker of a copy or migration is going to do, decided before it is queued
 * (catalog-and-jobs.md 16.3).
 *
 * @module
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../bytes/mod.ts";
import { makeBootstrap } from "../peers/bootstrap.ts";
import { copyWords } from "./copy_words.ts";
import type { JobRecord } from "../director_catalog.ts";
import { fileSetDigest } from "../peers/fileset_digest.ts";
import { fileSetValues } from "../peers/fileset_lines.ts";
import type { CopyPlan, Destination, Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { JobServices } from "../jobs/job_services.ts";
import { chooseNextPool, isSameDaemon } from "../volumes/next_pool.ts";

/**
 * Makes the plan of a worker, and the row of the job that will own the data.
 * @throws {JobFailure} if the original, its resource or a pool or storage is missing
 */
export function planCopy(
  job: Job,
  environment: JobEnvironment,
  services: JobServices,
): CopyPlan {
  const { operation, action } = copyWords(job.type);
  const { catalog } = job;
  const [jobId = 0] = job.request.jobIds ?? [];
  const previous = catalog.job(jobId);
  if (previous === undefined) {
    throw new JobFailure(
      `Could not get job record for JobId ${jobId} to ${action}. ERR=No Job found for JobId ${jobId}`,
    );
  }
  job.log.info(`${operation} using JobId=${previous.jobId} Job=${previous.job}`);
  const resource = services.findJob(previous.name);
  if (resource === undefined) {
    throw new JobFailure(`Previous Job resource not found for "${previous.name}".`);
  }
  const [ownStorage] = resource.storage;
  const readStorage = job.storage ??
    (ownStorage && { resource: ownStorage, source: "Job resource" });
  if (readStorage === undefined) {
    throw new JobFailure(`No Storage specification found for JobId ${previous.jobId}.`);
  }
  job.storage = readStorage;
  const destination = chooseNextPool(job.request, job.pool.resource);
  const writeStorage = destination.storage.resource;
  if (writeStorage.name === readStorage.resource.name && !writeStorage.autoChanger) {
    throw new JobFailure(
      `JobId ${job.jobId} cannot ${action} using the same read and write storage.`,
    );
  }
  job.fileSetId = previous.fileSetId;
  job.fileSetDigest = job.fileSet === undefined ? "" : fileSetDigest(fileSetValues(job.fileSet));
  const { text, files } = wholeJob(job, [previous], services);
  const isEmpty = files === 0;
  if (!isEmpty) writeBootstrapFile(job, environment, text);
  return {
    previous,
    readStorage,
    destination,
    isWithinOneDaemon: isSameDaemon(readStorage.resource, writeStorage),
    data: isEmpty ? undefined : dataJob(job, previous, destination, services, resource),
    bootstrap: text,
    files,
  };
}

function dataJob(
  job: Job,
  previous: JobRecord,
  { pool, storage }: Destination,
  services: JobServices,
  resource: Parameters<JobServices["makePart"]>[0]["job"],
): Job {
  const data = services.makePart({
    job: resource,
    trigger: job.trigger,
    level: previous.level,
    pool: pool.resource,
    poolSource: pool.source,
    storage: storage.resource,
    storageSource: storage.source,
    spoolData: job.request.spoolData ?? job.resource.spoolData,
    ignoreDuplicateCheck: true,
  }, job);
  data.clientId = previous.clientId;
  data.fileSetId = previous.fileSetId;
  data.fileSetDigest = job.catalog.fileSetDigest(previous.fileSetId);
  return data;
}

/** The bootstrap of everything that jobs have on their volumes. */
function wholeJob(
  job: Job,
  records: readonly JobRecord[],
  services: Pick<JobServices, "findStorage">,
): { readonly text: string; readonly files: number } {
  const { catalog } = job;
  return makeBootstrap(
    records.map(({ jobId, volSessionId, volSessionTime }) => ({
      volSessionId,
      volSessionTime,
      jobMedia: catalog.jobMedia(jobId),
      fileIndexes: undefined,
    })),
    (piece) => storageOfPiece(catalog.storageName(piece.storageId), services),
  );
}

/** How the bootstrap names the storage of a volume. */
export function storageOfPiece(
  name: string | undefined,
  services: Pick<JobServices, "findStorage">,
): { readonly name: string; readonly device: string | undefined } | undefined {
  const storage = name === undefined ? undefined : services.findStorage(name);
  return storage && { name: storage.name, device: storage.device[0] };
}

/** Writes the bootstrap where the job that reads it finds it, and says so in its log. */
export function writeBootstrapFile(job: Job, environment: JobEnvironment, text: string): void {
  const { name, workingDirectory } = environment.director;
  const path = join(workingDirectory, `${name}.restore.${job.jobId}.bsr`);
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (cause) {
    const why = messageOf(cause);
    throw new JobFailure(`Could not create bootstrap file ${path}: ERR=${why}`, { cause });
  }
  job.bootstrap = path;
  job.log.info(`Bootstrap records written to ${path}`);
}

/** Removes the file of {@linkcode writeBootstrapFile}. */
export function removeBootstrapFile(job: Job): void {
  if (job.bootstrap === "") return;
  try {
    rmSync(job.bootstrap, { force: true });
  } catch (error) {
    job.log.warning(`Cannot remove bootstrap file ${job.bootstrap}: ${error}`);
  }
}
