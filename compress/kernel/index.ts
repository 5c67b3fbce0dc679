// The block codecs as one module of WebAssembly. Compiled by `deno task kernels`.
export { fastlzDecode, fastlzEncode } from "./fastlz";
export { lz4Decode, lz4Encode, lz4hcEncode } from "./lz4";
export { lzoDecode, lzoEncode } from "./lzo1x";

/** Where buffers begin: behind the tables of the codecs (128 KiB of heads, 128 KiB of chains). */
export const bufferStart: usize = 1024 + (4 << 15) + (2 << 16);
