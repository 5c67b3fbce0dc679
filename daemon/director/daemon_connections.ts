/**
 * Connections from the director to the daemons: dialing, hello, CRAM-MD5, final reply
 * (wire.md 4, 10, 15).
 *
 * @module
 */
import {
  authenticateConnector,
  type Connection,
  dial,
  DialPatience,
  effectiveFdVersion,
  type Environment,
  fileToDirector,
  hellos,
  receiveText,
  storageToDirector,
} from "../../protocol/mod.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import type { ClientResource, StorageResource } from "./resources.ts";

/** A daemon cannot be reached or refuses us; the message is fit for a job log. */
export class DaemonConnectionError extends Error {
  /** The class, for logs. */
  override readonly name = "DaemonConnectionError";
}

/** How patiently and for whom to connect. */
export interface DaemonConnectOptions {
  /** The own name, as the daemons know it. */
  readonly director: string;
  /** Milliseconds between attempts and in all. */
  readonly patience: { readonly retryMs: number; readonly giveUpMs: number };
  /** Ends waiting. */
  readonly abort?: AbortSignal | undefined;
  /** Told each failed attempt that will be repeated. */
  readonly onRetry?: ((error: Error) => void) | undefined;
  /** Clock and patience; the real ones if not given. */
  readonly environment?: Environment | undefined;
}

/** How patient the director is for a console command. */
export const CONSOLE_PATIENCE: DaemonConnectOptions["patience"] =
  DialPatience.directorToFileConsole;

/** How patient the director is for a job, by the timeouts of its resource in seconds. */
export function jobPatience(seconds: number): DaemonConnectOptions["patience"] {
  return { retryMs: 10_000, giveUpMs: seconds * 1000 };
}

/** An authenticated connection to a file daemon. */
export interface ClientConnection {
  readonly connection: Connection;
  /** The daemon's protocol number; foreign numbers count as 5. */
  readonly fdVersion: number;
}

/** Connects to a storage daemon. @throws {DaemonConnectionError} */
export async function connectStorage(
  storage: StorageResource,
  options: DaemonConnectOptions,
): Promise<Connection> {
  const who = `Storage daemon ${storage.name}`;
  return await connect(storage, who, "Storage", options, async (connection) => {
    const reply = await receiveText(connection, "director", {
      timeoutMs: REPLY_MS,
      abort: options.abort,
    });
    if (!storageToDirector.helloOk.matches(reply)) throw rejected(who, reply);
    return connection;
  });
}

/** Connects to a file daemon. @throws {DaemonConnectionError} */
export async function connectClient(
  client: ClientResource,
  options: DaemonConnectOptions,
): Promise<ClientConnection> {
  const who = `Client ${client.name}`;
  return await connect(client, who, "File", options, async (connection) => {
    const reply = await receiveText(connection, "director", {
      timeoutMs: REPLY_MS,
      abort: options.abort,
    });
    const hello = fileToDirector.helloOk.parse(reply);
    if (hello !== undefined) {
      return { connection, fdVersion: effectiveFdVersion(hello.fdVersion) };
    }
    if (fileToDirector.helloOkOld.matches(reply)) return { connection, fdVersion: 0 };
    throw rejected(who, reply);
  });
}

const REPLY_MS = 180_000;

interface Reachable {
  readonly address: string;
  readonly port: number;
  readonly password: { readonly key: string };
}

async function connect<T>(
  daemon: Reachable,
  who: string,
  kind: "File" | "Storage",
  options: DaemonConnectOptions,
  finish: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { address, port, password } = daemon;
  let connection: Connection;
  try {
    connection = await dial({
      address,
      port,
      who,
      retryMs: options.patience.retryMs,
      giveUpMs: options.patience.giveUpMs,
      ...(options.abort && { abort: options.abort }),
      ...(options.onRetry && { onRetry: options.onRetry }),
      ...(options.environment && { environment: options.environment }),
    });
  } catch (cause) {
    if (options.abort?.aborted) throw options.abort.reason;
    throw new DaemonConnectionError(
      `Failed to connect to ${who} at ${address}:${port}. ERR=${reasonOf(cause)}`,
      { cause },
    );
  }
  const close = () => connection.close();
  options.abort?.addEventListener("abort", close, { once: true });
  try {
    await authenticateConnector(connection, {
      hello: hellos.director.format({ name: options.director, version: PROTOCOL_VERSION }),
      ownName: `R_DIRECTOR::${options.director}`,
      key: password.key,
      ...(options.environment && { environment: options.environment }),
    });
    return await finish(connection);
  } catch (cause) {
    connection.close();
    if (options.abort?.aborted) throw options.abort.reason;
    if (cause instanceof DaemonConnectionError) throw cause;
    throw new DaemonConnectionError(
      `Unable to authenticate with ${kind} daemon at "${address}:${port}". ${reasonOf(cause)}`,
      { cause },
    );
  } finally {
    options.abort?.removeEventListener("abort", close);
  }
}

function rejected(who: string, reply: string): DaemonConnectionError {
  return new DaemonConnectionError(`${who} rejected Hello command: ${reply.trim()}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
