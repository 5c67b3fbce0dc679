/** Longest piece of foreign text that is shown, in bytes. */
const MOST_SHOWN = 32;
/** Less than this may be binary by chance, in bytes. */
const LEAST_SHOWN = 4;

/**
 * What somebody sent who speaks no protocol of ours, for a message: ` It sent "SSH-2.0-OpenSSH".` with the first
 * printable letters; empty if it begins with no text.
 */
export function foreignText(bytes: Uint8Array): string {
  const first = bytes.subarray(0, MOST_SHOWN);
  const end = first.findIndex((byte) => byte < 0x20 || byte > 0x7e);
  const text = String.fromCharCode(...(end < 0 ? first : first.subarray(0, end)));
  return text.length < LEAST_SHOWN ? "" : ` It sent "${text.trimEnd()}".`;
}
