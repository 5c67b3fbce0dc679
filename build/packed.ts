/** Big-endian records, of which every format of a macOS package is made. @module */

/** An unsigned number of so many bytes, a text in UTF-8, or bytes as they are. */
export type Field = readonly [width: 1 | 2 | 4 | 8, value: number] | string | Uint8Array;

/** The fields one behind the other, without gaps. */
export function packed(...fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const parts = fields.map(bytesOf);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `bytes`, filled up with zeros to `length`. @throws RangeError if there are more */
export function padded(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  whole.set(bytes);
  return whole;
}

function bytesOf(field: Field): Uint8Array {
  if (typeof field === "string") return new TextEncoder().encode(field);
  if (field instanceof Uint8Array) return field;
  const [width, value] = field;
  const bytes = new Uint8Array(width);
  let rest = value;
  for (let at = width - 1; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  if (rest !== 0) throw new RangeError(`${value} does not fit into ${width} bytes`);
  return bytes;
}
