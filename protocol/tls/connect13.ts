/**
 * The connecting side of TLS 1.3 from the ServerHello on (RFC 8446, 2): psk_dhe_ke with an external
 * key, or certificates; with HelloRetryRequest.
 *
 * @module
 */
import { Alert, TlsError } from "./alert.ts";
import {
  formatCertificate,
  formatSigned,
  parseCertificateChain,
  parseCertificateRequest,
  parseSigned,
} from "./certificate_messages.ts";
import { type CipherSuite, isForKeys, tls13 } from "./cipher_suite.ts";
import { peerNameOf } from "./credentials.ts";
import { checkFinished, type HandshakeLayer, type HandshakeMessage } from "./handshake_layer.ts";
import { hashLengths, isSame } from "./hashes.ts";
import { type KeyExchange, keyExchange } from "./key_exchange.ts";
import {
  binder,
  deriveSecret,
  earlySecret,
  finished,
  handshakeSecret,
  masterSecret,
} from "./key_schedule.ts";
import {
  type ClientHello,
  ExtensionType,
  formatClientHello,
  formatNumber,
  formatOfferedKey,
  formatShare,
  handshakeMessage,
  HandshakeType,
  helloRetryRandom,
  numberList,
  parseEncryptedExtensions,
  parseNumber,
  parseServerHello,
  type ServerHello,
  shareOfServer,
} from "./messages.ts";
import { ContentType } from "./record.ts";
import { Protection13 } from "./record_protection.ts";
import { checkSignature, schemeFor, signedContent, signMessage } from "./signatures.ts";
import type { Offer, PresharedKey } from "./offer.ts";
import { TlsTransport } from "./tls_transport.ts";

/** Goes on from the first ServerHello, which may ask for another ClientHello. */
export async function connect13(
  offer: Offer,
  message: HandshakeMessage,
  answer: ServerHello,
): Promise<TlsTransport> {
  const { transport, records, handshake, credentials } = offer;
  let { hello, exchange, presharedKey } = offer;
  const suite = chosenSuite(offer, answer);
  if (isSame(answer.random, helloRetryRandom)) {
    ({ hello, exchange } = answerRetry(hello, exchange, answer));
    if (!isForKeys(suite)) presharedKey = undefined; // it does not go with the hash of the suite
    handshake.replaceByHash(suite.hash);
    handshake.add(message.raw);
    records.hold(ContentType.changeCipherSpec, Uint8Array.of(1));
    await handshake.write(withBinder(hello, presharedKey, handshake));
    message = await handshake.read(HandshakeType.serverHello);
    answer = parseServerHello(message.body);
    if (isSame(answer.random, helloRetryRandom)) {
      throw new TlsError(Alert.unexpectedMessage, "The peer asks for a third ClientHello");
    }
    if (chosenSuite(offer, answer) !== suite) {
      throw new TlsError(Alert.illegalParameter, "The peer changes its mind about the suite");
    }
  }
  const key = usedKey(answer, suite, presharedKey);
  if (key === undefined && credentials === undefined) {
    throw new TlsError(
      Alert.handshakeFailure,
      "The peer does not use the pre-shared key: it does not know this name, or has another password",
    );
  }
  const shared = exchange.sharedSecret(shareIn(answer, exchange));
  handshake.refuseRest("ServerHello");
  handshake.add(message.raw);

  const { hash } = suite;
  const secret = handshakeSecret(hash, earlySecret(hash, key?.key), shared);
  const afterHello = handshake.transcriptHash(hash);
  const clientSecret = deriveSecret(hash, secret, "c hs traffic", afterHello);
  const serverSecret = deriveSecret(hash, secret, "s hs traffic", afterHello);
  records.protectReading(new Protection13(suite, serverSecret));
  // From here on alerts are protected, too.
  records.hold(ContentType.changeCipherSpec, Uint8Array.of(1));
  records.protectWriting(new Protection13(suite, clientSecret));

  const extensions = await handshake.read(HandshakeType.encryptedExtensions);
  for (const type of parseEncryptedExtensions(extensions.body).keys()) {
    if (type === ExtensionType.supportedGroups) continue;
    throw new TlsError(Alert.unsupportedExtension, `Extension ${type} was not asked for`);
  }
  handshake.add(extensions.raw);

  let requested: readonly number[] | undefined;
  let peerName: string | undefined;
  if (key === undefined) ({ requested, peerName } = await readCertificates(offer, suite));

  const peerFinished = await handshake.read(HandshakeType.finished);
  checkFinished(peerFinished, finished(hash, serverSecret, handshake.transcriptHash(hash)));
  handshake.refuseRest("Finished");
  handshake.add(peerFinished.raw);
  const afterServer = handshake.transcriptHash(hash);

  if (requested !== undefined) writeCertificates(offer, suite, requested);
  const ownFinished = finished(hash, clientSecret, handshake.transcriptHash(hash));
  await handshake.write(handshakeMessage(HandshakeType.finished, ownFinished));

  const master = masterSecret(hash, secret);
  const readSecret = deriveSecret(hash, master, "s ap traffic", afterServer);
  const writeSecret = deriveSecret(hash, master, "c ap traffic", afterServer);
  records.protectReading(new Protection13(suite, readSecret));
  records.protectWriting(new Protection13(suite, writeSecret));
  return new TlsTransport(transport.peer, records, handshake, {
    suite,
    isConnector: true,
    traffic: { readSecret, writeSecret },
    identity: key?.identity,
    peerName,
  });
}

