/** The messages of TLS 1.2 that carry keys (RFC 5246, 7.4; RFC 4279; RFC 5489; RFC 8422). @module */
import { ByteWriter } from "../../bytes/mod.ts";
import { Alert, TlsError } from "./alert.ts";
import { readSigned, type Signed } from "./certificate_messages.ts";
import { type CipherSuite, isFinite, isKeyed } from "./cipher_suite.ts";
import type { DhGroup } from "./finite_field.ts";
import { decoding, type Share, vector } from "./messages.ts";

/** The only form of a group that is used: by its number. */
const namedCurve = 3;
const maxIdentity = 1024;

/** What a ServerKeyExchange holds. */
export interface ServerKeys {
  /** The server's share; absent for plain pre-shared keys. */
  readonly share?: Share;
  /** The same in a group of numbers. */
  readonly finite?: FiniteShare;
  /** What is signed of it, besides the randoms. */
  readonly signed: Uint8Array;
  /** The signature; with certificates only. */
  readonly proof?: Signed;
}

/** A group of numbers, and the server's key in it. */
export interface FiniteShare extends DhGroup {
  readonly key: Uint8Array;
}

/** Longest number of a group, in bytes. */
const maxNumber = 1024;

/** The part of a ServerKeyExchange that holds a group of numbers and the server's key in it. */
export function formatFiniteShare({ prime, generator, key }: FiniteShare): Uint8Array {
  const writer = new ByteWriter();
  for (const part of [prime, generator, key]) writer.u16(part.length).bytes(part);
  return writer.toBytes();
}

/** The part of a ServerKeyExchange that names the share. */
export function formatServerShare({ group, key }: Share): Uint8Array {
  return new ByteWriter().u8(namedCurve).u16(group).u8(key.length).bytes(key).toBytes();
}

/** Parses a ServerKeyExchange of a suite. */
export function parseServerKeys(suite: CipherSuite, body: Uint8Array): ServerKeys {
  return decoding("ServerKeyExchange", body, (reader) => {
    const hasKey = isKeyed(suite);
    if (hasKey) vector(reader, reader.u16(), 0, 0xffff); // a hint, which says us nothing
    if (suite.exchange === "psk") return { signed: new Uint8Array(0) };
    const start = reader.offset;
    if (isFinite(suite)) {
      const number = (): Uint8Array => vector(reader, reader.u16(), 1, maxNumber);
      const finite = { prime: number(), generator: number(), key: number() };
      const signed = body.subarray(start, reader.offset);
      return hasKey ? { finite, signed } : { finite, signed, proof: readSigned(reader) };
    }
    if (reader.u8() !== namedCurve) {
      throw new TlsError(Alert.illegalParameter, "The peer uses a group without a number");
    }
    const share = { group: reader.u16(), key: vector(reader, reader.u8(), 1, 255) };
    const signed = body.subarray(start, reader.offset);
    return hasKey ? { share, signed } : { share, signed, proof: readSigned(reader) };
  });
}

/** What a ClientKeyExchange holds, by the exchange of the suite. */
export interface ClientKeys {
  /** The name of the pre-shared key. */
  readonly identity?: Uint8Array | undefined;
  /** The client's share. */
  readonly share?: Uint8Array | undefined;
  /** The same in a group of numbers. */
  readonly finite?: Uint8Array | undefined;
}

/** Formats a ClientKeyExchange. */
export function formatClientKeys({ identity, share, finite }: ClientKeys): Uint8Array {
  const writer = new ByteWriter();
  if (identity !== undefined) writer.u16(identity.length).bytes(identity);
  if (share !== undefined) writer.u8(share.length).bytes(share);
  if (finite !== undefined) writer.u16(finite.length).bytes(finite);
  return writer.view();
}

/** Parses a ClientKeyExchange of a suite. */
export function parseClientKeys(suite: CipherSuite, body: Uint8Array): ClientKeys {
  return decoding("ClientKeyExchange", body, (reader) => {
    const identity = isKeyed(suite) ? vector(reader, reader.u16(), 0, maxIdentity) : undefined;
    if (suite.exchange === "psk") return { identity };
    return isFinite(suite)
      ? { identity, finite: vector(reader, reader.u16(), 1, maxNumber) }
      : { identity, share: vector(reader, reader.u8(), 1, 255) };
  });
}

/** A ClientKeyExchange with a secret that is encrypted for the server's certificate. */
export function formatEncryptedSecret(encrypted: Uint8Array): Uint8Array {
  return new ByteWriter().u16(encrypted.length).bytes(encrypted).view();
}
