/** Signatures of handshakes with certificates (RFC 8446, 4.2.3 and 4.4.3; RFC 5246, 7.4.1.4.1). @module */
import { Buffer } from "node:buffer";
import { constants, type KeyObject, sign, verify } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";
import { tls13, type TlsVersion } from "./cipher_suite.ts";

interface Scheme {
  /** Its number on the wire. */
  readonly id: number;
  /** Kind of key: for EC in TLS 1.3, of this curve. */
  readonly key: "rsa" | "ec" | "ed25519";
  readonly curve?: string;
  readonly hash: "sha256" | "sha384" | "sha512" | null;
  readonly isPss?: boolean;
  /** Whether it signs handshakes of TLS 1.2 only. */
  readonly isOld?: boolean;
}

/** The schemes that are spoken, the preferred first. */
const schemes: readonly Scheme[] = [
  { id: 0x0807, key: "ed25519", hash: null },
  { id: 0x0403, key: "ec", curve: "prime256v1", hash: "sha256" },
  { id: 0x0503, key: "ec", curve: "secp384r1", hash: "sha384" },
  { id: 0x0804, key: "rsa", hash: "sha256", isPss: true },
  { id: 0x0805, key: "rsa", hash: "sha384", isPss: true },
  { id: 0x0806, key: "rsa", hash: "sha512", isPss: true },
  { id: 0x0401, key: "rsa", hash: "sha256", isOld: true },
  { id: 0x0501, key: "rsa", hash: "sha384", isOld: true },
  { id: 0x0601, key: "rsa", hash: "sha512", isOld: true },
];

/** The numbers for `signature_algorithms`. */
export const signatureSchemes: readonly number[] = schemes.map(({ id }) => id);

/** How `key` signs for a peer that takes `offered`; undefined if it cannot. */
export function schemeFor(
  key: KeyObject,
  offered: readonly number[],
  version: TlsVersion,
): number | undefined {
  return schemes.find((scheme) => offered.includes(scheme.id) && isFor(scheme, key, version))?.id;
}

/** The kinds of certificates that a server may ask for in TLS 1.2: RSA and ECDSA. */
export const certificateTypes: readonly number[] = [1, 64];

/** Signs a message with a scheme that {@linkcode schemeFor} gave. */
export function signMessage(id: number, key: KeyObject, message: Uint8Array): Uint8Array {
  const scheme = schemes.find((one) => one.id === id);
  if (scheme === undefined) throw new TlsError(Alert.internalError, `No signature scheme ${id}`);
  return new Uint8Array(sign(scheme.hash, message, { key, ...paddingOf(scheme) }));
}

/**
 * Checks a signature of a message.
 *
 * @throws TlsError (illegal_parameter, decrypt_error) if the scheme does not fit, or it is wrong
 */
export function checkSignature(
  id: number,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
  version: TlsVersion,
): void {
  const scheme = schemes.find((one) => one.id === id);
  if (scheme === undefined || !isFor(scheme, key, version)) {
    throw new TlsError(Alert.illegalParameter, "The peer signs in a way that was not offered");
  }
  let isRight = false;
  let cause: unknown;
  try {
    isRight = verify(scheme.hash, message, { key, ...paddingOf(scheme) }, signature);
  } catch (error) {
    cause = error; // a signature that is none is wrong, too
  }
  if (isRight) return;
  throw new TlsError(Alert.decryptError, "The peer's signature is wrong", false, { cause });
}

function isFor(scheme: Scheme, key: KeyObject, version: TlsVersion): boolean {
  if (scheme.key !== key.asymmetricKeyType) return false;
  if (version !== tls13) return true;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return scheme.isOld !== true && (scheme.curve === undefined || scheme.curve === curve);
}

function paddingOf({ key, isPss }: Scheme): { padding?: number; saltLength?: number } {
  if (key !== "rsa") return {};
  return isPss === true
    ? {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }
    : { padding: constants.RSA_PKCS1_PADDING };
}

/** What a CertificateVerify of TLS 1.3 signs (RFC 8446, 4.4.3). */
export function signedContent(
  signer: "client" | "server",
  transcriptHash: Uint8Array,
): Uint8Array {
  const context = `${" ".repeat(64)}TLS 1.3, ${signer} CertificateVerify\0`;
  return Buffer.concat([new TextEncoder().encode(context), transcriptHash]);
}
