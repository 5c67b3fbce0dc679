import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { fullPiece, makeShelf, PieceWriter, recordsOf, shelfSlots } from "./pieces.ts";

Deno.test("PieceWriter and recordsOf() give back the records of a piece", () => {
  const memory = makeShelf();
  const record = fc.record({
    volSessionId: fc.nat(2 ** 32 - 1),
    volSessionTime: fc.nat(2 ** 32 - 1),
    fileIndex: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    stream: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    data: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(fc.property(fc.nat(2 * shelfSlots - 1), fc.array(record), (slot, records) => {
    const writer = new PieceWriter(memory, slot);
    for (const { data, ...numbers } of records) writer.add(numbers, data);
    const found = [...recordsOf(memory, slot, writer.length)];
    deepEqual(found.map((record) => ({ ...record, data: record.data.slice() })), records);
  }));
});

Deno.test("PieceWriter has room for the longest record behind a piece that is not yet full", () => {
  const writer = new PieceWriter(makeShelf(), 0);
  const numbers = { volSessionId: 1, volSessionTime: 1, fileIndex: 1, stream: 2 };
  writer.add(numbers, new Uint8Array(fullPiece - 40));
  equal(writer.isFull, false);
  writer.add(numbers, new Uint8Array(1_000_000));
  equal(writer.isFull, true);
  throws(() => writer.add(numbers, new Uint8Array(1_000_000)), RangeError);
});
