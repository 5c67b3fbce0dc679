/**
 * TLS with pre-shared keys (wire.md 8), which the runtime's own TLS lacks: a
 * {@linkcode Transport} in, a protected {@linkcode Transport} out.
 *
 * `connectTls` and `acceptTls` are the handshakes of TLS 1.3, each a function
 * that reads like the chart of RFC 8446, 2. Below them: `handshake_layer.ts`
 * (messages and transcript), `record_layer.ts` (records), `cipher_suite.ts`
 * (their protection), `key_schedule.ts` (secrets), `key_exchange.ts` (X25519),
 * `messages.ts` (layouts). TLS with certificates is the runtime's own
 * (`certificate_tls.ts`), but for the check of what a peer shows. Primitives come from `node:crypto` alone. Every error
 * is a {@linkcode TlsError} that carries the alert.
 *
 * @module
 */
export { type AcceptOptions, acceptTls } from "./accept.ts";
export {
  type CertificateSettings,
  certificateSettingsOf,
  relaxedVerification,
  type TlsDirectives,
  wantsCertificates,
} from "./certificate_settings.ts";
export { acceptWithCertificates, connectWithCertificates } from "./certificate_tls.ts";
export { offersKey } from "./offers_key.ts";
export { Alert, alertName, TlsError } from "./alert.ts";
export { type CipherSuite, cipherSuites } from "./cipher_suite.ts";
export { type ConnectOptions, connectTls, type PresharedKey } from "./connect.ts";
export { type TlsSession, TlsTransport } from "./tls_transport.ts";
