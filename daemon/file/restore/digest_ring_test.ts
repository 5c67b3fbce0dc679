import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { createDigest, digestNames } from "../../../crypto/mod.ts";
import { startThread } from "../../threads.ts";
import { DigestRing, makeRing } from "./digest_ring.ts";

Deno.test("DigestRing gives the digests of a thread, one after another, more bytes than it holds", () => {
  const memory = makeRing();
  const thread = startThread("digest");
  thread.post(memory);
  const ring = new DigestRing(memory);
  try {
    fc.assert(
      fc.property(
        fc.constantFrom(...digestNames),
        fc.array(fc.nat(700_000), { maxLength: 12 }),
        (name, lengths) => {
          const here = createDigest(name);
          const there = ring.create(name);
          for (const length of lengths) {
            const bytes = new Uint8Array(length).map((_, at) => at * length);
            here.update(bytes);
            there.update(bytes);
          }
          deepEqual(new Uint8Array(there.digest()), new Uint8Array(here.digest()));
        },
      ),
      { numRuns: 12 },
    );
    ring.create("MD5").update(new Uint8Array(10)); // begun and never asked for
  } finally {
    ring.end();
    thread.end();
  }
});
