/** Looking at a ClientHello before it is decided who answers it. @module */
import type { Transport } from "../transport.ts";
import {
  ExtensionType,
  numberList,
  parseClientHello,
  parseOfferedKeys,
  tls13,
} from "./messages.ts";

const recordHeader = 5;
const handshakeHeader = 4;
/** Longest record that is looked at. */
const longest = 2 ** 14 + 256;

/**
 * Reads the first record of a handshake, of which `first` is there already, and says whether it offers
 * a pre-shared key that somebody knows, in TLS 1.3. What cannot be understood offers none.
 */
export async function offersKey(
  transport: Transport,
  first: Uint8Array,
  isKnown: (identity: Uint8Array) => boolean,
): Promise<{ readonly offers: boolean; readonly bytes: Uint8Array }> {
  let bytes = first;
  const buffer = new Uint8Array(4096);
  const wanted = (): number =>
    bytes.length < recordHeader
      ? recordHeader
      : recordHeader + Math.min(longest, (bytes[3] ?? 0) * 256 + (bytes[4] ?? 0));
  while (bytes.length < wanted()) {
    const count = await transport.read(buffer);
    if (count === null) break;
    const more = new Uint8Array(bytes.length + count);
    more.set(bytes);
    more.set(buffer.subarray(0, count), bytes.length);
    bytes = more;
  }
  try {
    const record = bytes.subarray(recordHeader, wanted());
    const { extensions } = parseClientHello(record.subarray(handshakeHeader));
    const keys = extensions.get(ExtensionType.preSharedKey);
    const versions = extensions.get(ExtensionType.supportedVersions);
    const offers = keys !== undefined && versions !== undefined &&
      numberList(versions, 1).includes(tls13) &&
      parseOfferedKeys(keys).identities.some((identity) => isKnown(identity));
    return { offers, bytes };
  } catch {
    return { offers: false, bytes }; // whoever answers will say what is wrong with it
  }
}
