/**
 * TLS before anything else is said (wire.md 8): with a pre-shared key, or with certificates; who the
 * key belongs to, and how a connection is put under it. With old peers TLS begins later, after
 * CRAM-MD5.
 *
 * @module
 */
import { decodeText, encodeText, messageOf } from "../bytes/mod.ts";
import type { Connection } from "./connection.ts";
import { AuthenticationError } from "./errors.ts";
import { passwordHint } from "./password_hint.ts";
import {
  acceptTls,
  Alert,
  type CertificateSettings,
  type CipherSuite,
  type ConnectOptions,
  connectTls,
  demandsNames,
  dhGroupOf,
  loadCredentials,
  mayUseKey,
  offersCertificates,
  suitesOf,
  tls13,
  TlsError,
} from "./tls/mod.ts";
import type { ProtectionEnd } from "./transport.ts";

/** Kinds of resources and of jobs that keys belong to (wire.md 8.3). */
export type IdentityType = "R_CONSOLE" | "R_DIRECTOR" | "R_CLIENT" | "R_JOB";

/** Whose pre-shared key is used. */
export interface Identity {
  /** The word for the kind of resource; foreign words are possible in what a peer sends. */
  readonly type: IdentityType | string;
  /** The name of the resource or the unique name of the job. */
  readonly name: string;
}

const SEPARATOR = "\x1e";

/** An identity's bytes in a handshake: type, 0x1e, name. */
export function encodeIdentity({ type, name }: Identity): Uint8Array {
  return encodeText(`${type}${SEPARATOR}${name}`);
}

/** What a peer's identity says; `undefined` if it has no separator. */
export function decodeIdentity(bytes: Uint8Array): Identity | undefined {
  const [type, name] = decodeText(bytes).split(SEPARATOR);
  return type === undefined || name === undefined ? undefined : { type, name };
}

/**
 * Puts a connection just opened under TLS with the key of `identity`, with certificates, or with
 * whichever of the two the other end chooses (wire.md 8.5, 8.7).
 * @throws {AuthenticationError} if the handshake fails, with the likeliest cause; the connection is
 * closed then
 */
export async function startTls(
  connection: Connection,
  identity: Identity,
  key: string,
  { certificates, hostName = "", timeoutMs }: PeerCertificates & { readonly timeoutMs?: number } =
    {},
): Promise<void> {
  const isKeyed = mayUseKey(certificates) && key !== "";
  try {
    const suites = certificates === undefined ? undefined : suitesOf(certificates);
    const isCertified = certificates !== undefined && offersCertificates(certificates);
    const options: ConnectOptions = {
      presharedKey: isKeyed
        ? { identity: encodeIdentity(identity), key: encodeText(key) }
        : undefined,
      credentials: isCertified ? loadCredentials(certificates, { hostName }) : undefined,
      suites: isCertified && suites !== undefined ? certificatesFirst(suites) : suites,
      timeoutMs,
    };
    await connection.protect((transport) => connectTls(transport, options));
    if (certificates?.isForAuthentication) await connection.unprotect("closed");
  } catch (cause) {
    connection.close();
    const { who, peer } = connection;
    const hints = isKeyed ? CONNECTOR_HINTS : CERTIFICATE_HINTS;
    const hint = cause instanceof TlsError && cause.isFromPeer ? hints[cause.alert] : undefined;
    const why = (hint ?? messageOf(cause)).replaceAll("{name}", named(identity))
      .replaceAll("{hint}", passwordHint(identity));
    throw new AuthenticationError(`Cannot start TLS with ${who} at ${peer}: ${why}`, [], { cause });
  }
}

/**
 * The order in which OpenSSL offers the suites of TLS 1.3. A daemon with a certificate takes the first,
 * which does not go with keys, and shows its certificate; one without takes the key with another.
 */
function certificatesFirst(suites: readonly CipherSuite[]): readonly CipherSuite[] {
  const isFirst = ({ version, hash }: CipherSuite): boolean =>
    version === tls13 && hash === "sha384";
  return [...suites.filter(isFirst), ...suites.filter((suite) => !isFirst(suite))];
}

