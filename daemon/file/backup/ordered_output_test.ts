import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { OutputPart } from "./messages.ts";
import { OrderedOutput, SharedDigests } from "./ordered_output.ts";
import { noFigures } from "./part_writer.ts";

function partOf(unit: number, part: number, isLast: boolean): OutputPart {
  return {
    ...{ kind: "part", unit, part, isLast, buffer: -1, length: 0, figures: noFigures() },
    ...{ examined: 0, path: "", messages: [], digests: [] },
  };
}

Deno.test("OrderedOutput gives parts in order, however they come", () => {
  const shuffled = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }).chain((counts) => {
    const parts = counts.flatMap((count, unit) =>
      Array.from({ length: count }, (_, part) => partOf(unit, part, part === count - 1))
    );
    return fc.tuple(
      fc.constant(parts),
      fc.shuffledSubarray(parts, { minLength: parts.length }),
      fc.constant(counts.length),
    );
  });
  fc.assert(fc.property(shuffled, ([parts, coming, units]) => {
    const output = new OrderedOutput();
    const given: OutputPart[] = [];
    for (const part of coming) {
      output.put(part);
      for (let next = output.take(); next !== undefined; next = output.take()) given.push(next);
    }
    deepEqual(given, parts);
    equal(output.unit, units);
  }));
});

Deno.test("SharedDigests repeats what is known and takes out what is not", () => {
  const digests = new SharedDigests();
  const bytes = new Uint8Array(100).map((_, at) => at);
  const own = { firstIndex: 7, isOwn: true, start: 0, at: 4, end: 24 };
  equal(digests.complete(bytes, 100, [own]), 100);
  const next = new Uint8Array(100).fill(0xee);
  const places = [
    { firstIndex: 9, isOwn: false, start: 10, at: 14, end: 34 },
    { firstIndex: 7, isOwn: false, start: 50, at: 54, end: 74 },
  ];
  next.fill(0x11, 34, 50);
  const length = digests.complete(next, 100, places);
  equal(length, 76);
  // Everything behind the record that was taken out has moved up by its 24 bytes.
  deepEqual([...next.subarray(10, 26)], Array(16).fill(0x11));
  deepEqual([...next.subarray(30, 46)], [...bytes.subarray(4, 20)]);
  deepEqual([...next.subarray(0, 10)], Array(10).fill(0xee));
});
