/**
 * The secrets of TLS 1.2: the pseudo random function (RFC 5246, 5), premaster secrets of pre-shared
 * keys (RFC 4279, 2; RFC 5489, 2), the master secret with and without the session's hash (RFC 7627),
 * the key block.
 *
 * @module
 */
import { ByteWriter } from "../../bytes/mod.ts";
import { type CipherSuite, keyLengths } from "./cipher_suite.ts";
import { type HashName, hmac } from "./hashes.ts";

const masterLength = 48;
/** Bytes of the data that a Finished verifies. */
const verifyLength = 12;

/** PRF (RFC 5246, 5): `length` bytes from a secret, a label and a seed. */
function prf(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  seed: readonly Uint8Array[],
  length: number,
): Uint8Array {
  const text = new TextEncoder().encode(label);
  const output = new ByteWriter(length + 64);
  let a = hmac(hash, secret, text, ...seed);
  while (output.length < length) {
    output.bytes(hmac(hash, secret, a, text, ...seed));
    a = hmac(hash, secret, a);
  }
  return output.toBytes().subarray(0, length);
}

/**
 * The premaster secret of a pre-shared key: with what an ECDHE exchange gave, or with as many zeros as
 * the key has bytes.
 */
export function premasterSecret(key: Uint8Array, shared?: Uint8Array): Uint8Array {
  const other = shared ?? new Uint8Array(key.length);
  return new ByteWriter().u16(other.length).bytes(other).u16(key.length).bytes(key).toBytes();
}

/** What the master secret is bound to: the session's hash, or else both randoms. */
export type MasterBinding =
  | { readonly sessionHash: Uint8Array }
  | { readonly clientRandom: Uint8Array; readonly serverRandom: Uint8Array };

/** The master secret. */
export function masterSecretOf12(
  hash: HashName,
  premaster: Uint8Array,
  binding: MasterBinding,
): Uint8Array {
  return "sessionHash" in binding
    ? prf(hash, premaster, "extended master secret", [binding.sessionHash], masterLength)
    : prf(
      hash,
      premaster,
      "master secret",
      [binding.clientRandom, binding.serverRandom],
      masterLength,
    );
}

/** What a Finished must hold. */
export function verifyData(
  hash: HashName,
  master: Uint8Array,
  sender: "client" | "server",
  transcriptHash: Uint8Array,
): Uint8Array {
  return prf(hash, master, `${sender} finished`, [transcriptHash], verifyLength);
}

/** What one direction's records are protected with. */
export interface RecordKeys {
  /** For CBC only; empty otherwise. */
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** The fixed part of the nonce; empty for CBC, whose vectors come with the records. */
  readonly iv: Uint8Array;
}

const macLengths = { sha1: 20, sha256: 32, sha384: 48 } as const;

/** The keys of both directions (RFC 5246, 6.3). */
export function recordKeysOf(
  suite: CipherSuite,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): { readonly client: RecordKeys; readonly server: RecordKeys } {
  const macLength = suite.mac === undefined ? 0 : macLengths[suite.mac];
  const keyLength = keyLengths[suite.cipher];
  const ivLength = suite.mac !== undefined ? 0 : suite.cipher === "chacha20-poly1305" ? 12 : 4;
  const lengths = [macLength, macLength, keyLength, keyLength, ivLength, ivLength];
  const all = lengths.reduce((sum, length) => sum + length, 0);
  const block = prf(suite.hash, master, "key expansion", [serverRandom, clientRandom], all);
  let at = 0;
  const [clientMac, serverMac, clientKey, serverKey, clientIv, serverIv] = lengths.map((length) =>
    block.subarray(at, at += length)
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return {
    client: { macKey: clientMac, key: clientKey, iv: clientIv },
    server: { macKey: serverMac, key: serverKey, iv: serverIv },
  };
}
