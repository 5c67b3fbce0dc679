/**
 * The protection of records in TLS 1.3 (RFC 8446, 5.2 and 5.3): an AEAD under a
 * traffic secret, with a nonce that counts.
 *
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";
import { expandLabel } from "./key_schedule.ts";

/** A suite of TLS 1.3 whose hash is SHA-256. */
export interface CipherSuite {
  /** Its number on the wire. */
  readonly id: number;
  /** Its name as status output shows it. */
  readonly name: string;
  /** The algorithm's name in `node:crypto`. */
  readonly algorithm: "chacha20-poly1305" | "aes-128-gcm";
  /** Bytes of the key. */
  readonly keyLength: number;
}

/** The suites we speak, the preferred first: ChaCha20 is several times as fast here as AES-GCM. */
export const cipherSuites: readonly CipherSuite[] = [
  {
    id: 0x1303,
    name: "TLS_CHACHA20_POLY1305_SHA256",
    algorithm: "chacha20-poly1305",
    keyLength: 32,
  },
  { id: 0x1301, name: "TLS_AES_128_GCM_SHA256", algorithm: "aes-128-gcm", keyLength: 16 },
];

/** Bytes of the authentication tag that each record carries. */
export const tagLength = 16;

/** Records under one key after which the key must change (AES-GCM's bound, RFC 8446, 5.5). */
export const recordsPerKey = 2 ** 23;

const ivLength = 12;
const nothing: Uint8Array = new Uint8Array(0);

/** One direction's protection: a key, and how many records it has protected. */
export class RecordProtection {
  readonly #suite: CipherSuite;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #nonce = new Uint8Array(ivLength);
  #sequence = 0;

  /** The protection that `secret`, a traffic secret, gives. */
  constructor(suite: CipherSuite, secret: Uint8Array) {
    this.#suite = suite;
    this.#key = expandLabel(secret, "key", nothing, suite.keyLength);
    this.#iv = expandLabel(secret, "iv", nothing, ivLength);
  }

  /** Records protected so far. */
  get count(): number {
    return this.#sequence;
  }

  /**
   * Encrypts a record's content and its type (5.2) to `into` at `at`, followed by the tag; returns
   * the bytes written.
   */
  seal(
    header: Uint8Array,
    content: Uint8Array,
    type: number,
    into: Uint8Array,
    at: number,
  ): number {
    const cipher = createCipheriv(
      this.#suite.algorithm as "chacha20-poly1305",
      this.#key,
      this.#nextNonce(),
      { authTagLength: tagLength },
    );
    cipher.setAAD(header, { plaintextLength: content.length + 1 });
    into.set(cipher.update(content), at);
    into.set(cipher.update(Uint8Array.of(type)), at + content.length);
    cipher.final();
    into.set(cipher.getAuthTag(), at + content.length + 1);
    return content.length + 1 + tagLength;
  }

  /**
   * Decrypts a record's content, tag last.
   *
   * @throws TlsError (bad_record_mac) if it was not sealed with this key as this record
   */
  open(header: Uint8Array, sealed: Uint8Array): Uint8Array {
    if (sealed.length < tagLength + 1) {
      throw new TlsError(Alert.badRecordMac, "A protected record is too short");
    }
    const length = sealed.length - tagLength;
    const decipher = createDecipheriv(
      this.#suite.algorithm as "chacha20-poly1305",
      this.#key,
      this.#nextNonce(),
      { authTagLength: tagLength },
    );
    decipher.setAAD(header, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    try {
      const plaintext = decipher.update(sealed.subarray(0, length));
      decipher.final();
      return plaintext;
    } catch {
      throw new TlsError(Alert.badRecordMac, "A protected record was altered on its way");
    }
  }

  #nextNonce(): Uint8Array {
    const nonce = this.#nonce;
    nonce.set(this.#iv);
    let rest = this.#sequence++;
    for (let at = ivLength - 1; rest > 0; at--) {
      nonce[at] = (nonce[at] as number) ^ (rest & 0xff);
      rest = Math.floor(rest / 256);
    }
    return nonce;
  }
}
