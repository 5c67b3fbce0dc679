import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { type Algorithm, ChunkCompressor, CompressionError, decompressChunk } from "./mod.ts";
import { openZlib, runtimeZlib, ZlibError } from "./zlib.ts";

const algorithms: readonly (readonly [Algorithm, number?])[] = [
  ["GZIP", 1],
  ["GZIP", 6],
  ["GZIP", 9],
  ["LZO"],
  ["LZFAST"],
  ["LZ4"],
  ["LZ4HC"],
];

for (const [name, level] of algorithms) {
  const algorithm = `${name}${level ?? ""}`;
  const compressor = new ChunkCompressor(name, level);
  const compress = (chunk: Uint8Array): Uint8Array => {
    const output = new Uint8Array(compressor.bound(chunk.length) + 3);
    const length = compressor.compress(chunk, output, 3);
    ok(3 + length <= output.length);
    return output.subarray(3, 3 + length);
  };

  Deno.test(`${algorithm}: a chunk survives, of any content and length`, () => {
    const check = (chunk: Uint8Array) =>
      deepEqual(new Uint8Array(decompressChunk(compress(chunk))), chunk);
    for (const length of [0, 1, 64, 65, 65528, 65536, 262136, 262144]) {
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

for (const zlib of [runtimeZlib, openZlib()]) {
  Deno.test(`openZlib() with ${zlib.maker}: chunks survive at every level and limits hold`, () => {
    const noise = new Uint8Array(262144);
    for (let at = 0; at < noise.length; at += 65536) {
      crypto.getRandomValues(noise.subarray(at, at + 65536));
    }
    for (let level = 1; level <= 9; level++) {
      const deflater = zlib.deflater(level);
      const check = (chunk: Uint8Array): void => {
        const into = new Uint8Array(deflater.bound(chunk.length));
        const stream = into.subarray(0, deflater.deflate(chunk, into));
        deepEqual(new Uint8Array(zlib.inflate(stream, chunk.length || 1)), chunk);
        deepEqual(new Uint8Array(runtimeZlib.inflate(stream, chunk.length || 1)), chunk);
      };
      check(noise);
      check(new Uint8Array(262144));
      fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), check), { numRuns: 20 });
    }
    const long = deflateSync(new Uint8Array(3 << 20));
    equal(zlib.inflate(long, 3 << 20).length, 3 << 20);
    throws(() => zlib.inflate(long, (3 << 20) - 1), ZlibError);
    throws(() => zlib.inflate(noise, 1 << 20), ZlibError);
  });
}
