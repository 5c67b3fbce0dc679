/**
 * Compression of file data: a chunk in, a record's payload out, and back
 * (volume.md 10, 11).
 *
 * `chunk_codec.ts` has the headers and the table of algorithms. Below it are the
 * block codecs, a file each: LZ4, FastLZ, LZO1X; GZIP is the runtime's zlib.
 *
 * @module
 */
export { BlockFormatError } from "./block_codec.ts";
export {
  type Algorithm,
  algorithmLabel,
  ChunkCompressor,
  CompressionError,
  compressionHeaderLength,
  decompressChunk,
  inflateChunk,
  maxChunkLength,
} from "./chunk_codec.ts";
