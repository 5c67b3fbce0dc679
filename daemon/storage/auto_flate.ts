/**
 * Compression on the storage daemon: `Auto Deflate` and `Auto Inflate` of a device (volume.md 16.5).
 *
 * @module
 */
import {
  type Algorithm,
  ChunkCompressor,
  decompressChunk,
  inflateChunk,
} from "../../compress/mod.ts";
import { withCommas } from "./numbers.ts";
import { Stream, streamType } from "../../storage/volume/mod.ts";

/** The directives of a Device resource that count here. */
export interface FlateSettings {
  /** `readonly`, `writeonly`, `readwrite`: compress what is read from or written to the device; empty: no. */
  readonly autoDeflate: string;
  /** As {@linkcode FlateSettings.autoDeflate}, for what is compressed already. */
  readonly autoInflate: string;
  /** `gzip`, `lzo`, `lzfast`, `lz4`, `lz4hc`; empty if nothing is compressed. */
  readonly autoDeflateAlgorithm: string;
  /** Level of gzip, 1 to 9. */
  readonly autoDeflateLevel: number;
}

/** A record as it goes on. */
export interface FlatedRecord {
  readonly stream: number;
  /** Valid until the next record. */
  readonly data: Uint8Array;
}

/** Streams of plain contents and what they are called when they are compressed. */
const COMPRESSED: ReadonlyMap<number, number> = new Map<number, number>([
  [Stream.fileData, Stream.compressedData],
  [Stream.sparseData, Stream.sparseCompressedData],
  [Stream.win32Data, Stream.win32CompressedData],
]);

/** Streams of compressed contents, what they are called without, and how they are decompressed. */
const PLAIN: ReadonlyMap<number, readonly [number, (chunk: Uint8Array) => Uint8Array]> = new Map<
  number,
  readonly [number, (chunk: Uint8Array) => Uint8Array]
>([
  [Stream.compressedData, [Stream.fileData, decompressChunk]],
  [Stream.sparseCompressedData, [Stream.sparseData, decompressChunk]],
  [Stream.win32CompressedData, [Stream.win32Data, decompressChunk]],
  [Stream.gzipData, [Stream.fileData, inflateChunk]],
  [Stream.sparseGzipData, [Stream.sparseData, inflateChunk]],
  [Stream.win32GzipData, [Stream.win32Data, inflateChunk]],
]);

/** Before the contents of a sparse file's chunk: where in the file they are. */
const OFFSET_LENGTH = 8;

/** Longer chunks cannot be put into the container that all but gzip and lzo use (volume.md 10.3). */
const LONGEST = 262_144;

/** Whether records of the stream are changed at all: file contents, plain or compressed. */
export function isFlated(stream: number): boolean {
  const type = streamType(stream);
  return COMPRESSED.has(type) || PLAIN.has(type);
}

/** Changes records of file contents on their way to or from one device. */
export class AutoFlate {
  readonly #compressor: ChunkCompressor | undefined;
  readonly #inflates: boolean;
  #inflated: Uint8Array = new Uint8Array(0);
  #deflated: Uint8Array = new Uint8Array(0);
  /** Bytes of contents before and after. */
  before = 0;
  after = 0;

  private constructor(compressor: ChunkCompressor | undefined, inflates: boolean) {
    this.#compressor = compressor;
    this.#inflates = inflates;
  }

  /** What a device wants for a direction; undefined if nothing. */
  static of(settings: FlateSettings, direction: "read" | "write"): AutoFlate | undefined {
    const applies = (to: string): boolean => to === "readwrite" || to === `${direction}only`;
    const { autoDeflate, autoInflate, autoDeflateAlgorithm, autoDeflateLevel } = settings;
    const deflates = applies(autoDeflate) && autoDeflateAlgorithm !== "";
    if (!deflates && !applies(autoInflate)) return undefined;
    const algorithm = autoDeflateAlgorithm.toUpperCase() as Algorithm; // an enumeration of the configuration
    const level = Math.min(9, Math.max(1, autoDeflateLevel));
    return new AutoFlate(
      deflates ? new ChunkCompressor(algorithm, level) : undefined,
      applies(autoInflate),
    );
  }

  /** Nothing is held; for who may have one in a thread. */
  close(): void {}

  /** Whether compression takes so long that other jobs would feel it. */
  get isSlow(): boolean {
    const algorithm = this.#compressor?.algorithm;
    return algorithm === "GZIP" || algorithm === "LZ4HC";
  }