/** Certificates for TLS with a peer that one connects to. */
export interface PeerCertificates {
  /** Own and trusted ones; pre-shared keys are used if absent, or if there are none. */
  readonly certificates?: CertificateSettings | undefined;
  /** The configured address of the peer, which its certificate must name. */
  readonly hostName?: string | undefined;
}

/**
 * Starts TLS after CRAM-MD5 (wire.md 7.3), which is always with certificates: for
 * `AuthenticationOptions.startTls` of who has connected.
 */
export function connectTlsLate(
  connection: Connection,
  { certificates, hostName = "" }: PeerCertificates,
): () => Promise<void> {
  return async () => {
    const { who, peer } = connection;
    try {
      if (certificates === undefined) throw new Error("no certificates are configured");
      const credentials = loadCredentials(certificates, { hostName });
      const suites = suitesOf(certificates);
      await connection.protect((transport) => connectTls(transport, { credentials, suites }));
      if (certificates.isForAuthentication) await connection.unprotect(lateEnd(connection));
    } catch (cause) {
      connection.close();
      const hint = certificates?.certificate ? "" : LATE_TLS_HINT;
      const why = `${messageOf(cause)}${hint}`;
      throw new AuthenticationError(`Cannot start TLS with ${who} at ${peer}: ${why}`, [], {
        cause,
      });
    }
  };
}

/**
 * Whether `error` says that a peer closed the connection in place of a handshake, as those do that do not
 * know TLS at once; what knows it sends an alert (wire.md 8.8).
 */
export function hungUpOnTls(connection: Connection, error: unknown): boolean {
  const { cipher, pastProtection } = connection;
  return cipher === undefined && pastProtection === undefined && isHangUp(error);
}

/** Whether an error says that the peer, or what stands before it, ended the connection without a reason. */
export function isHangUp(error: unknown): boolean {
  const why = messageOf(error);
  return /reset by peer|broken pipe|closed|lost|end of/i.test(why) && !/alert/i.test(why);
}

/**
 * Whether a peer that has refused TLS at once may be connected to again, in the clear, for TLS that must
 * then follow the challenge (wire.md 7.3): it hung up, and we have what is needed for that.
 */
export function mayBeginTlsLate(
  connection: Connection,
  error: unknown,
  certificates: CertificateSettings | undefined,
): boolean {
  return certificates !== undefined && offersCertificates(certificates) &&
    hungUpOnTls(connection, error);
}

/**
 * How TLS that began after the challenge ends where it is for authentication only: daemons of Bacula and old
 * ones of Bareos drop it. Current ones, which have had TLS at once before, close it (wire.md 8.10).
 */
function lateEnd({ pastProtection }: Connection): ProtectionEnd {
  return pastProtection === undefined ? "dropped" : "closed";
}

/** What is likely wrong where TLS begins late and there is no certificate (wire.md 9.3, 10). */
const LATE_TLS_HINT =
  ". TLS after the challenge needs certificates on both ends; with pre-shared keys, set TLS Enable " +
  "alike in the director's Client and in the client's Director";

/** The same for who was connected to; undefined without an own certificate. */
export function acceptTlsLate(
  connection: Connection,
  certificates: CertificateSettings | undefined,
): (() => Promise<void>) | undefined {
  if (certificates === undefined || certificates.certificate === "") return undefined;
  return async () => {
    try {
      const credentials = loadCredentials(certificates, "acceptor");
      const suites = suitesOf(certificates);
      const dhGroup = dhGroupOf(certificates);
      await connection.protect((transport, first) =>
        acceptTls(transport, { credentials, suites, dhGroup, first })
      );
      if (certificates.isForAuthentication) await connection.unprotect(lateEnd(connection));
    } catch (cause) {
      const why = messageOf(cause);
      throw new AuthenticationError(`Cannot accept TLS from ${connection.peer}: ${why}`, [], {
        cause,
      });
    }
  };
}

/** Finds the key of an identity; `undefined` if nobody of that name is known. */
export type FindKey = (identity: Identity) => string | undefined;

