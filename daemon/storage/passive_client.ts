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

/** Where the file daemon is, and how to speak to it. */
interface ClientAddress {
  readonly address: string;
  readonly port: number;
  /** 4 for TLS at once (wire.md 7.4). */
  readonly ssl: TlsPolicy;
}

/** `passive client`: connects to a file daemon that does not connect itself (6.4). */
export async function passiveClient(
  session: DirectorSession,
  job: StorageJob,
  command: string,
): Promise<Verdict> {
  const where = hear.passiveClient.parse(command);
  const connection = where === undefined
    ? fail(job, `Bad passiveclientcmd command: ${command}`)
    : await connect(session, job, where);
  if (connection === undefined) {
    await session.say(say.passiveClientBad.format({ command }));
    return "stop";
  }
  await session.say(say.passiveClientOk.format({}));
  return "go on";
}

async function connect(
  session: DirectorSession,
  job: StorageJob,
  { address, port, ssl }: ClientAddress,
): Promise<Connection | undefined> {
  const { settings, identity } = session.context;
  const { key } = job;
  if (key === undefined) return fail(job, "Failed to authenticate File daemon.\n");
  let connection: Connection;
  try {
    connection = await dial({
      address,
      port,
      who: "File daemon",
      retryMs: RETRY_MS,
      giveUpMs: settings.fdConnectTimeout * 1000,
      abort: job.aborted,
      sourceAddress: settings.sourceAddress,
      keepAlive: { seconds: settings.heartbeatInterval },
    });
  } catch (error) {
    const where = `${address}:${port}`;
    return fail(job, `Failed to connect to File daemon: ${where} (${messageOf(error)})\n`);
  }
  const onAbort = (): void => connection.close();
  job.aborted.addEventListener("abort", onAbort, { once: true });
  try {
    const tls = { certificates: settings.certificates, hostName: address };
    if (ssl === TlsPolicy.automatic) {
      await startTls(connection, { type: "R_JOB", name: job.name }, key, tls);
    }
    await authenticateConnector(connection, {
      hello: hellos.storageToFile.format({ job: job.name, version: identity.versionNumbers }),
      ownName: "File\x01daemon", // as a storage daemon introduces itself to a passive client
      key,
      owner: { type: "R_JOB", name: job.name },
      tlsPolicy: settings.tlsPolicy ?? TlsPolicy.none,
      startTls: connectTlsLate(connection, tls),
    });
  } catch (error) {
    connection.close();
    return fail(job, `Failed to authenticate File daemon. ${messageOf(error)}\n`);
  } finally {
    job.aborted.removeEventListener("abort", onAbort);
  }
  job.key = undefined;
  job.passivePeer = `${address}:${port}`;
  if (job.attachClient(connection)) return connection;
  connection.close();
  return fail(job, "Failed to authenticate File daemon.\n");
}

function fail(job: StorageJob, text: string): undefined {
  if (!job.aborted.aborted) job.log.fatal(text);
  return undefined;
}
