/**
 * TLS before anything else is said (wire.md 8): with a pre-shared key, or with certificates; who the
 * key belongs to, and how a connection is put under it. With old peers TLS begins later, after
 * CRAM-MD5.
 *
 * @module
 */
import { decodeText, encodeText } from "../bytes/mod.ts";
import type { Connection } from "./connection.ts";
import { AuthenticationError } from "./errors.ts";
import {
  type AcceptOptions,
  acceptTls,
  acceptWithCertificates,
  Alert,
  type CertificateSettings,
  type ConnectOptions,
  connectTls,
  connectWithCertificates,
  offersKey,
  TlsError,
  wantsCertificates,
} from "./tls/mod.ts";

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
 * Puts a connection just opened under TLS with the key of `identity`.
 * @throws {AuthenticationError} if the handshake fails, with the likeliest cause; the connection is
 * closed then
 */
export async function startTls(
  connection: Connection,
  identity: Identity,
  key: string,
  options: ConnectOptions & PeerCertificates = {},
): Promise<void> {
  const { certificates } = options;
  const presharedKey = { identity: encodeIdentity(identity), key: encodeText(key) };
  try {
    await connection.protect((transport) =>
      certificates !== undefined && wantsCertificates(certificates)
        ? connectWithCertificates(transport, certificates, { hostName: options.hostName ?? "" })
        : connectTls(transport, presharedKey, options)
    );
  } catch (cause) {
    const { who, peer } = connection;
    const isKeyed = !wantsCertificates(certificates);
    const hint = isKeyed && cause instanceof TlsError ? CONNECTOR_HINTS[cause.alert] : undefined;
    const why = (hint ?? reasonOf(cause)).replaceAll("{name}", named(identity));
    throw new AuthenticationError(`Cannot start TLS with ${who} at ${peer}: ${why}`, [], { cause });
  }
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
      await connection.protect((transport) =>
        connectWithCertificates(transport, certificates, { hostName })
      );
    } catch (cause) {
      const why = reasonOf(cause);
      throw new AuthenticationError(`Cannot start TLS with ${who} at ${peer}: ${why}`, [], {
        cause,
      });
    }
  };
}

/** The same for who was connected to; undefined without an own certificate. */
export function acceptTlsLate(
  connection: Connection,
  certificates: CertificateSettings | undefined,
): (() => Promise<void>) | undefined {
  if (certificates === undefined || certificates.certificate === "") return undefined;
  return async () => {
    try {
      await connection.protect((transport, first) =>
        acceptWithCertificates(transport, first, certificates)
      );
    } catch (cause) {
      const why = reasonOf(cause);
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
  options: Omit<AcceptOptions, "keyOf" | "first"> & Pick<PeerCertificates, "certificates"> = {},
): Promise<void> {
  const { certificates } = options;
  let claimed: Identity | undefined;
  let isKnown = false;
  const keyOf = (bytes: Uint8Array): Uint8Array | undefined => {
    claimed = decodeIdentity(bytes);
    const key = claimed === undefined ? undefined : findKey(claimed);
    isKnown = key !== undefined && key !== "";
    return key === undefined || key === "" ? undefined : encodeText(key);
  };
  try {
    await connection.protect(async (transport, first) => {
      if (certificates === undefined || certificates.certificate === "") {
        return await acceptTls(transport, { ...options, keyOf, first });
      }
      const isKnown = (identity: Uint8Array): boolean => keyOf(identity) !== undefined;
      const { offers, bytes } = await offersKey(transport, first, isKnown);
      // A peer that must show one of some names can do so with a certificate only.
      const mustShow = certificates.verifiesPeer && certificates.allowedNames.length > 0;
      if (offers && !mustShow) {
        return await acceptTls(transport, { ...options, keyOf, first: bytes });
      }
      claimed = undefined;
      return await acceptWithCertificates(transport, bytes, certificates);
    });
  } catch (cause) {
    const why = claimed === undefined
      ? reasonOf(cause)
      : isKnown
      ? `${named(claimed)}: ${reasonOf(cause)}; the passwords on both ends differ, most likely`
      : `${named(claimed)} is unknown here, or has no job under way`;
    throw new AuthenticationError(`Cannot accept TLS from ${connection.peer}: ${why}`, [], {
      cause,
    });
  }
}

/** What an alert of the acceptor means, most likely (wire.md 8.8). */
const CONNECTOR_HINTS: Readonly<Record<number, string>> = {
  [Alert.handshakeFailure]: "the other end does not know {name}, or does not speak TLS with " +
    "pre-shared keys",
  [Alert.illegalParameter]: "the passwords of {name} on both ends differ",
  [Alert.decryptError]: "the passwords of {name} on both ends differ",
  [Alert.unknownPskIdentity]: "the other end does not know {name}",
};

function named({ type, name }: Identity): string {
  return `${type}::${name}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
