/**
 * The system's OpenSSL 3, where there is one. It is an accelerator: whoever asks for it has another
 * way, so a library that is missing or odd is never an error.
 *
 * @module
 */

/** What ciphers call of the library, whatever they are for. */
export const cipherFunctions = {
  EVP_CIPHER_CTX_new: { parameters: [], result: "pointer" },
  EVP_CIPHER_CTX_free: { parameters: ["pointer"], result: "void" },
  EVP_CIPHER_fetch: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  EVP_CipherInit_ex: {
    parameters: ["pointer", "pointer", "pointer", "buffer", "buffer", "i32"],
    result: "i32",
  },
  EVP_CipherUpdate: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "i32",
  },
  EVP_CipherFinal_ex: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
} as const;

const files = ["libcrypto.so.3", "libcrypto.3.dylib"];

/**
 * Opens the library for some of its functions. Undefined if there is none, if it may not be called,
 * if it lacks one of them, or if the environment has `ROOST_OPENSSL=off`.
 */
export function openLibcrypto<const F extends Deno.ForeignLibraryInterface>(
  functions: F,
): Deno.DynamicLibrary<F>["symbols"] | undefined {
  try {
    if (Deno.env.get("ROOST_OPENSSL") === "off") return undefined;
  } catch {
    return undefined; // not permitted to look: then not
  }
  for (const file of files) {
    try {
      return Deno.dlopen(file, functions).symbols;
    } catch {
      // not this one
    }
  }
  return undefined;
}

/** What the library calls itself, such as `OpenSSL 3.0.17 1 Jul 2025`; undefined where none may serve. */
export function libcryptoVersion(): string | undefined {
  const text = openLibcrypto({ OpenSSL_version: { parameters: ["i32"], result: "pointer" } })
    ?.OpenSSL_version(0) ?? null;
  return text === null ? undefined : new Deno.UnsafePointerView(text).getCString();
}
