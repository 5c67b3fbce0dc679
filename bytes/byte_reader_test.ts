import { deepStrictEqual, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { ByteError, ByteReader, ByteWriter } from "./mod.ts";

Deno.test("ByteReader reads what ByteWriter wrote", () => {
  fc.assert(fc.property(
    fc.nat(255),
    fc.nat(0xffff),
    fc.nat(0xffffffff),
    fc.maxSafeNat(),
    fc.string().filter((t) => !t.includes("\0")),
    fc.uint8Array(),
    (a, b, c, d, text, bytes) => {
      const writer = new ByteWriter(1).u8(a).u16(b).u32(c).i32(-1).u64(d).cstring(text).bytes(
        bytes,
      );
      const reader = new ByteReader(writer.toBytes());
      deepStrictEqual(
        [reader.u8(), reader.u16(), reader.u32(), reader.i32(), reader.u64(), reader.cstring()],
        [a, b, c, -1, d, text],
      );
      deepStrictEqual([...reader.bytes(bytes.length)], [...bytes]);
      strictEqual(reader.remaining, 0);
    },
  ));
});

Deno.test("ByteReader refuses to read past the end", () => {
  throws(() => new ByteReader(Uint8Array.of(1, 2, 3)).u32(), ByteError);
  throws(() => new ByteReader(Uint8Array.of(1, 2, 3)).bytes(-1), ByteError);
  throws(() => new ByteReader(Uint8Array.of(1, 2, 3)).bytes(NaN), ByteError);
  throws(() => new ByteReader(Uint8Array.of(1, 2, 3)).cstring(), ByteError);
  throws(() => new ByteReader(new Uint8Array(8).fill(255)).u64(), ByteError);
});
