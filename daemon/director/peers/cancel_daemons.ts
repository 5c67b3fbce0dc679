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
  for (const daemon of daemons) {
    if (daemon === "client" && job.clientConnection !== undefined && job.client !== undefined) {
      await cancelAtClient(job, environment, print);
    }
    if (daemon === "storage" && job.storageConnection !== undefined && job.storage !== undefined) {
      await cancelAtStorage(job, environment, print);
    }
  }
  for (const part of job.parts) await cancelAtDaemons(part, environment, daemons, print);
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
    const connection = await connectStorage(storage, options);
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
