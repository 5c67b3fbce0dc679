/** Whether a certificate of a chain was revoked (RFC 5280, 6.3), by lists that are at hand. @module */
import { constants, verify, type X509Certificate } from "node:crypto";
import { Alert } from "./alert.ts";
import { KeyUsage, mayBeUsedFor, type RevocationList, serialText } from "./certificate_facts.ts";
import { dateText, type Fault, type Link, shown } from "./certificate_names.ts";

/** How lists are signed: the hash, by the identifier of the algorithm. */
const hashes: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};

/**
 * Looks every certificate of a chain up in the list of who issued it, as OpenSSL does when a list is
 * given: a list that is missing, old or not to be believed is a fault, too.
 */
export function revocationFault(
  path: readonly Link[],
  lists: readonly RevocationList[],
  now: Date,
): Fault | undefined {
  for (const [index, link] of path.entries()) {
    const issuer = path[index + 1] ?? link;
    // Who is trusted is not asked whether it has revoked itself, unless there is a list that says so.
    const isRoot = issuer === link;
    const fault = faultOf(link, issuer, lists, now);
    if (fault !== undefined && (!isRoot || fault.alert === Alert.certificateRevoked)) return fault;
  }
  return undefined;
}

function faultOf(
  { certificate, facts }: Link,
  issuer: Link,
  lists: readonly RevocationList[],
  now: Date,
): Fault | undefined {
  const name = shown(issuer.certificate);
  const own = lists.filter((list) => isEqual(list.issuer, facts.issuer))
    .sort((one, other) => other.thisUpdate.getTime() - one.thisUpdate.getTime());
  if (own.length === 0) {
    const why = `TLS Certificate Revocation List has no list of ${name}`;
    return { alert: Alert.unknownCa, why };
  }
  const good = own.find((list) => isSignedBy(list, issuer.certificate));
  if (good === undefined || !mayBeUsedFor(issuer.facts, KeyUsage.listSign)) {
    const why = `the revocation list of ${name} is not signed by it`;
    return { alert: Alert.badCertificate, why };
  }
  if (good.isLimited) {
    const why = `the revocation list of ${name} has conditions that are not understood here`;
    return { alert: Alert.badCertificate, why };
  }
  const revoked = good.revoked.get(serialText(facts.serial));
  if (revoked !== undefined) {
    const why = `the certificate of ${shown(certificate)} was revoked on ${dateText(revoked)}`;
    return { alert: Alert.certificateRevoked, why };
  }
  if (now < good.thisUpdate || (good.nextUpdate !== undefined && now > good.nextUpdate)) {
    const why = `the revocation list of ${name} ` +
      (now < good.thisUpdate
        ? `is valid only from ${dateText(good.thisUpdate)} on: is the clock right?`
        : `expired on ${dateText(good.nextUpdate ?? now)}: get a new one`);
    return { alert: Alert.certificateExpired, why };
  }
  return undefined;
}

function isSignedBy(list: RevocationList, issuer: X509Certificate): boolean {
  const hash = hashes[list.algorithm];
  if (hash === undefined) return false;
  try {
    const key = issuer.publicKey;
    const padding = key.asymmetricKeyType === "rsa" ? { padding: constants.RSA_PKCS1_PADDING } : {};
    return verify(hash, list.signed, { key, ...padding }, list.signature);
  } catch {
    return false; // a key of another kind
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