/** The whole ClientHello message; with a key, its last extension is the key with its binder over all before it. */
export function withBinder(
  hello: ClientHello,
  presharedKey: PresharedKey | undefined,
  handshake: HandshakeLayer,
): Uint8Array {
  const hasKey = presharedKey !== undefined && hello.extensions.has(ExtensionType.keyShare);
  const extensions = new Map(hello.extensions);
  const length = hashLengths.sha256;
  if (hasKey) {
    extensions.set(ExtensionType.preSharedKey, formatOfferedKey(presharedKey.identity, length));
  }
  const message = handshakeMessage(
    HandshakeType.clientHello,
    formatClientHello({ ...hello, extensions }),
  );
  if (!hasKey) return message;
  const truncated = message.subarray(0, message.length - (2 + 1 + length));
  const early = earlySecret("sha256", presharedKey.key);
  message.set(
    binder(early, handshake.transcriptHash("sha256", truncated)),
    message.length - length,
  );
  return message;
}

/** The second ClientHello: the first with the peer's cookie, and a share of the group it asks for. */
function answerRetry(
  hello: ClientHello,
  exchange: KeyExchange,
  retry: ServerHello,
): { hello: ClientHello; exchange: KeyExchange } {
  onlyExtensions(
    retry,
    ExtensionType.supportedVersions,
    ExtensionType.cookie,
    ExtensionType.keyShare,
  );
  const extensions = new Map(hello.extensions);
  const cookie = retry.extensions.get(ExtensionType.cookie);
  if (cookie !== undefined) extensions.set(ExtensionType.cookie, cookie);
  const wanted = retry.extensions.get(ExtensionType.keyShare);
  if (wanted !== undefined) {
    const group = parseNumber("key_share", wanted);
    const offered = numberList(
      hello.extensions.get(ExtensionType.supportedGroups) as Uint8Array,
      2,
    );
    if (group === exchange.group || !offered.includes(group)) {
      throw new TlsError(
        Alert.illegalParameter,
        "The peer asks for a key share that it has or that was not offered",
      );
    }
    exchange = keyExchange(group);
    const share = { group, key: exchange.publicKey };
    extensions.set(ExtensionType.keyShare, formatShare(share, true));
  }
  if (cookie === undefined && wanted === undefined) {
    throw new TlsError(Alert.illegalParameter, "The peer asks for the same ClientHello again");
  }
  return { hello: { ...hello, extensions }, exchange };
}

