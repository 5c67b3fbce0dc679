/** A long stream through every codec: a gibibyte, chunk after chunk, with one compressor. */
import { Buffer } from "node:buffer";
import { ok, strictEqual } from "node:assert/strict";
import { type Algorithm, ChunkCompressor, decompressChunk } from "./mod.ts";

const chunkLength = 256 << 10;
const chunks = (1 << 30) / chunkLength;

const codecs: readonly (readonly [Algorithm, number?])[] = [
  ["GZIP", 1],
  ["LZO"],
  ["LZFAST"],
  ["LZ4"],
  ["LZ4HC"],
];

/** Data of different kinds: text with few words, records, a run, noise, and all of them in one chunk. */
function kinds(): Uint8Array[] {
  const words = ["backup ", "volume ", "director ", "of ", "the ", "storage\n", "daemon ", "0123 "];
  let state = 1;
  const random = (): number => (state = Math.imul(state, 1103515245) + 12345 >>> 0) >>> 8;
  const text = new TextEncoder().encode(
    Array.from({ length: chunkLength / 4 }, () => words[random() % words.length]).join(""),
  ).slice(0, chunkLength);
  const records = new Uint8Array(chunkLength).map((_, at) => at % 64 === 0 ? random() : at % 64);
  const run = new Uint8Array(chunkLength).fill(7);
  const noise = new Uint8Array(chunkLength).map(random);
  const quarter = chunkLength / 4;
  const all = new Uint8Array(chunkLength);
  for (const [number, kind] of [text, records, run, noise].entries()) {
    all.set(kind.subarray(0, quarter), number * quarter);
  }
  return [text, records, run, noise, run, all, run, records];
}

for (const [algorithm, level] of codecs) {
  Deno.test(`${algorithm}${level ?? ""}: a stream of 1 GiB comes back`, () => {
    const compressor = new ChunkCompressor(algorithm, level);
    const into = new Uint8Array(compressor.bound(chunkLength));
    const data = kinds();
    let left = 0;
    for (let number = 0; number < chunks; number++) {
      const chunk = data[number % data.length] as Uint8Array;
      // No chunk is like another.
      new DataView(chunk.buffer).setUint32((number * 4099) % (chunkLength - 4), number);
      const length = compressor.compress(chunk, into, 0);
      const back = decompressChunk(into.subarray(0, length));
      if (Buffer.compare(back, chunk) !== 0) strictEqual(number, undefined, "chunk that differs");
      left += length;
    }
    ok(left < 0.6 * chunks * chunkLength, `${left} bytes are left`);
  });
}
