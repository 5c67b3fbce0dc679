/**
 * The hellos of TLS 1.3 and 1.2 (RFC 8446, 4; RFC 5246, 7.4) and what is in their
 * extensions, formatted and parsed. Extensions stay bytes until someone asks.
 *
 * @module
 */
import { ByteError, ByteReader, ByteWriter } from "../../bytes/mod.ts";
import { Alert, TlsError } from "./alert.ts";

/** Types of handshake messages. */
export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  keyUpdate: 24,
  messageHash: 254,
} as const;

/** Types of extensions. */
export const ExtensionType = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  padding: 21,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  cookie: 44,
  pskKeyExchangeModes: 45,
  keyShare: 51,
  renegotiationInfo: 0xff01,
} as const;

/** The number in a list of suites that says what an empty `renegotiation_info` says. */
export const renegotiationSuite = 0x00ff;
/** The key exchange mode with both a pre-shared key and (EC)DHE. */
export const pskDheKe = 1;

/** The random by which a ServerHello says that it is a HelloRetryRequest (4.1.3). */
export const helloRetryRandom: Uint8Array = fromHex(
  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
);

/**
 * The last bytes of a ServerHello's random by which an end that could speak TLS 1.3 says that it was
 * made to speak TLS 1.2 (4.1.3).
 */
export const downgradeSentinel: Uint8Array = fromHex("444f574e47524401");

/** Extensions in the order of the wire. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

/** A ClientHello. */
export interface ClientHello {
  /** The highest version below 1.3. */
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suites: readonly number[];
  /** Compression methods; 0, none, must be among them. */
  readonly compressions: readonly number[];
  readonly extensions: Extensions;
}

/** A ServerHello, or a HelloRetryRequest if its random is {@linkcode helloRetryRandom}. */
export interface ServerHello {
  /** The version if it is below 1.3, which stands in an extension. */
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suite: number;
  readonly extensions: Extensions;
}

/** What the extension `pre_shared_key` of a ClientHello offers. */
export interface OfferedKeys {
  readonly identities: readonly Uint8Array[];
  readonly binders: readonly Uint8Array[];
  /** Bytes of the binders list with its length: what the truncated hello lacks at its end. */
  readonly bindersLength: number;
}

/** A whole handshake message: type, 24 bit length, body. */
export function handshakeMessage(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(4 + body.length).u8(type).u8(body.length >> 16).u16(body.length & 0xffff)
    .bytes(body).view();
}

/** Formats the body of a ClientHello. */
export function formatClientHello(hello: ClientHello): Uint8Array {
  const writer = new ByteWriter().u16(hello.version).bytes(hello.random)
    .u8(hello.sessionId.length).bytes(hello.sessionId)
    .u16(2 * hello.suites.length);
  for (const suite of hello.suites) writer.u16(suite);
  writer.u8(hello.compressions.length).bytes(Uint8Array.from(hello.compressions));
  return writeExtensions(writer, hello.extensions).view();
}

/** Parses the body of a ClientHello. */
export function parseClientHello(body: Uint8Array): ClientHello {
  return decoding("ClientHello", body, (reader) => {
    const version = reader.u16();
    const random = reader.bytes(32);
    const sessionId = vector(reader, reader.u8(), 0, 32);
    const suites = numbers(vector(reader, reader.u16(), 2, 0xfffe));
    const compressions = [...vector(reader, reader.u8(), 1, 255)];
    // Hellos before extensions existed end here.
    const extensions = reader.remaining > 0 ? readExtensions(reader) : new Map();
    return { version, random, sessionId, suites, compressions, extensions };
  });
}

/** Formats the body of a ServerHello. */
export function formatServerHello(hello: ServerHello): Uint8Array {
  const writer = new ByteWriter().u16(hello.version).bytes(hello.random)
    .u8(hello.sessionId.length).bytes(hello.sessionId)
    .u16(hello.suite).u8(0);
  return writeExtensions(writer, hello.extensions).view();
}

/** Parses the body of a ServerHello or HelloRetryRequest. */
export function parseServerHello(body: Uint8Array): ServerHello {
  return decoding("ServerHello", body, (reader) => {
    const version = reader.u16();
    const random = reader.bytes(32);
    const sessionId = vector(reader, reader.u8(), 0, 32);
    const suite = reader.u16();
    if (reader.u8() !== 0) {
      throw new TlsError(Alert.illegalParameter, "The peer chose a compression");
    }
    const extensions = reader.remaining > 0 ? readExtensions(reader) : new Map();
    return { version, random, sessionId, suite, extensions };
  });
}

/** Parses the body of EncryptedExtensions. */
export function parseEncryptedExtensions(body: Uint8Array): Extensions {
  return decoding("EncryptedExtensions", body, readExtensions);
}

/** The extension `pre_shared_key` of a ClientHello with one identity and a binder still to be filled in. */
export function formatOfferedKey(identity: Uint8Array, binderLength: number): Uint8Array {
  return new ByteWriter().u16(2 + identity.length + 4)
    .u16(identity.length).bytes(identity).u32(0)
    .u16(1 + binderLength).u8(binderLength).bytes(new Uint8Array(binderLength)).view();
}

