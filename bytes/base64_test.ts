import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  decodeBase64,
  decodeBigInteger,
  decodeInteger,
  encodeBase64,
  encodeInteger,
} from "./mod.ts";

Deno.test("encodeInteger() writes the numbers of volume.md 8.4", () => {
  const table: [number, string][] = [
    [0, "A"],
    [1, "B"],
    [63, "/"],
    [64, "BA"],
    [33188, "IGk"],
    [4096, "BAA"],
    [1700000000, "BlU/EA"],
    [-1, "-B"],
  ];
  for (const [number, text] of table) {
    strictEqual(encodeInteger(number), text);
    strictEqual(decodeInteger(text), number);
  }
});

Deno.test("decodeInteger() is the inverse of encodeInteger()", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => strictEqual(decodeInteger(encodeInteger(n)), n || 0)),
  );
  fc.assert(
    fc.property(
      fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n),
      (n) => strictEqual(decodeBigInteger(encodeInteger(n)), n),
    ),
  );
  throws(() => decodeInteger("P0A x"), RangeError);
  throws(() => decodeInteger("//////////"), RangeError);
});

Deno.test("encodeBase64() has both variants of volume.md 8.4", () => {
  const md5 = createHash("md5").update("hello").digest();
  strictEqual(encodeBase64(md5), "XUFAKrxLKna5cZ2REBfFkg");
  strictEqual(encodeBase64(md5, "legacy"), "XUFAK7xLKn+5c5+REB/FkC");
});

Deno.test("encodeBase64() agrees with the step by step rule of the legacy variant", () => {
  const byRule = (bytes: Uint8Array): string => {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let acc = 0, have = 0, i = 0, text = "";
    while (i < bytes.length || have >= 6) {
      if (have < 6) {
        acc = (acc << 8) | ((bytes[i++] as number) << 24 >> 24);
        have += 8;
      }
      text += digits[(acc >> (have - 6)) & 63];
      have -= 6;
    }
    return have > 0 ? text + digits[acc & (2 ** have - 1)] : text;
  };
  fc.assert(fc.property(fc.uint8Array(), (b) => strictEqual(encodeBase64(b, "legacy"), byRule(b))));
});

Deno.test("decodeBase64() is the inverse of encodeBase64() and of padded base 64", () => {
  fc.assert(fc.property(fc.uint8Array(), (b) => {
    deepStrictEqual([...decodeBase64(encodeBase64(b))], [...b]);
    deepStrictEqual([...decodeBase64(btoa(String.fromCharCode(...b)))], [...b]);
  }));
  throws(() => decodeBase64("a*"), RangeError);
});
