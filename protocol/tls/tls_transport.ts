/**
 * A protected connection after its handshake: application data, KeyUpdate,
 * tickets that are ignored, renegotiation that is declined, close_notify.
 *
 * @module
 */
import type { Protection, ProtectionEnd, ReleasedTransport, Transport } from "../transport.ts";
import { AfterTls } from "./after_tls.ts";
import { Alert, TlsError } from "./alert.ts";
import { type CipherSuite, tls13, versionNames } from "./cipher_suite.ts";
import { guarded, handshakeTimeoutMs } from "./guarded.ts";
import { alertOf, type HandshakeLayer } from "./handshake_layer.ts";
import { nextTrafficSecret } from "./key_schedule.ts";
import { handshakeMessage, HandshakeType } from "./messages.ts";
import { ContentType } from "./record.ts";
import type { RecordLayer } from "./record_layer.ts";
import { Protection13 } from "./record_protection.ts";

/** What a handshake has agreed on. */
export interface TlsSession {
  readonly suite: CipherSuite;
  /** Whether this end has connected. */
  readonly isConnector: boolean;
  /** The traffic secrets of TLS 1.3, which a KeyUpdate replaces. */
  readonly traffic?: {
    /** The secret under which we write. */
    readonly writeSecret: Uint8Array;
    /** The secret under which the peer writes. */
    readonly readSecret: Uint8Array;
  };
  /** The identity whose pre-shared key protects the connection, if one does. */
  readonly identity?: Uint8Array | undefined;
  /** The common name of the peer's certificate, if it has shown one. */
  readonly peerName?: string | undefined;
}

/** Records under one key after which the key must change (AES-GCM's bound, RFC 8446, 5.5). */
const recordsPerKey = 2 ** 23;
/** How long a close waits for what is being written, in milliseconds (wire.md 14.3). */
const closeTimeMs = 2_000;
/** What a peer may send that carries no data, one after the other, before it is taken for an attack. */
const mostEmpty = 32;

/** A transport inside TLS. */
export class TlsTransport implements Transport {
  readonly peer: string;
  readonly protection: Protection;
  /** The suite and the protocol as status output shows them. */
  readonly cipher: string;
  /** The identity of the pre-shared key, if one was used. */
  readonly identity?: Uint8Array;
  readonly #records: RecordLayer;
  readonly #handshake: HandshakeLayer;
  readonly #session: TlsSession;
  #traffic: TlsSession["traffic"];
  #content: Uint8Array = new Uint8Array(0);
  #writes: Promise<void> = Promise.resolve();
  #empty = 0;
  #failure: unknown;
  #isAtEnd = false;
  #isClosed = false;

  /** The connection that a handshake over `records` has led to. */
  constructor(
    peer: string,
    records: RecordLayer,
    handshake: HandshakeLayer,
    session: TlsSession,
  ) {
    const { suite, identity, peerName } = session;
    this.peer = peer;
    this.protection = {
      mode: identity === undefined ? "certificate" : "key",
      version: versionNames[suite.version],
      suite: suite.name,
      ...(peerName !== undefined && { peerName }),
    };
    this.cipher = `${this.protection.suite} ${this.protection.version}`;
    if (identity !== undefined) this.identity = identity;
    this.#records = records;
    this.#handshake = handshake;
    handshake.forget();
    this.#session = session;
    this.#traffic = session.traffic;
  }

  /** Reads application data; `null` after close_notify or at the end of the transport. */
  async read(into: Uint8Array): Promise<number | null> {
    let at = 0;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      // One call may return many records, each decrypted to where it is wanted if there is room.
      while (at < into.length) {
        if (this.#content.length === 0) {
          if (this.#isAtEnd || (at > 0 && !this.#records.hasBuffered)) break;
          const content = await this.#readRecord(into.subarray(at));
          if (content.buffer === into.buffer && content.byteOffset === into.byteOffset + at) {
            at += content.length;
            continue;
          }
          this.#content = content;
        }
        const piece = this.#content.subarray(0, into.length - at);
        into.set(piece, at);
        at += piece.length;
        this.#content = this.#content.subarray(piece.length);
      }
    } catch (error) {
      const failure = await this.#fail(error);
      if (at === 0) throw failure; // else what came before it is delivered first
    }
    return at > 0 || into.length === 0 ? at : null;
  }

