import { deepStrictEqual } from "node:assert";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { fastHmac, type HmacName } from "./hmac.ts";

Deno.test("fastHmac() gives what the runtime gives, for keys and texts of any length", () => {
  const name = fc.constantFrom<HmacName>("sha1", "sha256", "sha384");
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(name, bytes, bytes, (hash, key, text) => {
      const expected = new Uint8Array(createHmac(hash, key).update(text).digest());
      deepStrictEqual(fastHmac(hash, key, text), expected);
    }),
  );
});

Deno.test("fastHmac() takes views into larger buffers", () => {
  const large = new Uint8Array(200).map((_, at) => at);
  const [key, text] = [large.subarray(10, 42), large.subarray(50, 150)];
  deepStrictEqual(fastHmac("sha256", key, text), fastHmac("sha256", key.slice(), text.slice()));
});
