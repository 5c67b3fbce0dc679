/**
 * Data from one storage to another, within a storage daemon and between two (storage-daemon.md 8.2,
 * 8.3), or from several to one: what copies, migrations and virtual full backups have in common.
 *
 * @module
 */
import { messageOf } from "../../../bytes/mod.ts";
import { isJobOk } from "../../../protocol/mod.ts";
import { AFTER_FAILURE_MS, cancelAtDaemons } from "../peers/cancel_daemons.ts";
import type { Job, Picked } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { PoolResource, StorageResource } from "../resources.ts";
import { StorageJob } from "../peers/storage_job.ts";
import { EndForOthers, untilOneEnds, WayForOthers } from "./way_for_others.ts";

/** The side that reads. */
export interface ReadingJob {
  readonly job: Job;
  readonly storage: StorageResource;
  readonly pool: Picked<PoolResource>;
  /** What to read, and how many files that are. */
  readonly bootstrap: string;
  readonly files: number;
}

/**
 * Copies within one storage daemon: one session reads and writes. The rows belong to `data`, which is
 * the reading job itself for a virtual full.
 * @throws {JobFailure} with the cause, after the storage daemon was told to stop
 */
export async function copyWithin(
  { job, storage, pool, bootstrap, files }: ReadingJob,
  data: Job,
  environment: JobEnvironment,
): Promise<void> {
  const writeStorage = storageOf(data);
  let storageJob: StorageJob | undefined;
  try {
    storageJob = await StorageJob.start({
      job,
      rowsOf: data,
      environment,
      storage: writeStorage,
      pool: data.pool,
      isWriting: true,
    });
    await storageJob.sendBootstrap(bootstrap);
    await storageJob.askSecureErase();
    storageJob.refuseIfBacula("copies");
    await storageJob.reserve({ storage, pool, isWriting: false });
    await storageJob.reserve();
    await storageJob.run();
    const end = await storageJob.ended();
    if (end === undefined) throw silentEnd();
    takeSession(data, job);
    checkCount(job, files);
  } catch (error) {
    await stop(job, environment, error);
    await storageJob?.ended().catch(() => {}); // it is the first failure that counts
    throw error;
  } finally {
    storageJob?.close();
    storageJob?.attributes.insertAll();
  }
}

/**
 * Copies from one storage daemon to another: the one that reads connects to the one that writes. Where it
 * and others wait for each other's devices it may have to leave its own, and begins anew.
 * @throws {JobFailure} with the cause, after both were told to stop
 */
export async function copyBetween(
  reading: ReadingJob,
  data: Job,
  environment: JobEnvironment,
): Promise<void> {
  const { job, files } = reading;
  const detach = attach(data, job);
  try {
    while (true) {
      const others = await copyUnlessInTheWay(reading, data, environment);
      if (others === undefined) break;
      await untilOneEnds(others, job);
      for (const each of [job, data]) {
        each.sdStatus = "";
        Object.assign(each.counters, { sdFiles: 0, sdBytes: 0, sdErrors: 0 });
      }
    }
  } finally {
    detach();
    if (data.isCanceled) job.setStatus(data.status);
    checkCount(job, files);
  }
}

/**
 * One attempt of {@linkcode copyBetween}.
 * @returns the jobs for which it has left its devices, if it had to, before anything was written
 * @throws {JobFailure} as that
 */