  /** What is done, for the job log. */
  get purpose(): string {
    const compressor = this.#compressor;
    const deflate = compressor && `compressing with ${compressor.algorithm.toLowerCase()}`;
    return [this.#inflates ? "decompressing" : undefined, deflate].filter((word) => word).join(
      ", ",
    );
  }

  /**
   * The record as it goes on: the same if there is nothing to do for its stream.
   * @throws {CompressionError} if it cannot be decompressed
   */
  apply(stream: number, data: Uint8Array): FlatedRecord {
    const type = streamType(stream);
    if (!isFlated(stream)) return { stream, data };
    const inflated = this.#inflates
      ? this.#inflate(type, data) ?? { stream, data }
      : { stream, data };
    const changed = this.#deflate(inflated) ?? inflated;
    this.before += data.length;
    this.after += changed.data.length;
    return changed;
  }

  #inflate(type: number, data: Uint8Array): FlatedRecord | undefined {
    const [stream, decompress] = PLAIN.get(type) ?? [];
    if (stream === undefined || decompress === undefined) return undefined;
    if (stream !== Stream.sparseData) {
      const contents = decompress(data);
      this.#inflated = room(this.#inflated, contents.length);
      this.#inflated.set(contents); // the codec's own buffer serves the next one who asks
      return { stream, data: this.#inflated.subarray(0, contents.length) };
    }
    const offset = data.subarray(0, OFFSET_LENGTH);
    const contents = withoutOffset(offset, decompress(data.subarray(OFFSET_LENGTH)));
    this.#inflated = room(this.#inflated, OFFSET_LENGTH + contents.length);
    this.#inflated.set(offset);
    this.#inflated.set(contents, OFFSET_LENGTH);
    return { stream, data: this.#inflated.subarray(0, OFFSET_LENGTH + contents.length) };
  }

  #deflate({ stream, data }: FlatedRecord): FlatedRecord | undefined {
    const compressor = this.#compressor;
    const compressed = COMPRESSED.get(streamType(stream));
    if (compressor === undefined || compressed === undefined) return undefined;
    const front = compressed === Stream.sparseCompressedData ? OFFSET_LENGTH : 0;
    const contents = data.subarray(front);
    if (contents.length === 0 || contents.length > LONGEST) return undefined;
    this.#deflated = room(this.#deflated, front + compressor.bound(contents.length));
    this.#deflated.set(data.subarray(0, front));
    const length = compressor.compress(contents, this.#deflated, front);
    return { stream: compressed, data: this.#deflated.subarray(0, front + length) };
  }
}

/** Where the job hears of it. */
export interface FlateListener {
  readonly log: { info(text: string): void };
}

/** What `device` does to the contents of files, told to the job; undefined if nothing. */
export function openFlate(
  { log }: FlateListener,
  { settings, printName }: { readonly settings: FlateSettings; readonly printName: string },
  direction: "read" | "write",
  mayFlate: boolean,
): AutoFlate | undefined {
  const flate = mayFlate ? AutoFlate.of(settings, direction) : undefined;
  if (flate !== undefined) log.info(`Device ${printName}: ${flate.purpose} file contents.\n`);
  return flate;
}

/** Tells the job what has become of the contents. */
export function reportFlate(
  { log }: FlateListener,
  flate: Pick<AutoFlate, "purpose" | "before" | "after">,
): void {
  const { purpose, before, after } = flate;
  log.info(`${withCommas(before)} bytes became ${withCommas(after)} by ${purpose}.\n`);
}

/**
 * Bareos' plugin compresses the offset once more with the contents of a sparse file. It is recognised by
 * its value where that says something, else by what it makes of the length of a chunk.
 */
function withoutOffset(offset: Uint8Array, contents: Uint8Array): Uint8Array {
  if (contents.length < OFFSET_LENGTH) return contents;
  if (offset.some((byte, at) => contents[at] !== byte)) return contents;
  const isAtFront = offset.every((byte) => byte === 0);
  if (isAtFront && contents.length % 512 !== OFFSET_LENGTH) return contents;
  return contents.subarray(OFFSET_LENGTH);
}

function room(buffer: Uint8Array, length: number): Uint8Array {
  return buffer.length >= length ? buffer : new Uint8Array(length);
}
