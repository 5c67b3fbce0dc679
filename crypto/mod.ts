/**
 * Cryptographic and other digests, and later ciphers and envelopes: bytes in,
 * bytes out, no knowledge of what they belong to (volume.md 12, 13).
 *
 * @module
 */
export { createDigest, type Digest, type DigestName, digestNames } from "./digest.ts";
export { fastDigests } from "./fast_digests.ts";
