/** The key of a job: made for a backup, found again for a restore (volume.md 13.2, 13.5). @module */
import { getRandomValues } from "node:crypto";
import { type CipherKey, cipherOf, type ContentCipher } from "../cipher/mod.ts";
import type { Certificate } from "./certificate.ts";
import { DerError } from "./der.ts";
import { decodeCryptoData, encodeCryptoData } from "./envelope.ts";
import type { OpeningKey } from "./key_pair.ts";
import { decryptWith, encryptFor } from "./rsa.ts";

/** The key of a job, and the record that carries it. */
export interface CryptoSession extends CipherKey {
  /** The record of stream 22. */
  readonly record: Uint8Array;
}

/** An encrypted file cannot be opened; the message is that of the job log. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

/** A fresh key for a job, which the owners of these certificates can read. */
export function makeSession(
  cipher: ContentCipher,
  certificates: readonly Certificate[],
): CryptoSession {
  const key = getRandomValues(new Uint8Array(cipher.keyLength));
  const iv = getRandomValues(new Uint8Array(cipher.blockLength));
  const recipients = certificates.map(({ keyId, publicKey }) => ({
    keyId,
    encryptedKey: encryptFor(publicKey, key),
  }));
  return { cipher, key, iv, record: encodeCryptoData({ cipher: cipher.oid, iv, recipients }) };
}

/**
 * The key in a record of stream 22.
 * @throws {SessionError} if it cannot be read, or none of the keys opens it
 */
export function openSession(record: Uint8Array, keys: readonly OpeningKey[]): CipherKey {
  if (keys.length === 0) {
    throw new SessionError(
      "No private decryption keys have been defined to decrypt encrypted backup data.",
    );
  }
  const data = decode(record);
  const candidates = data.recipients.flatMap((recipient) =>
    keys.filter(({ keyId }) => keyId === undefined || isSame(keyId, recipient.keyId))
      .map(({ keyId, privateKey }) => ({ isNamed: keyId !== undefined, privateKey, recipient }))
  );
  const cipher = cipherOf(data.cipher);
  for (const { privateKey, recipient } of candidates) {
    const key = decryptWith(privateKey, recipient.encryptedKey);
    if (key === undefined) continue;
    if (cipher === undefined) {
      throw new SessionError(
        `An error occurred while decoding encrypted session data stream: unknown cipher ${data.cipher}`,
      );
    }
    return { cipher, key, iv: data.iv };
  }
  throw new SessionError(
    candidates.some(({ isNamed }) => isNamed)
      ? "Decrypt of the session key failed."
      : "Missing private key required to decrypt encrypted backup data.",
  );
}

function decode(record: Uint8Array): ReturnType<typeof decodeCryptoData> {
  try {
    return decodeCryptoData(record);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new SessionError(
      `An error occurred while decoding encrypted session data stream: ${cause.message}`,
      { cause },
    );
  }
}

/** Whether two key identifiers are the same; they are no secret. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
