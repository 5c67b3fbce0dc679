/**
 * Digests by the system's OpenSSL 3, where there is one: its MD5 is faster than the runtime's. A
 * missing or odd library is never an error: there is always {@linkcode createDigest}.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Digest, DigestName } from "./digest.ts";
import { openLibcrypto } from "./libcrypto.ts";

/** Digests that are taken from the library: its SHA-1 and SHA-256 are as fast as the runtime's. */
const names = { MD5: ["EVP_md5", "md5", 16], SHA512: ["EVP_sha512", "sha512", 64] } as const;

type NativeName = keyof typeof names;

const functions = {
  EVP_MD_CTX_new: { parameters: [], result: "pointer" },
  EVP_md5: { parameters: [], result: "pointer" },
  EVP_sha512: { parameters: [], result: "pointer" },
  EVP_DigestInit_ex: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
  EVP_DigestUpdate: { parameters: ["pointer", "buffer", "usize"], result: "i32" },
  EVP_DigestFinal_ex: { parameters: ["pointer", "buffer", "pointer"], result: "i32" },
} as const;

type Library = Deno.DynamicLibrary<typeof functions>["symbols"];

/** Names of the digests of a library, ready to be begun. */
export type NativeDigests = ReadonlyMap<DigestName, () => Digest>;

/** Opens the library and tries it on known input; undefined if it does not give what it must. */
export function openNativeDigests(): NativeDigests | undefined {
  const library = openLibcrypto(functions);
  if (library === undefined) return undefined;
  const digests = new Map<DigestName, () => Digest>();
  try {
    for (const name of Object.keys(names) as NativeName[]) {
      const contexts = new Contexts(library, name);
      if (!isRight(() => contexts.begin(), name)) return undefined;
      digests.set(name, () => contexts.begin());
    }
  } catch {
    return undefined;
  }
  return digests;
}

/** Whether a digest of some bytes, given in two pieces, is what the runtime says. */
function isRight(begin: () => Digest, name: NativeName): boolean {
  const bytes = new Uint8Array(1000).map((_, at) => at * 7);
  const digest = begin();
  digest.update(bytes.subarray(0, 333));
  digest.update(bytes.subarray(333));
  const expected = createHash(names[name][1]).update(bytes).digest();
  const found = digest.digest();
  return found.length === expected.length && expected.every((byte, at) => found[at] === byte);
}

/** The library's contexts for one digest: made when needed and used again. */
class Contexts {
  readonly #library: Library;
  readonly #kind: Deno.PointerValue;
  readonly #length: number;
  readonly #free: Deno.PointerValue[] = [];

  constructor(library: Library, name: NativeName) {
    this.#library = library;
    this.#kind = library[names[name][0]]();
    this.#length = names[name][2];
  }

  begin(): Digest {
    const library = this.#library;
    const context = this.#free.pop() ?? library.EVP_MD_CTX_new();
    const check = (result: number, what: string): void => {
      if (result !== 1) throw new Error(`Cannot ${what} a digest: OpenSSL gives no reason`);
    };
    check(library.EVP_DigestInit_ex(context, this.#kind, null), "begin");
    return {
      update: (bytes) => {
        // The types know neither views of shared memory nor sizes as numbers; the runtime takes both.
        const size = bytes.length as unknown as bigint;
        const data = bytes as Uint8Array<ArrayBuffer>;
        check(library.EVP_DigestUpdate(context, data, size), "continue");
      },
      digest: () => {
        const into = new Uint8Array(this.#length);
        check(library.EVP_DigestFinal_ex(context, into, null), "end");
        this.#free.push(context);
        return into;
      },
    };
  }
}
