/**
 * The cipher suites that are spoken, as data: how keys are agreed on, how records are protected, which
 * hash the key schedule uses (wire.md 8.5, 8.6, 8.11).
 *
 * @module
 */
import type { HashName } from "./hashes.ts";

/** The version number of TLS 1.3. */
export const tls13 = 0x0304;
/** The version number of TLS 1.2, which also stands in fields that are only there for old equipment. */
export const tls12 = 0x0303;

/** A version that is spoken. */
export type TlsVersion = typeof tls13 | typeof tls12;

/** Names of the versions as status output shows them. */
export const versionNames: Readonly<Record<TlsVersion, string>> = {
  [tls13]: "TLSv1.3",
  [tls12]: "TLSv1.2",
};

/**
 * How a suite of TLS 1.2 agrees on keys. `rsa` (the client encrypts the secret for the certificate) is
 * spoken by the connecting end only: an accepting end would have to decrypt what anybody sends.
 */
export type SuiteExchange =
  | "tls13"
  | "psk"
  | "ecdhe_psk"
  | "dhe_psk"
  | "ecdhe_rsa"
  | "ecdhe_ecdsa"
  | "dhe_rsa"
  | "rsa";

const keyed: ReadonlySet<SuiteExchange> = new Set(["psk", "ecdhe_psk", "dhe_psk"]);
const finite: ReadonlySet<SuiteExchange> = new Set(["dhe_psk", "dhe_rsa"]);

/** Whether a suite of TLS 1.2 needs a pre-shared key. */
export function isKeyed({ exchange }: Pick<CipherSuite, "exchange">): boolean {
  return keyed.has(exchange);
}

/** Whether a suite of TLS 1.2 agrees on keys in a group of numbers. */
export function isFinite({ exchange }: Pick<CipherSuite, "exchange">): boolean {
  return finite.has(exchange);
}

/** Ciphers of records, by their names in `node:crypto`. */
export type RecordCipher =
  | "chacha20-poly1305"
  | "aes-128-gcm"
  | "aes-256-gcm"
  | "aes-128-cbc"
  | "aes-256-cbc";

/** A cipher suite. */
export interface CipherSuite {
  /** Its number on the wire. */
  readonly id: number;
  /** Its name as OpenSSL, and so status output, shows it. */
  readonly name: string;
  readonly version: TlsVersion;
  readonly exchange: SuiteExchange;
  readonly cipher: RecordCipher;
  /** The hash of the key schedule. */
  readonly hash: HashName;
  /** The hash of the authentication code of records, for CBC. */
  readonly mac?: "sha1" | "sha256" | "sha384";
}

/** Bytes of a cipher's key. */
export const keyLengths: Readonly<Record<RecordCipher, number>> = {
  "chacha20-poly1305": 32,
  "aes-128-gcm": 16,
  "aes-256-gcm": 32,
  "aes-128-cbc": 16,
  "aes-256-cbc": 32,
};

type Row = readonly [
  id: number,
  name: string,
  exchange: SuiteExchange,
  cipher: RecordCipher,
  hash?: HashName,
  mac?: CipherSuite["mac"],
];

const suites13: readonly Row[] = [
  [0x1303, "TLS_CHACHA20_POLY1305_SHA256", "tls13", "chacha20-poly1305"],
  [0x1301, "TLS_AES_128_GCM_SHA256", "tls13", "aes-128-gcm"],
  [0x1302, "TLS_AES_256_GCM_SHA384", "tls13", "aes-256-gcm", "sha384"],
];

