/**
 * Authenticated ciphers by the system's OpenSSL 3. A missing or odd library is never an error.
 *
 * @module
 */
import { cipherFunctions, openLibcrypto } from "../libcrypto.ts";
import { type Aead, type AeadName, aeadTagLength as tagLength } from "./aead.ts";

const functions = {
  ...cipherFunctions,
  EVP_CIPHER_CTX_ctrl: { parameters: ["pointer", "i32", "i32", "buffer"], result: "i32" },
} as const;

type Library = Deno.DynamicLibrary<typeof functions>["symbols"];

const libraryNames: Readonly<Record<AeadName, string>> = {
  "chacha20-poly1305": "ChaCha20-Poly1305",
  "aes-128-gcm": "AES-128-GCM",
  "aes-256-gcm": "AES-256-GCM",
};
const getTag = 0x10;
const setTag = 0x11;

/** Makes an {@linkcode Aead} of a key. */
export type AeadMaker = (key: Uint8Array) => Aead;

/** The ciphers that the library has; none if there is no library. */
export function openNativeAeads(): ReadonlyMap<AeadName, AeadMaker> {
  const makers = new Map<AeadName, AeadMaker>();
  const library = openLibcrypto(functions);
  if (library === undefined) return makers;
  const contexts = new FinalizationRegistry<Deno.PointerValue>((context) =>
    library.EVP_CIPHER_CTX_free(context)
  );
  for (const [name, inLibrary] of Object.entries(libraryNames) as [AeadName, string][]) {
    const bytes = new TextEncoder().encode(`${inLibrary}\0`);
    const cipher = library.EVP_CIPHER_fetch(null, bytes, null);
    if (cipher === null) continue;
    makers.set(name, (key) => new NativeAead(library, contexts, cipher, key));
  }
  return makers;
}

/** One context a direction, each made when it is needed first. */
class NativeAead implements Aead {
  readonly #library: Library;
  readonly #contexts: FinalizationRegistry<Deno.PointerValue>;
  readonly #cipher: Deno.PointerValue;
  readonly #key: Uint8Array<ArrayBuffer>;
  readonly #count = new Int32Array(1);
  readonly #tag = new Uint8Array(tagLength);
  readonly #more = new Uint8Array(1);
  #sealing: Deno.PointerValue = null;
  #opening: Deno.PointerValue = null;

  constructor(
    library: Library,
    contexts: FinalizationRegistry<Deno.PointerValue>,
    cipher: Deno.PointerValue,
    key: Uint8Array,
  ) {
    this.#library = library;
    this.#contexts = contexts;
    this.#cipher = cipher;
    this.#key = key.slice();
  }

  seal(
    nonce: Uint8Array,
    additional: Uint8Array,
    content: Uint8Array,
    more: number,
    into: Uint8Array,
    at: number,
  ): number {
    const library = this.#library;
    const context = this.#sealing ??= this.#context(1);
    const count = this.#count;
    let length = content.length;
    let done = library.EVP_CipherInit_ex(context, null, null, null, own(nonce), 1) &
      library.EVP_CipherUpdate(context, null, count, own(additional), additional.length);
    if (length > 0) {
      done &= library.EVP_CipherUpdate(
        context,
        own(into.subarray(at)),
        count,
        own(content),
        length,
      );
    }
    if (more >= 0) {
      this.#more[0] = more;
      const behind = own(into.subarray(at + length));
      done &= library.EVP_CipherUpdate(context, behind, count, this.#more, 1);
      length++;
    }
    done &= library.EVP_CipherFinal_ex(context, this.#tag, count) &
      library.EVP_CIPHER_CTX_ctrl(context, getTag, tagLength, this.#tag);
    if (done !== 1) throw new Error("Cannot encrypt a record: OpenSSL gives no reason");
    into.set(this.#tag, at + length);
    return length + tagLength;
  }

  open(
    nonce: Uint8Array,
    additional: Uint8Array,
    sealed: Uint8Array,
    into: Uint8Array,
  ): number {
    const library = this.#library;
    const context = this.#opening ??= this.#context(0);
    const count = this.#count;
    const length = sealed.length - tagLength;
    if (length < 0 || into.length < length) return -1;
    this.#tag.set(sealed.subarray(length));
    const done = library.EVP_CipherInit_ex(context, null, null, null, own(nonce), 0) &
      library.EVP_CipherUpdate(context, null, count, own(additional), additional.length) &
      (length === 0
        ? 1
        : library.EVP_CipherUpdate(context, own(into), count, own(sealed), length)) &
      library.EVP_CIPHER_CTX_ctrl(context, setTag, tagLength, this.#tag);
    if (done !== 1) throw new Error("Cannot decrypt a record: OpenSSL gives no reason");
    return library.EVP_CipherFinal_ex(context, this.#tag, count) === 1 ? length : -1;
  }

  #context(isEncryption: 0 | 1): Deno.PointerValue {
    const context = this.#library.EVP_CIPHER_CTX_new();
    const done = context === null ? 0 : this.#library.EVP_CipherInit_ex(
      context,
      this.#cipher,
      null,
      this.#key,
      null,
      isEncryption,
    );
    if (done !== 1) throw new Error("Cannot use a key: OpenSSL gives no reason");
    this.#contexts.register(this, context);
    return context;
  }
}

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;
