/**
 * Digests, ciphers and the envelopes of encrypted files: bytes in, bytes out, no knowledge of what
 * they belong to (volume.md 12, 13).
 *
 * @module
 */
export { createDigest, type Digest, type DigestName, digestNames } from "./digest.ts";
export { fastDigests } from "./fast_digests.ts";
export { cryptoMakers } from "./makers.ts";
export { fastHmac, type HmacName } from "./hmac.ts";
export * from "./cipher/mod.ts";
export * from "./pki/mod.ts";