/** Parses the extension `pre_shared_key` of a ClientHello. */
export function parseOfferedKeys(data: Uint8Array): OfferedKeys {
  return decoding("pre_shared_key", data, (reader) => {
    const identities: Uint8Array[] = [];
    const list = new ByteReader(vector(reader, reader.u16(), 7, 0xffff));
    while (list.remaining > 0) {
      identities.push(vector(list, list.u16(), 1, 0xffff));
      list.u32();
    }
    const bindersLength = reader.remaining;
    const binders: Uint8Array[] = [];
    const binderList = new ByteReader(vector(reader, reader.u16(), 33, 0xffff));
    while (binderList.remaining > 0) binders.push(vector(binderList, binderList.u8(), 32, 255));
    if (identities.length !== binders.length) {
      throw new TlsError(Alert.illegalParameter, "There are not as many binders as identities");
    }
    return { identities, binders, bindersLength };
  });
}

/** A public key of a group. */
export interface Share {
  readonly group: number;
  readonly key: Uint8Array;
}

/** The shares of a `key_share` list of a ClientHello. */
export function sharesOfClient(data: Uint8Array): readonly Share[] {
  return decoding("key_share", data, (reader) => {
    const list = new ByteReader(vector(reader, reader.u16(), 0, 0xffff));
    const shares: Share[] = [];
    while (list.remaining > 0) {
      const share = { group: list.u16(), key: vector(list, list.u16(), 1, 0xffff) };
      if (shares.some(({ group }) => group === share.group)) {
        throw new TlsError(Alert.illegalParameter, "The peer sends two shares of one group");
      }
      shares.push(share);
    }
    return shares;
  });
}

/** The share in the `key_share` of a ServerHello. */
export function shareOfServer(data: Uint8Array): Share {
  return decoding("key_share", data, (reader) => ({
    group: reader.u16(),
    key: vector(reader, reader.u16(), 1, 0xffff),
  }));
}

/** A share with its group, as a list of one (`isList`) or alone. */
export function formatShare({ group, key }: Share, isList: boolean): Uint8Array {
  const writer = new ByteWriter();
  if (isList) writer.u16(4 + key.length);
  return writer.u16(group).u16(key.length).bytes(key).view();
}

/** A number of 16 bits. */
export function formatNumber(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** A number of 16 bits that is all there is. */
export function parseNumber(what: string, data: Uint8Array): number {
  return decoding(what, data, (reader) => reader.u16());
}

/** A list of 16 bit numbers behind a length of 8 or 16 bits. */
export function formatNumberList(values: readonly number[], lengthBytes: 1 | 2): Uint8Array {
  const writer = new ByteWriter();
  if (lengthBytes === 1) writer.u8(2 * values.length);
  else writer.u16(2 * values.length);
  for (const value of values) writer.u16(value);
  return writer.view();
}

/** A list of 16 bit numbers behind an 8 bit (`supported_versions`) or 16 bit length. */
export function numberList(data: Uint8Array, lengthBytes: 1 | 2): number[] {
  return decoding("a list of numbers", data, (reader) => {
    const length = lengthBytes === 1 ? reader.u8() : reader.u16();
    return numbers(vector(reader, length, 2, 0xfffe));
  });
}

/** The key exchange modes of `psk_key_exchange_modes`. */
export function exchangeModes(data: Uint8Array): number[] {
  return decoding(
    "psk_key_exchange_modes",
    data,
    (reader) => [...vector(reader, reader.u8(), 1, 255)],
  );
}

/** Reads a structure to its very end; what does not fit is a decode_error. */
export function decoding<T>(what: string, bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes);
  try {
    const value = read(reader);
    if (reader.remaining === 0) return value;
  } catch (error) {
    if (!(error instanceof ByteError)) throw error;
  }
  throw new TlsError(Alert.decodeError, `The peer's ${what} cannot be read`);
}

/** So many bytes of a vector, whose length has bounds. */
export function vector(
  reader: ByteReader,
  length: number,
  least: number,
  most: number,
): Uint8Array {
  if (length < least || length > most) throw new ByteError(`A vector of ${length} bytes`);
  return reader.bytes(length);
}

/** The 16 bit numbers that bytes hold. */
export function numbers(bytes: Uint8Array): number[] {
  if (bytes.length % 2 !== 0) throw new ByteError("Half a number");
  const reader = new ByteReader(bytes);
  return Array.from({ length: bytes.length / 2 }, () => reader.u16());
}

/** Reads a list of extensions, none of which may come twice. */
export function readExtensions(reader: ByteReader): Extensions {
  const extensions = new Map<number, Uint8Array>();
  const list = new ByteReader(vector(reader, reader.u16(), 0, 0xffff));
  while (list.remaining > 0) {
    const type = list.u16();
    if (extensions.has(type)) {
      throw new TlsError(Alert.illegalParameter, `Extension ${type} comes twice`);
    }
    extensions.set(type, list.bytes(list.u16()));
  }
  return extensions;
}

/** Writes a list of extensions behind its length. */
export function writeExtensions(writer: ByteWriter, extensions: Extensions): ByteWriter {
  let length = 0;
  for (const data of extensions.values()) length += 4 + data.length;
  writer.u16(length);
  for (const [type, data] of extensions) writer.u16(type).u16(data.length).bytes(data);
  return writer;
}

/** Bytes from hexadecimal digits. */
function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
