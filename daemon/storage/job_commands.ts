/**
 * Commands that make, run and end jobs (storage-daemon.md 3.2 to 3.9).
 *
 * @module
 */
import { directorToStorage as hear, storageToDirector as say } from "../../protocol/mod.ts";
import type { DirectorCommand, DirectorSession, Verdict } from "./director_session.ts";
import { NoSuitableDeviceError } from "./reservation.ts";
import { readBootstrap } from "./bootstrap_command.ts";
import { passiveClient } from "./passive_client.ts";
import { replicate } from "./replicate_command.ts";
import { listenForReplica, runJob } from "./run_job.ts";
import type { StorageWish } from "./candidate.ts";
import type { JobAnnouncement, StorageJob } from "./storage_job.ts";

/** Daemons that one job can be put together from. */
const MOST_PARTS = 10_000;

/** The table of this module. */
export const JOB_COMMANDS: readonly DirectorCommand[] = [
  { prefix: "JobId=", run: announce },
  { prefix: "use storage=", run: useStorage },
  { prefix: "bootstrap", run: (session) => withJob(session, readBootstrap) },
  { prefix: "run", run: (session) => withJob(session, runJob) },
  {
    prefix: "passive",
    run: (session, command) => withJob(session, (_, job) => passiveClient(session, job, command)),
  },
  { prefix: "cancel", run: cancel },
  { prefix: "setbandwidth=", run: setBandwidth },
  { prefix: "pluginoptions", run: pluginOptions },
  { prefix: "getSecureEraseCmd", run: getSecureEraseCommand },
  {
    prefix: "listen",
    run: (session, command) =>
      withJob(session, (_, job) => listenForReplica(session, job, partsOf(command))),
  },
  {
    prefix: "replicate",
    run: (session, command) => withJob(session, (_, job) => replicate(session, job, command)),
  },
  { prefix: "finish", run: (session) => withJob(session, notNdmp("finish")) },
  { prefix: "nextrun", run: (session) => withJob(session, notNdmp("nextrun")) },
];

/** A command that makes sense only for a job; without one the session ends. */
function withJob(
  session: DirectorSession,
  serve: (session: DirectorSession, job: StorageJob) => Promise<Verdict> | Verdict,
): Promise<Verdict> | Verdict {
  return session.job === undefined ? "stop" : serve(session, session.job);
}

async function getSecureEraseCommand(session: DirectorSession): Promise<Verdict> {
  const command = session.context.settings.secureEraseCommand ?? "*None*";
  await session.say(say.getSecureEraseCommandOk.format({ command }));
  return "go on";
}

/** How many storage daemons will come for a job that listens, one after the other. */
function partsOf(command: string): number {
  const { parts = 1 } = hear.listenForParts.parse(command) ?? {};
  return Math.min(Math.max(1, parts), MOST_PARTS);
}

function notNdmp(what: string): (_: DirectorSession, job: StorageJob) => Verdict {
  return (_, job) => {
    job.log.fatal(
      `Hey!!!! JobId ${job.jobId} Job ${job.name} tries to use ${what} cmd ` +
        "while not part of protocol.\n",
    );
    return "stop";
  };
}

async function announce(session: DirectorSession, command: string): Promise<Verdict> {
  const announcement = session.peer.isBacula
    ? readBaculaAnnouncement(command)
    : readAnnouncement(command);
  if (announcement === undefined) {
    await session.say(say.jobIdBad.format({ status: -1, command }));
    return "stop";
  }
  if (session.job !== undefined) session.context.endJob(session.job);
  const job = session.context.addJob(announcement, session.link, session.peer);
  if (job === undefined) {
    await session.say(say.jobIdBad.format({ status: 0, command }));
    return "stop";
  }
  session.job = job;
  await session.say(say.jobIdOk.format({
    sdId: job.sessionId,
    sdTime: job.sessionTime,
    authorization: job.key ?? "",
  }));
  return "go on";
}

function readAnnouncement(command: string): JobAnnouncement | undefined {
  const fields = hear.jobId.parse(command);
  if (fields === undefined) return undefined;
  const { quota, protocol, backupFormat } = fields;
  return { ...commonOf(fields), quota, protocol, backupFormat, isForBacula: false };
}

/** "Make a key yourself", in the field where Bacula may give one. */
const NO_KEY = "dummy";

/** The form of Bacula (bacula.md 10.2). */
function readBaculaAnnouncement(command: string): JobAnnouncement | undefined {
  const fields = hear.jobIdBacula.parse(command);
  if (fields === undefined) return undefined;
  const { authorization } = fields;
  return {
    ...commonOf(fields),
    quota: 0,
    protocol: 0,
    backupFormat: "Native",
    key: authorization === NO_KEY || authorization === "" ? undefined : authorization,
    isForBacula: true,
  };
}

type CommonFields = Omit<
  NonNullable<ReturnType<typeof hear.jobIdBacula.parse>>,
  "writePartAfterJob" | "storageClient" | "authorization"
>;

