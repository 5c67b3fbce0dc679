import { createDigest, type Digest, type DigestName } from "./digest.ts";
import { openNativeDigests } from "./openssl_digest.ts";

/**
 * The fastest way of this machine to begin digests: with the system's OpenSSL where that helps. For
 * one thread, which asks for it once.
 */
export function fastDigests(): (name: DigestName) => Digest {
  const native = openNativeDigests();
  return (name) => native?.get(name)?.() ?? createDigest(name);
}
