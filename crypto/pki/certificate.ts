/**
 * What the program wants of an X.509 certificate: its RSA key, and the key's identifier by which
 * envelopes and signatures name it (volume.md 13.1).
 *
 * @module
 */
import { DerError, DerReader, tag } from "./der.ts";

/** Keys and certificates that cannot be used. */
export class PkiError extends Error {
  override readonly name = "PkiError";
}

/** A public RSA key. */
export interface RsaPublicKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
  /** Bytes of the modulus. */
  readonly length: number;
}

/** A certificate. Plain data: it may be sent to a thread. */
export interface Certificate {
  /** Its subjectKeyIdentifier. */
  readonly keyId: Uint8Array;
  readonly publicKey: RsaPublicKey;
}

const subjectKeyIdentifier = "2.5.29.14";
const rsaEncryption = "1.2.840.113549.1.1.1";

/** Reads a certificate, DER. @throws {PkiError} if it is none, is not for RSA, or lacks its identifier */
export function parseCertificate(der: Uint8Array): Certificate {
  try {
    const body = new DerReader(der).enter(tag.sequence).enter(tag.sequence);
    if (body.nextTag === tag.context0) body.readAny(); // version
    // serial number, signature algorithm, issuer, validity, subject
    for (let n = 0; n < 5; n++) body.readAny();
    const publicKey = parsePublicKey(body.readAny());
    while (!body.isAtEnd && body.nextTag !== tag.context3) body.readAny();
    const keyId = body.isAtEnd ? undefined : keyIdOf(body.enter(tag.context3));
    if (keyId === undefined) {
      throw new PkiError(
        "Provided certificate does not include the required subjectKeyIdentifier extension.",
      );
    }
    return { keyId, publicKey };
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new PkiError(`Cannot read the certificate: ${cause.message}`, { cause });
  }
}

function keyIdOf(wrapper: DerReader): Uint8Array | undefined {
  const extensions = wrapper.enter(tag.sequence);
  while (!extensions.isAtEnd) {
    const extension = extensions.enter(tag.sequence);
    if (extension.objectIdentifier() !== subjectKeyIdentifier) continue;
    const value = extension.read(tag.octetString);
    return new DerReader(value).read(tag.octetString).slice();
  }
  return undefined;
}

/** Reads a SubjectPublicKeyInfo. @throws {PkiError} if it is not for RSA */
export function parsePublicKey(der: Uint8Array): RsaPublicKey {
  const info = new DerReader(der).enter(tag.sequence);
  const algorithm = info.enter(tag.sequence).objectIdentifier();
  if (algorithm !== rsaEncryption) {
    throw new PkiError(`Cannot use a key of kind ${algorithm}: only RSA keys are supported`);
  }
  const bits = info.read(tag.bitString);
  const key = new DerReader(bits.subarray(1)).enter(tag.sequence);
  const modulus = numberOf(key.read(tag.integer));
  const exponent = numberOf(key.read(tag.integer));
  const length = Math.ceil(modulus.toString(16).length / 2);
  if (length < 64 || length > 2048 || exponent < 3n) {
    throw new PkiError(`Cannot use an RSA key of ${length * 8} bits, 512 to 16384 are possible`);
  }
  return { modulus, exponent, length };
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}
