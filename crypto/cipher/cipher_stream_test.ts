import { deepEqual, equal, throws } from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { Aes } from "./aes.ts";
import type { BlockCipher } from "./block_cipher.ts";
import { Blowfish } from "./blowfish.ts";
import { Camellia } from "./camellia.ts";
import { type ContentCipher, contentCiphers } from "./content_cipher.ts";
import { CipherError, type CipherStream, cipherStreams, type Direction } from "./cipher_stream.ts";
import { fastCiphers } from "./mod.ts";

const fastCipherStreams = fastCiphers();

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (byte) => parseInt(byte, 16));
const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function cryptBlock(cipher: BlockCipher, block: string, direction: Direction): string {
  const view = new DataView(hex(block).buffer);
  const words = Int32Array.from({ length: view.byteLength / 4 }, (_, n) => view.getInt32(4 * n));
  cipher[direction](words);
  words.forEach((word, n) => view.setInt32(4 * n, word));
  return toHex(new Uint8Array(view.buffer));
}

const blocks: readonly (readonly [string, BlockCipher, plain: string, cipher: string])[] = [
  [
    "Camellia, RFC 3713 A, 128 bits",
    new Camellia(hex("0123456789abcdeffedcba9876543210")),
    "0123456789abcdeffedcba9876543210",
    "67673138549669730857065648eabe43",
  ],
  [
    "Camellia, RFC 3713 A, 192 bits",
    new Camellia(hex("0123456789abcdeffedcba98765432100011223344556677")),
    "0123456789abcdeffedcba9876543210",
    "b4993401b3e996f84ee5cee7d79b09b9",
  ],
  [
    "Camellia, RFC 3713 A, 256 bits",
    new Camellia(hex("0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff")),
    "0123456789abcdeffedcba9876543210",
    "9acc237dff16d76c20ef7c919e3a7509",
  ],
  [
    "AES, FIPS 197 C.1",
    new Aes(hex("000102030405060708090a0b0c0d0e0f")),
    "00112233445566778899aabbccddeeff",
    "69c4e0d86a7b0430d8cdb78070b4c55a",
  ],
  [
    "AES, FIPS 197 C.2",
    new Aes(hex("000102030405060708090a0b0c0d0e0f1011121314151617")),
    "00112233445566778899aabbccddeeff",
    "dda97ca4864cdfe06eaf70a0ec0d7191",
  ],
  [
    "AES, FIPS 197 C.3",
    new Aes(hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")),
    "00112233445566778899aabbccddeeff",
    "8ea2b7ca516745bfeafc49904b496089",
  ],
  [
    "Blowfish, a key of zeros",
    new Blowfish(new Uint8Array(8)),
    "0000000000000000",
    "4ef997456198dd78",
  ],
  [
    "Blowfish, a key of 16 bytes",
    new Blowfish(hex("f0e1d2c3b4a5968778695a4b3c2d1e0f")),
    "fedcba9876543210",
    "93142887ee3be15c",
  ],
];
for (const [name, cipher, plain, encrypted] of blocks) {
  Deno.test(`BlockCipher gives the published result: ${name}`, () => {
    equal(cryptBlock(cipher, plain, "encrypt"), encrypted);
    equal(cryptBlock(cipher, encrypted, "decrypt"), plain);
  });
}

const iota = (length: number, from = 0): Uint8Array =>
  new Uint8Array(length).map((_, n) => n + from);

/** All that comes out if `bytes` are fed in pieces of so many bytes. */
function through(stream: CipherStream, bytes: Uint8Array, step = bytes.length || 1): Uint8Array {
  const into = new Uint8Array(bytes.length + 64);
  let at = 0;
  for (let from = 0; from < bytes.length; from += step) {
    const piece = bytes.subarray(from, from + step);
    const count = stream.update(piece, into.subarray(at, at + piece.length + 16));
    at += count;
  }
  at += stream.finish(into.subarray(at));
  return into.subarray(0, at);
}

Deno.test("cipherStreams() gives the worked example of the format", () => {
  const text = new TextEncoder();
  const plain = Uint8Array.of(
    ...[0, 0, 0, 5, ...text.encode("Hello")],
    ...[0, 0, 0, 0x22, ...text.encode("encrypted world, this is chunk two")],
  );
  const [aes128] = contentCiphers;
  if (aes128 === undefined) throw new Error("no cipher");
  const key = { cipher: aes128, key: iota(16), iv: iota(16, 16) };
  const expected = hex(
    "8d3de830c69e42227d0411507b9b5b1fcecfc0e5863 3aa451a2f72fe47fa21a9".replace(" ", "") +
      "bd3b22441aeb637aaab84290ab8a6546",
  );
  deepEqual(through(cipherStreams(key, "encrypt")(), plain), expected);
  deepEqual(through(cipherStreams(key, "decrypt")(), expected), plain);
  // what comes out after each chunk and in the end
  for (const streams of [cipherStreams, fastCipherStreams]) {
    const stream = streams(key, "encrypt")();
    const into = new Uint8Array(64);
    equal(stream.update(plain.subarray(0, 9), into), 0);
    equal(stream.update(plain.subarray(9), into), 32);
    equal(stream.finish(into), 16);
  }
});

const makers = { own: cipherStreams, fast: fastCipherStreams };
for (const cipher of contentCiphers) {
  for (const [kind, streams] of Object.entries(makers)) {
    Deno.test(`${cipher.name}, ${kind}: what is encrypted in any pieces is decrypted`, () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 300 }),
          fc.integer({ min: 1, max: 70 }),
          fc.integer({ min: 1, max: 70 }),
          (bytes, step, back) => {
            const key = { cipher, key: iota(cipher.keyLength, 7), iv: iota(cipher.blockLength, 3) };
            const encrypted = through(streams(key, "encrypt")(), bytes, step);
            equal(
              encrypted.length,
              bytes.length + cipher.blockLength - bytes.length % cipher.blockLength,
            );
            deepEqual(through(streams(key, "decrypt")(), encrypted, back), bytes);
            deepEqual(through(cipherStreams(key, "decrypt")(), encrypted), bytes);
          },
        ),
        { numRuns: 60 },
      );
    });
  }
}

