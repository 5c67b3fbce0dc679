/**
 * The key schedule of TLS 1.3 (RFC 8446, 7.1): early secret, handshake secret, master secret. Without
 * a pre-shared key zeros stand in its place.
 *
 * @module
 */
import { ByteWriter } from "../../bytes/mod.ts";
import { digest, hashLengths, type HashName, hmac } from "./hashes.ts";

const nothing: Uint8Array = new Uint8Array(0);

/** HKDF-Extract (RFC 5869). */
export function extract(hash: HashName, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return hmac(hash, salt, keyMaterial);
}

/** Labels as bytes: there are a dozen, and a handshake needs thirty. */
const labelBytes = new Map<string, Uint8Array>();

function encodeLabel(label: string): Uint8Array {
  const bytes = new TextEncoder().encode(`tls13 ${label}`);
  labelBytes.set(label, bytes);
  return bytes;
}

/** HKDF-Expand-Label (RFC 8446, 7.1). `length` is at most 255 values of the hash. */
export function expandLabel(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const fullLabel = labelBytes.get(label) ?? encodeLabel(label);
  const info = new ByteWriter()
    .u16(length)
    .u8(fullLabel.length).bytes(fullLabel)
    .u8(context.length).bytes(context)
    .view();
  const step = hashLengths[hash];
  const rounds = Math.ceil(length / step);
  const output = new Uint8Array(rounds * step);
  let previous: Uint8Array = nothing;
  for (let round = 0; round < rounds; round++) {
    previous = hmac(hash, secret, previous, info, Uint8Array.of(round + 1));
    output.set(previous, round * step);
  }
  return output.subarray(0, length);
}

/** Derive-Secret (RFC 8446, 7.1) over the hash of a transcript. */
export function deriveSecret(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  transcriptHash: Uint8Array,
): Uint8Array {
  return expandLabel(hash, secret, label, transcriptHash, hashLengths[hash]);
}

/** The early secret of a pre-shared key, or of none. */
export function earlySecret(hash: HashName, presharedKey?: Uint8Array): Uint8Array {
  const zeros = new Uint8Array(hashLengths[hash]);
  return extract(hash, zeros, presharedKey ?? zeros);
}

/**
 * The binder of an external pre-shared key over the hash of the truncated ClientHello (4.2.11.2), with
 * SHA-256.
 */
export function binder(early: Uint8Array, truncatedHelloHash: Uint8Array): Uint8Array {
  const key = deriveSecret("sha256", early, "ext binder", digest("sha256"));
  return finished("sha256", key, truncatedHelloHash);
}

/** The verify data of Finished (4.4.4), also the binder's computation. */
export function finished(
  hash: HashName,
  baseKey: Uint8Array,
  transcriptHash: Uint8Array,
): Uint8Array {
  const key = expandLabel(hash, baseKey, "finished", nothing, hashLengths[hash]);
  return hmac(hash, key, transcriptHash);
}

/** The handshake secret from the early secret and the (EC)DHE shared secret. */
export function handshakeSecret(
  hash: HashName,
  early: Uint8Array,
  shared: Uint8Array,
): Uint8Array {
  return extract(hash, deriveSecret(hash, early, "derived", digest(hash)), shared);
}

/** The master secret from the handshake secret. */
export function masterSecret(hash: HashName, handshake: Uint8Array): Uint8Array {
  const salt = deriveSecret(hash, handshake, "derived", digest(hash));
  return extract(hash, salt, new Uint8Array(hashLengths[hash]));
}

/** The next generation of a traffic secret, after a KeyUpdate (7.2). */
export function nextTrafficSecret(hash: HashName, secret: Uint8Array): Uint8Array {
  return expandLabel(hash, secret, "traffic upd", nothing, hashLengths[hash]);
}
