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
  hungUpOnTls,
  mayBeginTlsLate,
  Patience,
  realEnvironment,
  receiveText,
  startTls,
  storageToDirector,
  type TlsDirectives,
  tlsPolicyOf,
  wantsBaculaHello,
} from "../../../protocol/mod.ts";
import { PROTOCOL_VERSION } from "../../version.ts";
import type { ClientMode } from "./client_probes.ts";
import {
  type ClientConnection,
  DaemonConnectionError,
  type DaemonConnectOptions,
  type Reached,
  RefusedError,
} from "./connect_options.ts";
import { reachClient } from "./reach_client.ts";
import type { ClientResource, DirectorResource, StorageResource } from "../resources.ts";
import type { StorageWay } from "./storage_probes.ts";

export {
  type ClientConnection,
  type ConnectPatience,
  DaemonConnectionError,
  type DaemonConnectOptions,
} from "./connect_options.ts";

/** How patient the director is for a console command. */
export const CONSOLE_PATIENCE: DaemonConnectOptions["patience"] =
  DialPatience.directorToFileConsole;

/** How patient the director is for a job, by the timeouts of its resource in seconds. */
export function jobPatience(seconds: number): DaemonConnectOptions["patience"] {
  return { retryMs: 10_000, giveUpMs: seconds * 1000 };
}

/** An authenticated connection to a storage daemon. */
export interface StorageConnection extends StorageWay {
  readonly connection: Connection;
}

/**
 * Connects to a storage daemon. One that does not understand the hello of the field is tried with
 * that of Bacula, and how it was reached is remembered (bacula.md 3).
 * @throws {DaemonConnectionError}
 */
export async function connectStorage(
  storage: StorageResource,
  options: DaemonConnectOptions,
): Promise<StorageConnection> {
  const { storageProbes } = options;
  const known = storageProbes?.wayTo(storage.name);
  const environment = options.environment ?? realEnvironment;
  if (known !== undefined) return await connectAs(known, storage, options, environment);
  const reached = await findWay(storage, options, environment);
  storageProbes?.remember(storage.name, reached);
  return reached;
}

/**
 * Tries the ways to speak to a storage daemon of which nothing is known: the hello of the field, under TLS
 * at once where TLS is enabled; then, where there are certificates, in the clear, with TLS required after
 * the challenge; then the hello of Bacula (wire.md 9.3, bacula.md 3).
 */
async function findWay(
  storage: StorageResource,
  options: DaemonConnectOptions,
  environment: Environment,
): Promise<StorageConnection> {
  // The pause after a failure comes below, for it is no failure where another way helps.
  const first = { ...environment, pause: async () => {} };
  const flavour = "current" as const;
  try {
    const mode = storage.tlsEnable ? "tls" : "cleartext";
    try {
      return await connectAs({ flavour, mode }, storage, options, first);
    } catch (error) {
      if (mode !== "tls" || !mayBeginLate(error) || options.abort?.aborted) throw error;
      return await connectAs({ flavour, mode: "cleartext" }, storage, options, first);
    }
  } catch (error) {
    if (options.abort?.aborted) throw error;
    if (error instanceof RefusedError && wantsBaculaHello(error.cause)) {
      const way = { flavour: "bacula", mode: "cleartext" } as const;
      return await connectAs(way, storage, options, environment);
    }
    if (error instanceof RefusedError) await environment.pause(Patience.afterFailure);
    throw error;
  }
}

