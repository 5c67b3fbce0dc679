/** Who does what on this machine: the system's OpenSSL, the runtime, or the program itself. @module */
import { aeadNames } from "./cipher/aead.ts";
import { isNativeAead } from "./cipher/fast_aead.ts";
import { isRuntimeCipher } from "./cipher/cipher_stream.ts";
import { contentCiphers } from "./cipher/content_cipher.ts";
import { isNativeCipher } from "./cipher/openssl_cipher.ts";
import { digestNames } from "./digest.ts";
import { libcryptoVersion } from "./libcrypto.ts";
import { openNativeDigests } from "./openssl_digest.ts";
import { FileSigner } from "./pki/file_signer.ts";
import { readKeyPair } from "./pki/key_pair.ts";
import { makeKeyPair } from "./pki/make_key_pair.ts";

/** Bits of the key with which signatures are tried: made in no time, and good for nothing else. */
const trialBits = 1024;

/**
 * For people: for each kind of work which of its algorithms are done by whom. What is said was tried:
 * an implementation that gives no right answer to a known question serves nobody.
 */
export async function cryptoMakers(): Promise<ReadonlyMap<string, string>> {
  const library = libcryptoVersion() ?? "OpenSSL";
  const native = openNativeDigests();
  const digests = digestNames.map((name) =>
    [name, native?.has(name) ? library : name === "XXH128" ? "built in" : "the runtime"] as const
  );
  const ciphers = contentCiphers.map((cipher) =>
    [
      cipher.name,
      isNativeCipher(cipher) ? library : isRuntimeCipher(cipher) ? "the runtime" : "built in",
    ] as const
  );
  const records = aeadNames.map((name) =>
    [name, isNativeAead(name) ? library : "the runtime"] as const
  );
  const pair = await makeKeyPair({ name: "trial", bits: trialBits });
  const { maker } = new FileSigner(readKeyPair(`${pair.certificate}${pair.privateKey}`));
  return new Map([
    ["digests", grouped(digests)],
    ["file encryption", grouped(ciphers)],
    ["signatures", `RSA by ${maker === "OpenSSL" ? library : maker}`],
    ["TLS records", grouped(records)],
  ]);
}

/** `a, b by X; c by Y`. */
function grouped(entries: readonly (readonly [name: string, maker: string])[]): string {
  const byMaker = Map.groupBy(entries, ([, maker]) => maker);
  return [...byMaker].map(([maker, of]) =>
    `${of.map(([name]) => name).join(", ")} ${maker === "built in" ? maker : `by ${maker}`}`
  ).join("; ");
}
