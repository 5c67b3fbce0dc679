import { ByteWriter } from "../../../bytes/mod.ts";

/** One extended attribute. */
export interface ExtendedAttribute {
  /** Its name, as the system has it. */
  readonly name: Uint8Array;
  /** Its value; may be empty. */
  readonly value: Uint8Array;
}

/** A record as long as this or longer is not saved (volume.md 14.2). */
export const extendedAttributesLimit: number = 1 << 20;

const magic = 0x005c5884;

/**
 * Writes the extended attributes of a file (volume.md 14.2): for each a u32 magic, u32 length of the
 * name, the name, u32 length of the value, the value; big endian.
 */
export function encodeExtendedAttributes(attributes: readonly ExtendedAttribute[]): Uint8Array {
  const writer = new ByteWriter(256);
  for (const { name, value } of attributes) {
    writer.u32(magic).u32(name.length).bytes(name).u32(value.length).bytes(value);
  }
  return writer.toBytes();
}

/**
 * Reads the extended attributes of a file. Those before a malformed one are kept: `problem` is then
 * the beginning of the message about it, which the name of the file follows in quotes.
 */
export function decodeExtendedAttributes(
  data: Uint8Array,
): { attributes: ExtendedAttribute[]; problem: string | undefined } {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const attributes: ExtendedAttribute[] = [];
  for (let at = 0; at < data.length;) {
    if (at + 8 > data.length || view.getUint32(at) !== magic) {
      return { attributes, problem: "Illegal xattr stream, no XATTR_MAGIC on file" };
    }
    const nameLength = view.getUint32(at + 4);
    const nameEnd = at + 8 + nameLength;
    if (nameLength === 0) {
      return { attributes, problem: "Illegal xattr stream, xattr name length <= 0 on file" };
    }
    const valueLength = nameEnd + 4 <= data.length ? view.getUint32(nameEnd) : Infinity;
    const end = nameEnd + 4 + valueLength;
    if (end > data.length) {
      return { attributes, problem: "Illegal xattr stream, it ends in an attribute on file" };
    }
    attributes.push({
      name: data.slice(at + 8, nameEnd),
      value: data.slice(nameEnd + 4, end),
    });
    at = end;
  }
  return { attributes, problem: undefined };
}
