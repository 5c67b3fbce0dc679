/**
 * Connections from the director to the daemons: dialing, hello, CRAM-MD5, final reply
 * (wire.md 4, 10, 15).
 *
 * @module
 */
import {
  authenticateConnector,
  certificateSettingsOf,
  type Connection,
  connectTlsLate,
  dial,
  DialPatience,
  effectiveFdVersion,
  type Environment,
  fileToDirector,
  hellos,
  receiveText,
  startTls,
  storageToDirector,
  type TlsDirectives,
  tlsPolicyOf,
} from "../../../protocol/mod.ts";
import { PROTOCOL_VERSION } from "../../version.ts";
import type { ClientMode, ClientProbes } from "./client_probes.ts";
import type { ClientResource, StorageResource } from "../resources.ts";

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
  /** What is known of clients and will be from now on. */
  readonly probes?: ClientProbes | undefined;
  /** Told when a client is connected to for the first time, before that. */
  readonly onProbe?: (() => void) | undefined;
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
  /** The number that it said, 0 if none: it tells Bacula's from others (bacula.md 3). */
  readonly announced: number;
  /** How it is spoken to, which decides about later commands (wire.md 7.4). */
  readonly mode: ClientMode;
  /** Whether that had to be found out. */
  readonly wasProbed: boolean;
}

/** Connects to a storage daemon. @throws {DaemonConnectionError} */
export async function connectStorage(
  storage: StorageResource,
  options: DaemonConnectOptions,
): Promise<Connection> {
  const who = `Storage daemon ${storage.name}`;
  const mode = storage.tlsEnable ? "tls" : "cleartext";
  return await connect(storage, { who, kind: "Storage", mode }, options, async (connection) => {
    const reply = await receiveText(connection, "director", {
      timeoutMs: REPLY_MS,
      abort: options.abort,
    });
    if (!storageToDirector.helloOk.matches(reply)) throw rejected(who, reply);
    return connection;
  });
}

/**
 * Connects to a file daemon, under TLS first if it may be, and in the clear if that fails and TLS is
 * not required (wire.md 10).
 * @throws {DaemonConnectionError}
 */
export async function connectClient(
  client: ClientResource,
  options: DaemonConnectOptions,
): Promise<ClientConnection> {
  const known = options.probes?.modeOf(client.name);
  const wasProbed = known === undefined;
  if (wasProbed) options.onProbe?.();
  const mode = known ?? (client.tlsEnable ? "tls" : "cleartext");
  const reached = await connectIn(mode, client, options).catch(async (error) => {
    const mayFallBack = mode === "tls" && !client.tlsRequire && error instanceof RefusedError;
    if (!mayFallBack || options.abort?.aborted) throw error;
    return await connectIn("cleartext", client, options);
  });
  options.probes?.remember(client.name, reached.mode);
  return { ...reached, wasProbed };
}

/** What a job log and the console say of a client's connection: handshake and encryption. */
export function handshakeText({ mode }: { readonly mode: ClientMode }): string {
  return mode === "tls" ? "Handshake: Immediate TLS" : "Handshake: Cleartext";
}

/** The protection of a connection as messages name it. */
export function encryptionOf(connection: Connection): string {
  return connection.cipher ?? "None";
}

async function connectIn(
  mode: ClientMode,
  client: ClientResource,
  options: DaemonConnectOptions,
): Promise<Omit<ClientConnection, "wasProbed">> {
  const who = `Client ${client.name}`;
  return await connect(client, { who, kind: "File", mode }, options, async (connection) => {
    const reply = await receiveText(connection, "director", {
      timeoutMs: REPLY_MS,
      abort: options.abort,
    });
    const hello = fileToDirector.helloOk.parse(reply);
    if (hello !== undefined) {
      const { fdVersion: announced } = hello;
      return { connection, mode, announced, fdVersion: effectiveFdVersion(announced) };
    }
    if (fileToDirector.helloOkOld.matches(reply)) {
      return { connection, mode, announced: 0, fdVersion: 0 };
    }
    throw rejected(who, reply);
  });
}

/** A daemon that was reached and with which no agreement was found. */
class RefusedError extends DaemonConnectionError {}

const REPLY_MS = 180_000;

interface Reachable extends TlsDirectives {
  readonly address: string;
  readonly port: number;
  readonly password: { readonly key: string };
  readonly tlsRequire: boolean;
}

/** Who is expected and how it is spoken to. */
interface Expected {
  readonly who: string;
  readonly kind: "File" | "Storage";
  readonly mode: ClientMode;
}

async function connect<T>(
  daemon: Reachable,
  { who, kind, mode }: Expected,
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
    const tls = { certificates: certificateSettingsOf(daemon), hostName: address };
    if (mode === "tls") {
      await startTls(connection, { type: "R_DIRECTOR", name: options.director }, password.key, tls);
    }
    await authenticateConnector(connection, {
      hello: hellos.director.format({ name: options.director, version: PROTOCOL_VERSION }),
      ownName: `R_DIRECTOR::${options.director}`,
      key: password.key,
      tlsPolicy: tlsPolicyOf(daemon.tlsEnable, daemon.tlsRequire),
      startTls: connectTlsLate(connection, tls),
      ...(options.environment && { environment: options.environment }),
    });
    return await finish(connection);
  } catch (cause) {
    connection.close();
    if (options.abort?.aborted) throw options.abort.reason;
    if (cause instanceof DaemonConnectionError) throw cause;
    throw new RefusedError(
      `Unable to authenticate with ${kind} daemon at "${address}:${port}". ${reasonOf(cause)}`,
      { cause },
    );
  } finally {
    options.abort?.removeEventListener("abort", close);
  }
}

function rejected(who: string, reply: string): RefusedError {
  return new RefusedError(`${who} rejected Hello command: ${reply.trim()}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
