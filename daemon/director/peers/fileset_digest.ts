import { createHash } from "node:crypto";
import { encodeText } from "../../../bytes/mod.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * The digest of a FileSet record: MD5 over all `File =` and `Plugin =` values in order, in the
 * encoding of the catalog (catalog-and-jobs.md 6.1). A FileSet with another digest is another one,
 * so its next job is a Full.
 */
export function fileSetDigest(values: Iterable<string>): string {
  const hash = createHash("md5");
  for (const value of values) hash.update(encodeText(value));
  return signedBase64(hash.digest());
}

/** The base 64 of {@linkcode fileSetDigest}: bytes are sign extended while they are shifted in. */
function signedBase64(bytes: Uint8Array): string {
  let register = 0;
  let bits = 0;
  let at = 0;
  let text = "";
  while (at < bytes.length || bits >= 6) {
    if (bits < 6) {
      const signed = ((bytes[at++] as number) << 24) >> 24;
      register = (register << 8) | signed;
      bits += 8;
    }
    bits -= 6;
    text += DIGITS[(register >>> bits) & 63];
  }
  if (bits > 0) text += DIGITS[register & ((1 << bits) - 1)];
  return text;
}
