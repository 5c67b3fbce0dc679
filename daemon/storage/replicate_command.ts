import { messageOf } from "../../bytes/mod.ts";
import {
  authenticateConnector,
  type Connection,
  connectTlsLate,
  dial,
  directorToStorage as hear,
  hellos,
  startTls,
  storageToDirector as say,
  TlsPolicy,
} from "../../protocol/mod.ts";
import type { DirectorSession, Verdict } from "./director_session.ts";
import type { StorageJob } from "./storage_job.ts";

/** Milliseconds between two attempts. */
const RETRY_MS = 10_000;

/** Where the writing storage daemon is, and the name and key of its job. */
interface ReplicaAddress {
  readonly job: string;
  readonly address: string;
  readonly port: number;
  /** 4 for TLS at once (wire.md 7.4). */
  readonly ssl: TlsPolicy;
  readonly authorization: string;
}

/**
 * `replicate`: connects to the storage daemon that writes the copy, in the name and with the key of
 * its job (storage-daemon.md 3.6). What is sent there is up to `run`.
 */
export async function replicate(
  session: DirectorSession,
  job: StorageJob,
  command: string,
): Promise<Verdict> {
  const where = hear.replicate.parse(command) ?? hear.replicateOld.parse(command);
  if (where === undefined) {
    job.log.fatal(`Bad replicate command: ${command}`);
  } else {
    job.replica?.close();
    job.replica = await connect(session, job, where);
  }
  if (job.replica === undefined) {
    await session.say(say.replicateBad.format({ command: withoutKey(command) }));
    return "stop";
  }
  await session.say(say.replicateOk.format({}));
  return "go on";
}

async function connect(
  session: DirectorSession,
  job: StorageJob,
  { job: name, address, port, ssl, authorization }: ReplicaAddress,
): Promise<Connection | undefined> {
  const { settings, identity } = session.context;
  let connection: Connection;
  try {
    connection = await dial({
      address,
      port,
      who: "Storage daemon",
      retryMs: RETRY_MS,
      giveUpMs: settings.sdConnectTimeout * 1000,
      abort: job.aborted,
      sourceAddress: settings.sourceAddress,
      keepAlive: { seconds: settings.heartbeatInterval },
    });
  } catch (error) {
    const where = `${address}:${port}`;
    return fail(job, `Failed to connect to Storage daemon: ${where} (${messageOf(error)})\n`);
  }
  const onAbort = (): void => connection.close();
  job.aborted.addEventListener("abort", onAbort, { once: true });
  try {
    const tls = { certificates: settings.certificates, hostName: address };
    if (ssl === TlsPolicy.automatic) {
      await startTls(connection, { type: "R_JOB", name: name }, authorization, tls);
    }
    await authenticateConnector(connection, {
      hello: hellos.storageToStorage.format({ job: name, version: identity.versionNumbers }),
      ownName: `R_STORAGE::${settings.name}`,
      key: authorization,
      owner: { type: "R_JOB", name },
      tlsPolicy: settings.tlsPolicy ?? TlsPolicy.none,
      startTls: connectTlsLate(connection, tls),
    });
    job.replicaPeer = `${address}:${port}`;
    return connection;
  } catch (error) {
    connection.close();
    return fail(job, `Failed to authenticate Storage daemon. ${messageOf(error)}\n`);
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
  }
}

/** The command as it may be shown: keys stay between daemons. */
function withoutKey(command: string): string {
  return command.replace(/Authorization=\S+/, "Authorization=*");
}

function fail(job: StorageJob, text: string): undefined {
  if (!job.aborted.aborted) job.log.fatal(text);
  return undefined;
}
