import {
  type Connection,
  directorToFile,
  directorToStorage,
  receiveFrame,
  Signal,
} from "../../../protocol/mod.ts";
import { decodeText } from "../../../bytes/mod.ts";
import {
  callerOf,
  connectClient,
  connectStorage,
  CONSOLE_PATIENCE,
  type DaemonConnectOptions,
} from "./daemon_connections.ts";
import type { Job } from "../jobs/job.ts";
import type { JobEnvironment } from "../jobs/job_environment.ts";
import type { DirectorResource } from "../resources.ts";

/** A daemon that works for a job. */
export type JobDaemon = "client" | "storage";

const ANSWER_MS = 15_000;

/** The time that one daemon has to answer before the next one is told, in milliseconds. */
const HEAD_START_MS = 500;

/** How long a daemon may take to end after the other, or the director, has failed, in milliseconds. */
export const AFTER_FAILURE_MS = 15_000;

/**
 * Tells daemons over fresh connections to cancel a job (director-client.md 27.9,
 * storage-daemon.md 3.9). Never throws: what cannot be reached is told to `print`.
 */
export async function cancelAtDaemons(
  job: Job,
  environment: JobEnvironment,
  daemons: readonly JobDaemon[],
  print: (text: string) => void = () => {},
): Promise<void> {
  const works: Promise<string[]>[] = [];
  const begin = async (cancel: typeof cancelAtClient, each: Job): Promise<void> => {
    const said: string[] = [];
    const work = cancel(each, environment, (text) => said.push(text)).then(() => said);
    works.push(work);
    // In order, so that no daemon hears first that another has gone; but one that cannot be reached
    // keeps the others waiting no longer than this.
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, HEAD_START_MS);
    await Promise.race([work, pause.promise]);
    clearTimeout(timer);
  };
  for (const each of [job, ...job.parts]) {
    if (daemons.includes("client") && each.clientConnection !== undefined) {
      await begin(cancelAtClient, each);
    }
    if (daemons.includes("storage") && each.storageConnection !== undefined) {
      await begin(cancelAtStorage, each);
    }
  }
  for (const work of works) (await work).forEach(print);
}

async function cancelAtClient(
  job: Job,
  environment: JobEnvironment,
  print: (text: string) => void,
): Promise<void> {
  const { client } = job;
  if (client === undefined) return;
  const options = oneAttempt(environment.director);
  try {
    const { connection } = await connectClient(client, { ...options, probes: environment.probes });
    await ask(connection, directorToFile.cancel.format({ job: job.uniqueName }), print);
  } catch {
    print("\nFailed to connect to File daemon.\n");
  }
}

async function cancelAtStorage(
  job: Job,
  environment: JobEnvironment,
  print: (text: string) => void,
): Promise<void> {
  const storage = job.storage?.resource;
  if (storage === undefined) return;
  const options = oneAttempt(environment.director);
  try {
    const { storageProbes } = environment;
    const { connection } = await connectStorage(storage, { ...options, storageProbes });
    await ask(connection, directorToStorage.cancel.format({ job: job.uniqueName }), print);
  } catch {
    print("\nFailed to connect to Storage daemon.\n");
  }
}

const ONE_ATTEMPT = { ...CONSOLE_PATIENCE, giveUpMs: 0, waitMs: ANSWER_MS };

/** One attempt, and not for long: whoever cancels waits for it. */
function oneAttempt(director: DirectorResource): DaemonConnectOptions {
  return { ...callerOf(director), patience: ONE_ATTEMPT, abort: AbortSignal.timeout(ANSWER_MS) };
}

/** Sends a command and hands every line of its answer to `print`; closes the connection. */
async function ask(
  connection: Connection,
  command: string,
  print: (text: string) => void,
): Promise<void> {
  try {
    await connection.send(command);
    while (true) {
      const frame = await receiveFrame(connection, "director", { timeoutMs: ANSWER_MS });
      if (frame?.kind !== "message") break;
      print(decodeText(frame.payload));
    }
    if (!connection.isTerminated) await connection.sendSignal(Signal.TERMINATE);
  } finally {
    connection.close();
  }
}
