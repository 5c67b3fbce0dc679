/**
 * The block codecs: one block in, one block out, both whole in memory; every
 * length checked, so damaged input is an error and never a wild read
 * (volume.md 11).
 *
 * @module
 */
import { type DecoderName, type EncoderName, Kernel } from "./kernel.ts";

/** A codec. */
export interface BlockCodec {
  /** The most bytes that `inputLength` bytes become. */
  bound(inputLength: number): number;
  /** Compresses `input` into `output`, which holds `bound(input.length)` bytes; returns the bytes written. */
  encode(input: Uint8Array, output: Uint8Array): number;
  /**
   * Decompresses a block into `output`; returns the bytes written.
   *
   * @throws BlockFormatError if the block is damaged or `output` too small
   */
  decode(input: Uint8Array, output: Uint8Array): number;
}

/** Names of the codecs. */
export type BlockCodecName = "LZ4" | "LZ4HC" | "FastLZ" | "LZO1X";

/** How a codec is done by the kernel. */
interface CodecEntry {
  readonly encoder: EncoderName;
  readonly decoder: DecoderName;
  bound(inputLength: number): number;
}

/** Earlier places that LZ4HC tries for each match. */
const attempts = 64;

const lz4Bound = (length: number): number => length + Math.floor(length / 255) + 16;

const entries: Readonly<Record<BlockCodecName, CodecEntry>> = {
  LZ4: { encoder: "lz4Encode", decoder: "lz4Decode", bound: lz4Bound },
  LZ4HC: { encoder: "lz4hcEncode", decoder: "lz4Decode", bound: lz4Bound },
  FastLZ: {
    encoder: "fastlzEncode",
    decoder: "fastlzDecode",
    bound: (length) => length + Math.ceil(length / 32) + 16,
  },
  LZO1X: {
    encoder: "lzoEncode",
    decoder: "lzoDecode",
    bound: (length) => length + Math.floor(length / 16) + 64 + 3,
  },
};

/** Opens the codecs; they share one memory and are for one thread. */
export function openBlockCodecs(): Readonly<Record<BlockCodecName, BlockCodec>> {
  const kernel = new Kernel();
  const open = ({ encoder, decoder, bound }: CodecEntry): BlockCodec => ({
    bound,
    encode: (input, output) => kernel.encode(encoder, input, output, bound(input.length), attempts),
    decode: (input, output) => kernel.decode(decoder, input, output),
  });
  return {
    LZ4: open(entries.LZ4),
    LZ4HC: open(entries.LZ4HC),
    FastLZ: open(entries.FastLZ),
    LZO1X: open(entries.LZO1X),
  };
}
