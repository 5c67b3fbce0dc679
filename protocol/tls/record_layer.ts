/**
 * Records over a transport (RFC 8446, 5): cut, bounded, and, once keys are set,
 * protected. Content goes out in as few writes as there are calls.
 *
 * @module
 */
import { foreignText } from "../foreign_text.ts";
import type { ReleasedTransport, Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import { tls13, type TlsVersion } from "./cipher_suite.ts";
import { joined } from "./joined.ts";
import { ContentType, headerLength, maxPlaintext, type TlsRecord } from "./record.ts";
import type { RecordProtection } from "./record_protection.ts";

/** What the two versions allow a protected record to have besides its content. */
const most13 = maxPlaintext + 256;
const most12 = maxPlaintext + 2048;

/** The input buffer grows from the one to the other while more arrives than is taken. */
const leastInput = 4096;
const mostInput = 16 * (most12 + headerLength);

const recordsAWrite = 64;
const nothing: Uint8Array = new Uint8Array(0);

/** Reads and writes records. One reader and one writer may be under way at once. */
export class RecordLayer {
  readonly #transport: Transport;
  #input: Uint8Array = new Uint8Array(leastInput);
  #start = 0;
  #end = 0;
  #output: Uint8Array = nothing;
  #held: Uint8Array = nothing;
  #reading: RecordProtection | undefined;
  #writing: RecordProtection | undefined;
  /** Whether a protected record has come. */
  #hasOpened = false;
  /** The version that was agreed on. In TLS 1.3 a cipher change means nothing and is never protected. */
  version: TlsVersion = tls13;

  /** A layer over `transport`; `first` are bytes already read from it. */
  constructor(transport: Transport, first: Uint8Array = nothing) {
    this.#transport = transport;
    if (first.length > this.#input.length) this.#input = new Uint8Array(first.length);
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
   * The next record, decrypted, in `room` if its content fits there; `undefined` where the transport
   * ended. The content is valid until the next read.
   *
   * @throws TlsError if the bytes are no record, or one that is too long or was altered
   */
  async read(room: Uint8Array = nothing): Promise<TlsRecord | undefined> {
    if (!this.hasBuffered) {
      if (!await this.#fill(headerLength)) return undefined;
      if (!await this.#fill(headerLength + this.#checkHeader())) return undefined;
    }
    const length = this.#checkHeader();
    const start = this.#start;
    const header = this.#input.subarray(start, start + headerLength);
    const body = this.#input.subarray(start + headerLength, start + headerLength + length);
    this.#start += headerLength + length;
    const type = header[0] as number;
    if (this.#reading === undefined || this.#mayBeClear(type)) return { type, content: body };
    if (this.version === tls13 && type !== ContentType.applicationData) {
      throw new TlsError(Alert.unexpectedMessage, "A record that must be protected is not");
    }
    const record = this.#reading.open(header, body, room);
    this.#hasOpened = true;
    return record;
  }

  /**
   * Whether a record may come in the clear though there are keys: in TLS 1.3 a cipher change always, and an alert of
   * who gives up before it writes under its keys, as OpenSSL does where it refuses a certificate.
   */
  #mayBeClear(type: number): boolean {
    return this.version === tls13 && (type === ContentType.changeCipherSpec ||
      (type === ContentType.alert && !this.#hasOpened));
  }

  /** Checks the header at the front of the buffer, and returns the length it says. */
  #checkHeader(): number {
    const at = this.#start;
    const type = this.#input[at] as number;
    if (type < ContentType.changeCipherSpec || type > ContentType.applicationData) {
      const sent = foreignText(this.#input.subarray(at, this.#end));
      throw new TlsError(Alert.unexpectedMessage, `What the peer sent is not TLS.${sent}`);
    }
    if (this.#input[at + 1] !== 3) {
      throw new TlsError(Alert.protocolVersion, "What the peer sent is no TLS that is known");
    }
    const length = this.#lengthAt(at);
    const most = this.#reading === undefined
      ? maxPlaintext
      : this.version === tls13
      ? most13
      : most12;
    if (length > most) {
      throw new TlsError(Alert.recordOverflow, `A record of ${length} bytes is too long`);
    }
    return length;
  }

  /** Whether a whole record lies in the buffer, so that {@linkcode read} will not wait. */
  get hasBuffered(): boolean {
    const available = this.#end - this.#start;
    if (available < headerLength) return false;
    return available >= headerLength + this.#lengthAt(this.#start);
  }

  #lengthAt(at: number): number {
    return (this.#input[at + 3] as number) << 8 | (this.#input[at + 4] as number);
  }

  /** Makes a record, under the present key, that goes out with what is written next: a flight in one write. */
  hold(type: number, content: Uint8Array): void {
    const length = this.#seal(type, content);
    this.#held = joined(this.#held, this.#output.subarray(0, length));
  }

  /** Writes content of any length as records of one type, in one write of the transport a mebibyte. */
  async write(type: number, content: Uint8Array): Promise<void> {
    const step = recordsAWrite * maxPlaintext;
    for (let at = 0; at < content.length || at === 0; at += step) {
      const length = this.#seal(type, content.subarray(at, at + step));
      const sealed = this.#output.subarray(0, length);
      const held = this.#held;
      this.#held = nothing;
      await this.#transport.write(held.length > 0 ? joined(held, sealed) : sealed);
    }
  }

  /** The transport and what has been read of it, where no more records are to be read or written. */
  release(): ReleasedTransport {
    const first = this.#input.slice(this.#start, this.#end);
    this.#start = this.#end = 0;
    return { transport: this.#transport, first };
  }

  /** Closes the transport. */
  close(): void {
    this.#transport.close();
  }

  /** Makes records of content, each encrypted from where it lies to where it is written from. */
  #seal(type: number, content: Uint8Array): number {
    const isClear = type === ContentType.changeCipherSpec && this.version === tls13;
    const protection = isClear ? undefined : this.#writing;
    const records = Math.max(1, Math.ceil(content.length / maxPlaintext));
    const needed = content.length + records * (protection?.overhead ?? headerLength);
    if (this.#output.length < needed) this.#output = new Uint8Array(needed);
    const output = this.#output;
    let at = 0;
    for (let from = 0; from < content.length || from === 0; from += maxPlaintext) {
      const piece = content.subarray(from, from + maxPlaintext);
      if (protection !== undefined) {
        at += protection.seal(type, piece, output, at);
        continue;
      }
      output.set([type, 3, 3, piece.length >> 8, piece.length & 0xff], at);
      output.set(piece, at + headerLength);
      at += headerLength + piece.length;
    }
    return at;
  }

  /** Makes at least `wanted` bytes available; false if the transport ends before. */
  async #fill(wanted: number): Promise<boolean> {
    while (this.#end - this.#start < wanted) {
      this.#makeRoom(wanted);
      const read = await this.#transport.read(this.#input.subarray(this.#end));
      if (read === null) return false;
      this.#end += read;
    }
    return true;
  }

  /** Moves what is left to the front, and takes a larger buffer if the present one was full. */
  #makeRoom(wanted: number): void {
    const have = this.#end - this.#start;
    const isFull = this.#end === this.#input.length;
    const larger = Math.max(wanted, isFull ? this.#input.length * 4 : 0);
    if (larger > this.#input.length && this.#input.length < mostInput) {
      const input = new Uint8Array(Math.min(larger, mostInput));
      input.set(this.#input.subarray(this.#start, this.#end));
      this.#input = input;
    } else if (this.#start > 0) {
      this.#input.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = have;
  }
}