async function copyUnlessInTheWay(
  { job, storage, pool, bootstrap, files }: ReadingJob,
  data: Job,
  environment: JobEnvironment,
): Promise<readonly Job[] | undefined> {
  const writeStorage = storageOf(data);
  let reader: StorageJob | undefined;
  let writer: StorageJob | undefined;
  const way = new WayForOthers(job, environment, () => {
    reader?.close();
    writer?.close();
  });
  try {
    const common = { environment, rowsOf: data, isLeaving: () => way.isGiven };
    reader = await StorageJob.connect({ ...common, job, storage, pool, isWriting: false });
    writer = await StorageJob.connect({ ...common, ...writingEnd(data) });
    await reader.introduce();
    await reader.sendBootstrap(bootstrap);
    await reader.askSecureErase();
    await reader.reserve();
    await writer.introduce();
    await writer.askSecureErase();
    await writer.reserve();
    await reader.limitBandwidth(bandwidthOf(job, writeStorage, storage));
    await writer.listen();
    await reader.replicateTo(writeStorage, data, writer.authorization);
    await reader.run();
    await untilBothEnd(job, data, reader, writer, { environment, way });
    if (way.isGiven) return way.others(data);
    const { sdFiles, sdBytes } = data.counters;
    Object.assign(job.counters, { sdFiles, sdBytes });
    job.counters.sdErrors += data.counters.sdErrors;
    if (data.isCanceled) job.setStatus(data.status);
    checkCount(job, files);
    return undefined;
  } catch (error) {
    const isInTheWay = way.isGiven && !job.isCanceled;
    if (!isInTheWay) {
      data.abortLater(AFTER_FAILURE_MS, "the copy has failed");
      await stop(job, environment, error);
    }
    await reader?.ended().catch(() => {}); // it is the first failure that counts
    await writer?.ended().catch(() => {});
    if (isInTheWay) return way.others(data);
    throw error;
  } finally {
    way.end();
    reader?.close();
    writer?.close();
    writer?.attributes.insertAll();
  }
}

/**
 * Copies from several storage daemons to one, which may be among them: they connect to it one after the
 * other, and what they bring becomes one session. Each reads under a part of `job`, for a daemon that
 * reads and writes has to tell the two apart.
 * @throws {JobFailure} with the cause, after all were told to stop
 */
export async function copyFromSeveral(
  job: Job,
  readings: readonly Omit<ReadingJob, "files">[],
  files: number,
  data: Job,
  environment: JobEnvironment,
): Promise<void> {
  const detach = attach(data, job);
  const way = new EndForOthers(job, environment);
  let writer: StorageJob | undefined;
  try {
    writer = await StorageJob.connect({ environment, rowsOf: data, ...writingEnd(data) });
    await writer.introduce();
    await writer.askSecureErase();
    await writer.reserve();
    await writer.listen(readings.length);
    const writing = writer.ended();
    for (const reading of readings) {
      await readPart(job, reading, data, { writer, writing, environment });
    }
    if (await writing === undefined) throw silentEnd();
    const { sdFiles, sdBytes, sdErrors } = data.counters;
    Object.assign(job.counters, { sdFiles, sdBytes });
    job.counters.sdErrors += sdErrors;
    job.sdStatus = data.sdStatus;
  } catch (error) {
    job.abortLater(AFTER_FAILURE_MS, messageOf(error));
    await cancelAtDaemons(job, environment, ["storage"]);
    await writer?.ended().catch(() => {}); // it is the first failure that counts
    throw way.failure ?? error;
  } finally {
    way.end();
    detach();
    writer?.close();
    writer?.attributes.insertAll();
    if (data.isCanceled) job.setStatus(data.status);
  }
  checkCount(job, files);
}

/** Lets one storage daemon of several send what it has. @throws {JobFailure} */
async function readPart(
  job: Job,
  { job: part, storage, pool, bootstrap }: Omit<ReadingJob, "files">,
  data: Job,
  { writer, writing, environment }: {
    readonly writer: StorageJob;
    readonly writing: Promise<unknown>;
    readonly environment: JobEnvironment;
  },
): Promise<void> {
  const writeStorage = storageOf(data);
  const detach = attach(part, job);
  let isRead = false;
  // a writer that ends now will never take what is read
  const stopReading = async (): Promise<void> => {
    if (!isRead) await cancelAtDaemons(part, environment, ["storage"]);
  };
  let reader: StorageJob | undefined;
  try {
    reader = await StorageJob.connect({
      environment,
      rowsOf: data,
      job: part,
      storage,
      pool,
      isWriting: false,
    });
    await reader.introduce();
    await reader.sendBootstrap(bootstrap);
    await reader.reserve();
    await reader.limitBandwidth(bandwidthOf(job, writeStorage, storage));
    await reader.replicateTo(writeStorage, data, writer.authorization);
    await reader.run();
    writing.then(stopReading, stopReading);
    const end = await reader.ended();
    isRead = true;
    if (end === undefined) throw silentEnd();
    job.counters.sdErrors += end.jobErrors;
    if (isJobOk(end.status)) return;
    job.sdStatus = end.status;
    throw new JobFailure(`Storage "${storage.name}" has not sent all of its files.`);
  } finally {
    isRead = true;
    detach();
    reader?.close();
  }
}

