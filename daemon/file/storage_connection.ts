/** Connecting to a storage daemon for a job's data (director-client.md 9). @module */
import {
  authenticateConnector,
  type Connection,
  connectTlsLate,
  dial,
  DialPatience,
  hellos,
  startTls,
  TlsPolicy,
} from "../../protocol/mod.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import type { FileSettings } from "./file_context.ts";
import type { FileJob } from "./file_job.ts";

/** Where the storage daemon is, and how long to try. */
export interface StoragePlace {
  readonly address: string;
  readonly port: number;
  /** Seconds. */
  readonly giveUpAfter: number;
}

/**
 * Connects the job to a storage daemon, under TLS at once if the director said so; `undefined` after a
 * fatal job message.
 */
export async function connectStorage(
  job: FileJob,
  daemon: Pick<
    FileSettings,
    "name" | "tlsPolicy" | "certificates" | "sourceAddress" | "heartbeatInterval"
  >,
  place: StoragePlace,
): Promise<Connection | undefined> {
  const { address, port } = place;
  let connection: Connection;
  try {
    connection = await dial({
      address,
      port,
      who: "Storage daemon",
      retryMs: DialPatience.data.retryMs,
      giveUpMs: place.giveUpAfter * 1000,
      abort: job.aborted,
      sourceAddress: daemon.sourceAddress,
      keepAlive: { seconds: daemon.heartbeatInterval },
    });
  } catch {
    // The field's text says where to; the console asks the job log, not our exception.
    if (!job.isCanceled) job.fail(`Failed to connect to Storage daemon: ${address}:${port}\n`);
    return undefined;
  }
  job.storage = connection;
  try {
    const tls = { certificates: daemon.certificates, hostName: address };
    if (job.storagePolicy === TlsPolicy.automatic) {
      await startTls(connection, { type: "R_JOB", name: job.announcement.name }, job.key, tls);
    }
    await authenticateConnector(connection, {
      hello: hellos.fileToStorage.format({ job: job.announcement.name, version: PROTOCOL_VERSION }),
      ownName: `R_CLIENT::${daemon.name}`,
      owner: { type: "R_JOB", name: job.announcement.name },
      key: job.key,
      tlsPolicy: daemon.tlsPolicy ?? TlsPolicy.none,
      startTls: connectTlsLate(connection, tls),
    });
  } catch (error) {
    connection.close();
    if (!job.isCanceled) {
      const why = error instanceof Error ? ` ${error.message}` : "";
      job.fail(`Failed to authenticate Storage daemon.${why}\n`);
    }
    return undefined;
  }
  job.key = "";
  return connection;
}
