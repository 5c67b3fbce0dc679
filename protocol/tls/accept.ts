/**
 * The accepting side of TLS: what it makes of a ClientHello. TLS 1.3 where the peer speaks it, else
 * 1.2; a pre-shared key or a certificate as a daemon with OpenSSL would choose (wire.md 8.5, 8.7).
 *
 * @module
 */
import type { Transport } from "../transport.ts";
import { accept12 } from "./accept12.ts";
import { accept13 } from "./accept13.ts";
import { Alert, TlsError } from "./alert.ts";
import {
  type CipherSuite,
  cipherSuites,
  isFinite,
  tls12,
  tls13,
  type TlsVersion,
} from "./cipher_suite.ts";
import type { Credentials } from "./credentials.ts";
import type { DhGroup } from "./finite_field.ts";
import { guarded, handshakeTimeoutMs } from "./guarded.ts";
import { HandshakeLayer } from "./handshake_layer.ts";
import {
  type ClientHello,
  ExtensionType,
  HandshakeType,
  numberList,
  parseClientHello,
} from "./messages.ts";
import { RecordLayer } from "./record_layer.ts";
import type { KeyFinder } from "./request.ts";
import type { TlsTransport } from "./tls_transport.ts";

/** Options of {@linkcode acceptTls}. */
export interface AcceptOptions {
  /** The key of an identity, or nothing if nobody of that name is known. Absent if keys will not do. */
  readonly keyOf?: KeyFinder | undefined;
  /** The certificate to show, and what is thought of the peer's. */
  readonly credentials?: Credentials | undefined;
  /** The group for Diffie-Hellman without curves, which is not used without one. */
  readonly dhGroup?: DhGroup | undefined;
  /** Bytes that were already read from the transport. */
  readonly first?: Uint8Array | undefined;
  /** The suites to choose from, the preferred first; all we have if absent. */
  readonly suites?: readonly CipherSuite[] | undefined;
  /** How long the handshake may take; half a minute if absent. */
  readonly timeoutMs?: number | undefined;
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
  { keyOf, credentials, dhGroup, suites = cipherSuites }: AcceptOptions,
): Promise<TlsTransport> {
  const handshake = new HandshakeLayer(records);
  const message = await handshake.read(HandshakeType.clientHello);
  const hello = parseClientHello(message.body);
  const versions = ([tls13, tls12] as const).filter((version) =>
    suites.some((suite) => suite.version === version)
  );
  const version = chooseVersion(hello, versions);
  const common = suites.filter((suite) =>
    suite.version === version && suite.exchange !== "rsa" &&
    (dhGroup !== undefined || !isFinite(suite)) && hello.suites.includes(suite.id)
  );
  if (common.length === 0) {
    throw new TlsError(Alert.handshakeFailure, "The peer offers no suite that we have");
  }
  const hasOwn = credentials?.own !== undefined;
  const request = {
    transport,
    records,
    handshake,
    message,
    hello,
    suites: common,
    keyOf,
    dhGroup,
    credentials: hasOwn ? credentials : undefined,
  };
  if (version === tls13) return await accept13(request);
  records.version = tls12;
  return await accept12(request, versions.includes(tls13));
}

/** The highest version that both ends speak (RFC 8446, 4.2.1). */
function chooseVersion(hello: ClientHello, versions: readonly TlsVersion[]): TlsVersion {
  const list = hello.extensions.get(ExtensionType.supportedVersions);
  const offers = list === undefined
    ? (version: TlsVersion): boolean => version === tls12 && hello.version >= tls12
    : (version: TlsVersion): boolean => offered.includes(version);
  const offered = list === undefined ? [] : numberList(list, 1);
  const version = versions.find(offers);
  if (version === undefined) {
    const ours = versions.includes(tls12) ? "TLS 1.2 or 1.3" : "TLS 1.3";
    throw new TlsError(Alert.protocolVersion, `The peer does not speak ${ours}`);
  }
  return version;
}
