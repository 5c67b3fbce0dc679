/**
 * Chunks of file data as they stand in records: header and compressed bytes
 * (volume.md 10). One table of algorithms serves both directions.
 *
 * @module
 */
import { type BlockCodec, type BlockCodecName, openBlockCodecs } from "./block_codec.ts";
import { BlockFormatError } from "./block_format_error.ts";
import { type Deflater, openZlib, type Zlib, ZlibError } from "./zlib.ts";

/** Names of the algorithms as the Compression directive has them. */
export type Algorithm = "GZIP" | "LZO" | "LZFAST" | "LZ4" | "LZ4HC";

/** Bytes of the header before compressed data (volume.md 10.1). */
export const compressionHeaderLength = 12;

/** The most bytes that one chunk decompresses to: larger ones are damage. */
export const maxChunkLength: number = 8 << 20;

/** Compressed data cannot be decompressed. */
export class CompressionError extends Error {
  override readonly name = "CompressionError";
}

/** How a payload is packed. */
interface Packing {
  readonly magic: string;
  /** The name that the job report shows. */
  readonly label: string;
  readonly codec: BlockCodecName;
  readonly isContainer: boolean;
}

const packings: Readonly<Record<Exclude<Algorithm, "GZIP">, Packing>> = {
  LZO: { magic: "LZOX", label: "lzo", codec: "LZO1X", isContainer: false },
  LZFAST: { magic: "FZFZ", label: "lzfast", codec: "FastLZ", isContainer: true },
  LZ4: { magic: "FZ4L", label: "lz4", codec: "LZ4", isContainer: true },
  LZ4HC: { magic: "FZ4H", label: "lz4hc", codec: "LZ4HC", isContainer: true },
};

/** The container's inner header (volume.md 10.3). */
const innerMagic = [0x46, 0x61, 0x73, 0x74, 0x4c, 0x5a, 0x00] as const;
const innerHeaderLength = 16;
const innerRaw = 0x18;
const innerCompressed = 0xc8;
const innerLimit = 288_390;
/** Chunks up to this length are stored as they are. */
const innerSmall = 64;
/** The longest chunk that the container's users take. */
const containerChunk = 262_144;

/** The codecs of this thread: they keep nothing but memory to work in. */
const codecs = openBlockCodecs();
/** Opened when it is needed first: by then a daemon knows whether it may look for libraries. */
let opened: Zlib | undefined;
const zlib = (): Zlib => opened ??= openZlib();
/** Room for what a usual chunk becomes, or the longest part of a container. */
const firstRoom = new Uint8Array(innerLimit);

const gzipMagic = "GZIP";

/** Compresses chunks of one job. It keeps tables and is not shared. */
export class ChunkCompressor {
  readonly algorithm: Algorithm;
  readonly #level: number;
  readonly #packing: Packing | undefined;
  readonly #encoder: BlockCodec | undefined;
  readonly #deflater: Deflater | undefined;

  /** A compressor; `level` counts for GZIP alone. */
  constructor(algorithm: Algorithm, level = 6) {
    this.algorithm = algorithm;
    this.#level = level;
    this.#packing = algorithm === "GZIP" ? undefined : packings[algorithm];
    this.#encoder = this.#packing && codecs[this.#packing.codec];
    this.#deflater = this.#packing === undefined ? zlib().deflater(level) : undefined;
  }

  /** The most bytes that a chunk becomes, header included. */
  bound(chunkLength: number): number {
    const body = this.#encoder?.bound(chunkLength) ?? this.#deflater?.bound(chunkLength) ?? 0;
    return compressionHeaderLength + body + 2 * innerHeaderLength;
  }

  /** Writes header and compressed chunk to `into` at `at`; returns the bytes written. */
  compress(chunk: Uint8Array, into: Uint8Array, at: number): number {
    const body = at + compressionHeaderLength;
    let length: number;
    if (this.#packing === undefined || this.#encoder === undefined) {
      length = this.#deflater?.deflate(chunk, into.subarray(body)) ?? 0;
    } else if (this.#packing.isContainer) {
      length = this.#contain(this.#encoder, chunk, into, body);
    } else {
      length = this.#encoder.encode(chunk, into.subarray(body));
    }
    putText(into, at, this.#packing?.magic ?? gzipMagic);
    const view = new DataView(into.buffer, into.byteOffset + at, compressionHeaderLength);
    view.setUint32(4, length);
    view.setUint16(
      8,
      this.#packing === undefined ? this.#level : this.#packing.isContainer ? 1 : 0,
    );
    view.setUint16(10, 1);
    return compressionHeaderLength + length;
  }

  /**
   * Writes a chunk as a bare zlib stream, as in streams 4, 7 and 23: for GZIP alone. Returns the bytes
   * written; there is room for `bound`.
   */
  compressBare(chunk: Uint8Array, into: Uint8Array, at: number): number {
    if (this.#deflater === undefined) {
      throw new CompressionError(`Cannot compress with ${this.algorithm} without a header`);
    }
    return this.#deflater.deflate(chunk, into.subarray(at));
  }

  #contain(encoder: BlockCodec, chunk: Uint8Array, into: Uint8Array, at: number): number {
    if (chunk.length > containerChunk) {
      throw new CompressionError(`Cannot compress a chunk of ${chunk.length} bytes: too long`);
    }
    const body = at + innerHeaderLength;
    let length = chunk.length > innerSmall ? encoder.encode(chunk, into.subarray(body)) : Infinity;
    const isSmaller = length < chunk.length;
    if (!isSmaller) {
      into.set(chunk, body);
      length = chunk.length;
    }
    putInnerHeader(into, at, isSmaller ? innerCompressed : innerRaw, length, chunk.length);
    putInnerHeader(into, body + length, innerCompressed, 0, 0);
    return 2 * innerHeaderLength + length;
  }
}

