/** Hashes of key schedules and transcripts, and the comparison that tells nothing. @module */
import { createHash, timingSafeEqual } from "node:crypto";
import { fastHmac } from "../../crypto/mod.ts";
import { joined } from "./joined.ts";

/** A hash of a key schedule, by its name in `node:crypto`. */
export type HashName = "sha256" | "sha384";

/** Bytes of a hash's value, and so of the secrets made with it. */
export const hashLengths: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48 };

/** The hash of the parts, one after the other. */
export function digest(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(hash);
  for (const part of parts) state.update(part);
  return state.digest();
}

/** HMAC of the parts, one after the other. */
export function hmac(
  hash: HashName | "sha1",
  key: Uint8Array,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return fastHmac(hash, key, parts.length === 1 && parts[0] ? parts[0] : joined(...parts));
}

/** Whether two values are the same, in a time that does not depend on their content. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