async function connectAs(
  { flavour, mode }: StorageWay,
  storage: StorageResource,
  options: DaemonConnectOptions,
  authentication: Environment,
): Promise<StorageConnection> {
  const who = `Storage daemon ${storage.name}`;
  const name = options.director;
  const hello = flavour === "bacula"
    ? hellos.baculaDirectorToStorage.format({ name })
    : hellos.director.format({ name, version: PROTOCOL_VERSION });
  const expected = { who, kind: "Storage", mode, hello, authentication } as const;
  return await connect(storage, expected, options, async (connection) => {
    const reply = await receiveText(connection, "director", {
      timeoutMs: REPLY_MS,
      abort: options.abort,
    });
    const ok = storageToDirector[flavour === "bacula" ? "helloOkBacula" : "helloOk"];
    if (!ok.matches(reply)) throw rejected(who, reply);
    return { connection, flavour, mode };
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
  const reached = await reachClient(client, options, (how) => probeClient(client, mode, how));
  options.probes?.remember(client.name, reached.mode);
  return { ...reached, wasProbed };
}

/**
 * Connects as `mode` says; in the clear if that fails, and may be. Where TLS is required, the connection
 * begins in the clear only where there are certificates for TLS after the challenge.
 */
async function probeClient(
  client: ClientResource,
  mode: ClientMode,
  options: DaemonConnectOptions,
): Promise<Reached> {
  try {
    return await connectIn(mode, client, options);
  } catch (error) {
    const mayFallBack = mode === "tls" && error instanceof RefusedError &&
      (!client.tlsRequire || error.mayBeginLate);
    if (!mayFallBack || options.abort?.aborted) throw error;
    return await connectIn("cleartext", client, options);
  }
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
): Promise<Reached> {
  const who = `Client ${client.name}`;
  const hello = hellos.director.format({ name: options.director, version: PROTOCOL_VERSION });
  const expected = { who, kind: "File", mode, hello } as const;
  return await connect(client, expected, options, async (connection) => {
    const reply = await receiveText(connection, "director", {
      timeoutMs: REPLY_MS,
      abort: options.abort,
    });
    const said = fileToDirector.helloOk.parse(reply);
    if (said !== undefined) {
      const { fdVersion: announced } = said;
      return { connection, mode, announced, fdVersion: effectiveFdVersion(announced) };
    }
    if (fileToDirector.helloOkOld.matches(reply)) {
      return { connection, mode, announced: 0, fdVersion: 0 };
    }
    throw rejected(who, reply);
  });
}

function mayBeginLate(error: unknown): boolean {
  return error instanceof RefusedError && error.mayBeginLate;
}

const REPLY_MS = 180_000;

/** What a director has for all that it connects to. */
export function callerOf(
  { name, sourceAddress, heartbeatInterval }: DirectorResource,
): Pick<DaemonConnectOptions, "director" | "sourceAddress" | "heartbeatInterval"> {
  return { director: name, sourceAddress, heartbeatInterval };
}

interface Reachable extends TlsDirectives {
  readonly heartbeatInterval: number;
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
  /** The first message. */
  readonly hello: string;
  /** Clock and patience of the authentication, if they are others than the connection's. */
  readonly authentication?: Environment;
}

async function connect<T>(
  daemon: Reachable,
  { who, kind, mode, hello, authentication }: Expected,
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
      abort: options.abort,
      onRetry: options.onRetry,
      environment: options.environment,
      sourceAddress: options.sourceAddress,
      keepAlive: { seconds: daemon.heartbeatInterval || (options.heartbeatInterval ?? 0) },
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
  const tls = { certificates: certificateSettingsOf(daemon), hostName: address };
  try {
    if (mode === "tls") {
      await startTls(connection, { type: "R_DIRECTOR", name: options.director }, password.key, tls);
    }
    await authenticateConnector(connection, {
      hello,
      ownName: `R_DIRECTOR::${options.director}`,
      owner: { type: "R_DIRECTOR", name: options.director },
      key: password.key,
      tlsPolicy: tlsPolicyOf(daemon.tlsEnable, daemon.tlsRequire || kind === "Storage"),
      startTls: connectTlsLate(connection, tls),
      environment: authentication ?? options.environment ?? realEnvironment,
    });
    return await finish(connection);
  } catch (cause) {
    connection.close();
    if (options.abort?.aborted) throw options.abort.reason;
    if (cause instanceof DaemonConnectionError) throw cause;
    const isTls = mode === "tls";
    throw new RefusedError(
      `Unable to authenticate with ${kind} daemon at "${address}:${port}". ${reasonOf(cause)}` +
        (isTls && hungUpOnTls(connection, cause) ? withoutTlsHint(kind) : ""),
      { cause, mayBeginLate: isTls && mayBeginTlsLate(connection, cause, tls.certificates) },
    );
  } finally {
    options.abort?.removeEventListener("abort", close);
  }
}

/** What to do about a daemon that does not answer a handshake (bacula.md 5.4, wire.md 9.3). */
function withoutTlsHint(kind: Expected["kind"]): string {
  const where = kind === "File"
    ? "TLS Require = no or TLS Enable = no in its Client resource"
    : "TLS Enable = no in its Storage resource";
  return `. If it is a daemon of Bacula, or of Bareos before 18.2, it needs ${where} of this director, ` +
    "or TLS Certificate and TLS Key on both ends";
}

function rejected(who: string, reply: string): RefusedError {
  return new RefusedError(`${who} rejected Hello command: ${reply.trim()}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