/** The suite of a ServerHello or HelloRetryRequest, whose other fields are checked, too. */
function chosenSuite({ hello, suites }: Offer, answer: ServerHello): CipherSuite {
  const version = answer.extensions.get(ExtensionType.supportedVersions);
  if (version === undefined || !isSame(version, formatNumber(tls13))) {
    throw new TlsError(Alert.illegalParameter, "The peer chose a version that was not offered");
  }
  const suite = suites.find(({ id, version }) => id === answer.suite && version === tls13);
  if (
    suite === undefined || answer.version !== hello.version ||
    !isSame(answer.sessionId, hello.sessionId)
  ) throw new TlsError(Alert.illegalParameter, "The peer chose what was not offered");
  return suite;
}

/** The offered key if the ServerHello takes it. */
function usedKey(
  answer: ServerHello,
  suite: CipherSuite,
  presharedKey: PresharedKey | undefined,
): PresharedKey | undefined {
  onlyExtensions(
    answer,
    ExtensionType.supportedVersions,
    ExtensionType.keyShare,
    ExtensionType.preSharedKey,
  );
  const selected = answer.extensions.get(ExtensionType.preSharedKey);
  if (selected === undefined) return undefined;
  if (
    presharedKey === undefined || !isForKeys(suite) || !isSame(selected, Uint8Array.of(0, 0))
  ) throw new TlsError(Alert.illegalParameter, "The peer chose a key that was not offered");
  return presharedKey;
}

function shareIn(answer: ServerHello, exchange: KeyExchange): Uint8Array {
  const data = answer.extensions.get(ExtensionType.keyShare);
  if (data === undefined) {
    throw new TlsError(Alert.missingExtension, "The peer's ServerHello has no key share");
  }
  const { group, key } = shareOfServer(data);
  if (group !== exchange.group) {
    throw new TlsError(Alert.illegalParameter, "The peer chose a group that was not offered");
  }
  return key;
}

function onlyExtensions({ extensions }: ServerHello, ...allowed: readonly number[]): void {
  for (const type of extensions.keys()) {
    if (allowed.includes(type)) continue;
    throw new TlsError(Alert.unsupportedExtension, `Extension ${type} was not asked for`);
  }
}

/** Reads what a server with a certificate shows; `requested` is how ours must sign if it wants one. */
async function readCertificates(
  { handshake, credentials }: Offer,
  { hash }: CipherSuite,
): Promise<{ requested: readonly number[] | undefined; peerName: string | undefined }> {
  let requested: readonly number[] | undefined;
  let message = await handshake.read(
    HandshakeType.certificateRequest,
    HandshakeType.certificate,
  );
  if (message.type === HandshakeType.certificateRequest) {
    requested = parseCertificateRequest(message.body, tls13);
    handshake.add(message.raw);
    message = await handshake.read(HandshakeType.certificate);
  }
  const chain = parseCertificateChain(message.body, tls13);
  const [own] = chain;
  if (own === undefined) throw new TlsError(Alert.decodeError, "The peer shows no certificate");
  handshake.add(message.raw);

  const proof = await handshake.read(HandshakeType.certificateVerify);
  const { scheme, signature } = parseSigned(proof.body);
  const content = signedContent("server", handshake.transcriptHash(hash));
  checkSignature(scheme, own.publicKey, content, signature, tls13);
  handshake.add(proof.raw);
  credentials?.judge?.(chain);
  return { requested, peerName: peerNameOf(chain) };
}

/** Shows the own certificate, or says that there is none that will do. */
function writeCertificates(
  { handshake, credentials }: Offer,
  { hash }: CipherSuite,
  requested: readonly number[],
): void {
  const own = credentials?.own;
  const scheme = own === undefined ? undefined : schemeFor(own.key, requested, tls13);
  const chain = own === undefined || scheme === undefined ? [] : own.chain;
  handshake.hold(
    handshakeMessage(HandshakeType.certificate, formatCertificate(chain, tls13)),
  );
  if (own === undefined || scheme === undefined) return;
  const content = signedContent("client", handshake.transcriptHash(hash));
  const signature = signMessage(scheme, own.key, content);
  handshake.hold(
    handshakeMessage(HandshakeType.certificateVerify, formatSigned({ scheme, signature })),
  );
}
