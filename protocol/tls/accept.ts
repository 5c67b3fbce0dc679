/**
 * The accepting side of TLS 1.3 with external pre-shared keys (RFC 8446, 2.2;
 * wire.md 8.6): psk_dhe_ke over X25519, HelloRetryRequest where the peer has
 * sent no such share.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import { type CipherSuite, cipherSuites, RecordProtection } from "./cipher_suite.ts";
import { guarded, handshakeTimeoutMs } from "./guarded.ts";
import { HandshakeLayer, type HandshakeMessage } from "./handshake_layer.ts";
import { KeyExchange } from "./key_exchange.ts";
import {
  binder,
  deriveSecret,
  earlySecret,
  finished,
  handshakeSecret,
  isSame,
  masterSecret,
} from "./key_schedule.ts";
import {
  type ClientHello,
  exchangeModes,
  ExtensionType,
  formatServerHello,
  formatShare,
  handshakeMessage,
  HandshakeType,
  helloRetryRandom,
  numberList,
  parseClientHello,
  parseOfferedKeys,
  pskDheKe,
  shareOfClient,
  tls13,
  x25519,
} from "./messages.ts";
import { ContentType, RecordLayer } from "./record_layer.ts";
import { TlsTransport } from "./tls_transport.ts";

/** Options of {@linkcode acceptTls}. */
export interface AcceptOptions {
  /** The key of an identity, or nothing if nobody of that name is known. */
  keyOf(identity: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Bytes that were already read from the transport. */
  readonly first?: Uint8Array;
  /** The suites to choose from, the preferred first; all we have if absent. */
  readonly suites?: readonly CipherSuite[];
  /** How long the handshake may take; half a minute if absent. */
  readonly timeoutMs?: number;
}

/**
 * Performs a handshake as the accepting side.
 *
 * @throws TlsError if it fails; an alert has been sent then unless the peer sent one, and the
 * transport is closed
 */
export async function acceptTls(
  transport: Transport,
  options: AcceptOptions,
): Promise<TlsTransport> {
  const records = new RecordLayer(transport, options.first);
  return await guarded(
    records,
    options.timeoutMs ?? handshakeTimeoutMs,
    () => shakeHands(transport, records, options),
  );
}

async function shakeHands(
  transport: Transport,
  records: RecordLayer,
  options: AcceptOptions,
): Promise<TlsTransport> {
  const handshake = new HandshakeLayer(records);
  let message = await handshake.read(HandshakeType.clientHello);
  let hello = parseClientHello(message.body);
  const suite = chooseSuite(hello, options.suites ?? cipherSuites);

  let share = requireShare(hello);
  if (share === undefined) {
    handshake.add(message.raw);
    handshake.replaceByHash();
    await handshake.write(retryRequest(hello, suite));
    await records.write(ContentType.changeCipherSpec, Uint8Array.of(1));
    message = await handshake.read(HandshakeType.clientHello);
    hello = parseClientHello(message.body);
    share = requireShare(hello);
    if (share === undefined || !hello.suites.includes(suite.id)) {
      throw new TlsError(Alert.illegalParameter, "The second ClientHello is not as asked for");
    }
  }
  if (handshake.hasRest) {
    throw new TlsError(Alert.unexpectedMessage, "Cleartext follows the ClientHello");
  }
  const { identity, index, early } = await chooseKey(hello, message, handshake, options);
  handshake.add(message.raw);

  const exchange = new KeyExchange();
  const shared = exchange.sharedSecret(share);
  await handshake.write(handshakeMessage(
    HandshakeType.serverHello,
    formatServerHello({
      random: randomBytes(32),
      sessionId: hello.sessionId,
      suite: suite.id,
      extensions: new Map([
        [ExtensionType.supportedVersions, Uint8Array.of(tls13 >> 8, tls13 & 0xff)],
        [ExtensionType.keyShare, formatShare(exchange.publicKey, false)],
        [ExtensionType.preSharedKey, Uint8Array.of(index >> 8, index & 0xff)],
      ]),
    }),
  ));
  await records.write(ContentType.changeCipherSpec, Uint8Array.of(1));

  const secret = handshakeSecret(early, shared);
  const afterHello = handshake.transcriptHash;
  const clientSecret = deriveSecret(secret, "c hs traffic", afterHello);
  const serverSecret = deriveSecret(secret, "s hs traffic", afterHello);
  records.protectReading(new RecordProtection(suite, clientSecret));
  records.protectWriting(new RecordProtection(suite, serverSecret));
  const noExtensions = handshakeMessage(HandshakeType.encryptedExtensions, Uint8Array.of(0, 0));
  const ownFinished = finished(serverSecret, handshake.transcriptHashWith(noExtensions));
  await handshake.write(noExtensions, handshakeMessage(HandshakeType.finished, ownFinished));

  const afterServer = handshake.transcriptHash;
  const master = masterSecret(secret);
  const writeSecret = deriveSecret(master, "s ap traffic", afterServer);
  records.protectWriting(new RecordProtection(suite, writeSecret));

  const peerFinished = await handshake.read(HandshakeType.finished);
  if (!isSame(peerFinished.body, finished(clientSecret, afterServer))) {
    throw new TlsError(Alert.decryptError, "The peer's Finished is wrong");
  }
  if (handshake.hasRest) {
    throw new TlsError(Alert.unexpectedMessage, "Something follows the peer's Finished");
  }
  const readSecret = deriveSecret(master, "c ap traffic", afterServer);
  records.protectReading(new RecordProtection(suite, readSecret));
  return new TlsTransport(transport.peer, records, handshake, {
    suite,
    readSecret,
    writeSecret,
    identity,
  });
}

function chooseSuite(hello: ClientHello, suites: readonly CipherSuite[]): CipherSuite {
  const versions = hello.extensions.get(ExtensionType.supportedVersions);
  if (versions === undefined || !numberList(versions, 1).includes(tls13)) {
    throw new TlsError(Alert.protocolVersion, "The peer does not speak TLS 1.3");
  }
  const suite = suites.find(({ id }) => hello.suites.includes(id));
  if (suite === undefined) {
    throw new TlsError(Alert.handshakeFailure, "The peer offers no suite that we have");
  }
  return suite;
}

/** The peer's X25519 share; nothing if it can make one and has to be asked. */
function requireShare(hello: ClientHello): Uint8Array | undefined {
  const data = hello.extensions.get(ExtensionType.keyShare);
  const share = data === undefined ? undefined : shareOfClient(data);
  if (share !== undefined) return share;
  const groups = hello.extensions.get(ExtensionType.supportedGroups);
  if (groups === undefined || !numberList(groups, 2).includes(x25519)) {
    throw new TlsError(Alert.handshakeFailure, "The peer cannot use X25519");
  }
  return undefined;
}

function retryRequest(hello: ClientHello, suite: CipherSuite): Uint8Array {
  return handshakeMessage(
    HandshakeType.serverHello,
    formatServerHello({
      random: helloRetryRandom,
      sessionId: hello.sessionId,
      suite: suite.id,
      extensions: new Map([
        [ExtensionType.supportedVersions, Uint8Array.of(tls13 >> 8, tls13 & 0xff)],
        [ExtensionType.keyShare, Uint8Array.of(x25519 >> 8, x25519 & 0xff)],
      ]),
    }),
  );
}

/** The first offered identity that is known, its binder checked. */
async function chooseKey(
  hello: ClientHello,
  message: HandshakeMessage,
  handshake: HandshakeLayer,
  options: AcceptOptions,
): Promise<{ identity: Uint8Array; index: number; early: Uint8Array }> {
  const offered = hello.extensions.get(ExtensionType.preSharedKey);
  const modes = hello.extensions.get(ExtensionType.pskKeyExchangeModes);
  if (offered === undefined) {
    throw new TlsError(Alert.handshakeFailure, "The peer offers no pre-shared key");
  }
  if ([...hello.extensions.keys()].at(-1) !== ExtensionType.preSharedKey) {
    throw new TlsError(Alert.illegalParameter, "pre_shared_key is not the last extension");
  }
  if (modes === undefined) {
    throw new TlsError(Alert.missingExtension, "The peer names no key exchange mode");
  }
  if (!exchangeModes(modes).includes(pskDheKe)) {
    throw new TlsError(Alert.handshakeFailure, "The peer does not offer psk_dhe_ke");
  }
  const { identities, binders, bindersLength } = parseOfferedKeys(offered);
  for (const [index, identity] of identities.entries()) {
    const key = await options.keyOf(identity);
    if (key === undefined) continue;
    const early = earlySecret(key);
    const truncated = message.raw.subarray(0, message.raw.length - bindersLength);
    const expected = binder(early, handshake.transcriptHashWith(truncated));
    if (!isSame(binders[index] as Uint8Array, expected)) {
      // illegal_parameter, as OpenSSL answers a wrong password (wire.md 8.8).
      throw new TlsError(Alert.illegalParameter, "The peer has another key for the same name");
    }
    return { identity, index, early };
  }
  throw new TlsError(Alert.handshakeFailure, "The peer's identity is not known");
}
