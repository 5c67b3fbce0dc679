import { deepEqual, equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type Aead, type AeadName, aeadTagLength, fastAead, runtimeAead } from "./mod.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const makers = { runtime: runtimeAead, fast: fastAead };

/** RFC 8439, 2.8.2, and cases 2 and 14 of the specification of GCM. */
const vectors: readonly {
  readonly name: AeadName;
  readonly key: string;
  readonly nonce: string;
  readonly additional: string;
  readonly plain: string;
  readonly begins: string;
  readonly tag: string;
}[] = [
  {
    name: "chacha20-poly1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    additional: "50515253c0c1c2c3c4c5c6c7",
    plain: toHex(new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the " +
        "future, sunscreen would be it.",
    )),
    begins: "d31a8d34648e60db7b86afbc53ef7ec2",
    tag: "1ae10b594f09e26a7e902ecbd0600691",
  },
  {
    name: "aes-128-gcm",
    key: "00".repeat(16),
    nonce: "00".repeat(12),
    additional: "",
    plain: "00".repeat(16),
    begins: "0388dace60b6a392f328c2b971b2fe78",
    tag: "ab6e47d42cec13bdf53a67b21257bddf",
  },
  {
    name: "aes-256-gcm",
    key: "00".repeat(32),
    nonce: "00".repeat(12),
    additional: "",
    plain: "00".repeat(16),
    begins: "cea7403d4d606b6e074ec5d3baf39d18",
    tag: "d0d1c8a799996bf0265b98b5d48ab919",
  },
];

for (const { name, key, nonce, additional, plain, begins, tag } of vectors) {
  for (const [how, make] of Object.entries(makers)) {
    Deno.test(`${name}, ${how}: the published vector, and nothing that was altered`, () => {
      const aead: Aead = make(name, hex(key));
      const content = hex(plain);
      const into = new Uint8Array(content.length + aeadTagLength + 3);
      const length = aead.seal(hex(nonce), hex(additional), content, -1, into, 3);
      equal(length, content.length + aeadTagLength);
      const sealed = into.subarray(3);
      equal(toHex(sealed.subarray(0, 16)), begins);
      equal(toHex(sealed.subarray(-16)), tag);
      for (let at = 0; at < sealed.length; at++) {
        const altered = sealed.slice();
        altered[at] = (altered[at] as number) ^ 0x10;
        equal(aead.open(hex(nonce), hex(additional), altered, altered), -1, `${at}`);
      }
      equal(aead.open(hex(nonce), Uint8Array.of(1), sealed.slice(), new Uint8Array(200)), -1);
      equal(aead.open(hex(nonce), hex(additional), sealed.subarray(0, 9), sealed.slice()), -1);
      // It works in place, too.
      equal(aead.open(hex(nonce), hex(additional), sealed, sealed), content.length);
      equal(toHex(sealed.subarray(0, content.length)), plain);
    });
  }

  Deno.test(`${name}: the library seals what the runtime opens, and the other way round`, () => {
    const [one, other] = [fastAead(name, hex(key)), runtimeAead(name, hex(key))];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5000 }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.integer({ min: -1, max: 255 }),
        (content, nonce, additional, more) => {
          const expected = more < 0 ? content : Uint8Array.from([...content, more]);
          for (const [sealer, opener] of [[one, other], [other, one]] as const) {
            const sealed = new Uint8Array(expected.length + aeadTagLength);
            equal(sealer.seal(nonce, additional, content, more, sealed, 0), sealed.length);
            const into = new Uint8Array(expected.length);
            equal(opener.open(nonce, additional, sealed, into), expected.length);
            deepEqual(into, expected);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
}
