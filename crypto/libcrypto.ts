/**
 * The system's OpenSSL 3, where there is one. It is an accelerator: whoever asks for it has another
 * way, so a library that is missing or odd is never an error.
 *
 * @module
 */

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
