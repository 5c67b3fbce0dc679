/**
 * RSA signatures by the system's OpenSSL 3, where there is one: four times as many a second as the
 * runtime makes, which decides how fast small files are saved.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { openLibcrypto } from "../libcrypto.ts";

const functions = {
  d2i_AutoPrivateKey: { parameters: ["pointer", "buffer", "i64"], result: "pointer" },
  EVP_PKEY_CTX_new: { parameters: ["pointer", "pointer"], result: "pointer" },
  EVP_PKEY_sign_init: { parameters: ["pointer"], result: "i32" },
  EVP_PKEY_CTX_set_rsa_padding: { parameters: ["pointer", "i32"], result: "i32" },
  EVP_PKEY_CTX_set_signature_md: { parameters: ["pointer", "pointer"], result: "i32" },
  EVP_sha256: { parameters: [], result: "pointer" },
  EVP_PKEY_sign: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "usize"],
    result: "i32",
  },
} as const;

const pkcs1Padding = 1;

/** Signs a SHA-256 digest. */
export type DigestSigner = (digest: Uint8Array) => Uint8Array;

/** Signs with a key, PKCS#8 PEM, and the library; undefined where that cannot be done. */
export function openNativeSigner(pem: string, signatureLength: number): DigestSigner | undefined {
  const library = openLibcrypto(functions);
  if (library === undefined) return undefined;
  const der = new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64"));
  const pointer = new BigUint64Array([
    BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(der))),
  ]);
  const key = library.d2i_AutoPrivateKey(null, pointer, BigInt(der.length));
  const context = key === null ? null : library.EVP_PKEY_CTX_new(key, null);
  if (context === null) return undefined;
  const isReady = library.EVP_PKEY_sign_init(context) === 1 &&
    library.EVP_PKEY_CTX_set_rsa_padding(context, pkcs1Padding) === 1 &&
    library.EVP_PKEY_CTX_set_signature_md(context, library.EVP_sha256()) === 1;
  if (!isReady) return undefined;
  return (digest) => {
    const signature = new Uint8Array(signatureLength);
    const length = new BigUint64Array([BigInt(signatureLength)]);
    const bytes = new Uint8Array(digest);
    const done = library.EVP_PKEY_sign(context, signature, length, bytes, BigInt(bytes.length));
    if (done !== 1) throw new Error("Cannot sign a file: OpenSSL gives no reason");
    return signature.subarray(0, Number(length[0]));
  };
}