  /** Writes application data. Calls may overlap; they are carried out in order. */
  write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return this.#writes;
    return this.#queue(async () => {
      if (this.#records.writtenUnderKey > recordsPerKey) await this.#updateOwnKey(0);
      await this.#records.write(ContentType.applicationData, bytes);
    });
  }

  /**
   * Sends close_notify, unless a failure has ended the connection, and closes the transport beneath; the answer is not
   * waited for.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A peer that takes nothing must not keep us, nor whoever reads here.
    const timer = setTimeout(() => this.#records.close(), closeTimeMs);
    this.#queue(async () => {
      if (this.#failure instanceof TlsError) return;
      await this.#records.write(ContentType.alert, Uint8Array.of(1, Alert.closeNotify));
    })
      .catch(() => {}) // The peer may be gone already: closing is what was wanted.
      .finally(() => {
        clearTimeout(timer);
        this.#records.close();
      });
  }

  /**
   * Ends TLS and not the transport beneath (wire.md 8.10), after what has been written. `closed` says
   * close_notify and waits for the peer's, as long as a handshake may take; data that comes before that is a
   * failure, which closes the transport.
   * @throws {TlsError}
   */
  async release(
    how: ProtectionEnd,
    timeoutMs: number = handshakeTimeoutMs,
  ): Promise<ReleasedTransport> {
    this.#isClosed = true;
    if (how === "closed") {
      await guarded(this.#records, timeoutMs, () => this.#exchangeEnds());
      return this.#records.release();
    }
    await this.#writes;
    const { transport, first } = this.#records.release();
    return { transport: new AfterTls(transport, first), first: nothing };
  }

  async #exchangeEnds(): Promise<void> {
    await this.#queue(() =>
      this.#records.write(ContentType.alert, Uint8Array.of(1, Alert.closeNotify))
    );
    while (!this.#isAtEnd) {
      const content = await this.#readRecord(nothing);
      if (content.length > 0) {
        throw new TlsError(
          Alert.unexpectedMessage,
          "Data came where TLS was to end: TLS Authenticate = yes stands on this end only",
        );
      }
    }
  }

  /** Takes one record; the application data in it, in `room` if it fits there. */
  async #readRecord(room: Uint8Array): Promise<Uint8Array> {
    const record = await this.#records.read(room);
    // Some daemons close without close_notify (wire.md 8.10): the protocol above knows its own end.
    if (record === undefined) return this.#end();
    const { type, content } = record;
    if (type === ContentType.applicationData) {
      if (this.#handshake.hasRest) {
        throw new TlsError(Alert.unexpectedMessage, "Data came within a handshake message");
      }
      if (content.length === 0) this.#countEmpty();
      else this.#empty = 0;
      return content;
    }
    this.#countEmpty();
    switch (type) {
      case ContentType.handshake:
        if (content.length === 0) {
          throw new TlsError(Alert.unexpectedMessage, "A handshake record that holds nothing");
        }
        this.#handshake.feed(content);
        await this.#takeMessages();
        return nothing;
      case ContentType.alert:
        return this.#takeAlert(content);
      default:
        throw new TlsError(Alert.unexpectedMessage, "The peer changed ciphers after the handshake");
    }
  }

  #countEmpty(): void {
    if (++this.#empty <= mostEmpty) return;
    throw new TlsError(Alert.unexpectedMessage, "The peer sends records that carry no data");
  }

  #end(): Uint8Array {
    this.#isAtEnd = true;
    return nothing;
  }

  #takeAlert(content: Uint8Array): Uint8Array {
    const [level, description] = content;
    if (content.length === 2) {
      if (description === Alert.closeNotify) return this.#end();
      const isOld = this.#session.suite.version !== tls13;
      if (description === Alert.userCanceled || (isOld && level === 1)) return nothing; // a warning
    }
    throw alertOf(content);
  }

  async #takeMessages(): Promise<void> {
    const { isConnector, suite } = this.#session;
    for (;;) {
      const message = this.#handshake.takeWhole();
      if (message === undefined) return;
      const { type, body } = message;
      if (suite.version === tls13) {
        if (type === HandshakeType.newSessionTicket && isConnector) continue;
        if (type === HandshakeType.keyUpdate) {
          await this.#updatePeerKey(body);
          continue;
        }
      } else if (type === (isConnector ? HandshakeType.helloRequest : HandshakeType.clientHello)) {
        await this.#queue(() =>
          this.#records.write(ContentType.alert, Uint8Array.of(1, Alert.noRenegotiation))
        );
        continue;
      }
      throw new TlsError(Alert.unexpectedMessage, `Handshake message ${type} came late`);
    }
  }

  async #updatePeerKey(body: Uint8Array): Promise<void> {
    const request = body[0];
    if (body.length !== 1 || request === undefined) {
      throw new TlsError(Alert.decodeError, "A KeyUpdate cannot be read");
    }
    if (request > 1) throw new TlsError(Alert.illegalParameter, "A KeyUpdate asks the unknown");
    this.#handshake.refuseRest("KeyUpdate");
    if (this.#traffic === undefined) return;
    const { suite } = this.#session;
    const readSecret = nextTrafficSecret(suite.hash, this.#traffic.readSecret);
    this.#traffic = { ...this.#traffic, readSecret };
    this.#records.protectReading(new Protection13(suite, readSecret));
    if (request === 1) await this.#queue(() => this.#updateOwnKey(0));
  }

  /** Changes the own key, and with 1 asks the peer to change its own. TLS 1.2 cannot. */
  async #updateOwnKey(request: 0 | 1): Promise<void> {
    if (this.#traffic === undefined) return;
    const { suite } = this.#session;
    const update = handshakeMessage(HandshakeType.keyUpdate, Uint8Array.of(request));
    await this.#records.write(ContentType.handshake, update);
    const writeSecret = nextTrafficSecret(suite.hash, this.#traffic.writeSecret);
    this.#traffic = { ...this.#traffic, writeSecret };
    this.#records.protectWriting(new Protection13(suite, writeSecret));
  }

  /** Changes the own key and asks the peer to change its own; nothing happens in TLS 1.2. */
  updateKeys(): Promise<void> {
    return this.#queue(() => this.#updateOwnKey(1));
  }

  #queue(write: () => Promise<void>): Promise<void> {
    const written = this.#writes.then(write);
    this.#writes = written.catch(() => {}); // The caller of this write has the error.
    return written;
  }

  /** Tells the peer of the first failure; nothing is read after it. */
  async #fail(error: unknown): Promise<unknown> {
    this.#isAtEnd = true;
    this.#failure = error;
    if (error instanceof TlsError && !error.isFromPeer) {
      await this.#queue(() => this.#records.write(ContentType.alert, Uint8Array.of(2, error.alert)))
        .catch(() => {}); // The first error is the one to report.
    }
    return error;
  }
}

const nothing: Uint8Array = new Uint8Array(0);
