/**
 * Keys, envelopes and signatures of encrypted backups (volume.md 13): certificates and private keys
 * from PEM text, the key of a job wrapped for everybody who may restore it, and signatures of files.
 *
 * Only RSA keys are used, with certificates that carry a subjectKeyIdentifier. What is done with a
 * private key is done by the runtime or, where it is found, by the system's OpenSSL.
 *
 * @module
 */
export { type Certificate, PkiError, type RsaPublicKey } from "./certificate.ts";
export { DerError, DerReader, tag as derTag } from "./der.ts";
export {
  type CryptoData,
  decodeCryptoData,
  decodeSignatureData,
  encodeCryptoData,
  encodeSignatureData,
  type Recipient,
  type Signature,
} from "./envelope.ts";
export { type FileSignature, FileSigner } from "./file_signer.ts";
export {
  type KeyPair,
  type OpeningKey,
  readCertificate,
  readKeyPair,
  readOpeningKey,
} from "./key_pair.ts";
export { makeKeyPair, type NewKeyPair } from "./make_key_pair.ts";
export { isSignatureOf, type PrivateKeyText, signedDigests } from "./rsa.ts";
export {
  type CryptoSession,
  isSame as isSameKey,
  makeSession,
  openSession,
  SessionError,
} from "./session.ts";
