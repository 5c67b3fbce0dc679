/**
 * The key schedule of TLS 1.3 (RFC 8446, 7.1) with SHA-256, from an external
 * pre-shared key: early secret, handshake secret, master secret.
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { ByteWriter } from "../../bytes/mod.ts";

/** Bytes of a SHA-256 value, and so of every secret. */
export const hashLength = 32;

const zeros: Uint8Array = new Uint8Array(hashLength);

/** SHA-256 of the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HMAC-SHA-256. */
export function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether two values are the same, in a time that does not depend on their content. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** HKDF-Extract (RFC 5869). */
export function extract(salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return hmac(salt, keyMaterial);
}

/** HKDF-Expand-Label (RFC 8446, 7.1). `length` is at most 255 times 32 bytes. */
export function expandLabel(
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const fullLabel = new TextEncoder().encode(`tls13 ${label}`);
  const info = new ByteWriter()
    .u16(length)
    .u8(fullLabel.length).bytes(fullLabel)
    .u8(context.length).bytes(context)
    .view();
  const rounds = Math.ceil(length / hashLength);
  const output = new Uint8Array(rounds * hashLength);
  let previous: Uint8Array = new Uint8Array(0);
  for (let round = 0; round < rounds; round++) {
    previous = hmac(secret, previous, info, Uint8Array.of(round + 1));
    output.set(previous, round * hashLength);
  }
  return output.subarray(0, length);
}

/** Derive-Secret (RFC 8446, 7.1) over the hash of a transcript. */
export function deriveSecret(
  secret: Uint8Array,
  label: string,
  transcriptHash: Uint8Array,
): Uint8Array {
  return expandLabel(secret, label, transcriptHash, hashLength);
}

/** The early secret of an external pre-shared key. */
export function earlySecret(presharedKey: Uint8Array): Uint8Array {
  return extract(zeros, presharedKey);
}

/** The binder of an external pre-shared key over the hash of the truncated ClientHello (4.2.11.2). */
export function binder(early: Uint8Array, truncatedHelloHash: Uint8Array): Uint8Array {
  return finished(deriveSecret(early, "ext binder", sha256()), truncatedHelloHash);
}

/** The verify data of Finished (4.4.4), also the binder's computation. */
export function finished(baseKey: Uint8Array, transcriptHash: Uint8Array): Uint8Array {
  return hmac(expandLabel(baseKey, "finished", new Uint8Array(0), hashLength), transcriptHash);
}

/** The handshake secret from the early secret and the (EC)DHE shared secret. */
export function handshakeSecret(early: Uint8Array, shared: Uint8Array): Uint8Array {
  return extract(deriveSecret(early, "derived", sha256()), shared);
}

/** The master secret from the handshake secret. */
export function masterSecret(handshake: Uint8Array): Uint8Array {
  return extract(deriveSecret(handshake, "derived", sha256()), zeros);
}

/** The next generation of a traffic secret, after a KeyUpdate (7.2). */
export function nextTrafficSecret(secret: Uint8Array): Uint8Array {
  return expandLabel(secret, "traffic upd", new Uint8Array(0), hashLength);
}
