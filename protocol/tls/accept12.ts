/**
 * The accepting side of TLS 1.2 (RFC 5246, 7.3): pre-shared keys with and without ECDHE, or
 * certificates with ECDHE. No resumption, no renegotiation, no tickets.
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
import { type CipherSuite, isFinite, isForKeys, tls12 } from "./cipher_suite.ts";
import { type Credentials, peerNameOf } from "./credentials.ts";
import { isSame } from "./hashes.ts";
import { joined } from "./joined.ts";
import { groups, type KeyExchange, keyExchange } from "./key_exchange.ts";
import { premasterSecret } from "./master_secret.ts";
import {
  type ClientHello,
  downgradeSentinel,
  ExtensionType,
  formatServerHello,
  handshakeMessage,
  HandshakeType,
  numberList,
  renegotiationSuite,
} from "./messages.ts";
import { FiniteFieldExchange } from "./finite_field.ts";
import { formatFiniteShare, formatServerShare, parseClientKeys } from "./messages12.ts";
import type { Request } from "./request.ts";
import { type Agreement, Session12 } from "./session12.ts";
import { checkSignature, schemeFor, signMessage } from "./signatures.ts";
import { TlsTransport } from "./tls_transport.ts";

/** Goes on from the ClientHello. `couldDoMore` says that TLS 1.3 would have been possible here. */
export async function accept12(request: Request, couldDoMore: boolean): Promise<TlsTransport> {
  const { transport, handshake, message, hello, credentials, keyOf } = request;
  const isAskedSafely = checkHello(hello);
  const { suite, scheme } = chooseSuite(request);
  const hasKey = isForKeys(suite);
  const group = chooseGroup(hello);
  handshake.refuseRest("ClientHello");
  handshake.add(message.raw);

  const agreement = agree(request, suite, couldDoMore);
  const extensions = new Map<number, Uint8Array>();
  if (agreement.isExtended) {
    extensions.set(ExtensionType.extendedMasterSecret, new Uint8Array(0));
  }
  if (agreement.isMacOutside) extensions.set(ExtensionType.encryptThenMac, new Uint8Array(0));
  if (isAskedSafely) extensions.set(ExtensionType.renegotiationInfo, Uint8Array.of(0));
  const parts = [handshakeMessage(
    HandshakeType.serverHello,
    formatServerHello({
      version: tls12,
      random: agreement.serverRandom,
      sessionId: new Uint8Array(0), // there is nothing to be resumed
      suite: suite.id,
      extensions,
    }),
  )];
  let exchange: KeyExchange | undefined;
  let finite: FiniteFieldExchange | undefined;
  const own = hasKey ? undefined : credentials?.own;
  if (own !== undefined) {
    parts.push(handshakeMessage(HandshakeType.certificate, formatCertificate(own.chain, tls12)));
  }
  if (suite.exchange !== "psk") {
    let share: Uint8Array;
    if (isFinite(suite)) {
      const dhGroup = request.dhGroup ?? missingGroup();
      finite = new FiniteFieldExchange(dhGroup);
      share = formatFiniteShare({ ...dhGroup, key: finite.publicKey });
    } else {
      exchange = keyExchange(group ?? missingGroup());
      share = formatServerShare({ group: exchange.group, key: exchange.publicKey });
    }
    const body = own === undefined
      ? joined(new Uint8Array(2), share) // no hint
      : joined(share, signedShare(agreement, share, own, scheme));
    parts.push(handshakeMessage(HandshakeType.serverKeyExchange, body));
  }
  const asks = own !== undefined && credentials?.judge !== undefined;
  if (asks) {
    parts.push(
      handshakeMessage(HandshakeType.certificateRequest, formatCertificateRequest(tls12)),
    );
  }
  parts.push(handshakeMessage(HandshakeType.serverHelloDone, new Uint8Array(0)));
  await handshake.write(...parts);

  let chain: X509Certificate[] = [];
  if (asks) {
    const certificate = await handshake.read(HandshakeType.certificate);
    chain = parseCertificateChain(certificate.body, tls12);
    handshake.add(certificate.raw);
    credentials?.judge?.(chain);
  }
  const keys = await handshake.read(HandshakeType.clientKeyExchange);
  const { identity, ...sent } = parseClientKeys(suite, keys.body);
  const shared = sent.share !== undefined
    ? exchange?.sharedSecret(sent.share)
    : sent.finite !== undefined
    ? finite?.sharedSecret(sent.finite)
    : undefined;
  let premaster = shared;
  if (identity !== undefined) {
    const key = await keyOf?.(identity);
    if (key === undefined) {
      throw new TlsError(Alert.unknownPskIdentity, "The peer's identity is not known");
    }
    premaster = premasterSecret(key, shared);
  }
  if (premaster === undefined) {
    throw new TlsError(Alert.decodeError, "The peer's ClientKeyExchange lacks its share");
  }
  handshake.add(keys.raw);
  const session = new Session12(agreement, "server", premaster);
  const [peer] = chain;
  if (peer !== undefined) {
    const proof = await handshake.read(HandshakeType.certificateVerify);
    const { scheme, signature } = parseSigned(proof.body);
    checkSignature(scheme, peer.publicKey, joined(...handshake.transcript), signature, tls12);
    handshake.add(proof.raw);
  }
  await session.readFinish();
  await session.finish();
  return new TlsTransport(transport.peer, request.records, handshake, {
    suite,
    isConnector: false,
    identity: identity?.slice(),
    peerName: peerNameOf(chain),
  });
}

