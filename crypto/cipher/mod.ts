/**
 * Ciphers of file data (volume.md 13.2, 13.3): a table of what they are called, how long their keys
 * are and which are weak, and streams in CBC mode. The runtime's own ciphers are used where it has
 * them; Camellia, Blowfish and AES with 24 bytes are the program's, so that what was once written can
 * be read whatever the system's library has dropped.
 *
 * @module
 */
export { cipherNamed, cipherOf, type ContentCipher, contentCiphers } from "./content_cipher.ts";
export {
  CipherError,
  type CipherKey,
  type CipherStream,
  cipherStreams,
  type Direction,
  type StreamMaker,
} from "./cipher_stream.ts";
export { fastCiphers, type StreamMakers } from "./openssl_cipher.ts";
export { type Aead, type AeadName, aeadTagLength, runtimeAead } from "./aead.ts";
export { fastAead } from "./fast_aead.ts";
