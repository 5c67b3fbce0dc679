import { decodeText, encodeText } from "../../../bytes/mod.ts";

/** The record of an access control list: its text and a zero byte (volume.md 14.1). */
export function encodeAclText(text: string): Uint8Array {
  return encodeText(`${text}\0`);
}

/** The text of an access control list: what stands before the zero byte. */
export function decodeAclText(data: Uint8Array): string {
  const zero = data.indexOf(0);
  return decodeText(zero < 0 ? data : data.subarray(0, zero));
}
