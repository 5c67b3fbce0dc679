/**
 * Zlib streams of whole chunks: by the runtime's zlib, or by the system's libdeflate where there is
 * one, which takes little more than half the time for the same size. A missing or odd library is
 * never an error.
 *
 * @module
 */
import { deflateSync, inflateSync } from "node:zlib";
import { messageOf } from "../bytes/mod.ts";

/** A zlib stream is damaged or longer than it may be. */
export class ZlibError extends Error {
  override readonly name = "ZlibError";
}

/** Compresses chunks with one level. */
export interface Deflater {
  /** The most bytes that `length` bytes become. */
  bound(length: number): number;
  /** Writes the stream of a chunk to the beginning of `into`, which has room for `bound`. */
  deflate(chunk: Uint8Array, into: Uint8Array): number;
}

/** Both directions. */
export interface Zlib {
  /** What does it, for people. */
  readonly maker: "zlib" | "libdeflate";
  /** A compressor; levels 1 to 9. */
  deflater(level: number): Deflater;
  /**
   * What the stream holds; it may be overwritten by the next call.
   * @throws {ZlibError} if the stream is damaged, or longer than `most` bytes when unpacked
   */
  inflate(stream: Uint8Array, most: number): Uint8Array;
}

/** The most bytes of a stream: what does not shrink is stored in blocks of at most 16 KiB. */
function bound(length: number): number {
  return length + (Math.ceil(length / 5_000) + 1) * 5 + 64;
}

/** What level 1 of the runtime's zlib leaves is a sixth more than others leave; its level 2 is a little less. */
const lowestRuntimeLevel = 2;

/** The runtime's. */
export const runtimeZlib: Zlib = {
  maker: "zlib",
  deflater: (level) => ({
    bound,
    deflate: (chunk, into) => {
      const packed = deflateSync(chunk, { level: Math.max(level, lowestRuntimeLevel) });
      into.set(packed);
      return packed.length;
    },
  }),
  inflate: (stream, most) => {
    try {
      return inflateSync(stream, { maxOutputLength: most });
    } catch (cause) {
      throw new ZlibError(messageOf(cause), { cause });
    }
  },
};

const functions = {
  libdeflate_alloc_compressor: { parameters: ["i32"], result: "pointer" },
  libdeflate_zlib_compress: {
    parameters: ["pointer", "buffer", "usize", "buffer", "usize"],
    result: "usize",
  },
  libdeflate_alloc_decompressor: { parameters: [], result: "pointer" },
  libdeflate_zlib_decompress: {
    parameters: ["pointer", "buffer", "usize", "buffer", "usize", "buffer"],
    result: "i32",
  },
} as const;

const libraries = ["libdeflate.so.0", "libdeflate.0.dylib"];
/** The result of decompression that went well. */
const success = 0;
/** Bytes of the first attempt to decompress: four times a usual chunk. */
const firstRoom = 1 << 20;

/**
 * The fastest that this machine has; for one thread. The environment can switch the library off with
 * `ROOST_LIBDEFLATE=off`.
 */
export function openZlib(): Zlib {
  try {
    if (Deno.env.get("ROOST_LIBDEFLATE") === "off") return runtimeZlib;
    for (const name of libraries) {
      const zlib = openLibrary(name);
      if (zlib !== undefined) return zlib;
    }
  } catch {
    // Not permitted to look: then not.
  }
  return runtimeZlib;
}

function openLibrary(name: string): Zlib | undefined {
  let symbols: Deno.DynamicLibrary<typeof functions>["symbols"];
  try {
    symbols = Deno.dlopen(name, functions).symbols;
  } catch {
    return undefined; // no such library, or one without these functions
  }
  const zlib = zlibOf(symbols);
  return isRight(zlib) ? zlib : undefined;
}

function zlibOf(library: Deno.DynamicLibrary<typeof functions>["symbols"]): Zlib {
  const decompressor = library.libdeflate_alloc_decompressor();
  const compressors = new Map<number, Deno.PointerValue>();
  const room = new Uint8Array(firstRoom);
  const used = new BigUint64Array(1);
  // The types know neither views of shared memory nor sizes as numbers; the runtime takes both.
  const data = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;
  const size = (bytes: Uint8Array) => bytes.length as unknown as bigint;
  return {
    maker: "libdeflate",
    deflater: (level) => {
      const compressor = compressors.get(level) ?? library.libdeflate_alloc_compressor(level);
      compressors.set(level, compressor);
      return {
        bound,
        deflate: (chunk, into) => {
          const length = Number(
            library.libdeflate_zlib_compress(
              compressor,
              data(chunk),
              size(chunk),
              data(into),
              size(into),
            ),
          );
          if (length === 0) throw new ZlibError(`Cannot compress ${chunk.length} bytes: no room`);
          return length;
        },
      };
    },
    inflate: (stream, most) => {
      const result = library.libdeflate_zlib_decompress(
        decompressor,
        data(stream),
        size(stream),
        room,
        size(room),
        used,
      );
      const length = Number(used[0]);
      if (result === success && length <= most) return room.subarray(0, length);
      // Whatever is the matter, the runtime has room for long streams and words for damaged ones.
      return runtimeZlib.inflate(stream, most);
    },
  };
}

/** Whether known bytes survive, in both directions between the library and the runtime. */
function isRight(zlib: Zlib): boolean {
  const bytes = new Uint8Array(5000).map((_, at) => at % 91 + (at >> 9));
  const into = new Uint8Array(bound(bytes.length));
  const equal = (found: Uint8Array): boolean =>
    found.length === bytes.length && found.every((byte, at) => byte === bytes[at]);
  const length = zlib.deflater(6).deflate(bytes, into);
  return equal(runtimeZlib.inflate(into.subarray(0, length), bytes.length)) &&
    equal(zlib.inflate(deflateSync(bytes), bytes.length));
}