/** What the system's program makes of the bytes. */
async function byOpenssl(cipher: ContentCipher, plain: Uint8Array): Promise<Uint8Array> {
  const names: Readonly<Record<string, string[]>> = {
    b: ["-bf-cbc", "-provider", "legacy", "-provider", "default"],
    3: ["-des-ede3-cbc"],
  };
  const name = names[cipher.letters] ??
    [`-${cipher.name.replace("hmacsha1", "").replace(/(\d+)/, "-$1")}-cbc`];
  const child = new Deno.Command("openssl", {
    args: [
      ...["enc", "-e", ...name, "-K", toHex(iota(cipher.keyLength, 7))],
      ...["-iv", toHex(iota(cipher.blockLength, 3))],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(plain);
  await writer.close();
  return new Uint8Array((await child.output()).stdout);
}

for (const cipher of contentCiphers) {
  Deno.test(`${cipher.name} is what openssl enc makes`, async () => {
    const plain = iota(1000, 1);
    const key = { cipher, key: iota(cipher.keyLength, 7), iv: iota(cipher.blockLength, 3) };
    const expected = await byOpenssl(cipher, plain);
    equal(expected.length, 1008);
    deepEqual(through(cipherStreams(key, "encrypt")(), plain, 77), expected);
    deepEqual(through(fastCipherStreams(key, "encrypt")(), plain, 77), expected);
  });
}

Deno.test("Aes is what the runtime has", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    (key, block) => {
      const expected = createCipheriv("aes-256-ecb", key, null).update(block).toString("hex");
      equal(cryptBlock(new Aes(key), toHex(block), "encrypt"), expected);
    },
  ));
});

Deno.test("cipherStreams() refuses what is cut off, not padded, or has a wrong key length", () => {
  for (const cipher of contentCiphers) {
    const key = { cipher, key: iota(cipher.keyLength), iv: iota(cipher.blockLength) };
    for (const streams of [cipherStreams, fastCipherStreams]) {
      const encrypted = through(streams(key, "encrypt")(), iota(40));
      throws(() => through(streams(key, "decrypt")(), encrypted.subarray(0, -1)), CipherError);
      throws(() => through(streams(key, "decrypt")(), new Uint8Array(0)), CipherError);
      throws(() => streams({ ...key, key: key.key.subarray(1) }, "encrypt"), /symmetric key/);
      throws(() => streams({ ...key, iv: key.iv.subarray(1) }, "encrypt"), /invalid IV/);
    }
  }
});
