/**
 * The accepting side of TLS 1.3 (RFC 8446, 2): psk_dhe_ke with an external key, or certificates; a
 * HelloRetryRequest where the peer has sent no share of a group that we have.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { X509Certificate } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";
import {
  formatCertificate,
  formatCertificateRequest,
  formatSigned,
  parseCertificateChain,
  parseSigned,
} from "./certificate_messages.ts";
import { type CipherSuite, isForKeys, tls12, tls13 } from "./cipher_suite.ts";
import { type Credentials, peerNameOf } from "./credentials.ts";
import { checkFinished, type HandshakeMessage } from "./handshake_layer.ts";
import { isSame } from "./hashes.ts";
import { groups, keyExchange } from "./key_exchange.ts";
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
  exchangeModes,
  ExtensionType,
  formatNumber,
  formatServerHello,
  formatShare,
  handshakeMessage,
  HandshakeType,
  helloRetryRandom,
  numberList,
  type OfferedKeys,
  parseClientHello,
  parseOfferedKeys,
  pskDheKe,
  type Share,
  sharesOfClient,
} from "./messages.ts";
import { ContentType } from "./record.ts";
import { Protection13 } from "./record_protection.ts";
import type { Request } from "./request.ts";
import { checkSignature, schemeFor, signedContent, signMessage } from "./signatures.ts";
import { TlsTransport } from "./tls_transport.ts";

/** A key that the peer offers and we know. */
interface KnownKey {
  readonly index: number;
  readonly identity: Uint8Array;
  readonly key: Uint8Array;
}

/** Goes on from the first ClientHello. */
export async function accept13(request: Request): Promise<TlsTransport> {
  const { transport, records, handshake, credentials } = request;
  let { message, hello } = request;
  checkHello(hello);
  const offered = offeredKeys(hello);
  const known = await findKey(offered, request.keyOf);
  const { suite, isKeyed } = chooseSuite(request, known, offered !== undefined);
  const { hash } = suite;

  let share = findShare(hello);
  if (share.key.length === 0) {
    handshake.add(message.raw);
    handshake.replaceByHash(hash);
    handshake.hold(retryRequest(hello, suite, share.group));
    await records.write(ContentType.changeCipherSpec, Uint8Array.of(1));
    const second = await handshake.read(HandshakeType.clientHello);
    const again = parseClientHello(second.body);
    const { group } = share;
    share = findShare(again);
    if (share.key.length === 0 || share.group !== group || !isAsBefore(hello, again)) {
      throw new TlsError(Alert.illegalParameter, "The second ClientHello is not as asked for");
    }
    message = second;
    hello = again;
    checkHello(hello);
  }
  handshake.refuseRest("ClientHello");
  const key = isKeyed && known !== undefined ? known : undefined;
  if (key !== undefined) checkBinder(request, hello, message, key);
  handshake.add(message.raw);

  const exchange = keyExchange(share.group);
  const shared = exchange.sharedSecret(share.key);
  const extensions = new Map<number, Uint8Array>([
    [ExtensionType.supportedVersions, formatNumber(tls13)],
    [
      ExtensionType.keyShare,
      formatShare({ group: share.group, key: exchange.publicKey }, false),
    ],
  ]);
  if (key !== undefined) extensions.set(ExtensionType.preSharedKey, formatNumber(key.index));
  // ServerHello to Finished go out in one write: each by itself would wake the peer for nothing
  handshake.hold(handshakeMessage(
    HandshakeType.serverHello,
    formatServerHello({
      version: tls12,
      random: randomBytes(32),
      sessionId: hello.sessionId,
      suite: suite.id,
      extensions,
    }),
  ));
  records.hold(ContentType.changeCipherSpec, Uint8Array.of(1));

  const secret = handshakeSecret(hash, earlySecret(hash, key?.key), shared);
  const afterHello = handshake.transcriptHash(hash);
  const clientSecret = deriveSecret(hash, secret, "c hs traffic", afterHello);
  const serverSecret = deriveSecret(hash, secret, "s hs traffic", afterHello);
  records.protectReading(new Protection13(suite, clientSecret));
  records.protectWriting(new Protection13(suite, serverSecret));
  handshake.hold(
    handshakeMessage(HandshakeType.encryptedExtensions, Uint8Array.of(0, 0)),
  );
  const asks = key === undefined && credentials?.judge !== undefined;
  if (key === undefined && credentials !== undefined) {
    writeCertificates(request, suite, credentials, hello);
  }
  const ownFinished = finished(hash, serverSecret, handshake.transcriptHash(hash));
  await handshake.write(handshakeMessage(HandshakeType.finished, ownFinished));
  const afterServer = handshake.transcriptHash(hash);
  const master = masterSecret(hash, secret);
  const writeSecret = deriveSecret(hash, master, "s ap traffic", afterServer);
  records.protectWriting(new Protection13(suite, writeSecret));

  const chain = asks ? await readCertificates(request, suite) : [];
  const peerFinished = await handshake.read(HandshakeType.finished);
  checkFinished(peerFinished, finished(hash, clientSecret, handshake.transcriptHash(hash)));
  handshake.refuseRest("Finished");
  if (asks) credentials?.judge?.(chain);
  const readSecret = deriveSecret(hash, master, "c ap traffic", afterServer);
  records.protectReading(new Protection13(suite, readSecret));
  return new TlsTransport(transport.peer, records, handshake, {
    suite,
    isConnector: false,
    traffic: { readSecret, writeSecret },
    identity: key?.identity,
    peerName: peerNameOf(chain),
  });
}

