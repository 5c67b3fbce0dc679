/**
 * RSA with PKCS#1 v1.5 (RFC 8017): what is done with a public key, by the program itself, and what is
 * done with a private one, by the runtime.
 *
 * @module
 */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  createSign,
  getRandomValues,
  type KeyObject,
  privateDecrypt,
} from "node:crypto";
import { messageOf } from "../../bytes/mod.ts";
import { parsePublicKey, PkiError, type RsaPublicKey } from "./certificate.ts";
import { derObjectIdentifier, derValue, tag } from "./der.ts";

/** Digests that may be signed, by object identifier (volume.md 13.4). */
export const signedDigests: Readonly<Record<string, "MD5" | "SHA1" | "SHA256" | "SHA512">> = {
  "2.16.840.1.101.3.4.2.1": "SHA256",
  "2.16.840.1.101.3.4.2.3": "SHA512",
  "1.3.14.3.2.26": "SHA1",
  "1.2.840.113549.2.5": "MD5",
};

/** The digest that is signed: SHA-256. */
export const signedDigest = "2.16.840.1.101.3.4.2.1";

/**
 * Whether a signature of a digest, given with its object identifier, was made with the key: not if the key
 * is too short for such a digest.
 */
export function isSignatureOf(
  { modulus, exponent, length }: RsaPublicKey,
  signature: Uint8Array,
  { oid, digest }: { readonly oid: string; readonly digest: Uint8Array },
): boolean {
  if (signature.length !== length) return false;
  const number = toNumber(signature);
  if (number >= modulus) return false;
  const info = digestInfo(oid, digest);
  if (info.length > length - leastPadding) return false;
  return power(number, exponent, modulus) === toNumber(padded(length, 1, info));
}

/** Encrypts a short secret for the owner of the key. */
export function encryptFor(
  { modulus, exponent, length }: RsaPublicKey,
  secret: Uint8Array,
): Uint8Array {
  return toBytes(power(toNumber(padded(length, 2, secret)), exponent, modulus), length);
}

/** A private key as PKCS#8 PEM text, which may be sent to a thread. */
export type PrivateKeyText = string;

/** Opens what {@linkcode encryptFor} made; undefined if this key does not open it. */
export function decryptWith(key: PrivateKeyText, encrypted: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(
      privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encrypted),
    );
  } catch {
    return undefined; // whatever the reason, nobody outside may learn it
  }
}

/** Signs what was digested with SHA-256, by the runtime. */
export function beginSignature(
  key: KeyObject,
): { update(bytes: Uint8Array): void; sign(): Uint8Array } {
  const sign = createSign("sha256");
  return {
    update: (bytes) => void sign.update(bytes),
    sign: () => new Uint8Array(sign.sign(key)),
  };
}

/**
 * Reads a private RSA key: PEM of PKCS#1 or PKCS#8, or encrypted with the empty pass phrase.
 * @throws {PkiError} if it is none
 */
export function readPrivateKey(pem: string): { text: PrivateKeyText; publicKey: RsaPublicKey } {
  let key: KeyObject;
  try {
    key = createPrivateKey(
      pem.includes("ENCRYPTED") ? { key: pem, passphrase: "" } : { key: pem },
    );
  } catch (cause) {
    const why = messageOf(cause);
    throw new PkiError(`Cannot read the private key: ${why}`, { cause });
  }
  if (key.asymmetricKeyType !== "rsa") {
    throw new PkiError(
      `Cannot use a key of kind ${key.asymmetricKeyType}: only RSA keys are supported`,
    );
  }
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    text: key.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: parsePublicKey(new Uint8Array(spki)),
  };
}

/** Bytes of a block beside its data, at least (RFC 8017, 9.2). */
const leastPadding = 11;

/** DigestInfo (RFC 8017, 9.2): the digest with its algorithm. */
function digestInfo(oid: string, digest: Uint8Array): Uint8Array {
  const algorithm = derValue(tag.sequence, derObjectIdentifier(oid), derValue(tag.null));
  return derValue(tag.sequence, algorithm, derValue(tag.octetString, digest));
}

/** `00 kind padding 00 data`; the padding of kind 1 is `ff`, of kind 2 random without zeros. */
function padded(length: number, kind: 1 | 2, data: Uint8Array): Uint8Array {
  const count = length - 3 - data.length;
  if (data.length > length - leastPadding) {
    throw new RangeError(`Cannot put ${data.length} bytes into ${length}`);
  }
  const block = new Uint8Array(length);
  block[1] = kind;
  const padding = block.subarray(2, 2 + count).fill(255);
  if (kind === 2) {
    const one = new Uint8Array(1);
    padding.forEach((_, at) => {
      do getRandomValues(one); while (one[0] === 0);
      padding[at] = one[0] ?? 1;
    });
  }
  block.set(data, 3 + count);
  return block;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

function toBytes(number: bigint, length: number): Uint8Array {
  const text = number.toString(16).padStart(2 * length, "0");
  return Uint8Array.from({ length }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** For public exponents, which are short and no secret. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base % modulus; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = result * square % modulus;
    square = square * square % modulus;
  }
  return result;
}
