import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { cipherStreams, contentCiphers, createDigest } from "../../../crypto/mod.ts";
import { startThread } from "../../threads.ts";
import { DecryptedStream } from "./decrypted_stream.ts";
import { DigestRing, makeRing } from "./digest_ring.ts";
import { PlainMemory, plainMemoryLength } from "./plain_memory.ts";

Deno.test("DecryptedStream cuts what comes in any records, and a ring digests it where it lies", () => {
  const plain = new SharedArrayBuffer(plainMemoryLength);
  const memory = makeRing([plain]);
  const thread = startThread("digest");
  thread.post(memory);
  const ring = new DigestRing(memory);
  const memories = [new PlainMemory(), new PlainMemory(ring, plain)];
  const cipher = contentCiphers[0];
  if (cipher === undefined) throw new Error("no ciphers");
  const key = { cipher, key: new Uint8Array(16).fill(1), iv: new Uint8Array(16).fill(2) };
  const lengths = fc.oneof(fc.nat(40), fc.nat(300_000), fc.constant(262_144));
  try {
    fc.assert(
      fc.property(
        fc.array(lengths, { minLength: 1, maxLength: 15 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 400_000 }))),
        (chunks, records) => {
          const total = chunks.reduce((sum, length) => sum + 4 + length, 0);
          const packed = new Uint8Array(total).map((_, at) => at * 7 + (at >> 8));
          let at = 0;
          const here = createDigest("MD5");
          for (const length of chunks) {
            new DataView(packed.buffer, at).setUint32(0, length);
            here.update(packed.subarray(at + 4, at + 4 + length));
            at += 4 + length;
          }
          const digest = here.digest();
          const encrypted = new Uint8Array(total + 32);
          const encryption = cipherStreams(key, "encrypt")();
          let end = encryption.update(packed, encrypted);
          end += encryption.finish(encrypted.subarray(end));
          for (const plainMemory of memories) {
            const there = ring.create("MD5");
            const found: number[] = [];
            const stream = new DecryptedStream(
              cipherStreams(key, "decrypt")(),
              plainMemory,
              (chunk) => {
                found.push(chunk.length);
                there.update(chunk);
              },
            );
            let from = 0;
            for (const length of [...records, end]) {
              stream.push(encrypted.subarray(from, Math.min(end, from + length)));
              from = Math.min(end, from + length);
            }
            stream.finish();
            deepEqual(found, chunks);
            deepEqual([...there.digest()], [...digest]);
          }
        },
      ),
      { numRuns: 40 },
    );
    ring.waitFor(ring.mark); // the answer comes a step before the place of its question is free
    equal(ring.hasPassed(ring.mark), true);
  } finally {
    ring.end();
    thread.end();
  }
});
