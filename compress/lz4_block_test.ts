import { deepStrictEqual, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { openBlockCodecs } from "./block_codec.ts";
import { BlockFormatError, decompressLz4Block } from "./mod.ts";

const limit = 4_000_000;
const codecs = openBlockCodecs();

function compressed(data: Uint8Array): Uint8Array {
  const output = new Uint8Array(codecs.LZ4.bound(data.length));
  return output.slice(0, codecs.LZ4.encode(data, output));
}

/** Text that repeats itself, now and then. */
const data = fc.tuple(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 1, max: 60 }))
  .map(([pieces, times]) =>
    Uint8Array.from(pieces.flatMap((piece) => Array(times).fill([...piece]).flat()))
  );

Deno.test("decompressLz4Block() gives back what the encoder took", () => {
  fc.assert(fc.property(data, (bytes) => {
    deepStrictEqual(decompressLz4Block(compressed(bytes), limit), bytes);
  }));
});

Deno.test("decompressLz4Block() reads one letter", () => {
  const block = Uint8Array.from([0x10, 0x61]);
  strictEqual(new TextDecoder().decode(decompressLz4Block(block, limit)), "a");
});

Deno.test("decompressLz4Block() refuses damaged blocks and takes no memory for them", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    try {
      const { length } = decompressLz4Block(bytes, 10_000);
      strictEqual(length <= 10_000, true);
    } catch (error) {
      strictEqual(error instanceof BlockFormatError, true, String(error));
    }
  }));
  throws(() => decompressLz4Block(new Uint8Array(0), limit), BlockFormatError);
  throws(() => decompressLz4Block(compressed(new Uint8Array(5000)), 4999), /longer than it may be/);
  throws(() => decompressLz4Block(Uint8Array.of(0x00, 1, 0, 0), limit), /before the output/);
});
