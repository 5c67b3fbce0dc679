/**
 * Handshake messages over records: put together from pieces, kept for the
 * transcript, bounded.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";
import { handshakeMessage, HandshakeType } from "./messages.ts";
import { ContentType, type RecordLayer } from "./record_layer.ts";

/** A message of the handshake. */
export interface HandshakeMessage {
  readonly type: number;
  /** What follows type and length. */
  readonly body: Uint8Array;
  /** The whole message. */
  readonly raw: Uint8Array;
}

/** No message of a handshake with a pre-shared key comes near this many bytes. */
const maxMessage = 64 * 1024;

/** Reads and writes handshake messages and hashes the transcript. */
export class HandshakeLayer {
  readonly #records: RecordLayer;
  #pending: Uint8Array = new Uint8Array(0);
  #transcript: Hash = createHash("sha256");

  /** A layer over `records`. */
  constructor(records: RecordLayer) {
    this.#records = records;
  }

  /** The hash of all messages that were added so far. */
  get transcriptHash(): Uint8Array {
    return this.#transcript.copy().digest();
  }

  /** The hash of all messages that were added so far and of `more`. */
  transcriptHashWith(more: Uint8Array): Uint8Array {
    return this.#transcript.copy().update(more).digest();
  }

  /** Adds a message to the transcript. */
  add(raw: Uint8Array): void {
    this.#transcript.update(raw);
  }

  /** Replaces the first ClientHello by its hash, as a HelloRetryRequest demands (RFC 8446, 4.4.1). */
  replaceByHash(): void {
    const hash = this.transcriptHash;
    this.#transcript = createHash("sha256");
    this.#transcript.update(handshakeMessage(HandshakeType.messageHash, hash));
  }

  /** Whether bytes of a further message have come with the last one. */
  get hasRest(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * The next message, which must be of one of `types`. It is not yet in the transcript.
   *
   * @throws TlsError if something else comes, or the end
   */
  async read(...types: readonly number[]): Promise<HandshakeMessage> {
    let message = this.#take();
    while (message === undefined) {
      const record = await this.#records.read();
      if (record === undefined) {
        throw new TlsError(Alert.closeNotify, "The peer closed the connection", true);
      }
      if (record.type === ContentType.alert) throw alertOf(record.content);
      if (record.type === ContentType.changeCipherSpec) {
        if (record.content.length === 1 && record.content[0] === 1) continue;
        throw new TlsError(Alert.unexpectedMessage, "A change_cipher_spec that says something");
      }
      if (record.type !== ContentType.handshake || record.content.length === 0) {
        throw new TlsError(Alert.unexpectedMessage, "Data came before the handshake was over");
      }
      this.feed(record.content);
      message = this.#take();
    }
    if (!types.includes(message.type)) {
      throw new TlsError(
        Alert.unexpectedMessage,
        `Handshake message ${message.type} came where ${types.join(" or ")} was due`,
      );
    }
    return message;
  }

  /** Adds the content of a handshake record. */
  feed(content: Uint8Array): void {
    const joined = new Uint8Array(this.#pending.length + content.length);
    joined.set(this.#pending);
    joined.set(content, this.#pending.length);
    this.#pending = joined;
  }

  /** The next message that is whole, if any. */
  takeWhole(): HandshakeMessage | undefined {
    return this.#take();
  }

  /** Writes messages, given whole, and adds them to the transcript. */
  async write(...messages: readonly Uint8Array[]): Promise<void> {
    const length = messages.reduce((sum, message) => sum + message.length, 0);
    const content = new Uint8Array(length);
    let at = 0;
    for (const message of messages) {
      content.set(message, at);
      at += message.length;
      this.add(message);
    }
    await this.#records.write(ContentType.handshake, content);
  }

  #take(): HandshakeMessage | undefined {
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
}

/** The error that an alert record means. A close_notify in a handshake is one, too. */
export function alertOf(content: Uint8Array): TlsError {
  if (content.length !== 2) return new TlsError(Alert.decodeError, "An alert cannot be read");
  return TlsError.fromPeer(content[1] as number);
}
