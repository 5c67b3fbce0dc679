import { createHash, randomBytes } from "node:crypto";

const HASHED = "[md5]";

/**
 * The key that CRAM-MD5 and TLS-PSK use for a configured password: 32 hex digits as text, taken as
 * written after `[md5]`, else computed from the password's bytes (wire.md 5.2).
 * @throws {RangeError} for the empty password, plain or hashed, and for a malformed `[md5]` one
 */
export function passwordKey(password: string): string {
  const key = password.startsWith(HASHED)
    ? password.slice(HASHED.length)
    : createHash("md5").update(password).digest("hex");
  if (!/^[0-9a-fA-F]{32}$/.test(key)) {
    throw new RangeError("Cannot use password: [md5] must be followed by 32 hex digits");
  }
  if (key.toLowerCase() === "d41d8cd98f00b204e9800998ecf8427e") {
    throw new RangeError("Cannot use password: it is empty");
  }
  return key;
}

/** The word that stands for "no session key" in commands (wire.md 5.4). */
export const NO_SESSION_KEY = "dummy";

/**
 * A session key for the data connection of one job: 39 characters such as `ABBB-CBDB-...`, low
 * nibble first (wire.md 5.4). It is used as it stands, not hashed.
 */
export function makeSessionKey(random: Uint8Array = randomBytes(16)): string {
  let text = "";
  random.forEach((byte, i) => {
    if (i > 0 && i % 2 === 0) text += "-";
    text += String.fromCharCode(0x41 + (byte & 15), 0x41 + (byte >> 4));
  });
  return text;
}
