import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { type Algorithm, ChunkCompressor, CompressionError, decompressChunk } from "./mod.ts";

const algorithms: readonly Algorithm[] = ["GZIP", "LZO", "LZFAST", "LZ4", "LZ4HC"];

for (const algorithm of algorithms) {
  const compressor = new ChunkCompressor(algorithm);
  const compress = (chunk: Uint8Array): Uint8Array => {
    const output = new Uint8Array(compressor.bound(chunk.length) + 3);
    const length = compressor.compress(chunk, output, 3);
    ok(3 + length <= output.length);
    return output.subarray(3, 3 + length);
  };

  Deno.test(`${algorithm}: a chunk survives, of any content and length`, () => {
    const check = (chunk: Uint8Array) =>
      deepEqual(new Uint8Array(decompressChunk(compress(chunk))), chunk);
    for (const length of [1, 64, 65, 65528, 65536, 262136, 262144]) {
      check(new Uint8Array(length));
      check(new Uint8Array(length).map((_, at) => Math.imul(at + 1, 2654435761) >>> 24));
    }
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), check));
  });

  Deno.test(`${algorithm}: noise costs no more than the headers and a small part`, () => {
    const noise = crypto.getRandomValues(new Uint8Array(65536));
    ok(compress(noise).length <= noise.length + 12 + 32 + noise.length / 250);
  });

  Deno.test(`${algorithm}: damage is an error that says so`, () => {
    const record = compress(new Uint8Array(5000).map((_, at) => at % 77));
    throws(() => decompressChunk(record.subarray(0, record.length - 1)), CompressionError);
    throws(() => decompressChunk(record.with(0, 0)), CompressionError);
    throws(() => decompressChunk(record.with(11, 9)), CompressionError);
    fc.assert(fc.property(fc.nat(record.length - 1), fc.nat(255), (at, value) => {
      try {
        decompressChunk(record.with(at, value));
      } catch (error) {
        ok(error instanceof CompressionError, String(error));
      }
    }));
  });
}

Deno.test("what is too short or unknown is refused", () => {
  throws(() => decompressChunk(new Uint8Array(11)), CompressionError);
  equal(decompressChunk(Uint8Array.of(0x4e, 0x4f, 0x4e, 0x45, 0, 0, 0, 1, 0, 0, 0, 1, 7))[0], 7);
});
