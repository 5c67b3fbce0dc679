/** The messages of TLS 1.2 that carry keys (RFC 5246, 7.4; RFC 4279; RFC 5489; RFC 8422). @module */
import { ByteWriter } from "../../bytes/mod.ts";
import { Alert, TlsError } from "./alert.ts";
import { readSigned, type Signed } from "./certificate_messages.ts";
import type { CipherSuite } from "./cipher_suite.ts";
import { decoding, type Share, vector } from "./messages.ts";

/** The only form of a group that is used: by its number. */
const namedCurve = 3;
const maxIdentity = 1024;

/** What a ServerKeyExchange holds. */
export interface ServerKeys {
  /** The server's share; absent for plain pre-shared keys. */
  readonly share?: Share;
  /** What is signed of it, besides the randoms. */
  readonly signed: Uint8Array;
  /** The signature; with certificates only. */
  readonly proof?: Signed;
}

/** The part of a ServerKeyExchange that names the share. */
export function formatServerShare({ group, key }: Share): Uint8Array {
  return new ByteWriter().u8(namedCurve).u16(group).u8(key.length).bytes(key).toBytes();
}

/** Parses a ServerKeyExchange of a suite. */
export function parseServerKeys({ exchange }: CipherSuite, body: Uint8Array): ServerKeys {
  return decoding("ServerKeyExchange", body, (reader) => {
    const isKeyed = exchange === "psk" || exchange === "ecdhe_psk";
    if (isKeyed) vector(reader, reader.u16(), 0, 0xffff); // a hint, which says us nothing
    if (exchange === "psk") return { signed: new Uint8Array(0) };
    const start = reader.offset;
    if (reader.u8() !== namedCurve) {
      throw new TlsError(Alert.illegalParameter, "The peer uses a group without a number");
    }
    const share = { group: reader.u16(), key: vector(reader, reader.u8(), 1, 255) };
    const signed = body.subarray(start, reader.offset);
    return isKeyed ? { share, signed } : { share, signed, proof: readSigned(reader) };
  });
}

/** What a ClientKeyExchange holds, by the exchange of the suite. */
export interface ClientKeys {
  /** The name of the pre-shared key. */
  readonly identity?: Uint8Array | undefined;
  /** The client's share. */
  readonly share?: Uint8Array | undefined;
}

/** Formats a ClientKeyExchange. */
export function formatClientKeys({ identity, share }: ClientKeys): Uint8Array {
  const writer = new ByteWriter();
  if (identity !== undefined) writer.u16(identity.length).bytes(identity);
  if (share !== undefined) writer.u8(share.length).bytes(share);
  return writer.view();
}

/** Parses a ClientKeyExchange of a suite. */
export function parseClientKeys({ exchange }: CipherSuite, body: Uint8Array): ClientKeys {
  return decoding("ClientKeyExchange", body, (reader) => {
    const isKeyed = exchange === "psk" || exchange === "ecdhe_psk";
    const identity = isKeyed ? vector(reader, reader.u16(), 0, maxIdentity) : undefined;
    const share = exchange === "psk" ? undefined : vector(reader, reader.u8(), 1, 255);
    return { identity, share };
  });
}

/** A ClientKeyExchange with a secret that is encrypted for the server's certificate. */
export function formatEncryptedSecret(encrypted: Uint8Array): Uint8Array {
  return new ByteWriter().u16(encrypted.length).bytes(encrypted).view();
}