/** Checks what must be so in a ClientHello of TLS 1.2; whether it wants to know of renegotiation. */
function checkHello({ compressions, extensions, suites }: ClientHello): boolean {
  if (!compressions.includes(0)) {
    throw new TlsError(Alert.illegalParameter, "The peer wants compression");
  }
  const info = extensions.get(ExtensionType.renegotiationInfo);
  if (info !== undefined && !isSame(info, Uint8Array.of(0))) {
    throw new TlsError(Alert.handshakeFailure, "The peer renegotiates what never was");
  }
  for (const type of [ExtensionType.encryptThenMac, ExtensionType.extendedMasterSecret]) {
    if ((extensions.get(type)?.length ?? 0) > 0) {
      throw new TlsError(Alert.decodeError, `Extension ${type} says something`);
    }
  }
  return info !== undefined || suites.includes(renegotiationSuite);
}

/**
 * Key or certificate as the first suite of the peer that can be used has it, and then the best of that
 * kind.
 */
function chooseSuite(
  { hello, suites, keyOf, credentials }: Request,
): { suite: CipherSuite; scheme: number | undefined } {
  const own = credentials?.own;
  const algorithms = hello.extensions.get(ExtensionType.signatureAlgorithms);
  const scheme = own === undefined || algorithms === undefined
    ? undefined
    : schemeFor(own.key, numberList(algorithms, 2), tls12);
  const isRsa = own?.key.asymmetricKeyType === "rsa";
  const kinds: readonly string[] = isRsa ? ["ecdhe_rsa", "dhe_rsa"] : ["ecdhe_ecdsa"];
  const hasGroup = chooseGroup(hello) !== undefined;
  const canShow = (suite: CipherSuite): boolean =>
    scheme !== undefined && kinds.includes(suite.exchange);
  const canKey = (suite: CipherSuite): boolean => keyOf !== undefined && isForKeys(suite);
  const usable = suites.filter((suite) =>
    (canShow(suite) || canKey(suite)) && (hasGroup || suite.exchange === "psk" || isFinite(suite))
  );
  const first = hello.suites.map((id) => usable.find((suite) => suite.id === id))
    .find((suite) => suite !== undefined);
  const isKeyed = first !== undefined && isForKeys(first);
  const suite = usable.find((one) => isForKeys(one) === isKeyed);
  if (suite !== undefined) return { suite, scheme };
  throw new TlsError(
    Alert.handshakeFailure,
    own === undefined
      ? "The peer offers no suite with pre-shared keys, and there is no certificate here"
      : "The peer offers no suite that goes with our certificate or a pre-shared key",
  );
}

/** The first of our groups that the peer has; P-256 where it says nothing of them (RFC 8422, 4). */
function chooseGroup({ extensions }: ClientHello): number | undefined {
  const named = extensions.get(ExtensionType.supportedGroups);
  const offered = named === undefined ? [p256] : numberList(named, 2);
  return groups.find((group) => offered.includes(group));
}

const p256 = 0x0017;

function missingGroup(): never {
  throw new TlsError(Alert.handshakeFailure, "The peer has no group that we have");
}

function agree(
  { records, handshake, hello }: Request,
  suite: CipherSuite,
  couldDoMore: boolean,
): Agreement {
  const serverRandom = new Uint8Array(randomBytes(32));
  if (couldDoMore) serverRandom.set(downgradeSentinel, 24);
  return {
    records,
    handshake,
    suite,
    clientRandom: hello.random.slice(),
    serverRandom,
    isExtended: hello.extensions.has(ExtensionType.extendedMasterSecret),
    isMacOutside: suite.mac !== undefined && hello.extensions.has(ExtensionType.encryptThenMac),
  };
}

function signedShare(
  { clientRandom, serverRandom }: Agreement,
  share: Uint8Array,
  own: NonNullable<Credentials["own"]>,
  scheme: number | undefined,
): Uint8Array {
  if (scheme === undefined) throw new TlsError(Alert.internalError, "No way to sign was chosen");
  const signature = signMessage(scheme, own.key, joined(clientRandom, serverRandom, share));
  return formatSigned({ scheme, signature });
}
