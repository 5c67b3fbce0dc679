/**
 * TLS 1.3 and 1.2 with pre-shared keys and with certificates (wire.md 7.3, 8): a
 * {@linkcode Transport} in, a protected {@linkcode Transport} out.
 *
 * `connectTls` and `acceptTls` are the two ends. Each says or reads one
 * ClientHello and goes on in `connect13.ts`, `connect12.ts`, `accept13.ts` or
 * `accept12.ts`, each a function that reads like the chart of its RFC. Below
 * them: `handshake_layer.ts` (messages and transcript), `record_layer.ts`
 * (records), `record_protection.ts` and `cbc_protection.ts` (their protection),
 * `key_schedule.ts` and `master_secret.ts` (secrets), `key_exchange.ts`,
 * `signatures.ts`, `messages.ts` and its neighbours (layouts). What a
 * configuration says becomes suites in `cipher_list.ts` and certificates in
 * `certificate_settings.ts`; whether a certificate is to be believed is said by
 * `certificate_check.ts` and `revocation.ts`. Primitives come from `node:crypto`,
 * the ciphers of records from the system's OpenSSL where there is one. Every
 * error is a {@linkcode TlsError} that carries the alert.
 *
 * @module
 */
export { type AcceptOptions, acceptTls } from "./accept.ts";
export {
  type CertificateSettings,
  certificateSettingsOf,
  credentialsFault,
  demandsNames,
  dhGroupOf,
  type End,
  loadCredentials,
  mayUseKey,
  offersCertificates,
  suitesOf,
  type TlsDirectives,
  tlsWarnings,
} from "./certificate_settings.ts";
export { Alert, alertName, TlsError } from "./alert.ts";
export {
  type CipherSuite,
  cipherSuites,
  isForCertificates,
  isForKeys,
  type RecordCipher,
  type SuiteExchange,
  tls12,
  tls13,
  type TlsVersion,
} from "./cipher_suite.ts";
export { chosenSuites, SuiteDirectiveError, type SuiteDirectives } from "./cipher_list.ts";
export { type ConnectOptions, connectTls } from "./connect.ts";
export type { Credentials, OwnCertificate } from "./credentials.ts";
export { type DhGroup, dhGroupIn } from "./finite_field.ts";
export type { HashName } from "./hashes.ts";
export type { PresharedKey } from "./offer.ts";
export type { KeyFinder } from "./request.ts";
export { type TlsSession, TlsTransport } from "./tls_transport.ts";
