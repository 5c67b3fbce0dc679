/**
 * Compression of file data: a chunk in, a record's payload out, and back
 * (volume.md 10, 11).
 *
 * `chunk_codec.ts` has the headers and the table of algorithms. Below it are the
 * block codecs LZ4, LZ4HC, FastLZ, LZO1X, kernels in WebAssembly (`kernel/`, made by
 * `deno task kernels`); GZIP is the runtime's zlib, or the system's libdeflate where
 * there is one.
 *
 * @module
 */
export { BlockFormatError } from "./block_format_error.ts";
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
export { decompressLz4Block } from "./lz4_block.ts";
export { openZlib, type Zlib } from "./zlib.ts";
