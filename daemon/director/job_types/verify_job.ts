import { messageOf } from "../../../bytes/mod.ts";
import { directorToFile, fileToDirector, isJobOk, Signal } from "../../../protocol/mod.ts";
import { makeBootstrap } from "../peers/bootstrap.ts";
import { cancelAtDaemons } from "../peers/cancel_daemons.ts";
import { ClientJob, levelKeyword } from "../peers/client_job.ts";
import type { FileRecord, FileWriter, JobRecord } from "../director_catalog.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import { longRead } from "../long_reads.ts";
import type { StorageFinder } from "./restore_job.ts";
import { StorageJob, type StorageJobOptions } from "../peers/storage_job.ts";
import { VerifyComparison } from "./verify_compare.ts";

/** The level as the file daemon is told (director-client.md 13). */
const LEVEL_WORDS: Readonly<Record<string, string>> = {
  V: "init",
  C: "catalog",
  O: "volume",
  d: "disk_to_catalog",
};
const AFTER_FAILURE_MS = 15_000;

/**
 * Runs a verify job (catalog-and-jobs.md 13).
 * @throws {JobFailure} with the cause, after the daemons were told to stop
 */
export async function runVerify(
  job: Job,
  environment: JobEnvironment,
  findStorage: StorageFinder,
): Promise<void> {
  const word = LEVEL_WORDS[job.level];
  if (word === undefined) {
    throw new JobFailure(`Unimplemented Verify level ${job.level.charCodeAt(0)}(${job.level})`);
  }
  const previous = job.level === "V" ? undefined : findPrevious(job);
  if (previous !== undefined) {
    job.log.info(`Verifying against JobId=${previous.jobId} Job=${previous.job}`);
  }
  const isVolume = job.level === "O";
  const bootstrap = isVolume && previous !== undefined
    ? volumeBootstrap(job, previous, findStorage)
    : "";
  const level = levelKeyword(job.level);
  job.log.info(`Start Verify JobId=${job.jobId} Level=${level} Job=${job.uniqueName}`);
  let storageJob: StorageJob | undefined;
  let clientJob: ClientJob | undefined;
  try {
    if (isVolume) {
      storageJob = await StorageJob.start(storageOptions(job, environment));
      await prepareReading(storageJob, bootstrap);
    }
    clientJob = await ClientJob.start(job, environment, storageJob?.authorization ?? "dummy");
    if (job.fileSet !== undefined) await clientJob.sendFileSet(job.fileSet, undefined);
    if (storageJob !== undefined) await connectStorage(job, clientJob, storageJob);
    await clientJob.sendRunScripts();
    const command = directorToFile.verify.format({ level: word });
    await clientJob.command("Verify", command, fileToDirector.verifyOk.format({}));
    if (previous === undefined) await storeFiles(job, clientJob, job.catalog.fileWriter(job.jobId));
    else await compareFiles(job, clientJob, previous);
    await clientJob.ended("Verify");
    await storageJob?.ended();
  } catch (error) {
    job.abortLater(AFTER_FAILURE_MS, messageOf(error));
    await cancelAtDaemons(job, environment, ["client", "storage"]);
    await storageJob?.ended().catch(() => {}); // it is the first failure that counts
    throw error;
  } finally {
    await clientJob?.close();
    storageJob?.close();
  }
  if (isVolume && job.counters.fdFiles !== job.counters.filesExpected) job.setStatus("E");
}

function findPrevious(job: Job): JobRecord {
  const [jobId] = job.request.jobIds ?? [];
  const previous = jobId === undefined ? newestMatching(job) : job.catalog.job(jobId);
  if (previous === undefined) {
    throw new JobFailure(
      job.level === "C"
        ? "Unable to find JobId of previous InitCatalog Job.\n" +
          "Please run a Verify with Level=InitCatalog before\nrunning the current Job."
        : "Unable to find JobId of previous Job for this client.",
    );
  }
  if (!isJobOk(previous.jobStatus)) {
    throw new JobFailure(
      `Last Job ${previous.jobId} did not Terminate normally. JobStatus=${previous.jobStatus}`,
    );
  }
  job.counters.filesExpected = previous.jobFiles;
  return previous;
}

function newestMatching(job: Job): JobRecord | undefined {
  const { catalog, clientId } = job;
  if (job.level === "C") {
    const name = job.resource.name;
    return catalog.newestJob({ name, type: "V", levels: ["V"], clientId, isGood: true });
  }
  const verified = job.request.verifyJob ?? job.resource.jobToVerify;
  return catalog.newestJob(
    verified === undefined
      ? { type: "B", clientId, isGood: true }
      : { type: "B", name: verified.name, isGood: true },
  );
}

