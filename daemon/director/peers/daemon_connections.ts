/**
 * Connections from the director to the daemons: dialing, hello, CRAM-MD5, final reply
 * (wire.md 4, 10, 15).
 *
 * @module
 */
import {
  authenticateConnector,
  AuthenticationError,
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
  receiveFrame,
  receiveText,
  Signal,
  startTls,
  storageToDirector,
  type TlsDirectives,
  tlsPolicyOf,
} from "../../../protocol/mod.ts";
import { PROTOCOL_VERSION } from "../../version.ts";
import type { ClientMode, ClientProbes } from "./client_probes.ts";
import type { WaitingClient, WaitingClients } from "./waiting_clients.ts";
import type { ClientResource, DirectorResource, StorageResource } from "../resources.ts";
import type { StorageProbes, StorageWay } from "./storage_probes.ts";

/** A daemon cannot be reached or refuses us; the message is fit for a job log. */
export class DaemonConnectionError extends Error {
  /** The class, for logs. */
  override readonly name = "DaemonConnectionError";
}

/** Milliseconds. */
export interface ConnectPatience {
  /** Between two attempts. */
  readonly retryMs: number;
  /** For all attempts. */
  readonly giveUpMs: number;
  /** For a client that connects by itself; as long as for the attempts if not given. */
  readonly waitMs?: number;
}

/** How patiently and for whom to connect. */
export interface DaemonConnectOptions {
  /** The own name, as the daemons know it. */
  readonly director: string;
  /** Local address to connect from; the system's choice if empty. */
  readonly sourceAddress?: string | undefined;
  /** Seconds between probes of keepalive where the daemon's resource says nothing. */
  readonly heartbeatInterval?: number | undefined;
  /** Milliseconds between attempts and in all. */
  readonly patience: ConnectPatience;
  /** Ends waiting. */
  readonly abort?: AbortSignal | undefined;
  /** Told each failed attempt that will be repeated. */
  readonly onRetry?: ((error: Error) => void) | undefined;
  /** What is known of clients and will be from now on. */
  readonly probes?: ClientProbes | undefined;
  /** What is known of storages and will be from now on. */
  readonly storageProbes?: StorageProbes | undefined;
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
  /** Whether the client had connected by itself. */
  readonly hasCome?: boolean;
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
    if (isBaculaAnswer(error)) {
      const way = { flavour: "bacula", mode: "cleartext" } as const;
      return await connectAs(way, storage, options, environment);
    }
    if (error instanceof RefusedError) await environment.pause(Patience.afterFailure);
    throw error;
  }
}

