/** The alerts of TLS (RFC 8446, 6) that we send or name. @module */

/** Alert descriptions by name. */
export const Alert = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateRevoked: 44,
  certificateExpired: 45,
  certificateUnknown: 46,
  illegalParameter: 47,
  unknownCa: 48,
  accessDenied: 49,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  insufficientSecurity: 71,
  internalError: 80,
  userCanceled: 90,
  noRenegotiation: 100,
  missingExtension: 109,
  unsupportedExtension: 110,
  unknownPskIdentity: 115,
  certificateRequired: 116,
  noApplicationProtocol: 120,
} as const;

/** One of {@linkcode Alert}. */
export type Alert = (typeof Alert)[keyof typeof Alert];

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(Alert).map(([name, description]) => [
    description,
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]),
);

/** The name of an alert as the RFC writes it, such as `handshake_failure`. */
export function alertName(description: number): string {
  return names.get(description) ?? `alert ${description}`;
}

/** A handshake or a protected connection failed. */
export class TlsError extends Error {
  override readonly name = "TlsError";
  /** The alert that goes (or went) to the peer, or that came from it. */
  readonly alert: number;
  /** Whether the peer sent the alert. */
  readonly isFromPeer: boolean;

  /** An error that we found, to be told to the peer as `alert`. */
  constructor(alert: number, message: string, isFromPeer = false, options?: ErrorOptions) {
    super(message, options);
    this.alert = alert;
    this.isFromPeer = isFromPeer;
  }

  /** The error that a peer's alert means. */
  static fromPeer(description: number): TlsError {
    return new TlsError(description, `The peer ended TLS with ${alertName(description)}`, true);
  }
}