/** What must be so in every ClientHello of TLS 1.3. */
function checkHello({ compressions, extensions }: ClientHello): void {
  if (compressions.length !== 1 || compressions[0] !== 0) {
    throw new TlsError(Alert.illegalParameter, "The peer wants compression");
  }
  const hasKey = extensions.has(ExtensionType.preSharedKey);
  if (hasKey && [...extensions.keys()].at(-1) !== ExtensionType.preSharedKey) {
    throw new TlsError(Alert.illegalParameter, "pre_shared_key is not the last extension");
  }
  if (hasKey && !extensions.has(ExtensionType.pskKeyExchangeModes)) {
    throw new TlsError(Alert.missingExtension, "The peer names no key exchange mode");
  }
}

/** The keys that the peer offers, if it does and lets us use ECDHE with them. */
function offeredKeys({ extensions }: ClientHello): OfferedKeys | undefined {
  const offered = extensions.get(ExtensionType.preSharedKey);
  const modes = extensions.get(ExtensionType.pskKeyExchangeModes);
  if (offered === undefined || modes === undefined) return undefined;
  const keys = parseOfferedKeys(offered);
  return exchangeModes(modes).includes(pskDheKe) ? keys : undefined;
}

async function findKey(
  offered: OfferedKeys | undefined,
  keyOf: Request["keyOf"],
): Promise<KnownKey | undefined> {
  for (const [index, identity] of (offered?.identities ?? []).entries()) {
    const key = await keyOf?.(identity);
    if (key !== undefined) return { index, identity: identity.slice(), key };
  }
  return undefined;
}

/**
 * Key or certificate, and the suite. With both, OpenSSL takes the first suite of the peer that it has,
 * and the key only if that suite has the key's hash; peers count on it: who must see a certificate
 * offers another suite first (wire.md 8.5).
 */
function chooseSuite(
  { hello, suites, credentials }: Request,
  known: KnownKey | undefined,
  isOffered: boolean,
): { suite: CipherSuite; isKeyed: boolean } {
  const canShow = credentials !== undefined &&
    hello.extensions.has(ExtensionType.signatureAlgorithms);
  const first = hello.suites.map((id) => suites.find((suite) => suite.id === id))
    .find((suite) => suite !== undefined);
  const isPreferred = first !== undefined && isForKeys(first);
  const isKeyed = known !== undefined && (!canShow || isPreferred);
  const suite = isKeyed ? suites.find(isForKeys) : canShow ? first : undefined;
  if (suite !== undefined) return { suite, isKeyed };
  throw new TlsError(
    Alert.handshakeFailure,
    known !== undefined
      ? "The peer offers no suite that goes with a pre-shared key"
      : isOffered
      ? "The peer's identity is not known"
      : credentials === undefined
      ? "The peer offers no pre-shared key that can be used, and there is no certificate here"
      : "The peer takes no certificate",
  );
}

/** The peer's share of the first of our groups that it has one of; without a key, one to be asked for. */
function findShare(hello: ClientHello): Share {
  const data = hello.extensions.get(ExtensionType.keyShare);
  const named = hello.extensions.get(ExtensionType.supportedGroups);
  if (data === undefined || named === undefined) {
    throw new TlsError(Alert.missingExtension, "The peer's ClientHello has no key share");
  }
  const shares = sharesOfClient(data);
  const offered = numberList(named, 2);
  if (shares.some(({ group }) => !offered.includes(group))) {
    throw new TlsError(Alert.illegalParameter, "A key share of a group that is not offered");
  }
  for (const group of groups) {
    const share = shares.find((one) => one.group === group);
    if (share !== undefined) return share;
  }
  const group = groups.find((one) => offered.includes(one));
  if (group === undefined) {
    throw new TlsError(Alert.handshakeFailure, "The peer has no group that we have");
  }
  return { group, key: new Uint8Array(0) };
}