/** What a storage daemon of Bacula answers to a hello that is not for it. */
function isBaculaAnswer(error: unknown): boolean {
  const cause = error instanceof RefusedError ? error.cause : undefined;
  return cause instanceof AuthenticationError &&
    cause.replies.some((reply) => reply.startsWith("Jmsg ") && reply.includes("Bad Hello command"));
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

/**
 * Takes a connection that the client has opened where that may be, opens one where that may be, and
 * waits for the client where neither comes about (wire.md 10, 12). While it connects it waits, too.
 */
async function reachClient(
  client: ClientResource,
  options: DaemonConnectOptions,
  connect: (options: DaemonConnectOptions) => Promise<Reached>,
): Promise<Reached> {
  const waiting = client.connectionFromClientToDirector ? options.probes?.waiting : undefined;
  const ready = waiting && await takeLiving(waiting, client.name, options);
  if (ready !== undefined) return ready;
  const mayConnect = client.connectionFromDirectorToClient;
  if (waiting === undefined && mayConnect) return await connect(options);
  if (waiting === undefined) {
    throw new DaemonConnectionError(
      `Cannot reach Client ${client.name}: Connection From Director To Client = no and Connection ` +
        "From Client To Director = no; allow one of them in its Client resource",
    );
  }
  const { abort, patience } = options;
  const waitMs = patience.waitMs ?? patience.giveUpMs;
  const done = new AbortController();
  const timer = setTimeout(() => done.abort(new Error("it has not come")), waitMs);
  const ends = (own: AbortController): AbortSignal =>
    AbortSignal.any([own.signal, ...(abort === undefined ? [] : [abort])]);
  const waits = waiting.next(client.name, ends(done)).then(taken);
  try {
    return mayConnect
      ? await firstOf(waits, done, (signal) => connect({ ...options, abort: signal }), ends)
      : await waits;
  } catch (error) {
    if (abort?.aborted) throw abort.reason;
    if (error instanceof DaemonConnectionError) throw error;
    throw new DaemonConnectionError(
      `Failed to connect to Client ${client.name}: it has not connected by itself within ` +
        `${
          Math.round(waitMs / 1000)
        } s, and Connection From Director To Client = no. Look at what ` +
        "the client says, and at Address in its Director resource",
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

type Reached = Omit<ClientConnection, "wasProbed">;

/** Whoever is first: the client that comes, or we who connect. What comes second is closed. */
async function firstOf(
  waits: Promise<Reached>,
  done: AbortController,
  connect: (signal: AbortSignal) => Promise<Reached>,
  ends: (own: AbortController) => AbortSignal,
): Promise<Reached> {
  const cut = new AbortController();
  const connects = connect(ends(cut));
  let winner: Reached | undefined;
  const settle = (reached: Reached): Reached => {
    if (winner !== undefined) reached.connection.close();
    else {
      winner = reached;
      cut.abort(new Error("the client has come by itself"));
      done.abort(new Error("the client has been reached"));
    }
    return winner;
  };
  const never = (): Promise<never> => new Promise(() => {});
  return await Promise.race([
    waits.then(settle, never), // why connecting failed says more than that nobody came
    connects.then(settle, async (error) => {
      if (winner !== undefined || error instanceof RefusedError) throw error;
      return settle(await waits.catch(() => Promise.reject(error)));
    }),
  ]);
}

/**
 * The newest waiting connection on which the client answers. A network may have swallowed one without a word,
 * and a job shall not fail for that; those that do not answer are closed.
 */
async function takeLiving(
  waiting: WaitingClients,
  name: string,
  options: DaemonConnectOptions,
): Promise<Reached | undefined> {
  for (let client = waiting.take(name); client !== undefined; client = waiting.take(name)) {
    if (await answers(client.connection, options)) return taken(client);
    client.connection.close();
    options.abort?.throwIfAborted();
  }
  return undefined;
}

/** How long a client that waits may take to answer, in milliseconds. */
const LIFE_SIGN_MS = 15_000;

/** Whether a file daemon answers a question that changes nothing (director-client.md 15). */
async function answers(
  connection: Connection,
  { abort }: DaemonConnectOptions,
): Promise<boolean> {
  try {
    await connection.send(LIFE_SIGN);
    while (true) {
      const frame = await receiveFrame(connection, "director", { timeoutMs: LIFE_SIGN_MS, abort });
      if (frame?.kind !== "message") return frame?.signal === Signal.EOD;
    }
  } catch {
    return false; // gone, or silent; why does not matter, as another connection will do
  }
}

const LIFE_SIGN = ".status current";

function taken(client: WaitingClient): Reached {
  const { connection, mode, fdVersion: announced } = client;
  return { connection, mode, announced, fdVersion: effectiveFdVersion(announced), hasCome: true };
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

/** A daemon that was reached and with which no agreement was found. */
class RefusedError extends DaemonConnectionError {
  /** It may be asked for TLS after the challenge. */
  readonly mayBeginLate: boolean;

  constructor(message: string, { cause, mayBeginLate = false }: RefusedOptions = {}) {
    super(message, { cause });
    this.mayBeginLate = mayBeginLate;
  }
}

interface RefusedOptions extends ErrorOptions {
  readonly mayBeginLate?: boolean;
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
