/**
 * Virtual full backups: the newest version of every file of earlier jobs, copied from volume to volume
 * (catalog-and-jobs.md 15.1, storage-daemon.md 8.5).
 *
 * @module
 */
import { isJobOk, JOB_LEVELS } from "../../../protocol/mod.ts";
import { baseJobsOf } from "../../../storage/catalog/mod.ts";
import { FileIndexes, makeBootstrap, splitBootstrap } from "../peers/bootstrap.ts";
import { removeBootstrapFile, storageOfPiece, writeBootstrapFile } from "./copy_plan.ts";
import type { JobRecord } from "../director_catalog.ts";
import { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { JobServices } from "../jobs/job_services.ts";
import { chooseNextPool, isSameDaemon } from "../volumes/next_pool.ts";
import type { StorageResource } from "../resources.ts";
import { longRead } from "../long_reads.ts";
import { copyBetween, copyFromSeveral, copyWithin } from "./storage_copy.ts";

/**
 * Makes a full backup of the jobs that the request names, or of those that make up the present state.
 * @throws {JobFailure} with the cause, after the storage daemons were told to stop
 */
export async function runVirtualFull(
  job: Job,
  environment: JobEnvironment,
  services: JobServices,
): Promise<void> {
  job.log.info(`Start Virtual Backup JobId ${job.jobId}, Job=${job.uniqueName}`);
  if (!job.isAccurate) {
    job.log.warning("This Job is not an Accurate backup so is not equivalent to a Full backup.");
  }
  const { catalog } = job;
  const readPool = job.pool;
  const destination = chooseNextPool(job.request, readPool.resource);
  const sources = sourceJobs(job, environment.now());
  const bootstrap = await bootstrapOf(job, sources, services);
  const segments = segmentsOf(job, bootstrap.text, services);
  job.consolidates = sources;
  job.pool = destination.pool;
  job.poolId = catalog.pool(destination.pool.resource);
  job.storage = destination.storage;
  writeBootstrapFile(job, environment, bootstrap.text);
  const list = sources.map(({ jobId }) => jobId).join(",");
  job.log.info(`Consolidating JobIds ${list} containing ${bootstrap.files} files`);
  const [first] = segments;
  if (first === undefined) throw new JobFailure("No files found to read.");
  const { files, text } = bootstrap;
  const reading = { job, storage: first.storage, pool: readPool, bootstrap: text, files };
  if (segments.length === 1 && isSameDaemon(first.storage, destination.storage.resource)) {
    await copyWithin(reading, job, environment);
  } else {
    const writer = partOf(job, { level: "F", now: environment.now });
    if (segments.length === 1) {
      job.storage = { resource: first.storage, source: "Pool resource" }; // where to cancel it
    }
    try {
      if (segments.length === 1) await copyBetween(reading, writer, environment);
      else {
        const readings = segments.map(({ storage, text }, at) => ({
          job: partOf(job, { level: "f", now: environment.now, storage, number: at + 1 }),
          storage,
          pool: readPool,
          bootstrap: text,
        }));
        await copyFromSeveral(job, readings, files, writer, environment);
      }
    } finally {
      job.storage = destination.storage;
    }
    job.volSessionId = writer.volSessionId;
    job.volSessionTime = writer.volSessionTime;
  }
  job.counters.fdFiles = job.counters.sdFiles;
  job.counters.fdBytes = job.counters.sdBytes;
}

/**
 * Decides what the row of a virtual full says, when its status is known; the jobs that an Always
 * Incremental job consolidates are gone then.
 */
export async function endVirtualFull(job: Job): Promise<void> {
  removeBootstrapFile(job);
  const { consolidates, catalog } = job;
  const first = consolidates[0];
  const last = consolidates.at(-1);
  if (first === undefined || last === undefined) return;
  const isOk = isJobOk(job.status);
  const { startTime, endTime, jobTDate } = last;
  job.represents = { level: isOk ? first.level : job.level, startTime, endTime, jobTDate };
  if (!isOk) return;
  const level = JOB_LEVELS[first.level]?.keyword ?? first.level;
  job.log.info(`Joblevel was set to joblevel of first consolidated job: ${level}`);
  const jobIds = consolidates.map(({ jobId }) => jobId);
  if (job.request.jobIds !== undefined) {
    job.log.info(`Replicating deleted files from jobids ${jobIds.join(",")} to jobid ${job.jobId}`);
    const files = catalog.fileWriter(job.jobId);
    for await (const piece of longRead(catalog, { kind: "deletedFiles", jobIds })) {
      for (const file of piece) files.add(file);
    }
    files.flush();
  }
  const { alwaysIncremental, alwaysIncrementalJobRetention } = job.resource;
  if (!alwaysIncremental || alwaysIncrementalJobRetention === 0) return;
  catalog.deleteJobs(jobIds);
  job.log.info(
    `purged JobIds ${jobIds.join(",")} as they were consolidated into Job ${job.jobId}`,
  );
}

/** The jobs to read, oldest first. @throws {JobFailure} if one is not there with its files */
function sourceJobs(job: Job, now: number): JobRecord[] {
  const { request, resource, catalog } = job;
  if (resource.alwaysIncremental && request.jobIds === undefined) {
    throw new JobFailure(
      "A virtual full of an Always Incremental job needs a list of JobIds: run its Consolidate job.",
    );
  }
  const jobIds = request.jobIds ?? catalog.currentJobs({
    clientId: job.clientId,
    fileSetId: job.fileSetId,
    fileSetName: job.fileSet?.name ?? "",
    level: "I",
    before: now,
  }).filter((jobId) => jobId !== job.jobId);
  if (jobIds.length === 0) throw new JobFailure("No previous Jobs found.");
  const records: JobRecord[] = [];
  let isPurged = false;
  for (const jobId of jobIds) {
    const record = catalog.job(jobId);
    if (record === undefined) job.log.error(`JobId ${jobId} is not present in the catalog`);
    else records.push(record);
    if (record?.purgedFiles) {
      job.log.error(`Files for JobId ${jobId} have been purged from the catalog`);
      isPurged = true;
    }
  }
  if (records.length < jobIds.length) {
    throw new JobFailure("Jobs missing from catalog. Cannot continue.");
  }
  if (isPurged) throw new JobFailure("At least one job's files were pruned from the catalog.");
  return records;
}

/** What to read: of each file its newest version. @throws {JobFailure} if that is nothing */
async function bootstrapOf(
  job: Job,
  sources: readonly JobRecord[],
  services: JobServices,
): Promise<{ readonly text: string; readonly files: number }> {
  const { catalog, givenUp: abort } = job;
  const jobIds = sources.map(({ jobId }) => jobId);
  const bases = baseRecords(job, jobIds);
  const wanted = new Map([...bases, ...sources].map(({ jobId }) => [jobId, new FileIndexes()]));
  for await (const piece of longRead(catalog, { kind: "currentIndexes", jobIds }, { abort })) {
    for (const file of piece) {
      const parts = file.deltaSeq > 0 ? catalog.deltaParts(jobIds, file.path) : [file];
      for (const { jobId, fileIndex } of parts) wanted.get(jobId)?.add(fileIndex);
    }
  }
  const bootstrap = makeBootstrap(
    [...bases, ...sources].map(({ jobId, volSessionId, volSessionTime }) => ({
      volSessionId,
      volSessionTime,
      jobMedia: catalog.jobMedia(jobId),
      fileIndexes: wanted.get(jobId) ?? new FileIndexes(),
    })),
    (piece) => storageOfPiece(catalog.storageName(piece.storageId), services),
  );
  if (bootstrap.files === 0) {
    throw new JobFailure("No files found to read. No bootstrap file written.");
  }
  return bootstrap;
}

/** The base jobs that these jobs use. @throws {JobFailure} if one is not there */
function baseRecords({ catalog, log }: Job, jobIds: readonly number[]): JobRecord[] {
  const bases = baseJobsOf(catalog, jobIds);
  if (bases.length > 0) log.info(`Using BaseJobId(s): ${bases.join(",")}`);
  return bases.map((jobId) => {
    const record = catalog.job(jobId);
    if (record !== undefined) return record;
    throw new JobFailure(`Base job ${jobId} is missing from the catalog. Cannot continue.`);
  });
}

/** What one storage daemon has of the files. */
interface Segment {
  readonly storage: StorageResource;
  /** Its part of the bootstrap. */
  readonly text: string;
}

/**
 * What is to be read, in the order of the jobs, daemon by daemon. A volume whose storage the catalog does
 * not know is looked for in that of the read pool, or of the job.
 * @throws {JobFailure} if there is no storage at all
 */
function segmentsOf(job: Job, bootstrap: string, services: JobServices): Segment[] {
  const [ofPool] = job.pool.resource.storage;
  const usual = ofPool ?? job.resource.storage[0] ?? job.storage?.resource;
  const find = (name: string) => services.findStorage(name) ?? usual;
  const isSame = (a: string, b: string): boolean => {
    const [one, other] = [find(a), find(b)];
    return one !== undefined && other !== undefined && isSameDaemon(one, other);
  };
  return splitBootstrap(bootstrap, isSame).map(({ storage: name, text }) => {
    const storage = find(name);
    if (storage === undefined) {
      throw new JobFailure(`No Storage specification found in Pool "${job.pool.resource.name}".`);
    }
    // among several resources of the daemon the usual one
    const isUsual = usual !== undefined && isSameDaemon(usual, storage);
    return { storage: isUsual ? usual : storage, text };
  });
}

/** What a part of a job is for. */
interface PartOptions {
  /** `f` for one that reads. */
  readonly level: string;
  /** Where it reads; the job's own storage if not given. */
  readonly storage?: StorageResource;
  /** Tells those that read apart; the one that writes has the job's name. */
  readonly number?: number;
  now(): number;
}

/** The same job as a further storage daemon knows it: with a connection of its own. */
function partOf(job: Job, { level, storage: other, number, now }: PartOptions): Job {
  const { request, uniqueName, client, fileSet, pool, storage, catalogResource, catalog } = job;
  const { priority, scheduledTime, firstScheduledTime } = job;
  const part = new Job({
    request,
    uniqueName: number === undefined ? uniqueName : `${uniqueName}_r${number}`,
    level,
    client,
    fileSet,
    pool,
    storage: other === undefined ? storage : { resource: other, source: "Pool resource" },
    catalogResource,
    catalog,
    priority,
    scheduledTime,
    firstScheduledTime,
  }, now);
  part.jobId = job.jobId;
  part.poolId = job.poolId;
  part.clientId = job.clientId;
  part.fileSetDigest = job.fileSetDigest;
  part.startTime = job.startTime;
  part.log = job.log;
  return part;
}
