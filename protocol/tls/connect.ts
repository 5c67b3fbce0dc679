/**
 * The connecting side of TLS: one ClientHello that offers TLS 1.3 and 1.2, a pre-shared key,
 * certificates, or both, and what the ServerHello makes of it (wire.md 8.5, 8.6).
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Transport } from "../transport.ts";
import { Alert, TlsError } from "./alert.ts";
import {
  type CipherSuite,
  cipherSuites,
  isForCertificates,
  isForKeys,
  tls12,
  tls13,
  type TlsVersion,
} from "./cipher_suite.ts";
import { connect12 } from "./connect12.ts";
import { connect13, withBinder } from "./connect13.ts";
import type { Credentials } from "./credentials.ts";
import { guarded, handshakeTimeoutMs } from "./guarded.ts";
import { HandshakeLayer } from "./handshake_layer.ts";
import { isSame } from "./hashes.ts";
import { groups, type KeyExchange, keyExchange } from "./key_exchange.ts";
import {
  type ClientHello,
  downgradeSentinel,
  ExtensionType,
  formatNumberList,
  formatShare,
  HandshakeType,
  parseServerHello,
  pskDheKe,
  type ServerHello,
} from "./messages.ts";
import type { Offer, PresharedKey } from "./offer.ts";
import { RecordLayer } from "./record_layer.ts";
import { signatureSchemes } from "./signatures.ts";
import type { TlsTransport } from "./tls_transport.ts";

/** Options of {@linkcode connectTls}. */
export interface ConnectOptions {
  /** The key to offer. */
  readonly presharedKey?: PresharedKey | undefined;
  /** The certificate to show, and what is thought of the peer's. Absent if certificates will not do. */
  readonly credentials?: Credentials | undefined;
  /** The suites to offer, the preferred first; all that can be used if absent. */
  readonly suites?: readonly CipherSuite[] | undefined;
  /** How long the handshake may take; half a minute if absent. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Performs a handshake as the connecting side.
 *
 * @throws TlsError if it fails; an alert has been sent then unless the peer sent one, and the
 * transport is closed
 */
export async function connectTls(
  transport: Transport,
  options: ConnectOptions,
): Promise<TlsTransport> {
  const records = new RecordLayer(transport);
  return await guarded(
    records,
    options.timeoutMs ?? handshakeTimeoutMs,
    () => shakeHands(transport, records, options),
  );
}

async function shakeHands(
  transport: Transport,
  records: RecordLayer,
  { presharedKey, credentials, ...options }: ConnectOptions,
): Promise<TlsTransport> {
  const handshake = new HandshakeLayer(records);
  const suites = (options.suites ?? cipherSuites).filter((suite) =>
    (presharedKey !== undefined && isForKeys(suite)) ||
    (credentials !== undefined && isForCertificates(suite))
  );
  if (suites.length === 0) {
    throw new TlsError(Alert.internalError, "TLS Cipher List and TLS Cipher Suites leave no suite");
  }
  const exchange = keyExchange(groups[0] as number);
  const hello = clientHello(suites, exchange, presharedKey !== undefined, credentials);
  const offer = {
    transport,
    records,
    handshake,
    hello,
    suites,
    exchange,
    presharedKey,
    credentials,
  };
  await handshake.write(withBinder(hello, presharedKey, handshake));

  const message = await handshake.read(HandshakeType.serverHello);
  const answer = parseServerHello(message.body);
  return versionOf(offer, answer) === tls13
    ? await connect13(offer, message, answer)
    : await connect12(offer, message, answer);
}

function clientHello(
  suites: readonly CipherSuite[],
  exchange: KeyExchange,
  hasKey: boolean,
  credentials: Credentials | undefined,
): ClientHello {
  const versions = ([tls13, tls12] as const).filter((version) =>
    suites.some((suite) => suite.version === version)
  );
  const extensions = new Map<number, Uint8Array>([
    [ExtensionType.supportedGroups, formatNumberList(groups, 2)],
  ]);
  const share = { group: exchange.group, key: exchange.publicKey };
  if (versions.includes(tls12)) {
    extensions.set(ExtensionType.pointFormats, Uint8Array.of(1, 0));
    extensions.set(ExtensionType.encryptThenMac, new Uint8Array(0));
    extensions.set(ExtensionType.extendedMasterSecret, new Uint8Array(0));
    extensions.set(ExtensionType.renegotiationInfo, Uint8Array.of(0));
  }
  if (credentials !== undefined) {
    extensions.set(ExtensionType.signatureAlgorithms, formatNumberList(signatureSchemes, 2));
  }
  if (versions.includes(tls13)) {
    extensions.set(ExtensionType.supportedVersions, formatNumberList(versions, 1));
    if (hasKey) extensions.set(ExtensionType.pskKeyExchangeModes, Uint8Array.of(1, pskDheKe));
    extensions.set(ExtensionType.keyShare, formatShare(share, true));
  }
  return {
    version: tls12,
    random: randomBytes(32),
    sessionId: randomBytes(32),
    suites: suites.map(({ id }) => id),
    compressions: [0],
    extensions,
  };
}

/** The version that the peer has chosen, of those that were offered (RFC 8446, 4.2.1 and 4.1.3). */
function versionOf({ suites }: Offer, answer: ServerHello): TlsVersion {
  const offers = (version: TlsVersion): boolean => suites.some((one) => one.version === version);
  if (answer.extensions.has(ExtensionType.supportedVersions)) return tls13; // which checks it
  if (answer.version !== tls12 || !offers(tls12)) {
    throw new TlsError(Alert.protocolVersion, "The peer speaks no version of TLS that is offered");
  }
  const end = answer.random.subarray(24);
  const older = downgradeSentinel.with(7, 0);
  if (offers(tls13) && (isSame(end, downgradeSentinel) || isSame(end, older))) {
    throw new TlsError(
      Alert.illegalParameter,
      "The peer could speak TLS 1.3: somebody between has changed what was said",
    );
  }
  return tls12;
}
