import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { decodeText, encodeText } from "./mod.ts";

Deno.test("decodeText() escapes bytes that are not UTF-8", () => {
  strictEqual(decodeText(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xc3)), "a\udcffé\udcc3");
  strictEqual(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
});

Deno.test("encodeText() is the inverse of decodeText() for every byte string", () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.array(
      fc.constantFrom(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x92),
    )
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(fc.property(bytes, (b) => deepStrictEqual([...encodeText(decodeText(b))], [...b])));
});

Deno.test("decodeText() is the inverse of encodeText() for every proper text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (t) => strictEqual(decodeText(encodeText(t)), t)),
  );
});
