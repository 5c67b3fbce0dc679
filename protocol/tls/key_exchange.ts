/** X25519 (RFC 7748) with the raw public keys that TLS carries. @module */
import { Buffer } from "node:buffer";
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";

/** The DER of a SubjectPublicKeyInfo for X25519, up to the key itself. */
const publicKeyPrefix = Uint8Array.of(
  0x30,
  0x2a,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x6e,
  3,
  33,
  0,
);

/** One side's ephemeral key. */
export class KeyExchange {
  readonly #privateKey: KeyObject;
  /** The public key, 32 bytes. */
  readonly publicKey: Uint8Array;

  /** Makes a fresh key. */
  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("x25519");
    this.#privateKey = privateKey;
    const der = publicKey.export({ type: "spki", format: "der" });
    this.publicKey = new Uint8Array(der.subarray(der.length - 32));
  }

  /**
   * The secret shared with the owner of `peerKey`, 32 bytes.
   *
   * @throws TlsError (illegal_parameter) if the peer's key is none, or gives no secret
   */
  sharedSecret(peerKey: Uint8Array): Uint8Array {
    if (peerKey.length !== 32) {
      throw new TlsError(Alert.illegalParameter, `A key share of ${peerKey.length} bytes`);
    }
    const der = new Uint8Array(publicKeyPrefix.length + 32);
    der.set(publicKeyPrefix);
    der.set(peerKey, publicKeyPrefix.length);
    let secret: Uint8Array;
    try {
      const publicKey = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
      secret = diffieHellman({ privateKey: this.#privateKey, publicKey });
    } catch {
      throw new TlsError(Alert.illegalParameter, "The peer's key share is not a key");
    }
    // RFC 8446, 7.4.2: an all-zero result means a key chosen to make the secret known.
    if (secret.every((byte) => byte === 0)) {
      throw new TlsError(Alert.illegalParameter, "The peer's key share gives no secret");
    }
    return secret;
  }
}