function volumeBootstrap(job: Job, previous: JobRecord, findStorage: StorageFinder): string {
  const { text, files } = makeBootstrap(
    [{
      volSessionId: previous.volSessionId,
      volSessionTime: previous.volSessionTime,
      jobMedia: job.catalog.jobMedia(previous.jobId),
      fileIndexes: undefined,
    }],
    (piece) => {
      const name = job.catalog.storageName(piece.storageId);
      const storage = (name === undefined ? undefined : findStorage(name)) ?? job.storage?.resource;
      return storage && { name: storage.name, device: storage.device[0] };
    },
  );
  if (text === "") throw new JobFailure("Could not get bootstrap: the job has no data on volumes.");
  job.counters.filesExpected = files;
  return text;
}

function storageOptions(job: Job, environment: JobEnvironment): StorageJobOptions {
  const storage = job.storage?.resource;
  if (storage === undefined) throw new JobFailure("Cannot verify a volume without a Storage");
  return { job, environment, storage, pool: job.pool, isWriting: false };
}

/** Says what is read and reserves a device; the session is its caller's to close. @throws {JobFailure} */
async function prepareReading(storageJob: StorageJob, bootstrap: string): Promise<void> {
  await storageJob.sendBootstrap(bootstrap);
  if (await storageJob.askSecureErase()) await storageJob.sendBootstrap(bootstrap);
  await storageJob.reserve();
}

async function connectStorage(
  job: Job,
  clientJob: ClientJob,
  storageJob: StorageJob,
): Promise<void> {
  const { client, storage } = job;
  if (client?.passive) {
    await storageJob.connectToClient(client);
    await storageJob.run();
  } else if (storage !== undefined) {
    await storageJob.run();
    await clientJob.connectToStorage(storage.resource, storageJob.authorization);
  }
}

/** What a client sends for one file: attributes, then perhaps a digest. */
interface Records {
  attributes(
    record: { fileIndex: number; options: string; path: string; stat: string; link: string },
  ): void;
  digest(record: { fileIndex: number; stream: number; digest: string }): void;
}

/** Reads records up to EOD. @throws {JobFailure} if the connection breaks */
async function readRecords(job: Job, clientJob: ClientJob, records: Records): Promise<void> {
  while (true) {
    const next = await clientJob.next();
    if (next === Signal.EOD) return;
    if (typeof next !== "string") {
      throw new JobFailure("Network error with FD during Verify: ERR=No data available");
    }
    const attributes = fileToDirector.verifyAttributes.parse(next);
    if (attributes !== undefined) {
      const { fileIndex, options, name, stat, link } = attributes;
      job.counters.fdFiles = Math.max(job.counters.fdFiles, fileIndex);
      records.attributes({ fileIndex, options, path: name, stat, link });
      continue;
    }
    const digest = fileToDirector.verifyDigest.parse(next);
    if (digest === undefined) job.log.error(`Malformed message: ${next}`);
    else records.digest(digest);
  }
}

async function storeFiles(job: Job, clientJob: ClientJob, files: FileWriter): Promise<void> {
  let waiting: FileRecord | undefined;
  const release = () => {
    if (waiting !== undefined) files.add(waiting);
    waiting = undefined;
  };
  await readRecords(job, clientJob, {
    attributes({ fileIndex, path, stat }) {
      release();
      waiting = { fileIndex, path, lstat: stat, digest: "0", deltaSeq: 0 };
    },
    digest({ fileIndex, digest }) {
      if (waiting?.fileIndex === fileIndex) waiting = { ...waiting, digest };
    },
  });
  release();
  files.flush();
}

async function compareFiles(job: Job, clientJob: ClientJob, previous: JobRecord): Promise<void> {
  const known = job.catalog.fileMarks(previous.jobId, job.jobId);
  const comparison = new VerifyComparison(known, {
    info: (text) => job.log.info(text),
    differs: () => job.setStatus("D"),
  });
  await readRecords(job, clientJob, {
    attributes: (record) => comparison.see(record),
    digest({ fileIndex, stream, digest }) {
      if (fileIndex !== comparison.currentIndex) {
        throw new JobFailure(
          `MD5/SHA1 index ${fileIndex} not same as attributes ${comparison.currentIndex}`,
        );
      }
      comparison.digest(stream, digest);
    },
  });
  const where = job.level === "O" ? "the Volume(s)" : "disk";
  let isFirst = true;
  comparison.finish();
  const unseen = { kind: "unmarkedFiles", jobId: previous.jobId, markId: job.jobId } as const;
  for await (const piece of longRead(job.catalog, unseen, { abort: job.abort.signal })) {
    if (isFirst) job.log.warning(`The following files are in the Catalog but not on ${where}:`);
    isFirst = false;
    for (const { path } of piece) job.log.info(`      ${path}`);
  }
  if (!isFirst) job.setStatus("D");
}
