/**
 * HMAC of short texts (RFC 2104): by the system's OpenSSL 3 in one call where there is one, since the
 * runtime's takes longer to be made than to work; a handshake needs thirty of them.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import { openLibcrypto } from "./libcrypto.ts";

/** Hashes that an HMAC can be made with, by their names in `node:crypto`. */
export type HmacName = "sha1" | "sha256" | "sha384";

const functions = {
  EVP_sha1: { parameters: [], result: "pointer" },
  EVP_sha256: { parameters: [], result: "pointer" },
  EVP_sha384: { parameters: [], result: "pointer" },
  HMAC: {
    parameters: ["pointer", "buffer", "i32", "buffer", "usize", "buffer", "pointer"],
    result: "pointer",
  },
} as const;

type Maker = (key: Uint8Array, text: Uint8Array) => Uint8Array<ArrayBuffer>;

const lengths = { sha1: 20, sha256: 32, sha384: 48 } as const;
let opened: ReadonlyMap<HmacName, Maker> | undefined;

/** The HMAC of a text. */
export function fastHmac(
  name: HmacName,
  key: Uint8Array,
  text: Uint8Array,
): Uint8Array<ArrayBuffer> {
  opened ??= openMakers();
  return opened.get(name)?.(key, text) ?? plainHmac(name, key, text);
}

function plainHmac(name: HmacName, key: Uint8Array, text: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac(name, key).update(text).digest());
}

/** Those of the library that give what the runtime gives; none where there is no library. */
function openMakers(): ReadonlyMap<HmacName, Maker> {
  const makers = new Map<HmacName, Maker>();
  const library = openLibcrypto(functions);
  if (library === undefined) return makers;
  for (const name of Object.keys(lengths) as HmacName[]) {
    const hash = library[`EVP_${name}`]();
    const make: Maker = (key, text) => {
      const value = new Uint8Array(lengths[name]);
      const result = library.HMAC(
        hash,
        own(key),
        key.length,
        own(text),
        BigInt(text.length),
        value,
        null,
      );
      return result === null ? plainHmac(name, key, text) : value;
    };
    const [key, text] = [Uint8Array.of(1, 2, 3), new Uint8Array(100).map((_, at) => at * 7)];
    const expected = plainHmac(name, key, text);
    const isRight = make(key, text).every((byte, at) => byte === expected[at]);
    if (hash !== null && isRight) makers.set(name, make);
  }
  return makers;
}

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;
