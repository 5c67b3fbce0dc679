import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { headerAt, parseAttributeUpdate } from "../../protocol/mod.ts";
import { AttributeQueue, isForDirector } from "./attribute_queue.ts";

/** The FileIndexes in a run of frames. */
function indexesIn(frames: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < frames.length;) {
    const length = headerAt(frames, at);
    const update = parseAttributeUpdate(frames.subarray(at + 4, at + 4 + length));
    if (update === undefined) throw new Error(`no update at ${at}`);
    found.push(update.fileIndex);
    at += 4 + length;
  }
  return found;
}

Deno.test("AttributeQueue gives everything once, in order, and no file before its time", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ records: fc.nat(3), isFlushed: fc.boolean(), size: fc.nat(300) }), {
      maxLength: 60,
    }),
    (files) => {
      const queue = new AttributeQueue({ spokenOf: { job: "Job.1" } }, 3, 1785600000);
      const wanted: number[] = [];
      const got: number[] = [];
      for (const [i, { records, isFlushed, size }] of files.entries()) {
        const fileIndex = i + 1;
        for (let n = 0; n < records; n++) {
          queue.add(fileIndex, 1, new Uint8Array(size));
          wanted.push(fileIndex);
        }
        if (!isFlushed) continue;
        const released = indexesIn(queue.takeBefore(fileIndex));
        strictEqual(released.some((index) => index >= fileIndex), false);
        got.push(...released);
      }
      got.push(...indexesIn(queue.takeAll()));
      deepStrictEqual(got, wanted);
      strictEqual(queue.length, 0);
    },
  ));
});

Deno.test("isForDirector() looks at the low bits of the stream", () => {
  deepStrictEqual([1, 2, 3, 5, 6, 10, 17, 18, 28, 40, 0x801, 1998].filter(isForDirector), [
    1,
    3,
    5,
    10,
    17,
    18,
    28,
    40,
    0x801,
  ]);
});
