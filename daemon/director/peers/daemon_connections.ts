/**
 * Connections from the director to the daemons: dialing, hello, CRAM-MD5, final reply
 * (wire.md 4, 10, 15).
 *
 * @module
 */
import {
  type Attempt,
  type Connection,
  DialPatience,
  effectiveFdVersion,
  type Environment,
  fileToDirector,
  hellos,
  Patience,
  realEnvironment,
  receiveText,
  storageToDirector,
  type Way,
} from "../../../protocol/mod.ts";
import { PROTOCOL_VERSION } from "../../version.ts";
import type { ClientMode } from "./client_probes.ts";
import { connectDaemon, type DaemonRefusal, reachDaemon } from "./connect_daemon.ts";
import {
  type ClientConnection,
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
 * Connects to a storage daemon, on the way that is remembered or on the first that leads to it, which is
 * remembered then (bacula.md 3).
 * @throws {DaemonConnectionError}
 */
export async function connectStorage(
  storage: StorageResource,
  options: DaemonConnectOptions,
): Promise<StorageConnection> {
  const { storageProbes, environment = realEnvironment } = options;
  const known = storageProbes?.wayTo(storage.name);
  // The pause after a failure comes below, for it is no failure where another way helps.
  const authentication = known === undefined
    ? { ...environment, pause: async () => {} }
    : environment;
  try {
    const reached = await reachDaemon(
      storage,
      "storage daemon",
      known,
      (way) => connectAs(way, storage, options, authentication),
    );
    if (known !== undefined) return { ...reached, flavour: known.flavour };
    storageProbes?.remember(storage.name, reached);
    return reached;
  } catch (error) {
    const mustPause = known === undefined && error instanceof RefusedError;
    if (mustPause && !options.abort?.aborted) await environment.pause(Patience.afterFailure);
    throw error;
  }
}

async function connectAs(
  way: Way,
  storage: StorageResource,
  options: DaemonConnectOptions,
  authentication: Environment,
): Promise<Attempt<StorageConnection, DaemonRefusal>> {
  const who = `Storage daemon ${storage.name}`;
  const name = options.director;
  const { flavour, mode } = way;
  const hello = flavour === "bacula"
    ? hellos.baculaDirectorToStorage.format({ name })
    : hellos.director.format({ name, version: PROTOCOL_VERSION });
  const expected = { who, kind: "storage daemon", way, hello, authentication } as const;
  return await connectDaemon(storage, expected, options, async (connection) => {
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
 * Connects to a file daemon, or takes a connection that it has opened, on the way that is remembered or on the
 * first that leads to it (wire.md 10).
 * @throws {DaemonConnectionError}
 */
export async function connectClient(
  client: ClientResource,
  options: DaemonConnectOptions,
): Promise<ClientConnection> {
  const mode = options.probes?.modeOf(client.name);
  const wasProbed = mode === undefined;
  if (wasProbed) options.onProbe?.();
  const known = mode && { mode, flavour: "current" } as const;
  const reached = await reachClient(
    client,
    options,
    (how) => reachDaemon(client, "file daemon", known, (way) => connectBy(way, client, how)),
  );
  options.probes?.remember(client.name, reached.mode);
  return { ...reached, wasProbed };
}

async function connectBy(
  way: Way,
  client: ClientResource,
  options: DaemonConnectOptions,
): Promise<Attempt<Reached, DaemonRefusal>> {
  const who = `Client ${client.name}`;
  const hello = hellos.director.format({ name: options.director, version: PROTOCOL_VERSION });
  const expected = { who, kind: "file daemon", way, hello } as const;
  return await connectDaemon(client, expected, options, async (connection) => {
    const { mode } = way;
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

/** What a job log and the console say of a client's connection: handshake and encryption. */
export function handshakeText({ mode }: { readonly mode: ClientMode }): string {
  return mode === "tls" ? "Handshake: Immediate TLS" : "Handshake: Cleartext";
}

/** The protection of a connection as messages name it. */
export function encryptionOf(connection: Connection): string {
  return connection.cipher ?? "None";
}

const REPLY_MS = 180_000;

/** What a director has for all that it connects to. */
export function callerOf(
  { name, sourceAddress, heartbeatInterval }: DirectorResource,
): Pick<DaemonConnectOptions, "director" | "sourceAddress" | "heartbeatInterval"> {
  return { director: name, sourceAddress, heartbeatInterval };
}

function rejected(who: string, reply: string): RefusedError {
  return new RefusedError(`${who} rejected Hello command: ${reply.trim()}`);
}
