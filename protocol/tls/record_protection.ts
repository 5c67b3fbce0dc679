/**
 * The protection of records: what stands between plain content and the bytes behind a record's header.
 * One object protects one direction under one key, and counts.
 *
 * @module
 */
import { fastAead } from "../../crypto/mod.ts";
import type { Aead, AeadName } from "../../crypto/mod.ts";
import { Alert, TlsError } from "./alert.ts";
import { type CipherSuite, keyLengths, tls12 } from "./cipher_suite.ts";
import { expandLabel } from "./key_schedule.ts";
import type { RecordKeys } from "./master_secret.ts";
import { ContentType, headerLength, maxPlaintext, type TlsRecord } from "./record.ts";

/** The protection of one direction. */
export interface RecordProtection {
  /** Records protected so far. */
  readonly count: number;
  /** The most bytes that a record takes besides its content, header included. */
  readonly overhead: number;
  /** Writes a whole record of up to 2^14 bytes of content to `into` from `at` on; returns its length. */
  seal(type: number, content: Uint8Array, into: Uint8Array, at: number): number;
  /**
   * Takes the body of a record apart. Its content is put into `room` where it fits there, else it is a
   * view of other memory that is valid until the next call.
   *
   * @throws TlsError (bad_record_mac) if it was not sealed with this key as this record
   */
  open(header: Uint8Array, body: Uint8Array, room: Uint8Array): TlsRecord;
}

const tagLength = 16;
const ivLength = 12;
const nothing: Uint8Array = new Uint8Array(0);

function altered(): TlsError {
  return new TlsError(Alert.badRecordMac, "A protected record was altered on its way");
}

/** Writes a record's header. */
function putHeader(into: Uint8Array, at: number, type: number, length: number): void {
  into[at] = type;
  into[at + 1] = tls12 >> 8;
  into[at + 2] = tls12 & 0xff;
  into[at + 3] = length >> 8;
  into[at + 4] = length & 0xff;
}

/** Writes `number` big endian to the last bytes of `into`, by exclusive or. */
function mixNumber(into: Uint8Array, number: number): void {
  let rest = number;
  for (let at = into.length - 1; rest > 0; at--) {
    into[at] = (into[at] as number) ^ (rest & 0xff);
    rest = Math.floor(rest / 256);
  }
}

/** TLS 1.3 (RFC 8446, 5.2 and 5.3): the type is encrypted behind the content, the header authenticated. */
export class Protection13 implements RecordProtection {
  readonly overhead: number = headerLength + 1 + tagLength;
  readonly #aead: Aead;
  readonly #iv: Uint8Array;
  readonly #nonce = new Uint8Array(ivLength);
  readonly #header = new Uint8Array(headerLength);
  #sequence = 0;

  /** The protection that a traffic secret gives. */
  constructor({ cipher, hash }: CipherSuite, secret: Uint8Array) {
    const key = expandLabel(hash, secret, "key", nothing, keyLengths[cipher]);
    this.#aead = fastAead(cipher as AeadName, key);
    this.#iv = expandLabel(hash, secret, "iv", nothing, ivLength);
  }

  get count(): number {
    return this.#sequence;
  }

  seal(type: number, content: Uint8Array, into: Uint8Array, at: number): number {
    const header = this.#header;
    putHeader(header, 0, ContentType.applicationData, content.length + 1 + tagLength);
    into.set(header, at);
    return headerLength +
      this.#aead.seal(this.#nextNonce(), header, content, type, into, at + headerLength);
  }

  open(header: Uint8Array, body: Uint8Array, room: Uint8Array): TlsRecord {
    if (body.length < tagLength + 1) {
      throw new TlsError(Alert.badRecordMac, "A protected record is too short");
    }
    const into = room.length >= body.length - tagLength ? room : body;
    let last = this.#aead.open(this.#nextNonce(), header, body, into) - 1;
    if (last < 0) throw altered();
    while (last >= 0 && into[last] === 0) last--;
    if (last < 0) throw new TlsError(Alert.unexpectedMessage, "A record holds nothing but padding");
    if (last > maxPlaintext) throw new TlsError(Alert.recordOverflow, "A record holds too much");
    return { type: into[last] as number, content: into.subarray(0, last) };
  }

  #nextNonce(): Uint8Array {
    this.#nonce.set(this.#iv);
    mixNumber(this.#nonce, this.#sequence++);
    return this.#nonce;
  }
}

/**
 * TLS 1.2 with a cipher that authenticates: AES-GCM with a part of the nonce in each record (RFC 5288),
 * ChaCha20-Poly1305 without (RFC 7905).
 */
export class Protection12 implements RecordProtection {
  readonly overhead: number;
  readonly #aead: Aead;
  readonly #iv: Uint8Array;
  readonly #explicit: number;
  readonly #nonce = new Uint8Array(ivLength);
  readonly #additional = new Uint8Array(13);
  #sequence = 0;

  /** The protection that keys from the key block give. */
  constructor({ cipher }: CipherSuite, { key, iv }: RecordKeys) {
    this.#aead = fastAead(cipher as AeadName, key);
    this.#iv = iv;
    this.#explicit = ivLength - iv.length;
    this.overhead = headerLength + this.#explicit + tagLength;
  }

  get count(): number {
    return this.#sequence;
  }

  seal(type: number, content: Uint8Array, into: Uint8Array, at: number): number {
    const explicit = this.#explicit;
    putHeader(into, at, type, explicit + content.length + tagLength);
    this.#prepare(type, content.length);
    const nonce = this.#nonce;
    nonce.fill(0);
    nonce.set(this.#iv);
    mixNumber(nonce, this.#sequence++);
    into.set(nonce.subarray(ivLength - explicit), at + headerLength);
    const from = at + headerLength + explicit;
    return headerLength + explicit +
      this.#aead.seal(nonce, this.#additional, content, -1, into, from);
  }

  open(header: Uint8Array, body: Uint8Array, room: Uint8Array): TlsRecord {
    const explicit = this.#explicit;
    const length = body.length - explicit - tagLength;
    if (length < 0) throw new TlsError(Alert.badRecordMac, "A protected record is too short");
    if (length > maxPlaintext) {
      throw new TlsError(Alert.recordOverflow, "A record holds too much");
    }
    const type = header[0] as number;
    this.#prepare(type, length);
    const nonce = this.#nonce;
    nonce.fill(0);
    nonce.set(this.#iv);
    if (explicit > 0) nonce.set(body.subarray(0, explicit), ivLength - explicit);
    else mixNumber(nonce, this.#sequence);
    this.#sequence++;
    const sealed = body.subarray(explicit);
    const into = room.length >= length ? room : sealed;
    if (this.#aead.open(nonce, this.#additional, sealed, into) < 0) throw altered();
    return { type, content: into.subarray(0, length) };
  }

  /** The additional data: sequence number, type, version, length of the content. */
  #prepare(type: number, length: number): void {
    const additional = this.#additional;
    additional.fill(0);
    mixNumber(additional.subarray(0, 8), this.#sequence);
    putHeader(additional, 8, type, length);
  }
}
