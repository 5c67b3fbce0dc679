/**
 * A protected connection after its handshake: application data, KeyUpdate,
 * tickets that are ignored, close_notify.
 *
 * @module
 */
import type { Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import { type CipherSuite, RecordProtection, recordsPerKey } from "./cipher_suite.ts";
import { alertOf, type HandshakeLayer } from "./handshake_layer.ts";
import { nextTrafficSecret } from "./key_schedule.ts";
import { handshakeMessage, HandshakeType } from "./messages.ts";
import { ContentType, type RecordLayer } from "./record_layer.ts";

/** What a handshake has agreed on. */
export interface TlsSession {
  readonly suite: CipherSuite;
  /** The traffic secret under which we write. */
  readonly writeSecret: Uint8Array;
  /** The traffic secret under which the peer writes. */
  readonly readSecret: Uint8Array;
  /** The identity whose key protects the connection. */
  readonly identity: Uint8Array;
}

/** A transport inside TLS 1.3. */
export class TlsTransport implements Transport {
  readonly peer: string;
  /** The suite and the protocol as status output shows them. */
  readonly cipher: string;
  /** The identity of the pre-shared key. */
  readonly identity: Uint8Array;
  readonly #records: RecordLayer;
  readonly #handshake: HandshakeLayer;
  readonly #suite: CipherSuite;
  #readSecret: Uint8Array;
  #writeSecret: Uint8Array;
  #content: Uint8Array = new Uint8Array(0);
  #writes: Promise<void> = Promise.resolve();
  #isAtEnd = false;
  #isClosed = false;

  /** The connection that a handshake over `records` has led to. */
  constructor(
    peer: string,
    records: RecordLayer,
    handshake: HandshakeLayer,
    session: TlsSession,
  ) {
    this.peer = peer;
    this.cipher = `${session.suite.name} TLSv1.3`;
    this.identity = session.identity;
    this.#records = records;
    this.#handshake = handshake;
    this.#suite = session.suite;
    this.#readSecret = session.readSecret;
    this.#writeSecret = session.writeSecret;
  }

  /** Reads application data; `null` after close_notify or at the end of the transport. */
  async read(into: Uint8Array): Promise<number | null> {
    try {
      while (this.#content.length === 0) {
        if (this.#isAtEnd || !await this.#readRecord()) return null;
      }
    } catch (error) {
      await this.#fail(error);
    }
    let at = 0;
    for (;;) {
      const piece = this.#content.subarray(0, into.length - at);
      into.set(piece, at);
      at += piece.length;
      this.#content = this.#content.subarray(piece.length);
      if (at === into.length || this.#content.length > 0 || !this.#records.hasBuffered) return at;
      // More lies in the buffer: one call may return many records. An error is met again next time.
      try {
        if (this.#isAtEnd || !await this.#readRecord()) return at;
      } catch (error) {
        await this.#fail(error);
      }
    }
  }

  /** Writes application data. Calls may overlap; they are carried out in order. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#queue(async () => {
      if (this.#records.writtenUnderKey > recordsPerKey) await this.#updateOwnKey(0);
      await this.#records.write(ContentType.applicationData, bytes);
    });
  }

  /** Sends close_notify and closes the transport beneath; the answer is not waited for. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue(() => this.#records.write(ContentType.alert, Uint8Array.of(1, Alert.closeNotify)))
      .catch(() => {}) // The peer may be gone already: closing is what was wanted.
      .finally(() => this.#records.close());
  }

  /** Takes one record; false at the end of what the peer has to say. */
  async #readRecord(): Promise<boolean> {
    const record = await this.#records.read();
    // Some daemons close without close_notify (wire.md 8.10): the protocol above knows its own end.
    if (record === undefined) return this.#end();
    switch (record.type) {
      case ContentType.applicationData:
        this.#content = record.content;
        return true;
      case ContentType.handshake:
        this.#handshake.feed(record.content);
        await this.#takeMessages();
        return true;
      case ContentType.alert:
        if (record.content.length === 2 && record.content[1] === Alert.closeNotify) {
          return this.#end();
        }
        throw alertOf(record.content);
      default:
        throw new TlsError(Alert.unexpectedMessage, "The peer changed ciphers after the handshake");
    }
  }

  #end(): false {
    this.#isAtEnd = true;
    return false;
  }

  async #takeMessages(): Promise<void> {
    for (;;) {
      const message = this.#handshake.takeWhole();
      if (message === undefined) return;
      if (message.type === HandshakeType.newSessionTicket) continue;
      if (message.type !== HandshakeType.keyUpdate) {
        throw new TlsError(Alert.unexpectedMessage, `Handshake message ${message.type} came late`);
      }
      const request = message.body[0];
      if (message.body.length !== 1 || request === undefined || request > 1) {
        throw new TlsError(Alert.decodeError, "A KeyUpdate cannot be read");
      }
      if (this.#handshake.hasRest) {
        throw new TlsError(Alert.unexpectedMessage, "Something follows a KeyUpdate in its record");
      }
      this.#readSecret = nextTrafficSecret(this.#readSecret);
      this.#records.protectReading(new RecordProtection(this.#suite, this.#readSecret));
      if (request === 1) await this.#queue(() => this.#updateOwnKey(0));
    }
  }

  async #updateOwnKey(request: 0 | 1): Promise<void> {
    const update = handshakeMessage(HandshakeType.keyUpdate, Uint8Array.of(request));
    await this.#records.write(ContentType.handshake, update);
    this.#writeSecret = nextTrafficSecret(this.#writeSecret);
    this.#records.protectWriting(new RecordProtection(this.#suite, this.#writeSecret));
  }

  #queue(write: () => Promise<void>): Promise<void> {
    const written = this.#writes.then(write);
    this.#writes = written.catch(() => {}); // The caller of this write has the error.
    return written;
  }

  async #fail(error: unknown): Promise<never> {
    this.#isAtEnd = true;
    if (error instanceof TlsError && !error.isFromPeer) {
      await this.#queue(() => this.#records.write(ContentType.alert, Uint8Array.of(2, error.alert)))
        .catch(() => {}); // The first error is the one to report.
    }
    throw error;
  }
}
