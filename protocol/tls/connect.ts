/**
 * The connecting side of TLS 1.3 with an external pre-shared key (RFC 8446, 2.2;
 * wire.md 8.6): psk_dhe_ke over X25519, with HelloRetryRequest.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import { type CipherSuite, cipherSuites, RecordProtection } from "./cipher_suite.ts";
import { guarded, handshakeTimeoutMs } from "./guarded.ts";
import { HandshakeLayer } from "./handshake_layer.ts";
import { KeyExchange } from "./key_exchange.ts";
import {
  binder,
  deriveSecret,
  earlySecret,
  finished,
  handshakeSecret,
  hashLength,
  isSame,
  masterSecret,
} from "./key_schedule.ts";
import {
  type ClientHello,
  ExtensionType,
  formatClientHello,
  formatOfferedKey,
  formatShare,
  handshakeMessage,
  HandshakeType,
  helloRetryRandom,
  parseEncryptedExtensions,
  parseServerHello,
  pskDheKe,
  type ServerHello,
  shareOfServer,
  tls13,
  x25519,
} from "./messages.ts";
import { ContentType, RecordLayer } from "./record_layer.ts";
import { TlsTransport } from "./tls_transport.ts";

/** A pre-shared key and the name by which the acceptor finds it (wire.md 8.3, 8.4). */
export interface PresharedKey {
  readonly identity: Uint8Array;
  readonly key: Uint8Array;
}

/** Options of {@linkcode connectTls}. */
export interface ConnectOptions {
  /** The suites to offer, the preferred first; all we have if absent. */
  readonly suites?: readonly CipherSuite[];
  /** How long the handshake may take; half a minute if absent. */
  readonly timeoutMs?: number;
}

/**
 * Performs a handshake as the connecting side.
 *
 * @throws TlsError if it fails; an alert has been sent then unless the peer sent one, and the
 * transport is closed
 */
export async function connectTls(
  transport: Transport,
  presharedKey: PresharedKey,
  options: ConnectOptions = {},
): Promise<TlsTransport> {
  const records = new RecordLayer(transport);
  return await guarded(
    records,
    options.timeoutMs ?? handshakeTimeoutMs,
    () => shakeHands(transport, records, presharedKey, options.suites ?? cipherSuites),
  );
}

async function shakeHands(
  transport: Transport,
  records: RecordLayer,
  { identity, key }: PresharedKey,
  suites: readonly CipherSuite[],
): Promise<TlsTransport> {
  const handshake = new HandshakeLayer(records);
  const exchange = new KeyExchange();
  const early = earlySecret(key);

  const hello: ClientHello = {
    random: randomBytes(32),
    sessionId: randomBytes(32),
    suites: suites.map(({ id }) => id),
    extensions: new Map([
      [ExtensionType.supportedGroups, Uint8Array.of(0, 2, x25519 >> 8, x25519 & 0xff)],
      [ExtensionType.supportedVersions, Uint8Array.of(2, tls13 >> 8, tls13 & 0xff)],
      [ExtensionType.pskKeyExchangeModes, Uint8Array.of(1, pskDheKe)],
      [ExtensionType.keyShare, formatShare(exchange.publicKey, true)],
    ]),
  };
  await handshake.write(withBinder(hello, identity, early, handshake));

  let message = await handshake.read(HandshakeType.serverHello);
  let answer = parseServerHello(message.body);
  if (isSame(answer.random, helloRetryRandom)) {
    const second = answerRetry(hello, answer, suites);
    handshake.replaceByHash();
    handshake.add(message.raw);
    await records.write(ContentType.changeCipherSpec, Uint8Array.of(1));
    await handshake.write(withBinder(second, identity, early, handshake));
    const suite = answer.suite;
    message = await handshake.read(HandshakeType.serverHello);
    answer = parseServerHello(message.body);
    if (isSame(answer.random, helloRetryRandom) || answer.suite !== suite) {
      throw new TlsError(Alert.illegalParameter, "The peer asked for a third ClientHello");
    }
  }
  const suite = checkServerHello(hello, answer, suites);
  const share = answer.extensions.get(ExtensionType.keyShare) as Uint8Array;
  if (handshake.hasRest) {
    throw new TlsError(Alert.unexpectedMessage, "Cleartext follows the ServerHello");
  }
  handshake.add(message.raw);

  const secret = handshakeSecret(early, exchange.sharedSecret(shareOfServer(share)));
  const afterHello = handshake.transcriptHash;
  const clientSecret = deriveSecret(secret, "c hs traffic", afterHello);
  const serverSecret = deriveSecret(secret, "s hs traffic", afterHello);
  records.protectReading(new RecordProtection(suite, serverSecret));

  const extensions = await handshake.read(HandshakeType.encryptedExtensions);
  parseEncryptedExtensions(extensions.body);
  handshake.add(extensions.raw);

  const peerFinished = await handshake.read(HandshakeType.finished);
  if (!isSame(peerFinished.body, finished(serverSecret, handshake.transcriptHash))) {
    throw new TlsError(Alert.decryptError, "The peer's Finished is wrong");
  }
  if (handshake.hasRest) {
    throw new TlsError(Alert.unexpectedMessage, "Something follows the peer's Finished");
  }
  handshake.add(peerFinished.raw);

  const afterServer = handshake.transcriptHash;
  const master = masterSecret(secret);
  await records.write(ContentType.changeCipherSpec, Uint8Array.of(1));
  records.protectWriting(new RecordProtection(suite, clientSecret));
  await handshake.write(
    handshakeMessage(HandshakeType.finished, finished(clientSecret, afterServer)),
  );
  const readSecret = deriveSecret(master, "s ap traffic", afterServer);
  const writeSecret = deriveSecret(master, "c ap traffic", afterServer);
  records.protectReading(new RecordProtection(suite, readSecret));
  records.protectWriting(new RecordProtection(suite, writeSecret));
  return new TlsTransport(transport.peer, records, handshake, {
    suite,
    readSecret,
    writeSecret,
    identity,
  });
}

