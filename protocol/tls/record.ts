/** What a record is (RFC 8446, 5.1; RFC 5246, 6.2). @module */

/** The types of a record. */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** A record's type and content. */
export interface TlsRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Bytes of a record's header: type, version, length. */
export const headerLength = 5;

/** The most plaintext one record holds. */
export const maxPlaintext = 2 ** 14;
