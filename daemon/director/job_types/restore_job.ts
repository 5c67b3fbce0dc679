import { readFileSync, rmSync } from "node:fs";
import { decodeText, messageOf } from "../../../bytes/mod.ts";
import { directorToFile, fileToDirector } from "../../../protocol/mod.ts";
import { formatRegexWhere } from "../../regex_where.ts";
import { type BootstrapSegment, splitBootstrap } from "../peers/bootstrap.ts";
import { AFTER_FAILURE_MS } from "../peers/cancel_daemons.ts";
import { ClientJob } from "../peers/client_job.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { StorageResource } from "../resources.ts";
import { stopDaemons } from "../peers/stop_daemons.ts";
import { StorageJob } from "../peers/storage_job.ts";

/** What a restore needs to find the storages that its bootstrap names. */
export type StorageFinder = (name: string) => StorageResource | undefined;

/**
 * Runs a restore: one storage after the other, in the order of the bootstrap (director-client.md
 * 11). A client that knows one only gets everything from the first (3).
 * What fails is told in the job's log, and both daemons are told to stop.
 * @throws {JobFailure} if there is no readable bootstrap
 */
export async function runRestore(
  job: Job,
  environment: JobEnvironment,
  findStorage: StorageFinder,
): Promise<void> {
  job.log.info(`Start Restore Job ${job.uniqueName}`);
  const segments = segmentsOf(job, findStorage);
  let clientJob: ClientJob | undefined;
  let storageJob: StorageJob | undefined;
  try {
    let isEnded = false;
    for (const segment of segments) {
      const storage = findStorage(segment.storage) ?? job.storage?.resource;
      if (storage === undefined) {
        throw new JobFailure(`Cannot restore: there is no Storage "${segment.storage}"`);
      }
      storageJob = await StorageJob.start({
        job,
        environment,
        storage,
        pool: job.pool,
        isWriting: false,
      });
      await storageJob.askSecureErase();
      await storageJob.reserve();
      const isFirst = clientJob === undefined;
      clientJob ??= await startClient(job, environment, storageJob.authorization);
      const isOnly = !clientJob.knowsSeveralStorages;
      await storageJob.sendBootstrap(
        isOnly ? segments.map(({ text }) => text).join("") : segment.text,
      );
      await connect(job, clientJob, storageJob, storage);
      if (isFirst) {
        await clientJob.sendRunScripts();
        await clientJob.sendPluginOptions();
        await clientJob.sendRestoreObjects(jobsOf(job, segments));
      }
      if (isOnly) {
        await restoreAll(job, clientJob, storageJob);
        isEnded = true;
        break;
      }
      await restoreSegment(job, clientJob, storageJob);
      storageJob.close();
    }
    if (!isEnded) {
      await clientJob?.say("Restore", directorToFile.endRestore.format({}));
      await clientJob?.ended("Restore");
    }
  } catch (error) {
    await stopDaemons(job, environment, error, { what: "Restore", clientJob, storageJob });
    return;
  } finally {
    await clientJob?.close();
    storageJob?.close();
    removeBootstrap(job);
  }
  const { filesExpected, fdFiles } = job.counters;
  if (filesExpected > 0 && fdFiles !== filesExpected) {
    job.log.warning(`File count mismatch: expected=${filesExpected} , restored=${fdFiles}`);
  }
}

function segmentsOf(job: Job, findStorage: StorageFinder): BootstrapSegment[] {
  if (job.bootstrap === "") throw new JobFailure("Cannot restore without a bootstrap file.");
  let text: string;
  try {
    text = decodeText(readFileSync(job.bootstrap));
  } catch (cause) {
    const why = messageOf(cause);
    throw new JobFailure(`Could not open bootstrap file "${job.bootstrap}": ERR=${why}`, { cause });
  }
  const address = (name: string) => {
    const storage = findStorage(name) ?? job.storage?.resource;
    return storage && `${storage.address}:${storage.port}`;
  };
  return splitBootstrap(text, (a, b) => address(a) === address(b));
}

/** The jobs whose files a bootstrap names, by the sessions that wrote them. */
function jobsOf(job: Job, segments: readonly BootstrapSegment[]): number[] {
  const sessions = new Map<string, { id: number; time: number }>();
  let id = 0;
  for (const [, word, value] of wordsOf(segments)) {
    if (word?.toLowerCase() === "volsessionid") id = Number(value);
    else sessions.set(`${id} ${value}`, { id, time: Number(value) });
  }
  return [...new Set(job.catalog.jobsOfSessions([...sessions.values()]))];
}

function* wordsOf(segments: readonly BootstrapSegment[]): Generator<RegExpExecArray> {
  for (const { text } of segments) {
    yield* text.matchAll(/^\s*(VolSessionId|VolSessionTime)\s*=\s*(\d+)\s*$/gim);
  }
}

async function startClient(
  job: Job,
  environment: JobEnvironment,
  authorization: string,
): Promise<ClientJob> {
  const clientJob = await ClientJob.start(job, environment, authorization);
  await clientJob.askSecureErase();
  await clientJob.limitBandwidth();
  return clientJob;
}

async function connect(
  job: Job,
  clientJob: ClientJob,
  storageJob: StorageJob,
  storage: StorageResource,
): Promise<void> {
  const { client } = job;
  if (client?.passive) {
    await clientJob.setAuthorization(storageJob.authorization);
    await storageJob.connectToClient(client);
    await storageJob.run();
  } else {
    await storageJob.run();
    // A second key would be one for a further storage daemon.
    const key = clientJob.knowsSeveralStorages ? storageJob.authorization : undefined;
    await clientJob.connectToStorage(storage, key);
  }
}

async function restoreSegment(
  job: Job,
  clientJob: ClientJob,
  storageJob: StorageJob,
): Promise<void> {
  await clientJob.command("Restore", restoreCommand(job), fileToDirector.restoreOk.format({}));
  // The storage daemon may fail while the client waits for it: then the client must be stopped.
  const storageEnd = storageJob.ended();
  storageEnd.catch((error) => job.abortLater(AFTER_FAILURE_MS, String(error)));
  await clientJob.expect("Store end", fileToDirector.storageEnd.format({}));
  await storageEnd;
}

/** As {@linkcode restoreSegment}, with a client that ends its session after the one `restore`. */
async function restoreAll(job: Job, clientJob: ClientJob, storageJob: StorageJob): Promise<void> {
  await clientJob.command("Restore", restoreCommand(job), fileToDirector.restoreOk.format({}));
  const storageEnd = storageJob.ended();
  storageEnd.catch((error) => job.abortLater(AFTER_FAILURE_MS, String(error)));
  await clientJob.ended("Restore");
  await storageEnd;
}

/** The `restore` command: an expression wins over a folder, the request over the job. */
function restoreCommand(job: Job): string {
  const { request, resource } = job;
  const replace = request.replace ?? (resource.replace || "a");
  const prefixLinks = resource.prefixLinks ? 1 : 0;
  const regexWhere = request.regexWhere ??
    (request.where === undefined ? resource.regexWhere || formatRegexWhere(resource) : "");
  if (regexWhere !== "") {
    return directorToFile.restoreRegexWhere.format({ replace, prefixLinks, regexWhere });
  }
  const where = request.where ?? resource.where;
  return directorToFile.restoreWhere.format({ replace, prefixLinks, where });
}

function removeBootstrap(job: Job): void {
  if (!job.request.isOwnBootstrap) return;
  try {
    rmSync(job.bootstrap, { force: true });
  } catch (error) {
    job.log.warning(`Cannot remove bootstrap file ${job.bootstrap}: ${error}`);
  }
}