/** Extensions that a second hello may have, lack or have otherwise; whoever reads them checks them. */
const changing: ReadonlySet<number> = new Set([
  ExtensionType.padding,
  ExtensionType.preSharedKey,
  ExtensionType.earlyData,
  ExtensionType.cookie,
  ExtensionType.keyShare,
]);

/** Whether the second hello is the first but for what may change (RFC 8446, 4.1.2), in whatever order. */
function isAsBefore(first: ClientHello, second: ClientHello): boolean {
  const isKept = ([type]: readonly [number, Uint8Array]): boolean => !changing.has(type);
  const before = [...first.extensions].filter(isKept);
  const now = new Map([...second.extensions].filter(isKept));
  return first.version === second.version && isSame(first.random, second.random) &&
    isSame(first.sessionId, second.sessionId) && first.suites.join() === second.suites.join() &&
    before.length === now.size && before.every(([type, data]) => {
      const again = now.get(type);
      return again !== undefined && isSame(data, again);
    });
}

function retryRequest(hello: ClientHello, suite: CipherSuite, group: number): Uint8Array {
  return handshakeMessage(
    HandshakeType.serverHello,
    formatServerHello({
      version: tls12,
      random: helloRetryRandom,
      sessionId: hello.sessionId,
      suite: suite.id,
      extensions: new Map([
        [ExtensionType.supportedVersions, formatNumber(tls13)],
        [ExtensionType.keyShare, formatNumber(group)],
      ]),
    }),
  );
}

/** Checks that the peer has the key, by the binder over its last ClientHello. */
function checkBinder(
  { handshake }: Request,
  hello: ClientHello,
  message: HandshakeMessage,
  known: KnownKey,
): void {
  const offered = offeredKeys(hello);
  const index = offered?.identities.findIndex((one) => isSame(one, known.identity)) ?? -1;
  const given = offered?.binders[index];
  if (offered === undefined || given === undefined || index !== known.index) {
    throw new TlsError(Alert.illegalParameter, "The peer offers another key the second time");
  }
  const truncated = message.raw.subarray(0, message.raw.length - offered.bindersLength);
  const expected = binder(
    earlySecret("sha256", known.key),
    handshake.transcriptHash("sha256", truncated),
  );
  if (isSame(given, expected)) return;
  // illegal_parameter, as OpenSSL answers a wrong password (wire.md 8.8).
  throw new TlsError(Alert.illegalParameter, "The peer has another key for the same name");
}

/** Asks for the peer's certificate if it is to be judged, and shows the own one. */
function writeCertificates(
  { handshake }: Request,
  { hash }: CipherSuite,
  { own, judge }: Credentials,
  hello: ClientHello,
): void {
  const offered = hello.extensions.get(ExtensionType.signatureAlgorithms);
  const scheme = own === undefined || offered === undefined
    ? undefined
    : schemeFor(own.key, numberList(offered, 2), tls13);
  if (own === undefined || scheme === undefined) {
    throw new TlsError(Alert.handshakeFailure, "The peer takes no signature of our certificate");
  }
  if (judge !== undefined) {
    handshake.hold(
      handshakeMessage(HandshakeType.certificateRequest, formatCertificateRequest(tls13)),
    );
  }
  handshake.hold(
    handshakeMessage(HandshakeType.certificate, formatCertificate(own.chain, tls13)),
  );
  const content = signedContent("server", handshake.transcriptHash(hash));
  const signature = signMessage(scheme, own.key, content);
  handshake.hold(
    handshakeMessage(HandshakeType.certificateVerify, formatSigned({ scheme, signature })),
  );
}

/** Reads the peer's certificate and the proof that it has its key; nothing if it shows none. */
async function readCertificates(
  { handshake }: Request,
  { hash }: CipherSuite,
): Promise<X509Certificate[]> {
  const message = await handshake.read(HandshakeType.certificate);
  const chain = parseCertificateChain(message.body, tls13);
  handshake.add(message.raw);
  const [own] = chain;
  if (own === undefined) return [];
  const proof = await handshake.read(HandshakeType.certificateVerify);
  const { scheme, signature } = parseSigned(proof.body);
  const content = signedContent("client", handshake.transcriptHash(hash));
  checkSignature(scheme, own.publicKey, content, signature, tls13);
  handshake.add(proof.raw);
  return chain;
}