/** The whole ClientHello message, its last extension the key with its binder over all before it. */
function withBinder(
  hello: ClientHello,
  identity: Uint8Array,
  early: Uint8Array,
  handshake: HandshakeLayer,
): Uint8Array {
  const extensions = new Map(hello.extensions);
  extensions.set(ExtensionType.preSharedKey, formatOfferedKey(identity, hashLength));
  const message = handshakeMessage(
    HandshakeType.clientHello,
    formatClientHello({ ...hello, extensions }),
  );
  const bindersLength = 2 + 1 + hashLength;
  const truncated = message.subarray(0, message.length - bindersLength);
  message.set(
    binder(early, handshake.transcriptHashWith(truncated)),
    message.length - hashLength,
  );
  return message;
}

/** The second ClientHello: the first with the peer's cookie. We offer one group, so no other can be asked for. */
function answerRetry(
  hello: ClientHello,
  retry: ServerHello,
  suites: readonly CipherSuite[],
): ClientHello {
  checkVersion(hello, retry, suites);
  const cookie = retry.extensions.get(ExtensionType.cookie);
  const group = retry.extensions.get(ExtensionType.keyShare);
  if (cookie === undefined || group !== undefined) {
    throw new TlsError(
      Alert.illegalParameter,
      "The peer asks for a key share that it has or that was not offered",
    );
  }
  return { ...hello, extensions: new Map(hello.extensions).set(ExtensionType.cookie, cookie) };
}

function checkVersion(
  hello: ClientHello,
  answer: ServerHello,
  suites: readonly CipherSuite[],
): CipherSuite {
  const version = answer.extensions.get(ExtensionType.supportedVersions);
  if (version === undefined || !isSame(version, Uint8Array.of(tls13 >> 8, tls13 & 0xff))) {
    throw new TlsError(Alert.protocolVersion, "The peer does not speak TLS 1.3");
  }
  const suite = suites.find(({ id }) => id === answer.suite);
  if (suite === undefined || !isSame(answer.sessionId, hello.sessionId)) {
    throw new TlsError(Alert.illegalParameter, "The peer chose what was not offered");
  }
  return suite;
}

function checkServerHello(
  hello: ClientHello,
  answer: ServerHello,
  suites: readonly CipherSuite[],
): CipherSuite {
  const suite = checkVersion(hello, answer, suites);
  const selected = answer.extensions.get(ExtensionType.preSharedKey);
  if (selected === undefined) {
    throw new TlsError(
      Alert.handshakeFailure,
      "The peer does not use the pre-shared key: it does not know this name, or has another password",
    );
  }
  if (!isSame(selected, Uint8Array.of(0, 0))) {
    throw new TlsError(Alert.illegalParameter, "The peer chose a key that was not offered");
  }
  if (!answer.extensions.has(ExtensionType.keyShare)) {
    throw new TlsError(Alert.missingExtension, "The peer's ServerHello has no key share");
  }
  return suite;
}
