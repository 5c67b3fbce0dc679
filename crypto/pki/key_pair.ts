/** Keys and certificates as they are configured: PEM text (volume.md 13.1). @module */
import { Buffer } from "node:buffer";
import { type Certificate, parseCertificate, PkiError } from "./certificate.ts";
import { type PrivateKeyText, readPrivateKey } from "./rsa.ts";

/** A certificate with its private key. Plain data: it may be sent to a thread. */
export interface KeyPair {
  readonly certificate: Certificate;
  readonly privateKey: PrivateKeyText;
}

/** A key that opens envelopes. */
export interface OpeningKey {
  /** Its identifier; if it is not known, the key is tried on every recipient. */
  readonly keyId: Uint8Array | undefined;
  readonly privateKey: PrivateKeyText;
}

/** The first certificate of a PEM text. @throws {PkiError} if there is none that can be used */
export function readCertificate(pem: string): Certificate {
  const body = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (body === undefined) {
    throw new PkiError("Cannot find a certificate: there is none in PEM form");
  }
  return parseCertificate(new Uint8Array(Buffer.from(body, "base64")));
}

/** The private key of a PEM text, and its certificate if there is one. @throws {PkiError} */
export function readOpeningKey(pem: string): OpeningKey {
  const { text } = readPrivateKey(privateKeyIn(pem));
  const hasCertificate = pem.includes("-----BEGIN CERTIFICATE-----");
  return { keyId: hasCertificate ? readCertificate(pem).keyId : undefined, privateKey: text };
}

/** Certificate and private key of a PEM text. @throws {PkiError} if they are not a pair */
export function readKeyPair(pem: string): KeyPair {
  const certificate = readCertificate(pem);
  const { text, publicKey } = readPrivateKey(privateKeyIn(pem));
  if (publicKey.modulus !== certificate.publicKey.modulus) {
    throw new PkiError("Cannot use the private key: it does not belong to the certificate");
  }
  return { certificate, privateKey: text };
}

function privateKeyIn(pem: string): string {
  const found = /-----BEGIN ((?:RSA |ENCRYPTED )?PRIVATE KEY)-----[^]*?-----END \1-----/.exec(pem);
  if (found === null) throw new PkiError("Cannot find a private key: there is none in PEM form");
  return `${found[0]}\n`;
}