/**
 * Answers a handshake whose first bytes have been looked at (`peek`).
 * @throws {AuthenticationError} if it fails, with the likeliest cause; the connection is closed then
 */
export async function answerTls(
  connection: Connection,
  findKey: FindKey,
  { certificates, timeoutMs }: Pick<PeerCertificates, "certificates"> & {
    readonly timeoutMs?: number;
  } = {},
): Promise<void> {
  let claimed: Identity | undefined;
  let isKnown = false;
  const keyOf = (bytes: Uint8Array): Uint8Array | undefined => {
    claimed = decodeIdentity(bytes);
    const key = claimed === undefined ? undefined : findKey(claimed);
    isKnown = key !== undefined && key !== "";
    return key === undefined || key === "" ? undefined : encodeText(key);
  };
  const isDemanding = certificates !== undefined && demandsNames(certificates);
  try {
    const options = certificates === undefined ? {} : {
      credentials: loadCredentials(certificates, "acceptor"),
      suites: suitesOf(certificates),
      dhGroup: dhGroupOf(certificates),
    };
    await connection.protect((transport, first) =>
      acceptTls(transport, {
        ...options,
        keyOf: isDemanding ? undefined : keyOf,
        first,
        timeoutMs,
      })
    );
    if (connection.identity === undefined) claimed = undefined;
    if (certificates?.isForAuthentication) await connection.unprotect("closed");
  } catch (cause) {
    connection.close();
    const why = isDemanding && cause instanceof TlsError && !cause.isFromPeer &&
        cause.alert === Alert.handshakeFailure
      ? `${messageOf(cause)}; TLS Verify Peer with TLS Allowed CN demands one of the peer`
      : claimed === undefined
      ? messageOf(cause)
      : isKnown
      ? `${named(claimed)}: ${messageOf(cause)}${
        isWrongKey(cause) ? `${LIKELY}: ${passwordHint(claimed)}` : ""
      }`
      : `${named(claimed)} is unknown here, or has no job under way`;
    throw new AuthenticationError(`Cannot accept TLS from ${connection.peer}: ${why}`, [], {
      cause,
    });
  }
}

const LIKELY = "; the passwords on both ends differ, most likely";

/** Whether a failure is one of those that different keys lead to (wire.md 8.8). */
function isWrongKey(cause: unknown): boolean {
  const alerts: readonly number[] = [
    Alert.illegalParameter,
    Alert.badRecordMac,
    Alert.decryptError,
  ];
  return cause instanceof TlsError && alerts.includes(cause.alert);
}

/** What an alert of the acceptor means, most likely (wire.md 8.8). */
const CONNECTOR_HINTS: Readonly<Record<number, string>> = {
  [Alert.handshakeFailure]: "the other end does not know {name}, or does not speak TLS with " +
    "pre-shared keys",
  [Alert.illegalParameter]: "the passwords of {name} on both ends differ; {hint}",
  [Alert.decryptError]: "the passwords of {name} on both ends differ; {hint}",
  [Alert.unknownPskIdentity]: "the other end does not know {name}",
  // In TLS 1.2 a wrong key shows when the first protected record cannot be read.
  [Alert.badRecordMac]: "the passwords of {name} on both ends differ; {hint}",
};

/** The same for who wants to see the acceptor's certificate and so offers no key. */
const CERTIFICATE_HINTS: Readonly<Record<number, string>> = {
  [Alert.handshakeFailure]: "the other end has no TLS Certificate to show, which TLS Verify Peer " +
    "demands, or does not accept ours",
  [Alert.certificateRequired]:
    "the other end demands a certificate: set TLS Certificate and TLS Key",
  [Alert.unknownCa]: "the other end does not know the authority of our TLS Certificate",
  [Alert.certificateExpired]: "the other end says that our TLS Certificate has expired",
  [Alert.certificateRevoked]: "the other end says that our TLS Certificate was revoked",
  [Alert.accessDenied]: "the name in our TLS Certificate is not in TLS Allowed CN of the other end",
};

function named({ type, name }: Identity): string {
  return `${type}::${name}`;
}
