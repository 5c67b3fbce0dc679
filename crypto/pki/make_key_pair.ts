/** Key pairs for the file daemon: an RSA key and a certificate that it signs itself (RFC 5280). @module */
import { Buffer } from "node:buffer";
import { createHash, createSign, generateKeyPair, getRandomValues } from "node:crypto";
import { derObjectIdentifier, DerReader, derValue, tag } from "./der.ts";

/** A fresh key pair as PEM text. */
export interface NewKeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

const sha256WithRsa = "1.2.840.113549.1.1.11";
const commonName = "2.5.4.3";
const subjectKeyIdentifier = "2.5.29.14";
const utf8String = 0x0c;
const generalizedTime = 0x18;

/** Makes a key of so many bits, and a certificate for `name` without an end. */
export async function makeKeyPair(
  { name, bits, now = new Date() }: {
    readonly name: string;
    readonly bits: number;
    readonly now?: Date;
  },
): Promise<NewKeyPair> {
  const { publicKey, privateKey } = await new Promise<{ publicKey: Buffer; privateKey: string }>(
    (resolve, reject) =>
      generateKeyPair("rsa", {
        modulusLength: bits,
        publicKeyEncoding: { type: "spki", format: "der" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
      }, (error, publicKey, privateKey) =>
        error === null ? resolve({ publicKey, privateKey }) : reject(error)),
  );
  const algorithm = derValue(tag.sequence, derObjectIdentifier(sha256WithRsa), derValue(tag.null));
  const attribute = derValue(
    tag.sequence,
    derObjectIdentifier(commonName),
    derValue(utf8String, new TextEncoder().encode(name)),
  );
  const subject = derValue(tag.sequence, derValue(tag.set, attribute));
  const spki = new Uint8Array(publicKey);
  const body = derValue(
    tag.sequence,
    derValue(tag.context0, derValue(tag.integer, Uint8Array.of(2))), // version 3
    derValue(tag.integer, serialNumber()),
    algorithm,
    subject, // the issuer
    derValue(tag.sequence, time(now), derValue(generalizedTime, ascii("99991231235959Z"))),
    subject,
    spki,
    derValue(tag.context3, derValue(tag.sequence, keyIdentifier(spki))),
  );
  const signature = new Uint8Array(createSign("sha256").update(body).sign(privateKey));
  const certificate = derValue(
    tag.sequence,
    body,
    algorithm,
    derValue(tag.bitString, Uint8Array.of(0), signature),
  );
  return { certificate: pem("CERTIFICATE", certificate), privateKey: privateKey.trimEnd() + "\n" };
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function time(date: Date): Uint8Array {
  return derValue(generalizedTime, ascii(date.toISOString().replace(/[-:T]|\.\d+/g, "")));
}

/** A positive number of 16 random bytes. */
function serialNumber(): Uint8Array {
  const bytes = getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] ?? 0) & 0x3f | 0x40;
  return bytes;
}

/** The extension by which envelopes name the key: SHA-1 over the key itself (RFC 5280, 4.2.1.2). */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  const info = new DerReader(spki).enter(tag.sequence);
  info.readAny(); // the algorithm
  const key = info.read(tag.bitString).subarray(1);
  const id = new Uint8Array(createHash("sha1").update(key).digest());
  return derValue(
    tag.sequence,
    derObjectIdentifier(subjectKeyIdentifier),
    derValue(tag.octetString, derValue(tag.octetString, id)),
  );
}

function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
