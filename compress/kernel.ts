/** The block codecs in WebAssembly, and the memory in which they work. @module */
import { Buffer } from "node:buffer";
import { BlockFormatError } from "./block_format_error.ts";
import { kernelText } from "./kernel_bytes.ts";

type Encode = (input: number, length: number, output: number, effort: number) => number;
type Decode = (input: number, length: number, output: number, room: number) => number;

/** What the module exports: see `kernel/`. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly bufferStart: WebAssembly.Global;
  readonly lz4Encode: Encode;
  readonly lz4hcEncode: Encode;
  readonly lz4Decode: Decode;
  readonly lzoEncode: Encode;
  readonly lzoDecode: Decode;
  readonly fastlzEncode: Encode;
  readonly fastlzDecode: Decode;
}

/** The encoders. */
export type EncoderName = "lz4Encode" | "lz4hcEncode" | "lzoEncode" | "fastlzEncode";
/** The decoders. */
export type DecoderName = "lz4Decode" | "lzoDecode" | "fastlzDecode";

/** Why a block cannot be decoded, by the numbers of `kernel/common.ts`. */
const reasons = [
  "the block is cut off",
  "the output is longer than it may be",
  "a distance leads before the output",
  "the end marker is damaged",
  "bytes follow the end marker",
  "its level does not exist",
] as const;

const pageLength = 65536;
/** Copies in the kernel go in steps: bytes behind each buffer that may be overwritten. */
const slack = 64;

/** One instance of the module; it does one block at a time. */
export class Kernel {
  readonly #exports: KernelExports;
  readonly #start: number;
  #bytes: Uint8Array;

  /** Instantiates the module. */
  constructor() {
    const module = new WebAssembly.Module(Buffer.from(kernelText, "base64"));
    this.#exports = new WebAssembly.Instance(module, {})
      .exports as unknown as KernelExports;
    this.#start = Number(this.#exports.bufferStart.value);
    this.#bytes = new Uint8Array(this.#exports.memory.buffer);
  }

  /** Compresses `input` to the beginning of `output`; `bound` is the most it can become. */
  encode(
    name: EncoderName,
    input: Uint8Array,
    output: Uint8Array,
    bound: number,
    effort: number,
  ): number {
    const [from, to] = this.#place(input, bound);
    const length = this.#exports[name](from, input.length, to, effort);
    output.set(this.#bytes.subarray(to, to + length));
    return length;
  }

  /**
   * Decompresses `input` into `output`; returns the bytes written.
   * @throws BlockFormatError if the block is damaged or `output` too small
   */
  decode(name: DecoderName, input: Uint8Array, output: Uint8Array): number {
    const [from, to] = this.#place(input, output.length);
    const length = this.#exports[name](from, input.length, to, output.length);
    if (length < 0) {
      const view = new DataView(this.#exports.memory.buffer);
      const why = reasons[view.getInt32(0, true)] ?? "it is damaged";
      throw new BlockFormatError(name.replace("Decode", ""), view.getUint32(4, true), why);
    }
    output.set(this.#bytes.subarray(to, to + length));
    return length;
  }

  /** Puts the input into the memory, and finds room for the output behind it. */
  #place(input: Uint8Array, room: number): [from: number, to: number] {
    const from = this.#start;
    const to = (from + input.length + slack + 15) & ~15;
    const missing = to + room + slack - this.#bytes.length;
    if (missing > 0) {
      this.#exports.memory.grow(Math.ceil(missing / pageLength));
      this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    }
    this.#bytes.set(input, from);
    return [from, to];
  }
}
