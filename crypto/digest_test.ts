import { equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { createDigest, type DigestName, digestNames, fastDigests } from "./mod.ts";

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function digestOf(name: DigestName, bytes: Uint8Array, step = bytes.length || 1): string {
  const digest = createDigest(name);
  for (let at = 0; at < bytes.length; at += step) digest.update(bytes.subarray(at, at + step));
  return toHex(digest.digest());
}

const pattern = (length: number): Uint8Array =>
  new Uint8Array(length).map((_, at) => Math.imul(at + 1, 2654435761) >>> 24);

Deno.test("createDigest() gives the known digests", () => {
  equal(digestOf("MD5", new Uint8Array(0)), "d41d8cd98f00b204e9800998ecf8427e");
  for (const name of ["MD5", "SHA1", "SHA256", "SHA512"] as const) {
    const bytes = pattern(1000);
    equal(digestOf(name, bytes, 7), createHash(name.toLowerCase()).update(bytes).digest("hex"));
  }
});

// Computed with xxhsum 0.8.1 over `pattern(length)`, at both sides of every limit of the algorithm.
const xxh128: Readonly<Record<number, string>> = {
  0: "99aa06d3014798d86001c324468d497f",
  1: "80a904279c75ba2add02fbe6d2c66464",
  2: "aa86a1dae043871e64dd7b7921809f37",
  3: "48b0e23e845948b5feea62717a65f4b9",
  4: "33940d2eb00bcc3d427f80d599aa988a",
  5: "8df0d15769fecf0b0fc6533cd89bb191",
  8: "44b015976641c2dbad4b7aa993978b24",
  9: "99fa9cd61c06178d135fff6eda8b0795",
  12: "33b713943f445742cf0a8fba93617a6f",
  16: "5f339d1248739dca547f8408b192eb0b",
  17: "84b0c537f0a313ae03b12648a94f954c",
  31: "0282d18a7cd0e97dff30948adf1fadb2",
  32: "eea26f8a0d14f0f0ee538bad541beb2f",
  33: "44eeb7e1d08f890c2af2c67b231d50b6",
  64: "b25c237c7a809b509f36c48b34c427c9",
  65: "dca0a32867774b8440194ab527a1bf68",
  96: "b4913cef85bf4b29ece0ec0308685ccf",
  97: "4d2ebdc534fcda1c35344ea0306e1c4e",
  128: "1408dd105b21b51007cd0970e2fd5d1a",
  129: "ffb9443afabd499861af044e8dd8f017",
  130: "d2369c3e5f6f5ec5f9b241413607d893",
  160: "53790c6f45bb81c44ff4522b5289ee67",
  161: "e6dbc42f24d1b294d8fbcc16514dc5f8",
  200: "d7a4c079451e135c2b9b542e8110fb02",
  239: "bbbf59c036270571dbbc88112be31530",
  240: "6e951aa5e9a1088db05ccd28fe6d036e",
  241: "26c8f6f4d05592096deb1ae71a8a8bec",
  255: "bc44cd622069745723b90db6d6de6567",
  256: "acb3af206332f9db76a9ac333596068e",
  257: "031ede1f54b18c56f90cf85d67df6951",
  300: "dc557b26d2f684148ba1daf4a89101db",
  319: "583349c683cfc15097c28e5a213956a5",
  320: "50b058294ff512da054d8d016423e4cc",
  321: "f7a7dd10b6fa0a663786bc719a1c286b",
  512: "c88867a0ee68f0a49d113a046367a1f3",
  1000: "f3241a5bdf15f65262cfd4781b6dd41f",
  1024: "984ac94ef312f7c05370f57883c8f088",
  1025: "98964bbd335dae352e7bc851fc4a1332",
  1087: "5f711ca4bb33f44a1e6ea8ae2f1c8305",
  1088: "54d86197e8faaefd723045f6c8de3df0",
  1089: "05573eb29249914a78fc3e224dd88a9f",
  2048: "ec4ec314a879261ebf6c53d903f40e3a",
  4096: "8b6ff3bf9b8a2fe51ad884a03e1d5930",
  10000: "cdee22e4a08cf2c5edde12683d7d8733",
};

Deno.test("XXH128 agrees with xxhsum at every length class, in pieces of any size", () => {
  equal(digestOf("XXH128", new TextEncoder().encode("hello")), "b5e9c1ad071b3e7fc779cfaa5e523818");
  for (const [length, digest] of Object.entries(xxh128)) {
    for (const step of [1, 64, 100, 257, 1 << 20]) {
      equal(digestOf("XXH128", pattern(Number(length)), step), digest, `${length} by ${step}`);
    }
  }
});

Deno.test("XXH128 of pieces is that of the whole", () => {
  fc.assert(fc.property(fc.nat(2000), fc.integer({ min: 1, max: 700 }), (length, step) => {
    equal(digestOf("XXH128", pattern(length), step), digestOf("XXH128", pattern(length)));
  }));
});

Deno.test("fastDigests() gives the same as createDigest(), several at once and one after another", () => {
  const begin = fastDigests();
  fc.assert(fc.property(
    fc.constantFrom(...digestNames),
    fc.uint8Array({ maxLength: 5000 }),
    fc.integer({ min: 1, max: 700 }),
    (name, bytes, step) => {
      const others = [begin(name), begin("MD5")];
      const digest = begin(name);
      for (let at = 0; at < bytes.length; at += step) {
        others[0]?.update(bytes);
        digest.update(bytes.subarray(at, at + step));
      }
      equal(toHex(digest.digest()), digestOf(name, bytes));
      for (const other of others) other.digest();
    },
  ));
  const shared = new Uint8Array(new SharedArrayBuffer(100)).fill(5);
  for (const name of digestNames) {
    const digest = begin(name);
    digest.update(shared);
    equal(toHex(digest.digest()), digestOf(name, shared.slice()));
  }
});