/** The name of an algorithm in the job report, such as `lz4`. */
export function algorithmLabel(algorithm: Algorithm): string {
  return algorithm === "GZIP" ? "gzip" : packings[algorithm].label;
}

/**
 * Decompresses a record's chunk: header and payload, as in streams 29 to 33. The result may be
 * overwritten by the next call.
 *
 * @throws CompressionError if the header or the payload is damaged
 */
export function decompressChunk(record: Uint8Array): Uint8Array {
  if (record.length < compressionHeaderLength) {
    throw new CompressionError(`Compression header is cut off: ${record.length} bytes`);
  }
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const magic = String.fromCharCode(...record.subarray(0, 4));
  const length = view.getUint32(4);
  const version = view.getUint16(10);
  if (version !== 1) {
    throw new CompressionError(
      `Compressed header version error. version=0x${version.toString(16)}`,
    );
  }
  if (length + compressionHeaderLength !== record.length) {
    throw new CompressionError(
      `Compressed header size error. comp_len=${length}, message_length=${record.length}`,
    );
  }
  const payload = record.subarray(compressionHeaderLength);
  if (magic === gzipMagic) return inflateChunk(payload);
  if (magic === "NONE") return payload;
  const packing = Object.values(packings).find((candidate) => candidate.magic === magic);
  if (packing === undefined) {
    const number = view.getUint32(0).toString(16);
    throw new CompressionError(`Compression algorithm 0x${number} found, but not supported!`);
  }
  return packing.isContainer ? openContainer(packing, payload) : decodeGrowing(packing, payload);
}

/**
 * Decompresses a zlib stream without header, as in streams 4, 7, 12, 23, 24. The result may be
 * overwritten by the next call.
 *
 * @throws CompressionError if it is damaged
 */
export function inflateChunk(payload: Uint8Array): Uint8Array {
  try {
    return zlib().inflate(payload, maxChunkLength);
  } catch (cause) {
    if (!(cause instanceof ZlibError)) throw cause;
    throw new CompressionError(`Uncompression error on gzip data: ${cause.message}`, { cause });
  }
}

function openContainer(packing: Packing, payload: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < payload.length) {
    const fail = (why: string): never => {
      throw new CompressionError(`Cannot decompress ${packing.label} at byte ${at}: ${why}`);
    };
    if (payload.length - at < innerHeaderLength) fail("an inner header is cut off");
    if (innerMagic.some((byte, n) => payload[at + n] !== byte)) fail("no inner header");
    const view = new DataView(payload.buffer, payload.byteOffset + at, innerHeaderLength);
    const kind = view.getUint8(7);
    const stored = view.getUint32(8, true);
    const original = view.getUint32(12, true);
    if ((kind & 15) > 8 || stored > innerLimit || original > innerLimit) {
      fail("a size is too large");
    }
    if (stored === 0 && original === 0) break;
    if (stored > payload.length - at - innerHeaderLength) fail("data is cut off");
    const body = payload.subarray(at + innerHeaderLength, at + innerHeaderLength + stored);
    if (kind >> 4 === 1) parts.push(body);
    else if (kind >> 4 === 12) {
      // Usually there is one part, and a place for it is used again and again.
      const output = parts.length === 0
        ? firstRoom.subarray(0, original)
        : new Uint8Array(original);
      const length = decoded(packing, body, output);
      if (length !== original) fail(`${length} bytes in place of ${original}`);
      parts.push(output);
    } else fail(`unknown type ${kind}`);
    at += innerHeaderLength + stored;
  }
  return parts.length === 1 ? parts[0] as Uint8Array : joined(parts);
}

/** Decodes a block whose length is not told, into ever larger outputs. */
function decodeGrowing(packing: Packing, payload: Uint8Array): Uint8Array {
  for (let size = firstRoom.length;; size *= 4) {
    const isFirst = size === firstRoom.length;
    const output = isFirst ? firstRoom : new Uint8Array(Math.min(size, maxChunkLength));
    try {
      return output.subarray(0, codecs[packing.codec].decode(payload, output));
    } catch (error) {
      if (!(error instanceof BlockFormatError)) throw error;
      if (!error.message.includes("longer than it may be") || size >= maxChunkLength) {
        throw new CompressionError(error.message, { cause: error });
      }
    }
  }
}

function decoded(packing: Packing, body: Uint8Array, output: Uint8Array): number {
  try {
    return codecs[packing.codec].decode(body, output);
  } catch (error) {
    if (!(error instanceof BlockFormatError)) throw error;
    throw new CompressionError(error.message, { cause: error });
  }
}

function putInnerHeader(
  into: Uint8Array,
  at: number,
  kind: number,
  stored: number,
  original: number,
): void {
  into.set(innerMagic, at);
  const view = new DataView(into.buffer, into.byteOffset + at, innerHeaderLength);
  view.setUint8(7, kind);
  view.setUint32(8, stored, true);
  view.setUint32(12, original, true);
}

function putText(into: Uint8Array, at: number, text: string): void {
  for (let n = 0; n < text.length; n++) into[at + n] = text.charCodeAt(n);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
