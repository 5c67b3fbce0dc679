import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type BlockCodec, openBlockCodecs } from "./block_codec.ts";
import { BlockFormatError } from "./block_format_error.ts";

interface Codec extends BlockCodec {
  readonly name: string;
  /** What volume.md 11 gives for `hello world, hello world, hello world!`, in hex. */
  readonly example: string;
}

const literals = Buffer.from("hello world, ").toString("hex");
const open = openBlockCodecs();
const codecs: readonly Codec[] = [
  {
    name: "LZ4",
    ...open.LZ4,
    example: `df${literals}0d000150${Buffer.from("orld!").toString("hex")}`,
  },
  {
    name: "LZ4HC",
    ...open.LZ4HC,
    example: `df${literals}0d000150${Buffer.from("orld!").toString("hex")}`,
  },
  { name: "FastLZ", ...open.FastLZ, example: `0c${literals}e00f0c0021` },
  { name: "LZO1X", ...open.LZO1X, example: `1e${literals}36310021110000` },
];

const encode = (codec: Codec, input: Uint8Array): Uint8Array => {
  const output = new Uint8Array(codec.bound(input.length));
  return output.subarray(0, codec.encode(input, output));
};

/** Bytes with repetitions near and far, the kind of input a codec is for. */
const repetitive = fc.array(
  fc.record({ piece: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.nat(60) }),
  { maxLength: 30 },
).map((parts) =>
  new Uint8Array(Buffer.concat(parts.flatMap(({ piece, times }) => Array(times).fill(piece))))
);

for (const codec of codecs) {
  Deno.test(`${codec.name}: the worked example decodes`, () => {
    const output = new Uint8Array(100);
    const length = codec.decode(new Uint8Array(Buffer.from(codec.example, "hex")), output);
    equal(
      Buffer.from(output.subarray(0, length)).toString(),
      "hello world, hello world, hello world!",
    );
  });

  Deno.test(`${codec.name}: what is encoded decodes to the same bytes`, () => {
    const check = (input: Uint8Array): void => {
      const block = encode(codec, input);
      const output = new Uint8Array(input.length);
      equal(codec.decode(block, output), input.length);
      deepEqual(Buffer.compare(output, input), 0);
    };
    for (const length of [0, 1, 4, 12, 13, 14, 64, 65, 255, 256, 65535, 65536, 262144]) {
      check(new Uint8Array(length));
      check(new Uint8Array(length).map((_, at) => (at * at * 31 + (at >> 3)) & 0xff));
      check(new Uint8Array(length).map((_, at) => at % 7));
    }
    // Distances at every form's limits: the same 20 bytes again after each of them.
    for (
      const distance of [1, 2, 2048, 2049, 8191, 8192, 16384, 16385, 32768, 49151, 49152, 65535]
    ) {
      const input = new Uint8Array(distance + 20).map((_, at) =>
        Math.imul(at ^ 0x5bd1e995, 2654435761) >>> 13
      );
      input.copyWithin(distance, 0, 20);
      check(input);
    }
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), repetitive), check));
  });

  Deno.test(`${codec.name}: text becomes smaller`, () => {
    const text = new TextEncoder().encode(
      Array.from({ length: 2000 }, (_, n) => `line ${n} of a log, at ${n * 37}\n`).join(""),
    );
    ok(encode(codec, text).length < text.length / 2);
  });

  Deno.test(`${codec.name}: damaged blocks give an error, never more than the output holds`, () => {
    const input = new Uint8Array(500).map((_, at) => at % 50 + (at >> 6));
    const block = encode(codec, input);
    const output = new Uint8Array(600);
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(255), fc.nat(block.length), (at, value, cut) => {
        for (const damaged of [block.with(at, value), block.subarray(0, cut)]) {
          try {
            ok(codec.decode(damaged, output) <= output.length);
          } catch (error) {
            ok(error instanceof BlockFormatError, String(error));
          }
        }
      }),
    );
    throws(() => codec.decode(block, new Uint8Array(499)), BlockFormatError);
  });

  Deno.test(`${codec.name}: noise is never taken for more than it is`, () => {
    const output = new Uint8Array(1000);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
      try {
        ok(codec.decode(noise, output) <= output.length);
      } catch (error) {
        ok(error instanceof BlockFormatError, String(error));
      }
    }));
  });
}
