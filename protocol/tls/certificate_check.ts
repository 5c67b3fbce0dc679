/** Whether a peer's certificate is to be believed, and if not why (wire.md 8.7). @module */
import type { X509Certificate } from "node:crypto";

/** What a certificate is checked against. */
export interface CertificateCheck {
  /** The peer's own certificate and what it sent with it. */
  readonly chain: readonly X509Certificate[];
  readonly authorities: readonly X509Certificate[];
  /** Common names that are allowed; any if empty. */
  readonly allowedNames: readonly string[];
  /** The name by which the peer was connected to; absent for who connected to us. */
  readonly hostName?: string | undefined;
  readonly now: Date;
}

/** Longest chain that is followed. */
const mostSteps = 10;

/** Why a certificate is not to be believed, in words; undefined if it is. */
export function certificateFault(check: CertificateCheck): string | undefined {
  const { chain, authorities, allowedNames, hostName, now } = check;
  const [own] = chain;
  if (own === undefined) return "the peer failed to present a TLS certificate";
  return trustFault(own, chain, authorities, now) ?? nameFault(own, allowedNames, hostName);
}

function trustFault(
  own: X509Certificate,
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  now: Date,
): string | undefined {
  let current = own;
  for (let step = 0; step < mostSteps; step++) {
    const expired = timeFault(current, now);
    if (expired !== undefined) return expired;
    if (authorities.some((one) => one.fingerprint256 === current.fingerprint256)) return undefined;
    const root = authorities.find((one) => hasIssued(one, current));
    if (root !== undefined) return timeFault(root, now);
    const next = chain.find((one) =>
      one.ca && one.fingerprint256 !== current.fingerprint256 && hasIssued(one, current)
    );
    if (next === undefined && authorities.length === 0) {
      return "there are no authorities to check certificates with: set TLS CA Certificate File";
    }
    if (next === undefined) {
      return `the certificate of ${shown(own)} is issued by ${
        issuerOf(current)
      }, which is none of ` +
        "the authorities in TLS CA Certificate File";
    }
    current = next;
  }
  return `the chain of the certificate of ${shown(own)} is too long`;
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // a key of another kind
  }
}

function timeFault(certificate: X509Certificate, now: Date): string | undefined {
  const { validFrom, validTo } = certificate;
  if (now > new Date(validTo)) {
    return `the certificate of ${shown(certificate)} expired on ${validTo}`;
  }
  if (now < new Date(validFrom)) {
    return `the certificate of ${shown(certificate)} is valid only from ${validFrom} on`;
  }
  return undefined;
}

function nameFault(
  certificate: X509Certificate,
  allowedNames: readonly string[],
  hostName: string | undefined,
): string | undefined {
  const name = commonNameOf(certificate);
  if (allowedNames.length > 0) {
    return allowedNames.includes(name)
      ? undefined
      : `the certificate is for "${name}", which is not in TLS Allowed CN`;
  }
  if (hostName === undefined) return undefined;
  const wanted = hostName.toLowerCase();
  const names = [...(certificate.subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)]
    .map(([, one = ""]) => one);
  if ([...names, name].some((one) => one.toLowerCase() === wanted)) return undefined;
  const shownNames = [...new Set([...names, name])].map((one) => `"${one}"`).join(", ");
  return `the certificate is for ${shownNames}, not for "${hostName}", the configured address; ` +
    "correct Address, or name the peer in TLS Allowed CN";
}

/** The first common name of the subject. */
export function commonNameOf({ subject }: X509Certificate): string {
  return /^CN\s*=\s*(.*)$/m.exec(subject)?.[1] ?? "";
}

const shown = (certificate: X509Certificate): string => `"${commonNameOf(certificate)}"`;

function issuerOf({ issuer }: X509Certificate): string {
  return `"${/^CN\s*=\s*(.*)$/m.exec(issuer)?.[1] ?? issuer.replaceAll("\n", ", ")}"`;
}
