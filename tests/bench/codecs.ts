/**
 * Measures the codecs on one core: speed in both directions and what is left of mixed data, beside
 * the reference libraries where the system has them.
 *
 * @module
 */
import { type Algorithm, ChunkCompressor, decompressChunk } from "../../compress/mod.ts";
import { digestNames, fastDigests } from "../../crypto/mod.ts";
import { MixedData } from "./data.ts";

/** Figures of one codec, in 10^6 bytes of plain data a second. */
export interface CodecFigure {
  readonly codec: string;
  readonly compress: number;
  readonly decompress: number;
  /** Compressed by plain bytes, with headers. */
  readonly ratio: number;
  /** The same of the reference library, without headers; undefined where there is none. */
  readonly reference: number | undefined;
}

const chunkLength = 256 << 10;
const codecs: readonly (readonly [Algorithm, number])[] = [
  ["LZ4", 0],
  ["LZ4HC", 0],
  ["LZFAST", 0],
  ["LZO", 0],
  ["GZIP", 1],
  ["GZIP", 6],
  ["GZIP", 9],
];

/** Measures all codecs on so many bytes. */
export async function measureCodecs(bytes = 40 << 20): Promise<CodecFigure[]> {
  const data = (await MixedData.make()).piece(bytes);
  const chunks = Array.from(
    { length: Math.floor(bytes / chunkLength) },
    (_, number) => data.subarray(number * chunkLength, (number + 1) * chunkLength),
  );
  const figures: CodecFigure[] = [];
  for (const [algorithm, level] of codecs) {
    const compressor = new ChunkCompressor(algorithm, level);
    const into = new Uint8Array(compressor.bound(chunkLength));
    const packed: Uint8Array[] = [];
    const compress = perSecond(bytes, () => {
      packed.length = 0;
      for (const chunk of chunks) {
        packed.push(into.slice(0, compressor.compress(chunk, into, 0)));
      }
    });
    const decompress = perSecond(bytes, () => {
      for (const record of packed) decompressChunk(record);
    });
    const left = packed.reduce((sum, record) => sum + record.length, 0);
    figures.push({
      ...{ codec: `${algorithm}${level || ""}`, compress, decompress, ratio: left / bytes },
      reference: referenceRatio(algorithm, level, chunks),
    });
  }
  return figures;
}

/** Measures the digests: 10^6 bytes a second by name. */
export function measureDigests(bytes = 128 << 20): [name: string, megabytes: number][] {
  const begin = fastDigests();
  const chunk = new Uint8Array(chunkLength).map((_, at) => at * 7);
  return digestNames.map((name) => [
    name,
    perSecond(bytes, () => {
      const digest = begin(name);
      for (let at = 0; at < bytes; at += chunk.length) digest.update(chunk);
      digest.digest();
    }),
  ]);
}

/** The better of two runs, so that the compiler has done its work. */
function perSecond(bytes: number, run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return bytes / 1e6 / (best / 1000);
}

/** What the reference library leaves of the chunks. */
function referenceRatio(
  algorithm: Algorithm,
  level: number,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): number | undefined {
  try {
    const pack = references[algorithm]?.(level);
    if (pack === undefined) return undefined;
    const packed = chunks.reduce((sum, chunk) => sum + Math.min(chunk.length, pack(chunk)), 0);
    return packed / (chunks.length * chunkLength);
  } catch {
    return undefined; // no such library here
  }
}

type Pack = (chunk: Uint8Array<ArrayBuffer>) => number;

const output = new Uint8Array(2 * chunkLength);
const outputLength = new BigUint64Array(1);

const references: Partial<Record<Algorithm, (level: number) => Pack>> = {
  LZ4: () => {
    const library = Deno.dlopen("liblz4.so.1", {
      LZ4_compress_default: { parameters: ["buffer", "buffer", "i32", "i32"], result: "i32" },
    }).symbols;
    return (chunk) => library.LZ4_compress_default(chunk, output, chunk.length, output.length);
  },
  LZ4HC: () => {
    const library = Deno.dlopen("liblz4.so.1", {
      LZ4_compress_HC: { parameters: ["buffer", "buffer", "i32", "i32", "i32"], result: "i32" },
    }).symbols;
    return (chunk) => library.LZ4_compress_HC(chunk, output, chunk.length, output.length, 9);
  },
  LZO: () => {
    const library = Deno.dlopen("liblzo2.so.2", {
      lzo1x_1_compress: {
        parameters: ["buffer", "usize", "buffer", "buffer", "buffer"],
        result: "i32",
      },
    }).symbols;
    const memory = new Uint8Array(1 << 20);
    return (chunk) => {
      library.lzo1x_1_compress(chunk, BigInt(chunk.length), output, outputLength, memory);
      return Number(outputLength[0]);
    };
  },
  GZIP: (level) => {
    const library = Deno.dlopen("libz.so.1", {
      compress2: { parameters: ["buffer", "buffer", "buffer", "usize", "i32"], result: "i32" },
    }).symbols;
    return (chunk) => {
      outputLength[0] = BigInt(output.length);
      library.compress2(output, outputLength, chunk, BigInt(chunk.length), level);
      return Number(outputLength[0]);
    };
  },
};

if (import.meta.main) {
  for (const { codec, compress, decompress, ratio, reference } of await measureCodecs()) {
    const beside = reference === undefined ? "" : `, reference ${(reference * 100).toFixed(2)} %`;
    console.log(
      `${codec.padEnd(8)} ${compress.toFixed(0).padStart(6)} ${
        decompress.toFixed(0).padStart(6)
      } MB/s, ${(ratio * 100).toFixed(2)} %${beside}`,
    );
  }
  for (const [name, figure] of measureDigests()) console.log(name.padEnd(8), figure.toFixed(0));
}
