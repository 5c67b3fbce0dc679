const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const VALUES: ReadonlyMap<string, number> = new Map(
  [...DIGITS].map((digit, value) => [digit, value]),
);

/**
 * Which of the two ways of the field to write bytes in base 64 (wire.md 6.4, volume.md 8.4):
 * `standard` is RFC 4648, `legacy` sign-extends each byte and does not shift the last bits.
 * Neither has `=` padding.
 */
export type Base64Variant = "standard" | "legacy";

/** Writes bytes in base 64 without padding; 16 bytes give 22 characters. */
export function encodeBase64(bytes: Uint8Array, variant: Base64Variant = "standard"): string {
  let text = "";
  let accumulator = 0;
  let have = 0;
  for (const byte of bytes) {
    accumulator = (accumulator << 8) | (variant === "legacy" ? (byte << 24) >> 24 : byte);
    have += 8;
    while (have >= 6) {
      have -= 6;
      text += DIGITS[(accumulator >> have) & 63];
      // The pending bits keep what sign extension put above them only within this accumulator.
      if (variant === "standard") accumulator &= (1 << have) - 1;
    }
  }
  if (have === 0) return text;
  const rest = accumulator & ((1 << have) - 1);
  return text + DIGITS[variant === "legacy" ? rest : rest << (6 - have)];
}

/**
 * Reads standard base 64, with or without `=` padding.
 * @throws {RangeError} on a character outside the alphabet or an impossible length
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const end = text.replace(/=+$/, "");
  if (end.length % 4 === 1) throw new RangeError(`Cannot decode base 64: ${end.length} digits`);
  const bytes = new Uint8Array((end.length * 6) >> 3);
  let accumulator = 0;
  let have = 0;
  let used = 0;
  for (const digit of end) {
    const value = VALUES.get(digit);
    if (value === undefined) throw new RangeError(`Cannot decode base 64: character "${digit}"`);
    accumulator = ((accumulator << 6) | value) & 0xffff;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes[used++] = accumulator >> have;
  }
  return bytes;
}

/**
 * Writes a number in the field's base 64: most significant digit first, no leading zeros, zero is
 * `A`, negative numbers are `-` and the magnitude (volume.md 8.4).
 * @throws {RangeError} if a `number` is not a safe integer
 */
export function encodeInteger(value: number | bigint): string {
  if (typeof value === "bigint") return encodeBig(value);
  if (!Number.isSafeInteger(value)) throw new RangeError(`Cannot encode integer: ${value}`);
  let rest = Math.abs(value);
  let text = "";
  do {
    text = (DIGITS[rest % 64] as string) + text;
    rest = Math.floor(rest / 64);
  } while (rest > 0);
  return value < 0 ? `-${text}` : text;
}

function encodeBig(value: bigint): string {
  if (value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn) {
    return encodeInteger(Number(value));
  }
  let rest = value < 0n ? -value : value;
  let text = "";
  for (; rest > 0n; rest >>= 6n) text = DIGITS[Number(rest & 63n)] + text;
  return value < 0n ? `-${text}` : text;
}

/**
 * Reads a number written by {@linkcode encodeInteger}; the empty text is 0.
 * @throws {RangeError} on a character that is no digit, or a value beyond 2^53
 */
export function decodeInteger(text: string): number {
  const negative = text.startsWith("-");
  let value = 0;
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    value = value * 64 + digitAt(text, i);
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`Cannot decode integer: "${text}" > 2^53`);
    }
  }
  return negative && value !== 0 ? -value : value;
}

/**
 * Like {@linkcode decodeInteger} for fields that use all 64 bits (device numbers, file times of
 * other systems): the result wraps to signed 64 bit as the field's programs do.
 * @throws {RangeError} on a character that is no digit
 */
export function decodeBigInteger(text: string): bigint {
  const negative = text.startsWith("-");
  let value = 0n;
  for (let i = negative ? 1 : 0; i < text.length; i++) {
    value = BigInt.asUintN(64, (value << 6n) | BigInt(digitAt(text, i)));
  }
  return BigInt.asIntN(64, negative ? -value : value);
}

function digitAt(text: string, at: number): number {
  const value = VALUES.get(text.charAt(at));
  if (value === undefined) {
    throw new RangeError(`Cannot decode integer: character "${text.charAt(at)}" in "${text}"`);
  }
  return value;
}
