/** One attempt to speak to a daemon, on one of the ways (wire.md 4, 10 and 15). @module */
import { messageOf } from "../../../bytes/mod.ts";
import {
  type Attempt,
  authenticateConnector,
  certificateSettingsOf,
  type Connection,
  connectTlsLate,
  dial,
  type Environment,
  hungUpOnTls,
  type KnownWay,
  knownWay,
  type PeerKind,
  type ReachablePeer,
  reachSomehow,
  realEnvironment,
  type Refusal,
  startTls,
  type TlsDirectives,
  tlsPolicyOf,
  type Way,
} from "../../../protocol/mod.ts";
import {
  DaemonConnectionError,
  type DaemonConnectOptions,
  RefusedError,
} from "./connect_options.ts";

/** What a resource says of a daemon that is to be reached. */
export interface DaemonPlace extends TlsDirectives {
  readonly heartbeatInterval: number;
  readonly address: string;
  readonly port: number;
  readonly password: { readonly key: string };
  readonly tlsRequire: boolean;
}

/** What listens there. */
export type DaemonKind = Exclude<PeerKind, "director">;

/** Who is expected and how it is spoken to. */
export interface Expected {
  readonly who: string;
  readonly kind: DaemonKind;
  readonly way: Way;
  /** The first message. */
  readonly hello: string;
  /** Clock and patience of the authentication, if they are others than the connection's. */
  readonly authentication?: Environment;
}

/** A refusal, and what to say of it if no other way helps. */
export interface DaemonRefusal extends Refusal {
  readonly error: DaemonConnectionError;
}

const texts: Readonly<Record<DaemonKind, { readonly name: string; readonly where: string }>> = {
  "file daemon": {
    name: "File",
    where: "TLS Require = no or TLS Enable = no in its Client resource",
  },
  "storage daemon": { name: "Storage", where: "TLS Enable = no in its Storage resource" },
};

/** The policy towards a daemon: a storage daemon is not spoken to in the clear where TLS is enabled. */
function policyTo({ tlsEnable, tlsRequire }: DaemonPlace, kind: DaemonKind): number {
  return tlsPolicyOf(tlsEnable, tlsRequire || kind === "storage daemon");
}

/**
 * Reaches a daemon on the way that is known, or on the first that leads to it.
 * @throws {DaemonConnectionError}
 */
export async function reachDaemon<T>(
  daemon: DaemonPlace,
  kind: DaemonKind,
  known: KnownWay | undefined,
  attempt: (way: Way) => Promise<Attempt<T, DaemonRefusal>>,
): Promise<T> {
  const peer: ReachablePeer = {
    kind,
    tlsPolicy: policyTo(daemon, kind),
    certificates: certificateSettingsOf(daemon),
  };
  const outcome = known === undefined
    ? await reachSomehow(peer, attempt)
    : await attempt(knownWay(known, peer));
  if ("refusal" in outcome) throw outcome.refusal.error;
  return outcome.reached;
}

/**
 * Connects, authenticates and finishes what the way begins.
 * @throws {DaemonConnectionError} if nobody answers, and what `options.abort` is aborted with
 */
export async function connectDaemon<T>(
  daemon: DaemonPlace,
  { who, kind, way, hello, authentication }: Expected,
  options: DaemonConnectOptions,
  finish: (connection: Connection) => Promise<T>,
): Promise<Attempt<T, DaemonRefusal>> {
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
      `Failed to connect to ${who} at ${address}:${port}. ERR=${messageOf(cause)}`,
      { cause },
    );
  }
  const close = () => connection.close();
  options.abort?.addEventListener("abort", close, { once: true });
  const tls = { certificates: certificateSettingsOf(daemon), hostName: address };
  const isTls = way.mode === "tls";
  try {
    if (isTls) {
      await startTls(connection, { type: "R_DIRECTOR", name: options.director }, password.key, tls);
    }
    await authenticateConnector(connection, {
      hello,
      ownName: `R_DIRECTOR::${options.director}`,
      owner: { type: "R_DIRECTOR", name: options.director },
      key: password.key,
      tlsPolicy: way.policyBy(policyTo(daemon, kind)),
      startTls: connectTlsLate(connection, tls),
      environment: authentication ?? options.environment ?? realEnvironment,
    });
    return { reached: await finish(connection) };
  } catch (cause) {
    connection.close();
    if (options.abort?.aborted) throw options.abort.reason;
    if (cause instanceof DaemonConnectionError) {
      return { refusal: { connection, cause, error: cause } };
    }
    const error = new RefusedError(
      `Unable to authenticate with ${texts[kind].name} daemon at "${address}:${port}". ` +
        messageOf(cause) + (isTls && hungUpOnTls(connection, cause) ? withoutTlsHint(kind) : ""),
      { cause },
    );
    return { refusal: { connection, cause, error } };
  } finally {
    options.abort?.removeEventListener("abort", close);
  }
}

/** What to do about a daemon that does not answer a handshake (bacula.md 5.4, wire.md 9.3). */
function withoutTlsHint(kind: DaemonKind): string {
  return `. If it is a daemon of Bacula, or of Bareos before 18.2, it needs ${texts[kind].where} ` +
    "of this director, or TLS Certificate and TLS Key on both ends";
}