/** What both forms say. */
function commonOf(
  fields: CommonFields,
): Omit<JobAnnouncement, "quota" | "protocol" | "backupFormat" | "key" | "isForBacula"> {
  return {
    jobId: fields.jobId,
    job: fields.job,
    jobName: fields.jobName,
    clientName: fields.clientName,
    type: String.fromCharCode(fields.type),
    level: String.fromCharCode(fields.level),
    fileSet: fields.fileSet,
    fileSetMd5: fields.fileSetMd5,
    noAttributes: fields.noAttributes !== 0,
    spoolAttributes: fields.spoolAttributes !== 0,
    spoolData: fields.spoolData !== 0,
    preferMountedVolumes: fields.preferMountedVolumes !== 0,
    spoolSize: fields.spoolSize,
    rerunning: fields.rerunning !== 0,
    sessionId: fields.volSessionId,
    sessionTime: fields.volSessionTime,
  };
}

/** More storages or devices than this in one exchange are a mistake or an attack. */
const MOST_WISHES = 1000;

/** The exchange of `use storage` and `use device` (storage-daemon.md 3.3). */
async function useStorage(session: DirectorSession, command: string): Promise<Verdict> {
  const { job } = session;
  if (job === undefined) return "stop";
  const read = await readWishes(session, command);
  if (typeof read === "string") {
    job.log.fatal(`Failed command: ${read}`);
    await session.say(say.useBad.format({ command: read }));
    return "stop";
  }
  const { wishes, isAppend } = read;
  try {
    const device = isAppend
      ? await reserveAppend(session, job, wishes)
      : await reserveRead(session, job, wishes);
    await session.say(say.useDeviceOk.format({ device }));
    return "go on";
  } catch (error) {
    if (job.aborted.aborted) return "stop";
    if (!(error instanceof NoSuitableDeviceError)) throw error;
    job.log.fatal(`Device reservation failed for JobId=${job.jobId}: ${error.message}`);
    await session.say(error.message);
    return "stop";
  }
}

/** Reads the exchange; the line that does not fit if there is one. */
async function readWishes(
  session: DirectorSession,
  first: string,
): Promise<{ wishes: StorageWish[]; isAppend: boolean } | string> {
  const wishes: StorageWish[] = [];
  let isAppend = false;
  let line: string | undefined = first;
  while (line !== undefined) {
    const storage = hear.useStorage.parse(line);
    if (storage === undefined || wishes.length > MOST_WISHES) return line;
    isAppend = storage.append !== 0;
    const devices: string[] = [];
    for (let next = await nextLine(session); next !== undefined; next = await nextLine(session)) {
      const device = hear.useDevice.parse(next);
      if (device === undefined || devices.length > MOST_WISHES) return next;
      devices.push(device.device);
    }
    const { mediaType, poolName, poolType } = storage;
    wishes.push({ storage: storage.storage, mediaType, poolName, poolType, devices });
    line = await nextLine(session);
  }
  return { wishes, isAppend };
}

/** The next line of a list, undefined at its EOD and at the end of the connection. */
async function nextLine(session: DirectorSession): Promise<string | undefined> {
  const frame = await session.link.next();
  return frame?.kind === "text" ? frame.text : undefined;
}

async function reserveAppend(
  session: DirectorSession,
  job: StorageJob,
  wishes: readonly StorageWish[],
): Promise<string> {
  const { context } = session;
  job.writeWishes = wishes;
  if (context.settings.justInTimeReservation && job.announcement.protocol === 0) {
    context.reservations.assertSuitable(wishes, "append");
    job.log.info(`Using just in time reservation for job ${job.jobId}\n`);
    return "JustInTime Device";
  }
  job.reservation = await context.reservations.reserveAppend(job, context.catalogOf(job));
  return job.reservation.device.name;
}

async function reserveRead(
  session: DirectorSession,
  job: StorageJob,
  wishes: readonly StorageWish[],
): Promise<string> {
  job.readWishes = wishes;
  job.readReservation = await session.context.reservations.reserveRead(job);
  return job.readReservation.device.name;
}

async function cancel(session: DirectorSession, command: string): Promise<Verdict> {
  const fields = hear.cancel.parse(command);
  if (fields === undefined) return await session.answer(say.cancelBad.format({}));
  const job = session.context.jobs.find(fields.job);
  if (job === undefined) return await session.answer(say.jobNotFound.format({ job: fields.job }));
  job.cancel();
  return await session.answer(say.cancelOk.format({ jobId: job.jobId, job: job.name }));
}

const SET_BANDWIDTH = /^setbandwidth=(-?\d+) Job=(\S*)/;

async function setBandwidth(session: DirectorSession, command: string): Promise<Verdict> {
  const [, bytes, name] = SET_BANDWIDTH.exec(command) ?? [];
  if (bytes === undefined || name === undefined) {
    await session.say(say.setBandwidthBad.format({ command }));
    return "stop";
  }
  const { context } = session;
  const limit = Math.max(0, Number(bytes));
  if (name === "") {
    context.bandwidth = limit;
    for (const job of context.jobs.running) job.bandwidth = limit;
  } else {
    const job = context.jobs.byName(name);
    if (job === undefined) void session.say(say.setBandwidthUnknown.format({ job: name }));
    else job.bandwidth = limit;
  }
  await session.say(say.setBandwidthOk.format({}));
  return "go on";
}

async function pluginOptions(session: DirectorSession, command: string): Promise<Verdict> {
  if (hear.pluginOptions.matches(command)) {
    await session.say(say.pluginOptionsOk.format({}));
    return "go on";
  }
  await session.say(say.pluginOptionsBad.format({ command }));
  return "stop";
}
