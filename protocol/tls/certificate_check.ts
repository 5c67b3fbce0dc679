/** Whether a peer's certificate is to be believed, and if not why (wire.md 8.7). @module */
import type { X509Certificate } from "node:crypto";
import { DerError } from "../../crypto/mod.ts";
import { Alert } from "./alert.ts";
import {
  authorityOf,
  certificateFacts,
  hasCritical,
  hasPurpose,
  KeyUsage,
  mayBeUsedFor,
  Oid,
  type RevocationList,
} from "./certificate_facts.ts";
import { commonNameOf, dateText, type Fault, type Link, shown } from "./certificate_names.ts";
import { revocationFault } from "./revocation.ts";

/** What a certificate is checked against. */
export interface CertificateCheck {
  /** The peer's own certificate and what it sent with it. */
  readonly chain: readonly X509Certificate[];
  readonly authorities: readonly X509Certificate[];
  /** Lists of revoked certificates; without any, revocation is not checked. */
  readonly revocations?: readonly RevocationList[] | undefined;
  /** Common names that are allowed; any if empty. */
  readonly allowedNames: readonly string[];
  /** The name by which the peer was connected to; absent for who connected to us. */
  readonly hostName?: string | undefined;
  /** Whether the peer is the accepting end of the connection. */
  readonly isServer: boolean;
  readonly now: Date;
}

/** Longest chain that is followed. */
const mostSteps = 10;
const purposes = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;
const understood: readonly string[] = Object.values(Oid);

/** Why a certificate is not to be believed; undefined if it is. */
export function certificateFault(check: CertificateCheck): Fault | undefined {
  const [own] = check.chain;
  if (own === undefined) {
    const alert = check.isServer ? Alert.badCertificate : Alert.certificateRequired;
    return { alert, why: "the peer failed to present a TLS certificate" };
  }
  try {
    const path = findPath(own, check);
    if (!Array.isArray(path)) return path;
    return pathFault(path, check) ?? nameFault(own, check);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const why = `a certificate in the chain of ${shown(own)} cannot be read: ${error.message}`;
    return { alert: Alert.badCertificate, why };
  }
}

/** The certificates from the peer's own to one that is trusted, that one included. */
function findPath(
  own: X509Certificate,
  { chain, authorities }: CertificateCheck,
): Link[] | Fault {
  const path: Link[] = [];
  let current = own;
  while (path.length < mostSteps) {
    path.push(linkOf(current));
    const isTrusted = authorities.some((one) => isSame(one, current));
    // A peer's own certificate is trusted if it is listed and has issued itself.
    if (isTrusted && (current !== own || hasIssued(own, own))) return path;
    const root = authorities.find((one) => !isSame(one, current) && hasIssued(one, current));
    if (root !== undefined) return [...path, linkOf(root)];
    const next = chain.find((one) =>
      !path.some(({ certificate }) => isSame(certificate, one)) && hasIssued(one, current)
    );
    if (next === undefined && authorities.length === 0) {
      const why = "there are no authorities to check certificates with: " +
        "set TLS CA Certificate File";
      return { alert: Alert.unknownCa, why };
    }
    if (next === undefined) {
      const why = `the certificate of ${shown(own)} is issued by ${
        issuerOf(current)
      }, which is none of the authorities in TLS CA Certificate File`;
      return { alert: Alert.unknownCa, why };
    }
    current = next;
  }
  const why = `the chain of the certificate of ${shown(own)} is too long`;
  return { alert: Alert.unknownCa, why };
}

function pathFault(path: readonly Link[], check: CertificateCheck): Fault | undefined {
  for (const [index, link] of path.entries()) {
    const fault = timeFault(link, check.now) ?? useFault(link, index, check.isServer);
    if (fault !== undefined) return fault;
  }
  return check.revocations === undefined
    ? undefined
    : revocationFault(path, check.revocations, check.now);
}

