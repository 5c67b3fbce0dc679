/**
 * Bytes and the texts and numbers in them: the floor that everything else stands on.
 *
 * - Text is UTF-8 that survives bytes which are not ({@linkcode decodeText}, {@linkcode encodeText}).
 * - Numbers on volumes and wires are big endian ({@linkcode ByteReader}, {@linkcode ByteWriter}).
 * - Base 64 comes in two variants for bytes ({@linkcode encodeBase64}) and in one of its own for
 *   numbers ({@linkcode encodeInteger}): wire.md 6.4, volume.md 1 and 8.4.
 * - What was thrown has a text ({@linkcode messageOf}).
 *
 * @module
 */
export { decodeText, encodeText } from "./text.ts";
export {
  type Base64Variant,
  decodeBase64,
  decodeBigInteger,
  decodeInteger,
  encodeBase64,
  encodeInteger,
} from "./base64.ts";
export { ByteError, ByteReader } from "./byte_reader.ts";
export { ByteWriter } from "./byte_writer.ts";
export { messageOf } from "./message_of.ts";
