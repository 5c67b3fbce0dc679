/**
 * The connecting side of TLS 1.2 from the ServerHello on (RFC 5246, 7.3): pre-shared keys with and
 * without ECDHE, or certificates. No resumption, no renegotiation.
 *
 * @module
 */
import { constants, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";
import { Alert, TlsError } from "./alert.ts";
import {
  formatCertificate,
  formatSigned,
  parseCertificateChain,
  parseCertificateRequest,
} from "./certificate_messages.ts";
import { type CipherSuite, isKeyed, tls12 } from "./cipher_suite.ts";
import { peerNameOf } from "./credentials.ts";
import type { HandshakeMessage } from "./handshake_layer.ts";
import { isSame } from "./hashes.ts";
import { joined } from "./joined.ts";
import { keyExchange } from "./key_exchange.ts";
import { premasterSecret } from "./master_secret.ts";
import {
  ExtensionType,
  handshakeMessage,
  HandshakeType,
  numberList,
  type ServerHello,
} from "./messages.ts";
import {
  type ClientKeys,
  formatClientKeys,
  formatEncryptedSecret,
  parseServerKeys,
  type ServerKeys,
} from "./messages12.ts";
import { FiniteFieldExchange } from "./finite_field.ts";
import { type Agreement, Session12 } from "./session12.ts";
import { checkSignature, schemeFor, signMessage } from "./signatures.ts";
import type { Offer } from "./offer.ts";
import { TlsTransport } from "./tls_transport.ts";

/** Goes on from the ServerHello. */
export async function connect12(
  offer: Offer,
  message: HandshakeMessage,
  answer: ServerHello,
): Promise<TlsTransport> {
  const { transport, records, handshake, presharedKey, credentials } = offer;
  records.version = tls12;
  const agreement = agree(offer, answer);
  const { suite } = agreement;
  handshake.add(message.raw);
  const hasKey = isKeyed(suite);

  let serverKey: KeyObject | undefined;
  let peerName: string | undefined;
  if (!hasKey) {
    const certificate = await handshake.read(HandshakeType.certificate);
    handshake.add(certificate.raw);
    const chain = parseCertificateChain(certificate.body, tls12);
    serverKey = chain[0]?.publicKey;
    if (serverKey === undefined) {
      throw new TlsError(Alert.decodeError, "The peer shows no certificate");
    }
    const isRsa = serverKey.asymmetricKeyType === "rsa";
    if (isRsa === (suite.exchange === "ecdhe_ecdsa")) {
      throw new TlsError(Alert.illegalParameter, "The peer's certificate is not for its suite");
    }
    credentials?.judge?.(chain);
    peerName = peerNameOf(chain);
  }

  let serverKeys: ServerKeys | undefined;
  let requested: readonly number[] | undefined;
  const due: number[] = [HandshakeType.serverHelloDone];
  if (!hasKey) due.push(HandshakeType.certificateRequest);
  // With plain pre-shared keys it comes only if there is a hint; with RSA, never.
  const hasShare = suite.exchange !== "psk" && suite.exchange !== "rsa";
  if (suite.exchange !== "rsa") due.push(HandshakeType.serverKeyExchange);
  let next = await handshake.read(...(hasShare ? [HandshakeType.serverKeyExchange] : due));
  if (next.type === HandshakeType.serverKeyExchange) {
    serverKeys = parseServerKeys(suite, next.body);
    checkServerKeys(offer, agreement, serverKeys, serverKey);
    handshake.add(next.raw);
    next = await handshake.read(...due.slice(0, hasKey ? 1 : 2));
  }
  if (next.type === HandshakeType.certificateRequest) {
    requested = parseCertificateRequest(next.body, tls12);
    handshake.add(next.raw);
    next = await handshake.read(HandshakeType.serverHelloDone);
  }
  if (next.body.length !== 0) {
    throw new TlsError(Alert.decodeError, "A ServerHelloDone that says something");
  }
  handshake.refuseRest("ServerHelloDone");
  handshake.add(next.raw);

  const own = credentials?.own;
  const scheme = own === undefined || requested === undefined
    ? undefined
    : schemeFor(own.key, requested, tls12);
  if (requested !== undefined) {
    const chain = own === undefined || scheme === undefined ? [] : own.chain;
    await handshake.write(
      handshakeMessage(HandshakeType.certificate, formatCertificate(chain, tls12)),
    );
  }
  const { premaster, body } = exchangeKeys(offer, suite, serverKeys, serverKey);
  await handshake.write(handshakeMessage(HandshakeType.clientKeyExchange, body));
  const session = new Session12(agreement, "client", premaster);
  if (own !== undefined && scheme !== undefined) {
    const signature = signMessage(scheme, own.key, joined(...handshake.transcript));
    await handshake.write(
      handshakeMessage(HandshakeType.certificateVerify, formatSigned({ scheme, signature })),
    );
  }
  await session.finish();
  await session.readFinish();
  const identity = hasKey ? presharedKey?.identity : undefined;
  return new TlsTransport(transport.peer, records, handshake, {
    suite,
    isConnector: true,
    identity,
    peerName,
  });
}

/** What the ServerHello says, if it may say so. */
function agree({ records, handshake, hello, suites }: Offer, answer: ServerHello): Agreement {
  const suite = suites.find(({ id, version }) => id === answer.suite && version === tls12);
  if (suite === undefined) {
    throw new TlsError(Alert.illegalParameter, "The peer chose a suite that was not offered");
  }
  // We have no session to go on with, so the peer cannot have one.
  if (answer.sessionId.length > 0 && isSame(answer.sessionId, hello.sessionId)) {
    throw new TlsError(Alert.illegalParameter, "The peer goes on with a session that never was");
  }
  const { extensions } = answer;
  for (const type of extensions.keys()) {
    const isOffered = hello.extensions.has(type) && (
      type === ExtensionType.pointFormats || type === ExtensionType.encryptThenMac ||
      type === ExtensionType.extendedMasterSecret || type === ExtensionType.renegotiationInfo
    );
    if (!isOffered) {
      throw new TlsError(Alert.unsupportedExtension, `Extension ${type} was not asked for`);
    }
  }
  for (const type of [ExtensionType.encryptThenMac, ExtensionType.extendedMasterSecret]) {
    if ((extensions.get(type)?.length ?? 0) > 0) {
      throw new TlsError(Alert.decodeError, `Extension ${type} says something`);
    }
  }
  const renegotiation = extensions.get(ExtensionType.renegotiationInfo);
  if (renegotiation === undefined || !isSame(renegotiation, Uint8Array.of(0))) {
    throw new TlsError(
      Alert.handshakeFailure,
      "The peer does not say that it renegotiates safely (RFC 5746)",
    );
  }
  return {
    records,
    handshake,
    suite,
    clientRandom: hello.random,
    serverRandom: answer.random.slice(),
    isExtended: extensions.has(ExtensionType.extendedMasterSecret),
    isMacOutside: suite.mac !== undefined && extensions.has(ExtensionType.encryptThenMac),
  };
}

function checkServerKeys(
  { hello }: Offer,
  { clientRandom, serverRandom }: Agreement,
  { share, signed, proof }: ServerKeys,
  serverKey: KeyObject | undefined,
): void {
  if (share !== undefined) {
    const offered = hello.extensions.get(ExtensionType.supportedGroups) as Uint8Array;
    if (!numberList(offered, 2).includes(share.group)) {
      throw new TlsError(Alert.illegalParameter, "The peer chose a group that was not offered");
    }
  }
  if (proof === undefined || serverKey === undefined) return;
  const message = joined(clientRandom, serverRandom, signed);
  checkSignature(proof.scheme, serverKey, message, proof.signature, tls12);
}

/** The premaster secret, and the ClientKeyExchange that lets the server know it. */
function exchangeKeys(
  { presharedKey }: Offer,
  suite: CipherSuite,
  serverKeys: ServerKeys | undefined,
  serverKey: KeyObject | undefined,
): { premaster: Uint8Array; body: Uint8Array } {
  if (suite.exchange === "rsa") {
    if (serverKey === undefined) {
      throw new TlsError(Alert.internalError, "A certificate is missing");
    }
    const premaster = new Uint8Array(48);
    premaster.set([tls12 >> 8, tls12 & 0xff]);
    premaster.set(randomBytes(46), 2);
    const padding = constants.RSA_PKCS1_PADDING;
    const encrypted = publicEncrypt({ key: serverKey, padding }, premaster);
    return { premaster, body: formatEncryptedSecret(encrypted) };
  }
  let keys: ClientKeys = {};
  let shared: Uint8Array | undefined;
  if (serverKeys?.share !== undefined) {
    const own = keyExchange(serverKeys.share.group);
    shared = own.sharedSecret(serverKeys.share.key);
    keys = { share: own.publicKey };
  } else if (serverKeys?.finite !== undefined) {
    const own = new FiniteFieldExchange(serverKeys.finite);
    shared = own.sharedSecret(serverKeys.finite.key);
    keys = { finite: own.publicKey };
  }
  if (isKeyed(suite)) {
    if (presharedKey === undefined) {
      throw new TlsError(Alert.illegalParameter, "The peer wants a key that was not offered");
    }
    keys = { ...keys, identity: presharedKey.identity };
    const premaster = premasterSecret(presharedKey.key, shared);
    return { premaster, body: formatClientKeys(keys) };
  }
  if (shared === undefined) throw new TlsError(Alert.unexpectedMessage, "A key share is missing");
  return { premaster: shared, body: formatClientKeys(keys) };
}
