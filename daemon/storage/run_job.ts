import { JobStatus, storageToDirector as say } from "../../protocol/mod.ts";
import { AppendSession } from "./append_session.ts";
import { copyWithin } from "./copy_within.ts";
import type { DirectorSession, Verdict } from "./director_session.ts";
import { FileSession } from "./file_session.ts";
import { ReadSession } from "./read_session.ts";
import { RecordSource } from "./record_source.ts";
import { ReplicaSender } from "./replica_sender.ts";
import { ReplicaSession } from "./replica_session.ts";
import type { StorageContext } from "./storage_context.ts";
import type { StorageJob } from "./storage_job.ts";

/** Seconds to wait for the client if the configuration says 0. */
const CONNECT_WAIT = 1800;

/**
 * `run`: waits for the client, serves it and reports the end (storage-daemon.md 3.5).
 *
 * The session ends afterwards, whatever happened.
 */
export async function runJob(session: DirectorSession, job: StorageJob): Promise<Verdict> {
  job.isRunning = true;
  const isCopy = job.type === "c" || job.type === "g" || job.level === "f";
  return isCopy ? await runCopy(session, job) : await runWithClient(session, job);
}

/** A job that reads here and writes to another device or to another daemon (8.2, 8.3). */
async function runCopy(session: DirectorSession, job: StorageJob): Promise<Verdict> {
  const { context } = session;
  context.jobs.countStart();
  const { replica } = job;
  const source = { ...context.readParts(job, true), isStrict: true };
  if (replica !== undefined) {
    job.setStatus(JobStatus.Running);
    job.log.info(
      `Connected Storage daemon at ${job.replicaPeer}, encryption: ${replica.cipher ?? "None"}\n`,
    );
    await new ReplicaSender(job, replica, source).serve();
  } else {
    await copyWithin(
      job,
      new RecordSource(job, source),
      new AppendSession(job, context.appendParts(job, session.peer, true)),
    );
  }
  await reportEnd(session, job, context);
  return "stop";
}

/**
 * `listen`: waits for the storage daemon that reads and takes its data (storage-daemon.md 3.5, 7), or
 * for several of them that come one after the other: `parts`. Unlike `run` it reports the end in every
 * case.
 */
export async function listenForReplica(
  session: DirectorSession,
  job: StorageJob,
  parts: number,
): Promise<Verdict> {
  const { context } = session;
  job.isRunning = true;
  job.setStatus(JobStatus.WaitingForStorageDaemon);
  let append: AppendSession | undefined;
  for (let part = 1; part <= parts && !job.isOver; part++) {
    const reader = await job.waitForClient(undefined);
    const isLast = part === parts;
    if (isLast || reader === undefined) job.key = undefined;
    if (reader === undefined) break;
    if (append === undefined) {
      context.jobs.countStart();
      void session.say(say.jobStart.format({ job: job.name }));
      job.setStatus(JobStatus.Running);
      append = new AppendSession(job, {
        ...context.appendParts(job, session.peer, true),
        peer: "SD",
      });
    }
    await new ReplicaSession(job, reader, append, isLast).serve();
    if (!isLast) job.expectAnotherClient();
  }
  await append?.finish();
  await reportEnd(session, job, context);
  return "stop";
}

async function runWithClient(session: DirectorSession, job: StorageJob): Promise<Verdict> {
  const { context } = session;
  job.setStatus(JobStatus.WaitingForClient);
  const seconds = context.settings.clientConnectWait || CONNECT_WAIT;
  const client = await job.waitForClient(seconds * 1000);
  job.key = undefined;
  if (client === undefined) {
    if (!job.isOver) {
      job.log.fatal(
        `The file daemon has not connected within Client Connect Wait = ${seconds} s. Can it reach ` +
          "this storage daemon at the Address of the director's Storage resource?\n",
      );
    }
    return "stop";
  }
  context.jobs.countStart();
  void session.say(say.jobStart.format({ job: job.name }));
  job.setStatus(JobStatus.Running);
  if (job.passivePeer !== undefined) {
    job.log.info(
      `Connected File Daemon at ${job.passivePeer}, encryption: ${client.cipher ?? "None"}\n`,
    );
  }
  job.log.info(`Version: ${context.identity.versionText}\n`);
  const files = new FileSession(job, client, {
    openAppend: () => new AppendSession(job, context.appendParts(job, session.peer)),
    openRead: () => new ReadSession(job, context.readParts(job)),
  });
  await files.serve();
  await files.finish();
  await reportEnd(session, job, context);
  return "stop";
}

async function reportEnd(
  session: DirectorSession,
  job: StorageJob,
  context: StorageContext,
): Promise<void> {
  const isReading = job.writer === undefined && job.replica === undefined && job.type !== "B";
  job.setStatus(JobStatus.Terminated);
  context.finishJob(job);
  const { isForBacula } = job.announcement;
  const counted = !isReading ? job : isForBacula ? job.sent : { files: 0, bytes: 0 };
  await session.say(say.jobEnd.format({
    job: job.spokenName,
    status: job.status.charCodeAt(0),
    jobFiles: counted.files,
    jobBytes: counted.bytes,
    jobErrors: job.errors,
    // a director of Bacula believes the numbers only beside this field
    errorMessage: isForBacula ? "" : undefined,
  })); // the session's own EOD and TERMINATE follow
}
