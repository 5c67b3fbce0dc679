/**
 * Records over a transport (RFC 8446, 5): cut, bounded, and, once keys are set,
 * protected. Content goes out in as few writes as there are calls.
 *
 * @module
 */
import type { Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import { type RecordProtection, tagLength } from "./cipher_suite.ts";

/** The types of a record. */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** A record's type and content. The content is valid until the next read. */
export interface TlsRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/** The most plaintext one record holds. */
export const maxPlaintext = 2 ** 14;

const headerLength = 5;
const maxProtected = maxPlaintext + 256;

/** Reads and writes records. One reader and one writer may be under way at once. */
export class RecordLayer {
  readonly #transport: Transport;
  #input = new Uint8Array(8 * (maxProtected + headerLength));
  #start = 0;
  #end = 0;
  #output = new Uint8Array(0);
  #reading: RecordProtection | undefined;
  #writing: RecordProtection | undefined;

  /** A layer over `transport`; `first` are bytes already read from it. */
  constructor(transport: Transport, first: Uint8Array = new Uint8Array(0)) {
    this.#transport = transport;
    this.#input.set(first);
    this.#end = first.length;
  }

  /** Protects what is read from now on. */
  protectReading(protection: RecordProtection): void {
    this.#reading = protection;
  }

  /** Protects what is written from now on. */
  protectWriting(protection: RecordProtection): void {
    this.#writing = protection;
  }

  /** Records written under the present key. */
  get writtenUnderKey(): number {
    return this.#writing?.count ?? 0;
  }

  /**
   * The next record, decrypted; `undefined` where the transport ended between two records.
   *
   * @throws TlsError if the bytes are no record, or one that is too long or was altered
   */
  async read(): Promise<TlsRecord | undefined> {
    if (!await this.#fill(headerLength)) return undefined;
    const type = this.#input[this.#start] as number;
    const major = this.#input[this.#start + 1] as number;
    const length = ((this.#input[this.#start + 3] as number) << 8) |
      (this.#input[this.#start + 4] as number);
    if (type < ContentType.changeCipherSpec || type > ContentType.applicationData || major !== 3) {
      throw new TlsError(Alert.decodeError, "What the peer sent is not TLS");
    }
    if (length > (this.#reading === undefined ? maxPlaintext : maxProtected)) {
      throw new TlsError(Alert.recordOverflow, `A record of ${length} bytes is too long`);
    }
    if (!await this.#fill(headerLength + length)) return undefined;
    const header = this.#input.subarray(this.#start, this.#start + headerLength);
    const body = this.#input.subarray(
      this.#start + headerLength,
      this.#start + headerLength + length,
    );
    this.#start += headerLength + length;
    if (this.#reading === undefined || type === ContentType.changeCipherSpec) {
      return { type, content: body };
    }
    if (type !== ContentType.applicationData) {
      throw new TlsError(Alert.unexpectedMessage, "A record that must be protected is not");
    }
    return unpad(this.#reading.open(header, body));
  }

  /** Whether a whole record lies in the buffer, so that {@linkcode read} will not wait. */
  get hasBuffered(): boolean {
    const available = this.#end - this.#start;
    if (available < headerLength) return false;
    const length = ((this.#input[this.#start + 3] as number) << 8) |
      (this.#input[this.#start + 4] as number);
    return available >= headerLength + length;
  }

  /** Writes content of any length as records of one type, in one write of the transport a mebibyte. */
  async write(type: number, content: Uint8Array): Promise<void> {
    const recordsAWrite = 64;
    const step = recordsAWrite * maxPlaintext;
    for (let at = 0; at < content.length || at === 0; at += step) {
      const length = this.#frame(type, content.subarray(at, at + step));
      await this.#transport.write(this.#output.subarray(0, length));
    }
  }

  /** Closes the transport. */
  close(): void {
    this.#transport.close();
  }

  #frame(type: number, content: Uint8Array): number {
    const records = Math.max(1, Math.ceil(content.length / maxPlaintext));
    const needed = content.length + records * (headerLength + 1 + tagLength);
    if (this.#output.length < needed) this.#output = new Uint8Array(needed);
    const output = this.#output;
    let at = 0;
    for (let from = 0; from < content.length || from === 0; from += maxPlaintext) {
      const piece = content.subarray(from, from + maxPlaintext);
      const protection = type === ContentType.changeCipherSpec ? undefined : this.#writing;
      const length = protection === undefined ? piece.length : piece.length + 1 + tagLength;
      output[at] = protection === undefined ? type : ContentType.applicationData;
      output[at + 1] = 3;
      output[at + 2] = 3;
      output[at + 3] = length >> 8;
      output[at + 4] = length & 0xff;
      const header = output.subarray(at, at + headerLength);
      at += headerLength;
      if (protection === undefined) {
        output.set(piece, at);
        at += piece.length;
      } else {
        at += protection.seal(header, piece, type, output, at);
      }
    }
    return at;
  }

  /** Makes at least `wanted` bytes available; false if the transport ends before any of them. */
  async #fill(wanted: number): Promise<boolean> {
    while (this.#end - this.#start < wanted) {
      if (this.#start > 0) {
        this.#input.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const read = await this.#transport.read(this.#input.subarray(this.#end));
      if (read === null) return false;
      this.#end += read;
    }
    return true;
  }
}

function unpad(inner: Uint8Array): TlsRecord {
  let last = inner.length - 1;
  while (last >= 0 && inner[last] === 0) last--;
  if (last < 0) throw new TlsError(Alert.unexpectedMessage, "A record holds nothing but padding");
  if (last > maxPlaintext) throw new TlsError(Alert.recordOverflow, "A record holds too much");
  return { type: inner[last] as number, content: inner.subarray(0, last) };
}
