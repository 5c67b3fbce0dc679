/**
 * CBC streams by the system's OpenSSL 3 where it has the cipher: several times as fast as the
 * runtime's. A missing or odd library is never an error.
 *
 * @module
 */
import { cipherFunctions, openLibcrypto } from "../libcrypto.ts";
import type { ContentCipher } from "./content_cipher.ts";
import {
  checkLengths,
  CipherError,
  type CipherKey,
  type CipherStream,
  cipherStreams,
  type Direction,
  type StreamMaker,
} from "./cipher_stream.ts";

type Library = Deno.DynamicLibrary<typeof cipherFunctions>["symbols"];

/** Names of the ciphers in the library, by object identifier. */
const libraryNames: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.1.2": "AES-128-CBC",
  "2.16.840.1.101.3.4.1.22": "AES-192-CBC",
  "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
  "1.2.392.200011.61.1.1.1.2": "CAMELLIA-128-CBC",
  "1.2.392.200011.61.1.1.1.3": "CAMELLIA-192-CBC",
  "1.2.392.200011.61.1.1.1.4": "CAMELLIA-256-CBC",
  "1.2.840.113549.3.7": "DES-EDE3-CBC",
};

/** Begins streams with keys, as {@linkcode cipherStreams} does. */
export type StreamMakers = (key: CipherKey, direction: Direction) => StreamMaker;

/** A context of the library, which is freed when nobody has this any more. */
interface Context {
  readonly pointer: Deno.PointerValue;
}

/**
 * The fastest way of this machine to {@linkcode cipherStreams}. For one thread, which asks for it
 * once, and one stream of a maker at a time: its context is used again. What it gives throws a
 * `RangeError` if key or IV have not the length that the cipher wants.
 */
export function fastCiphers(): StreamMakers {
  const native = openNativeCiphers();
  return (key, direction) => {
    checkLengths(key);
    const own = cipherStreams(key, direction);
    const fast = native?.(key, direction);
    if (fast === undefined) return own;
    return isAlike(own(), fast(), direction) ? fast : own;
  };
}

/** Whether {@linkcode fastCiphers} takes the library's cipher here. */
export function isNativeCipher(cipher: ContentCipher): boolean {
  const key = {
    cipher,
    key: new Uint8Array(cipher.keyLength).map((_, at) => at * 5 + 1),
    iv: new Uint8Array(cipher.blockLength),
  };
  const fast = openNativeCiphers()?.(key, "encrypt");
  return fast !== undefined && isAlike(cipherStreams(key, "encrypt")(), fast(), "encrypt");
}

/** Whether both make the same of some bytes. */
function isAlike(own: CipherStream, native: CipherStream, direction: Direction): boolean {
  const bytes = new Uint8Array(100).map((_, at) => at * 7);
  const results = [own, native].map((stream) => {
    const into = new Uint8Array(200);
    let count = stream.update(bytes.subarray(0, 33), into);
    count += stream.update(bytes.subarray(33), into.subarray(count));
    if (direction === "encrypt") count += stream.finish(into.subarray(count));
    return into.subarray(0, count);
  });
  const [expected, found] = results;
  return expected?.length === found?.length &&
    (expected?.every((byte, at) => byte === found?.[at]) ?? false);
}

/** The library's makers of streams, undefined for a cipher that it has not; undefined without a library. */
function openNativeCiphers():
  | ((key: CipherKey, direction: Direction) => StreamMaker | undefined)
  | undefined {
  const library = openLibcrypto(cipherFunctions);
  if (library === undefined) return undefined;
  const contexts = new FinalizationRegistry<Deno.PointerValue>((context) =>
    library.EVP_CIPHER_CTX_free(context)
  );
  const ciphers = new Map<string, Deno.PointerValue>();
  const cipherOf = (name: string): Deno.PointerValue => {
    let cipher = ciphers.get(name);
    if (cipher === undefined) {
      const bytes = new TextEncoder().encode(`${name}\0`);
      cipher = library.EVP_CIPHER_fetch(null, bytes, null);
      ciphers.set(name, cipher);
    }
    return cipher;
  };
  return (key, direction) => {
    const name = libraryNames[key.cipher.oid];
    const cipher = name === undefined ? null : cipherOf(name);
    const pointer = cipher === null ? null : library.EVP_CIPHER_CTX_new();
    if (pointer === null) return undefined;
    const context: Context = { pointer };
    contexts.register(context, pointer);
    return (iv = key.iv) => nativeStream(library, context, cipher, { ...key, iv }, direction);
  };
}

function nativeStream(
  library: Library,
  context: Context,
  cipher: Deno.PointerValue,
  { key, iv }: CipherKey,
  direction: Direction,
): CipherStream {
  const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;
  const count = new Int32Array(1);
  const check = (result: number, what: string): void => {
    if (result !== 1) throw new Error(`Cannot ${what} to ${direction}: OpenSSL gives no reason`);
  };
  const isEncryption = direction === "encrypt" ? 1 : 0;
  check(
    library.EVP_CipherInit_ex(context.pointer, cipher, null, own(key), own(iv), isEncryption),
    "begin",
  );
  return {
    update: (bytes, into) => {
      const { pointer } = context;
      check(
        library.EVP_CipherUpdate(pointer, own(into), count, own(bytes), bytes.length),
        "go on",
      );
      return count[0] ?? 0;
    },
    finish: (into) => {
      const block = new Uint8Array(32);
      if (library.EVP_CipherFinal_ex(context.pointer, block, count) !== 1) {
        if (direction === "encrypt") check(0, "end");
        throw new CipherError("the data does not end with a whole padded block");
      }
      into.set(block.subarray(0, count[0] ?? 0));
      return count[0] ?? 0;
    },
  };
}
