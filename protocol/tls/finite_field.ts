/**
 * Diffie-Hellman in a group of numbers (RFC 5246, 7.4.3; RFC 7919), for TLS 1.2: servers of old libraries
 * often know no elliptic curves, and `TLS DH File` names a group for ours.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createDiffieHellman, type DiffieHellman, randomBytes } from "node:crypto";
import { DerReader, derTag as tag } from "../../crypto/mod.ts";
import { Alert, TlsError } from "./alert.ts";

/** A group: big endian numbers. */
export interface DhGroup {
  readonly prime: Uint8Array;
  readonly generator: Uint8Array;
}

/** Sizes of the prime, in bits: less is not safe, more is an attack on our time. */
const leastBits = 2048;
const mostBits = 8192;
/** Bytes of the secret exponent: twice what the largest key of our suites needs. */
const exponentLength = 64;

/** One side's ephemeral key in a group. */
export class FiniteFieldExchange {
  readonly #group: DhGroup;
  readonly #own: DiffieHellman;
  /** The public key. */
  readonly publicKey: Uint8Array;

  /** Makes a fresh key. @throws {TlsError} if the group is not to be used */
  constructor(group: DhGroup) {
    checkGroup(group);
    this.#group = group;
    this.#own = createDiffieHellman(Buffer.from(group.prime), Buffer.from(group.generator));
    this.#own.setPrivateKey(randomBytes(exponentLength));
    this.publicKey = new Uint8Array(this.#own.generateKeys());
  }

  /**
   * The secret shared with the owner of `peerKey`, without leading zeros (RFC 5246, 8.1.2).
   * @throws {TlsError} (illegal_parameter) if the peer's key is none
   */
  sharedSecret(peerKey: Uint8Array): Uint8Array {
    const [key, prime] = [number(peerKey), number(this.#group.prime)];
    if (key <= 1n || key >= prime - 1n) {
      throw new TlsError(Alert.illegalParameter, "The peer's Diffie-Hellman key is none");
    }
    return stripped(new Uint8Array(this.#own.computeSecret(Buffer.from(peerKey))));
  }
}

function checkGroup({ prime, generator }: DhGroup): void {
  const size = stripped(prime);
  const bits = size.length * 8 - Math.clz32(size[0] ?? 0) + 24;
  if (bits < leastBits || bits > mostBits) {
    throw new TlsError(
      Alert.insufficientSecurity,
      `A Diffie-Hellman group of ${bits} bits; from ${leastBits} to ${mostBits} are used. Whoever has the ` +
        "certificate needs another TLS DH File (openssl dhparam -out FILE 2048), or none",
    );
  }
  const [p, g] = [number(prime), number(generator)];
  if ((p & 1n) === 0n || g <= 1n || g >= p - 1n) {
    throw new TlsError(Alert.illegalParameter, "A Diffie-Hellman group that is none");
  }
}

const begin = "-----BEGIN DH PARAMETERS-----";
const end = "-----END DH PARAMETERS-----";

/** The group in a PEM file, as `openssl dhparam` writes it. @throws {Error} saying what it is not */
export function dhGroupIn(text: string): DhGroup {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error("it has no DH PARAMETERS in PEM form");
  const der = Buffer.from(text.slice(from + begin.length, to), "base64");
  const parts = new DerReader(new DerReader(new Uint8Array(der)).read(tag.sequence));
  const prime = stripped(parts.read(tag.integer));
  const group = { prime, generator: stripped(parts.read(tag.integer)) };
  checkGroup(group);
  return group;
}

function stripped(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}
