/** How a job comes to its storage daemon (director-client.md 9). @module */
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
} from "../../../protocol/mod.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import type { FileJob } from "../file_job.ts";
import { connectStorage } from "../storage_connection.ts";

/** `storage `: connects to the storage daemon that the director names. */
export async function connectToStorage(session: DirectorSession, text: string): Promise<Verdict> {
  const { job } = session;
  const fields = hear.storage.parse(text);
  if (job === undefined || fields === undefined) {
    await session.say(say.storageBad.format({}));
    return session.fail(`Bad storage command: ${text}`);
  }
  if (fields.authorization) useKey(job, fields.authorization);
  const { settings } = session.context;
  job.storagePolicy = fields.ssl;
  const connection = await connectStorage(job, settings, {
    address: fields.address,
    port: fields.port,
    giveUpAfter: settings.sdConnectTimeout,
  });
  if (connection === undefined) {
    await session.say(say.storageBad.format({}));
    return "stop";
  }
  if (job.announcement.jobId !== 0) {
    const encryption = connection.cipher ?? "None";
    job.message(JobMessageType.INFO, ` Encryption: ${encryption}\n`);
    job.message(
      JobMessageType.INFO,
      `Connected Storage daemon at ${fields.address}:${fields.port}, encryption: ${encryption}\n`,
    );
  }
  return await session.accept(say.storageOk.format({}));
}

/** Another key means another storage daemon: what was there is over (director-client.md 9.1). */
function useKey(job: FileJob, key: string): void {
  job.storage?.close();
  job.storage = undefined;
  job.isMultiStorage = true;
  job.key = key;
}

/** `setauthorization`: the key for another storage daemon, which will connect to us (9.2). */
export async function setAuthorization(session: DirectorSession, text: string): Promise<Verdict> {
  const fields = hear.setAuthorization.parse(text);
  if (session.job === undefined || fields === undefined) {
    await session.say(say.setAuthorizationBad.format({}));
    return "stop";
  }
  useKey(session.job, fields.authorization);
  return await session.accept(say.setAuthorizationOk.format({}));
}

/** How long a storage daemon may take to connect to a passive client. */
const passiveTimeoutMs = 60_000;

/** The storage daemon of a passive client, which the director has told to connect; undefined if it does not. */
export async function passiveStorage(job: FileJob): Promise<FileJob["storage"]> {
  const timeout = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => timeout.resolve(undefined), passiveTimeoutMs);
  try {
    return await Promise.race([job.passiveStorage.promise, timeout.promise]);
  } catch {
    return undefined; // canceled meanwhile; the status says so
  } finally {
    clearTimeout(timer);
  }
}