function timeFault({ certificate, facts }: Link, now: Date): Fault | undefined {
  const { notBefore, notAfter } = facts;
  const name = `the certificate of ${shown(certificate)}`;
  if (now > notAfter) {
    return { alert: Alert.certificateExpired, why: `${name} expired on ${dateText(notAfter)}` };
  }
  if (now < notBefore) {
    const why = `${name} is valid only from ${dateText(notBefore)} on: is the clock right?`;
    return { alert: Alert.certificateExpired, why };
  }
  return undefined;
}

/** Whether a certificate may be what it is used as, at its place of the chain. */
function useFault(
  { certificate, facts }: Link,
  index: number,
  isServer: boolean,
): Fault | undefined {
  const fault = (alert: number, what: string): Fault => ({
    alert,
    why: `the certificate of ${shown(certificate)} ${what}`,
  });
  if (hasCritical(facts.extensions, understood) || facts.extensions.has(Oid.nameConstraints)) {
    return fault(Alert.unsupportedCertificate, "has conditions that are not understood here");
  }
  if (!hasPurpose(facts, isServer ? purposes.server : purposes.client)) {
    const end = isServer ? "servers" : "clients";
    return fault(Alert.unsupportedCertificate, `is not for ${end} (extended key usage)`);
  }
  if (index === 0) {
    const { digitalSignature, keyEncipherment, keyAgreement } = KeyUsage;
    const bits = isServer
      ? [digitalSignature, keyEncipherment, keyAgreement]
      : [digitalSignature, keyAgreement];
    return mayBeUsedFor(facts, ...bits)
      ? undefined
      : fault(Alert.unsupportedCertificate, "is not for TLS (key usage)");
  }
  const { isAuthority, pathLength } = authorityOf(facts);
  // Authorities of before there were extensions are believed if they are trusted by themselves.
  const isOldRoot = facts.version === 1 && hasIssued(certificate, certificate);
  if ((!isAuthority && !isOldRoot) || !mayBeUsedFor(facts, KeyUsage.certificateSign)) {
    return fault(Alert.unknownCa, "is not one of an authority, and has issued another");
  }
  // Those between this one and the peer's own; issuing oneself anew is not counted by the RFC.
  return index - 1 > pathLength && !isOldRoot
    ? fault(Alert.unknownCa, "does not allow so many authorities below it")
    : undefined;
}

function nameFault(
  certificate: X509Certificate,
  { allowedNames, hostName, isServer }: CertificateCheck,
): Fault | undefined {
  const name = commonNameOf(certificate);
  const alert = isServer ? Alert.certificateUnknown : Alert.accessDenied;
  if (allowedNames.length > 0) {
    if (allowedNames.includes(name)) return undefined;
    return { alert, why: `the certificate is for "${name}", which is not in TLS Allowed CN` };
  }
  if (hostName === undefined) return undefined;
  const wanted = hostName.toLowerCase();
  const names = [...alternativeNames(certificate), name];
  if (names.some((one) => one.toLowerCase() === wanted)) return undefined;
  const shownNames = [...new Set(names)].map((one) => `"${one}"`).join(", ");
  const why = `the certificate is for ${shownNames}, not for "${hostName}", the configured ` +
    "address; correct Address, or name the peer in TLS Allowed CN";
  return { alert, why };
}

/** The DNS names of a certificate. Names that are written in quotes may hold commas. */
function alternativeNames({ subjectAltName }: X509Certificate): string[] {
  return (subjectAltName ?? "").split(", ").filter((one) => one.startsWith("DNS:"))
    .map((one) => one.slice(4));
}

function issuerOf({ issuer }: X509Certificate): string {
  return `"${/^CN\s*=\s*(.*)$/m.exec(issuer)?.[1] ?? issuer.replaceAll("\n", ", ")}"`;
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // a key of another kind
  }
}

function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256;
}

function linkOf(certificate: X509Certificate): Link {
  return { certificate, facts: certificateFacts(new Uint8Array(certificate.raw)) };
}
