/**
 * What X.509 certificates and revocation lists say (RFC 5280, 4 and 5), read from their DER where the
 * runtime does not tell.
 *
 * @module
 */
import { DerError, DerReader, derTag } from "../../crypto/mod.ts";

const tag = {
  ...derTag,
  boolean: 0x01,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  context0: 0xa0,
} as const;

/** An extension. */
export interface Extension {
  readonly isCritical: boolean;
  /** DER of what it says. */
  readonly value: Uint8Array;
}

/** The object identifiers of extensions that are understood, or may be passed over. */
export const Oid = {
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  issuerAltName: "2.5.29.18",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  authorityKeyId: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
  inhibitAnyPolicy: "2.5.29.54",
} as const;

/** Bits of key usage, by their numbers in the RFC. */
export const KeyUsage = {
  digitalSignature: 0,
  keyEncipherment: 2,
  keyAgreement: 4,
  certificateSign: 5,
  listSign: 6,
} as const;

/** What a certificate says. */
export interface CertificateFacts {
  /** 1 or 3. */
  readonly version: number;
  /** The bytes of its number. */
  readonly serial: Uint8Array;
  /** DER of the names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Reads a certificate. @throws {DerError} if it is none */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const body = new DerReader(der).enter(tag.sequence).enter(tag.sequence);
  const version = body.nextTag === tag.context0 ? body.enter(tag.context0).integer() + 1 : 1;
  const serial = body.read(tag.integer);
  body.readAny(); // how it is signed
  const issuer = body.readAny();
  const validity = body.enter(tag.sequence);
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  const subject = body.readAny();
  body.readAny(); // the public key
  while (!body.isAtEnd && body.nextTag !== tag.context3) body.readAny();
  const extensions = body.isAtEnd ? new Map() : readExtensions(body.enter(tag.context3));
  return { version, serial, issuer, subject, notBefore, notAfter, extensions };
}

/** What is known of an authority: whether it is one, and how many more may follow it. */
export function authorityOf(
  { extensions }: CertificateFacts,
): { isAuthority: boolean; pathLength: number } {
  const extension = extensions.get(Oid.basicConstraints);
  if (extension === undefined) return { isAuthority: false, pathLength: 0 };
  const reader = new DerReader(extension.value).enter(tag.sequence);
  const isAuthority = readBoolean(reader);
  const pathLength = reader.nextTag === tag.integer ? reader.integer() : Infinity;
  return { isAuthority, pathLength };
}

/** Whether a key may be used for one of these; always if the certificate does not say. */
export function mayBeUsedFor(
  { extensions }: CertificateFacts,
  ...bits: readonly number[]
): boolean {
  const extension = extensions.get(Oid.keyUsage);
  if (extension === undefined) return true;
  const string = new DerReader(extension.value).read(tag.bitString);
  return bits.some((bit) => ((string[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

const anyPurpose = "2.5.29.37.0";

/** Whether a certificate is for a purpose; always if it does not say. */
export function hasPurpose({ extensions }: CertificateFacts, purpose: string): boolean {
  const extension = extensions.get(Oid.extendedKeyUsage);
  if (extension === undefined) return true;
  const reader = new DerReader(extension.value).enter(tag.sequence);
  while (!reader.isAtEnd) {
    const found = reader.objectIdentifier();
    if (found === purpose || found === anyPurpose) return true;
  }
  return false;
}

/** A revocation list. */
export interface RevocationList {
  /** What is signed, and how: DER of the algorithm, and the signature. */
  readonly signed: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
  /** DER of the name. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** When each number was revoked, by its bytes in hexadecimal digits. */
  readonly revoked: ReadonlyMap<string, Date>;
  /** Whether it has critical extensions, which limit what it is for and are not understood. */
  readonly isLimited: boolean;
}

/** Reads a revocation list. @throws {DerError} if it is none */
export function revocationList(der: Uint8Array): RevocationList {
  const outer = new DerReader(der).enter(tag.sequence);
  const signed = outer.readAny();
  const algorithm = outer.enter(tag.sequence).objectIdentifier();
  const signature = outer.read(tag.bitString).subarray(1);
  const body = new DerReader(signed).enter(tag.sequence);
  if (body.nextTag === tag.integer) body.integer();
  body.readAny(); // how it is signed, again
  const issuer = body.readAny();
  const thisUpdate = readTime(body);
  const hasNext = body.nextTag === tag.utcTime || body.nextTag === tag.generalizedTime;
  const nextUpdate = hasNext ? readTime(body) : undefined;
  const revoked = new Map<string, Date>();
  let isLimited = false;
  if (body.nextTag === tag.sequence) {
    const entries = body.enter(tag.sequence);
    while (!entries.isAtEnd) {
      const entry = entries.enter(tag.sequence);
      revoked.set(serialText(entry.read(tag.integer)), readTime(entry));
      if (!entry.isAtEnd) isLimited ||= hasCritical(readExtensions(entry), []);
    }
  }
  if (body.nextTag === tag.context0) {
    isLimited ||= hasCritical(readExtensions(body.enter(tag.context0)), [Oid.crlNumber]);
  }
  return { signed, algorithm, signature, issuer, thisUpdate, nextUpdate, revoked, isLimited };
}

/** A certificate's number as a key of a map. */
export function serialText(serial: Uint8Array): string {
  return Array.from(serial, (byte) => byte.toString(16).padStart(2, "0")).join("")
    .replace(/^(00)+(?=.)/, "");
}

/** Whether there are critical extensions but these. */
export function hasCritical(
  extensions: ReadonlyMap<string, Extension>,
  known: readonly string[],
): boolean {
  return [...extensions].some(([oid, { isCritical }]) => isCritical && !known.includes(oid));
}

function readExtensions(reader: DerReader): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const list = reader.enter(tag.sequence);
  while (!list.isAtEnd) {
    const one = list.enter(tag.sequence);
    const oid = one.objectIdentifier();
    if (extensions.has(oid)) throw new DerError(`extension ${oid} comes twice`);
    extensions.set(oid, { isCritical: readBoolean(one), value: one.read(tag.octetString) });
  }
  return extensions;
}

function readBoolean(reader: DerReader): boolean {
  return reader.nextTag === tag.boolean && reader.read(tag.boolean)[0] === 0xff;
}

/** UTCTime or GeneralizedTime, with seconds and in UTC as RFC 5280 wants it. */
function readTime(reader: DerReader): Date {
  const isLong = reader.nextTag === tag.generalizedTime;
  const bytes = reader.read(isLong ? tag.generalizedTime : tag.utcTime);
  const text = String.fromCharCode(...bytes.subarray(0, longestTime));
  const match = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null || bytes.length !== (isLong ? 15 : 13)) throw new DerError(`time ${text}`);
  const [, year = "", month, day, hour, minute, second] = match;
  const century = isLong ? "" : Number(year) < 50 ? "20" : "19";
  const wanted = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(`${wanted}Z`);
  // A day that a month has not, and the hour 24, would be taken for another time.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== `${wanted}.000Z`) {
    throw new DerError(`time ${text}`);
  }
  return date;
}

/** Bytes of a time that are looked at: more than any has. */
const longestTime = 20;
