const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The code unit that stands for byte 0x00 of the escape range; a byte `b` >= 0x80 becomes `ESCAPE + b`. */
const ESCAPE = 0xdc00;

/**
 * Decodes UTF-8 so that nothing is lost: every byte that is not part of valid UTF-8 becomes the lone
 * low surrogate U+DC80 to U+DCFF, which {@linkcode encodeText} turns back into that byte. Names on
 * disk and on the wire are bytes; this is how they travel through the program as strings.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeEscaping(bytes);
  }
}

/**
 * The inverse of {@linkcode decodeText}: `encodeText(decodeText(b))` equals `b` for every byte
 * string. A lone surrogate outside U+DC80 to U+DCFF cannot come from there and becomes U+FFFD.
 */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return text.isWellFormed() ? encoder.encode(text) : encodeEscaped(text);
}

function decodeEscaping(bytes: Uint8Array): string {
  const parts: string[] = [];
  let valid = 0; // start of the run of valid UTF-8 not yet decoded
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > valid) parts.push(strict.decode(bytes.subarray(valid, at)));
    parts.push(String.fromCharCode(ESCAPE + (bytes[at] as number)));
    at += 1;
    valid = at;
  }
  if (at > valid) parts.push(strict.decode(bytes.subarray(valid, at)));
  return parts.join("");
}

/** Length of the valid UTF-8 sequence at `at`, or 0 if there is none (RFC 3629, table 3-7 of Unicode). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  const second = bytes[at + 1] as number;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    const next = bytes[at + i] as number;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}

function encodeEscaped(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3);
  let used = 0;
  let run = 0; // start of the text not yet encoded
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) i++; // a pair: one valid character
      continue;
    }
    if (unit < ESCAPE + 0x80 || unit > ESCAPE + 0xff) continue;
    used += encoder.encodeInto(text.slice(run, i), bytes.subarray(used)).written;
    bytes[used++] = unit - ESCAPE;
    run = i + 1;
  }
  used += encoder.encodeInto(text.slice(run), bytes.subarray(used)).written;
  return bytes.slice(0, used);
}