const suites12: readonly Row[] = [
  [0xccac, "ECDHE-PSK-CHACHA20-POLY1305", "ecdhe_psk", "chacha20-poly1305"],
  [0xd001, "ECDHE-PSK-AES128-GCM-SHA256", "ecdhe_psk", "aes-128-gcm"],
  [0xd002, "ECDHE-PSK-AES256-GCM-SHA384", "ecdhe_psk", "aes-256-gcm", "sha384"],
  [0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305", "ecdhe_ecdsa", "chacha20-poly1305"],
  [0xcca8, "ECDHE-RSA-CHACHA20-POLY1305", "ecdhe_rsa", "chacha20-poly1305"],
  [0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", "ecdhe_ecdsa", "aes-256-gcm", "sha384"],
  [0xc030, "ECDHE-RSA-AES256-GCM-SHA384", "ecdhe_rsa", "aes-256-gcm", "sha384"],
  [0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", "ecdhe_ecdsa", "aes-128-gcm"],
  [0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", "ecdhe_rsa", "aes-128-gcm"],
  [0xccad, "DHE-PSK-CHACHA20-POLY1305", "dhe_psk", "chacha20-poly1305"],
  [0x00ab, "DHE-PSK-AES256-GCM-SHA384", "dhe_psk", "aes-256-gcm", "sha384"],
  [0x00aa, "DHE-PSK-AES128-GCM-SHA256", "dhe_psk", "aes-128-gcm"],
  [0xccaa, "DHE-RSA-CHACHA20-POLY1305", "dhe_rsa", "chacha20-poly1305"],
  [0x009f, "DHE-RSA-AES256-GCM-SHA384", "dhe_rsa", "aes-256-gcm", "sha384"],
  [0x009e, "DHE-RSA-AES128-GCM-SHA256", "dhe_rsa", "aes-128-gcm"],
  [0xccab, "PSK-CHACHA20-POLY1305", "psk", "chacha20-poly1305"],
  [0x00a9, "PSK-AES256-GCM-SHA384", "psk", "aes-256-gcm", "sha384"],
  [0x00a8, "PSK-AES128-GCM-SHA256", "psk", "aes-128-gcm"],
  [0x009d, "AES256-GCM-SHA384", "rsa", "aes-256-gcm", "sha384"],
  [0x009c, "AES128-GCM-SHA256", "rsa", "aes-128-gcm"],
  [0xc038, "ECDHE-PSK-AES256-CBC-SHA384", "ecdhe_psk", "aes-256-cbc", "sha384", "sha384"],
  [0xc037, "ECDHE-PSK-AES128-CBC-SHA256", "ecdhe_psk", "aes-128-cbc", "sha256", "sha256"],
  [0xc036, "ECDHE-PSK-AES256-CBC-SHA", "ecdhe_psk", "aes-256-cbc", "sha256", "sha1"],
  [0xc035, "ECDHE-PSK-AES128-CBC-SHA", "ecdhe_psk", "aes-128-cbc", "sha256", "sha1"],
  [0xc00a, "ECDHE-ECDSA-AES256-SHA", "ecdhe_ecdsa", "aes-256-cbc", "sha256", "sha1"],
  [0xc014, "ECDHE-RSA-AES256-SHA", "ecdhe_rsa", "aes-256-cbc", "sha256", "sha1"],
  [0xc009, "ECDHE-ECDSA-AES128-SHA", "ecdhe_ecdsa", "aes-128-cbc", "sha256", "sha1"],
  [0xc013, "ECDHE-RSA-AES128-SHA", "ecdhe_rsa", "aes-128-cbc", "sha256", "sha1"],
  [0x00af, "PSK-AES256-CBC-SHA384", "psk", "aes-256-cbc", "sha384", "sha384"],
  [0x00ae, "PSK-AES128-CBC-SHA256", "psk", "aes-128-cbc", "sha256", "sha256"],
  [0x008d, "PSK-AES256-CBC-SHA", "psk", "aes-256-cbc", "sha256", "sha1"],
  [0x008c, "PSK-AES128-CBC-SHA", "psk", "aes-128-cbc", "sha256", "sha1"],
  [0x0039, "DHE-RSA-AES256-SHA", "dhe_rsa", "aes-256-cbc", "sha256", "sha1"],
  [0x0033, "DHE-RSA-AES128-SHA", "dhe_rsa", "aes-128-cbc", "sha256", "sha1"],
  [0x0035, "AES256-SHA", "rsa", "aes-256-cbc", "sha256", "sha1"],
  [0x002f, "AES128-SHA", "rsa", "aes-128-cbc", "sha256", "sha1"],
];

const suiteOf = (version: TlsVersion) =>
(
  [id, name, exchange, cipher, hash = "sha256", mac]: Row,
): CipherSuite => ({ id, name, version, exchange, cipher, hash, ...(mac && { mac }) });

/**
 * All suites, the preferred first: TLS 1.3, then what has forward secrecy and authenticated ciphers.
 * ChaCha20 comes first because it is the fastest without the system's OpenSSL, and as fast as AES with.
 */
export const cipherSuites: readonly CipherSuite[] = [
  ...suites13.map(suiteOf(tls13)),
  ...suites12.map(suiteOf(tls12)),
];

/** Whether a suite can be used with a pre-shared key. In TLS 1.3, ours go with SHA-256 (wire.md 8.5). */
export function isForKeys(suite: CipherSuite): boolean {
  return suite.exchange === "tls13" ? suite.hash === "sha256" : isKeyed(suite);
}

/** Whether a suite can be used with certificates. */
export function isForCertificates(suite: CipherSuite): boolean {
  return !isKeyed(suite);
}