/** Makes `part` end with `job`; the result undoes it, when the part has ended. */
function attach(part: Job, job: Job): () => void {
  const onAbort = (): void => part.abort.abort(job.abort.signal.reason);
  if (job.abort.signal.aborted) onAbort();
  job.abort.signal.addEventListener("abort", onAbort, { once: true });
  part.owner = job.owner ?? job;
  job.parts.add(part);
  return () => {
    job.abort.signal.removeEventListener("abort", onAbort);
    job.parts.delete(part);
    part.markDone();
  };
}

/** The session that writes. */
function writingEnd(data: Job) {
  return { job: data, storage: storageOf(data), pool: data.pool, isWriting: true };
}

/** Waits for both ends; the failure of one cancels the job at the other. */
async function untilBothEnd(
  job: Job,
  data: Job,
  reader: StorageJob,
  writer: StorageJob,
  { environment, way }: { readonly environment: JobEnvironment; readonly way: WayForOthers },
): Promise<void> {
  const ends = [
    { job, end: reader.ended(), other: data },
    { job: data, end: writer.ended(), other: job },
  ] as const;
  let stopping: Promise<void> | undefined;
  const stopOther = (other: Job): Promise<void> => {
    if (way.isGiven) return Promise.resolve(); // both were told
    if (stopping === undefined) {
      other.abortLater(AFTER_FAILURE_MS, "the other storage daemon has failed");
      stopping = cancelAtDaemons(other, environment, ["storage"]);
    }
    return stopping;
  };
  const results = await Promise.allSettled(ends.map(async ({ end, other }) => {
    try {
      const ended = await end;
      if (!isJobOk(ended?.status ?? "E")) await stopOther(other);
      return ended;
    } catch (error) {
      await stopOther(other);
      throw error;
    }
  }));
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
    if (result.value === undefined) throw silentEnd();
  }
  if (!isJobOk(data.sdStatus) && isJobOk(job.sdStatus)) job.sdStatus = data.sdStatus;
}

/** A volume may end before all files have come, without anything being damaged. */
function checkCount({ counters, sdStatus, isCanceled }: Job, expected: number): void {
  if (!isJobOk(sdStatus) || isCanceled || counters.sdFiles === expected) return;
  throw new JobFailure(`File count mismatch: expected=${expected} , copied=${counters.sdFiles}`);
}

function silentEnd(): JobFailure {
  return new JobFailure("Storage daemon ended its session without saying how the job ended.");
}

async function stop(job: Job, environment: JobEnvironment, error: unknown): Promise<void> {
  job.abortLater(AFTER_FAILURE_MS, messageOf(error));
  await cancelAtDaemons(job, environment, ["storage"]);
}

function storageOf({ storage }: Job): StorageResource {
  if (storage === undefined) throw new JobFailure("Cannot copy: there is no Storage to write to");
  return storage.resource;
}

/** Within one daemon the session of the reading job is the one that is written. */
function takeSession(data: Job, { volSessionId, volSessionTime }: Job): void {
  Object.assign(data, { volSessionId, volSessionTime });
}

/** Bytes per second: the job's limit, else that of the storages; 0 for none. */
function bandwidthOf(job: Job, write: StorageResource, read: StorageResource): number {
  return job.resource.maximumBandwidth || write.maximumBandwidthPerJob ||
    read.maximumBandwidthPerJob;
}
