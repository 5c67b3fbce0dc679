/**
 * Key agreement with the raw public keys that TLS carries: X25519 (RFC 7748), and P-256 and P-384 for
 * peers that know no other group.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createECDH,
  createPublicKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { Alert, TlsError } from "./alert.ts";

/** The groups, by their numbers on the wire. */
export const Group = { x25519: 0x001d, p256: 0x0017, p384: 0x0018 } as const;

/** The groups that are spoken, the preferred first. */
export const groups: readonly number[] = [Group.x25519, Group.p256, Group.p384];

/** One side's ephemeral key. */
export interface KeyExchange {
  /** The group's number. */
  readonly group: number;
  /** The public key, as TLS carries it. */
  readonly publicKey: Uint8Array;
  /**
   * The secret shared with the owner of `peerKey`.
   *
   * @throws TlsError (illegal_parameter) if the peer's key is none, or gives no secret
   */
  sharedSecret(peerKey: Uint8Array): Uint8Array;
}

/** Makes a fresh key of one of {@linkcode groups}. */
export function keyExchange(group: number): KeyExchange {
  switch (group) {
    case Group.x25519:
      return new Montgomery();
    case Group.p256:
      return new Weierstrass(group, "prime256v1", 65);
    case Group.p384:
      return new Weierstrass(group, "secp384r1", 97);
    default:
      throw new TlsError(Alert.internalError, `Group ${group} is not known`);
  }
}

/** The DER of a SubjectPublicKeyInfo for X25519, up to the key itself. */
const publicKeyPrefix = Uint8Array.from([0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 33, 0]);
const publicKeyLength = 32;

class Montgomery implements KeyExchange {
  readonly group = Group.x25519;
  readonly publicKey: Uint8Array;
  readonly #privateKey: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("x25519");
    this.#privateKey = privateKey;
    const der = publicKey.export({ type: "spki", format: "der" });
    this.publicKey = new Uint8Array(der.subarray(der.length - publicKeyLength));
  }

  sharedSecret(peerKey: Uint8Array): Uint8Array {
    checkLength(peerKey, publicKeyLength);
    const der = new Uint8Array(publicKeyPrefix.length + publicKeyLength);
    der.set(publicKeyPrefix);
    der.set(peerKey, publicKeyPrefix.length);
    let secret: Uint8Array;
    try {
      const publicKey = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
      secret = diffieHellman({ privateKey: this.#privateKey, publicKey });
    } catch (cause) {
      throw new TlsError(Alert.illegalParameter, "The peer's key share is not a key", false, {
        cause,
      });
    }
    // RFC 8446, 7.4.2: an all-zero result means a key chosen to make the secret known.
    if (secret.every((byte) => byte === 0)) {
      throw new TlsError(Alert.illegalParameter, "The peer's key share gives no secret");
    }
    return secret;
  }
}

class Weierstrass implements KeyExchange {
  readonly publicKey: Uint8Array;
  readonly #key: ECDH;
  readonly #length: number;

  constructor(readonly group: number, curve: string, length: number) {
    this.#key = createECDH(curve);
    this.publicKey = new Uint8Array(this.#key.generateKeys());
    this.#length = length;
  }

  sharedSecret(peerKey: Uint8Array): Uint8Array {
    checkLength(peerKey, this.#length);
    // Only the uncompressed form is allowed (RFC 8446, 4.2.8.2).
    if (peerKey[0] !== 4) {
      throw new TlsError(Alert.illegalParameter, "The peer's key share is in an unknown form");
    }
    try {
      return this.#key.computeSecret(peerKey); // refuses points that are not on the curve
    } catch (cause) {
      throw new TlsError(Alert.illegalParameter, "The peer's key share is not a key", false, {
        cause,
      });
    }
  }
}

function checkLength(peerKey: Uint8Array, length: number): void {
  if (peerKey.length === length) return;
  throw new TlsError(Alert.illegalParameter, `A key share of ${peerKey.length} bytes`);
}
