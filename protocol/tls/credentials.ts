/** What an end brings to a handshake with certificates. @module */
import type { KeyObject, X509Certificate } from "node:crypto";
import { commonNameOf } from "./certificate_names.ts";

/** An own certificate and its key. */
export interface OwnCertificate {
  /** DER, the own certificate first, then those that issued it. */
  readonly chain: readonly Uint8Array[];
  readonly key: KeyObject;
}

/** The own certificate, and what is thought of the peer's. */
export interface Credentials {
  /** Absent if there is none: then only the peer can show one. */
  readonly own?: OwnCertificate | undefined;
  /**
   * Looks at what the peer shows, its own certificate first; an empty chain if it shows none. Absent if
   * any certificate is taken, and none is asked of who connects.
   *
   * @throws TlsError with the alert that tells why it is not to be believed
   */
  readonly judge?: ((chain: readonly X509Certificate[]) => void) | undefined;
}

/** The common name of the peer's certificate, if it has shown one. */
export function peerNameOf([own]: readonly X509Certificate[]): string | undefined {
  return own === undefined ? undefined : commonNameOf(own);
}
