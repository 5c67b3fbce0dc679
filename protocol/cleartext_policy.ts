/**
 * Whether a connection may stay in the clear, decided by the policies of both ends (wire.md 7.2 and
 * 9.1).
 *
 * @module
 */

/** TLS policies as they stand in `ssl=` (wire.md 7.1). */
export const TlsPolicy = {
  /** TLS is not configured. */
  none: 0,
  /** Can do TLS, does not insist. */
  enabled: 1,
  /** Insists on TLS. */
  required: 2,
  /** Connect with immediate TLS; in commands only. */
  automatic: 4,
  /** No statement. */
  unknown: 254,
  /** The combination is impossible. */
  denied: 255,
} as const;

/** A number of {@linkcode TlsPolicy}. */
export type TlsPolicy = number;

/** The policy of a resource: what is required counts only where TLS is enabled (since 23). */
export function tlsPolicyOf(isEnabled: boolean, isRequired: boolean): TlsPolicy {
  if (!isEnabled) return TlsPolicy.none;
  return isRequired ? TlsPolicy.required : TlsPolicy.enabled;
}

/** What both ends do after CRAM-MD5 on a connection in the clear. */
export type AfterAuthentication = "cleartext" | "tls" | "fail";

/** Decides by both policies; a peer that made no statement counts as wanting TLS (wire.md 7.2). */
export function decideAfterAuthentication(own: TlsPolicy, peer: TlsPolicy): AfterAuthentication {
  const isPeerNone = peer === TlsPolicy.none;
  switch (own) {
    case TlsPolicy.none:
      return peer === TlsPolicy.required
        ? "fail"
        : peer === TlsPolicy.unknown
        ? "tls"
        : "cleartext";
    case TlsPolicy.enabled:
      return isPeerNone ? "cleartext" : "tls";
    case TlsPolicy.required:
      return isPeerNone ? "fail" : "tls";
    default:
      return "fail";
  }
}

/** What counts of a hello that came in the clear. */
export interface ClearHello {
  readonly kind: "console" | "director" | "client" | "job" | "storage";
  /** `major * 100 + minor`; `undefined` before 18.2. */
  readonly version: number | undefined;
}

/** Consoles from this version on speak TLS at once if they can. */
const FIRST_MODERN_VERSION = 1802;

/** What an acceptor does about a hello that came in the clear. */
export type ClearEntry =
  /** Goes on, and by the policies of both ends the connection may stay as it is. */
  | "go on"
  /** Goes on, and closes unless TLS begins after the challenge. */
  | "TLS follows"
  /** Closes with TERMINATE. */
  | "close";

/**
 * What an acceptor does about a hello that came in the clear (wire.md 9.1, step 6). `policy` is that of
 * the resource that the hello names, or of the job. What current Bareos closes at once is given the chance
 * to begin TLS after the challenge (wire.md 7.3), as Bacula and Bareos before 18.2 do, where
 * there is a certificate for it: nothing else is said in the clear then.
 */
export function clearEntry(
  hello: ClearHello,
  policy: TlsPolicy,
  hasCertificate: boolean,
): ClearEntry {
  if (mayStayInTheClear(hello, policy)) return "go on";
  const isOld = (hello.version ?? 0) < FIRST_MODERN_VERSION;
  const mayFollow = policy === TlsPolicy.enabled || policy === TlsPolicy.required;
  return isOld && mayFollow && hasCertificate ? "TLS follows" : "close";
}

function mayStayInTheClear(hello: ClearHello, policy: TlsPolicy): boolean {
  switch (hello.kind) {
    case "client":
      return policy === TlsPolicy.none || policy === TlsPolicy.enabled;
    case "console":
      return (hello.version ?? 0) < FIRST_MODERN_VERSION || policy === TlsPolicy.none;
    case "director":
    case "job":
    case "storage":
      return policy === TlsPolicy.none;
  }
}
