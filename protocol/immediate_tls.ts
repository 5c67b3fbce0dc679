/**
 * TLS with a pre-shared key before anything else is said (wire.md 8): who the key belongs to, and how
 * a connection is put under it.
 *
 * @module
 */
import { decodeText, encodeText } from "../bytes/mod.ts";
import type { Connection } from "./connection.ts";
import { type AcceptOptions, acceptTls, type ConnectOptions, connectTls } from "./tls/mod.ts";

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
 * @throws {TlsError} if the handshake fails; the connection is closed then
 */
export async function startTls(
  connection: Connection,
  identity: Identity,
  key: string,
  options: ConnectOptions = {},
): Promise<void> {
  const presharedKey = { identity: encodeIdentity(identity), key: encodeText(key) };
  await connection.protect((transport) => connectTls(transport, presharedKey, options));
}

/** Finds the key of an identity; `undefined` if nobody of that name is known. */
export type FindKey = (identity: Identity) => string | undefined;

/**
 * Answers a handshake whose first bytes have been looked at (`peek`).
 * @throws {TlsError} if it fails; the connection is closed then
 */
export async function answerTls(
  connection: Connection,
  findKey: FindKey,
  options: Omit<AcceptOptions, "keyOf" | "first"> = {},
): Promise<void> {
  const keyOf = (bytes: Uint8Array): Uint8Array | undefined => {
    const identity = decodeIdentity(bytes);
    const key = identity === undefined ? undefined : findKey(identity);
    return key === undefined || key === "" ? undefined : encodeText(key);
  };
  await connection.protect((transport, first) =>
    acceptTls(transport, { ...options, keyOf, first })
  );
}
