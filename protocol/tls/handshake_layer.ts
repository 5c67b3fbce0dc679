/**
 * Handshake messages over records: put together from pieces, kept for the
 * transcript, bounded.
 *
 * @module
 */
import { Alert, TlsError } from "./alert.ts";
import { tls13 } from "./cipher_suite.ts";
import { digest, type HashName, isSame } from "./hashes.ts";
import { joined } from "./joined.ts";
import { handshakeMessage, HandshakeType } from "./messages.ts";
import { ContentType } from "./record.ts";
import type { RecordLayer } from "./record_layer.ts";

/** A message of the handshake. */
export interface HandshakeMessage {
  readonly type: number;
  /** What follows type and length. */
  readonly body: Uint8Array;
  /** The whole message. */
  readonly raw: Uint8Array;
}

/** No message of a handshake comes near this many bytes, not even one with a chain of certificates. */
const maxMessage = 128 * 1024;
/** Nor does a handshake have so many messages, or cipher changes that mean nothing. */
const maxMessages = 32;
const maxChanges = 4;

/** Reads and writes handshake messages and hashes the transcript. */
export class HandshakeLayer {
  readonly #records: RecordLayer;
  #pending: Uint8Array = new Uint8Array(0);
  #transcript: Uint8Array[] = [];
  #messages = 0;
  #changes = 0;

  /** A layer over `records`. */
  constructor(records: RecordLayer) {
    this.#records = records;
  }

  /** All messages that were added so far. */
  get transcript(): readonly Uint8Array[] {
    return this.#transcript;
  }

  /** The hash of all messages that were added so far, and of `more`. */
  transcriptHash(hash: HashName, ...more: readonly Uint8Array[]): Uint8Array {
    return digest(hash, ...this.#transcript, ...more);
  }

  /** Adds a message to the transcript. */
  add(raw: Uint8Array): void {
    this.#transcript.push(raw.slice());
  }

  /** Replaces the first ClientHello by its hash, as a HelloRetryRequest demands (RFC 8446, 4.4.1). */
  replaceByHash(hash: HashName): void {
    const value = this.transcriptHash(hash);
    this.#transcript = [handshakeMessage(HandshakeType.messageHash, value)];
  }

  /** Lets go of the messages of a handshake that is over. */
  forget(): void {
    this.#transcript = [];
  }

  /** Whether bytes of a further message have come with the last one. */
  get hasRest(): boolean {
    return this.#pending.length > 0;
  }

  /** Refuses what has come with the last message: keys change here. */
  refuseRest(behind: string): void {
    if (!this.hasRest) return;
    throw new TlsError(Alert.unexpectedMessage, `Something follows the ${behind} in its record`);
  }

  /**
   * The next message, which must be of one of `types`. It is not yet in the transcript.
   *
   * @throws TlsError if something else comes, or the end
   */
  async read(...types: readonly number[]): Promise<HandshakeMessage> {
    let message = this.takeWhole();
    while (message === undefined) {
      const record = await this.#nextRecord();
      if (record.type === ContentType.changeCipherSpec) {
        this.#skipChange(record.content);
        continue;
      }
      if (record.type !== ContentType.handshake || record.content.length === 0) {
        throw new TlsError(Alert.unexpectedMessage, "Data came before the handshake was over");
      }
      this.feed(record.content);
      message = this.takeWhole();
    }
    if (++this.#messages > maxMessages) {
      throw new TlsError(Alert.unexpectedMessage, "A handshake of too many messages");
    }
    if (!types.includes(message.type)) {
      throw new TlsError(
        Alert.unexpectedMessage,
        `Handshake message ${message.type} came where ${types.join(" or ")} was due`,
      );
    }
    return message;
  }

  /** Reads the cipher change of TLS 1.2, after which the peer's records are protected. */
  async readChange(): Promise<void> {
    this.refuseRest("message before a cipher change");
    const { type, content } = await this.#nextRecord();
    if (type !== ContentType.changeCipherSpec) {
      throw new TlsError(Alert.unexpectedMessage, "A cipher change was due");
    }
    checkChange(content);
  }

  /** Adds the content of a handshake record. */
  feed(content: Uint8Array): void {
    this.#pending = joined(this.#pending, content);
  }

  /** The next message that is whole, if any. */
  takeWhole(): HandshakeMessage | undefined {
    const pending = this.#pending;
    if (pending.length < 4) return undefined;
    const [type, high, middle, low] = pending as unknown as [number, number, number, number];
    const length = (high << 16) | (middle << 8) | low;
    if (length > maxMessage) {
      throw new TlsError(Alert.decodeError, `A handshake message of ${length} bytes is too long`);
    }
    if (pending.length < 4 + length) return undefined;
    this.#pending = pending.subarray(4 + length);
    const raw = pending.subarray(0, 4 + length);
    return { type, body: raw.subarray(4), raw };
  }

  /** Writes messages, given whole, and adds them to the transcript. */
  async write(...messages: readonly Uint8Array[]): Promise<void> {
    for (const message of messages) this.add(message);
    await this.#records.write(ContentType.handshake, joined(...messages));
  }

  /** As {@linkcode write}, but they go out with what is written next. */
  hold(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.add(message);
    this.#records.hold(ContentType.handshake, joined(...messages));
  }

  async #nextRecord(): Promise<{ type: number; content: Uint8Array }> {
    const record = await this.#records.read();
    if (record === undefined) {
      throw new TlsError(Alert.closeNotify, "The peer closed the connection", true);
    }
    if (record.type === ContentType.alert) throw alertOf(record.content);
    return record;
  }

  /** In TLS 1.3 a cipher change is there for old equipment only; in TLS 1.2 it has its place. */
  #skipChange(content: Uint8Array): void {
    if (this.#records.version !== tls13 || this.hasRest || ++this.#changes > maxChanges) {
      throw new TlsError(Alert.unexpectedMessage, "A cipher change came where none was due");
    }
    checkChange(content);
  }
}

/**
 * Checks that a Finished holds what is expected, in constant time.
 *
 * @throws TlsError if it does not, or has another length
 */
export function checkFinished({ body }: HandshakeMessage, expected: Uint8Array): void {
  if (body.length !== expected.length) {
    throw new TlsError(Alert.decodeError, `A Finished of ${body.length} bytes`);
  }
  if (!isSame(body, expected)) {
    throw new TlsError(Alert.decryptError, "The peer's Finished is wrong");
  }
}

function checkChange(content: Uint8Array): void {
  if (content.length === 1 && content[0] === 1) return;
  throw new TlsError(Alert.unexpectedMessage, "A change_cipher_spec that says something");
}

/** The error that an alert record means. A close_notify in a handshake is one, too. */
export function alertOf(content: Uint8Array): TlsError {
  if (content.length !== 2) return new TlsError(Alert.decodeError, "An alert cannot be read");
  return TlsError.fromPeer(content[1] as number);
}
