import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyRecord, type PlainRecord } from "../../tests/support/volume_arbitraries.ts";
import {
  BlockBuilder,
  blockChecksum,
  parseBlockHeader,
  RecordCursor,
  RecordJoiner,
  type SessionKey,
  VolumeError,
} from "./mod.ts";

const key: SessionKey = { sessionId: 1, sessionTime: 0x6553f100 };

/** The blocks that records make. */
function pack(records: readonly PlainRecord[], size: number, session = key): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const builder = new BlockBuilder(session, size);
  for (const { fileIndex, stream, data } of records) {
    builder.begin(fileIndex, stream, data);
    while (!builder.fill()) {
      blocks.push(builder.seal().slice());
      builder.reset();
    }
  }
  if (!builder.isEmpty) blocks.push(builder.seal().slice());
  return blocks;
}

/** The records that blocks hold. */
function unpack(blocks: readonly Uint8Array[]): PlainRecord[] {
  const records: PlainRecord[] = [];
  const cursor = new RecordCursor();
  const joiner = new RecordJoiner(() => {
    throw new Error("a record was lost");
  });
  for (const block of blocks) {
    const header = parseBlockHeader(block);
    strictEqual(header.length, block.length);
    strictEqual(header.checksum, blockChecksum(block));
    cursor.start(header, block);
    while (cursor.next()) {
      const record = joiner.add(cursor, { volume: "", offset: 0, last: 0, address: 0 });
      if (record !== undefined) {
        const { fileIndex, stream, data } = record;
        records.push({ fileIndex, stream, data: data.slice() });
      }
    }
  }
  joiner.finish();
  return records;
}

Deno.test("BlockBuilder writes the data block of volume.md 19.2", () => {
  const hex = "74a753e10000009d00000001424230320000000165 53f10000000001000000010000004c" +
    "312033202f6574632f6d6f746400503041204667554620494 76b204220506f20506f2041204620424141204920" +
    "426c552f454120426c552f454220426c552f4543204120412043000000300000000001000000020000000568656c" +
    "6c6f0000000100000003000000105d41402abc4b2a76b9719d911017c592";
  const wanted = Uint8Array.from(
    hex.replaceAll(" ", "").match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
  const records = unpack([wanted]);
  deepStrictEqual(records.map(({ fileIndex, stream }) => [fileIndex, stream]), [[1, 1], [1, 2], [
    1,
    3,
  ]]);
  const builder = new BlockBuilder(key, 64512, { number: 1 });
  for (const { fileIndex, stream, data } of records) {
    builder.begin(fileIndex, stream, data);
    ok(builder.fill());
  }
  deepStrictEqual([...builder.seal()], [...wanted]);
});

Deno.test("BlockBuilder splits a record as in volume.md 4.3", () => {
  const data = new Uint8Array(200).map((_, i) => i);
  const blocks = pack([{ fileIndex: 7, stream: 2, data }], 100);
  deepStrictEqual(
    blocks.map((block) => {
      const view = new DataView(block.buffer, block.byteOffset + 24);
      return [view.getInt32(0), view.getInt32(4), view.getUint32(8), block.length - 36];
    }),
    [[7, 2, 200, 64], [7, -2, 136, 64], [7, -2, 72, 64], [7, -2, 8, 8]],
  );
});

Deno.test("BlockBuilder follows a header at the very end with a continuation, even of nothing", () => {
  // 24 + 12 + 52 = 88: exactly one more header fits into 100.
  const first = { fileIndex: 1, stream: 1, data: new Uint8Array(52) };
  for (const length of [0, 5]) {
    const second = { fileIndex: 1, stream: 2, data: new Uint8Array(length).fill(9) };
    const blocks = pack([first, second], 100);
    strictEqual(blocks[0]?.length, 100);
    strictEqual(blocks[1]?.length, 36 + length);
    deepStrictEqual(unpack(blocks), [first, second]);
  }
});

Deno.test("records survive blocks of any size", () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { maxLength: 20 }),
      fc.integer({ min: 37, max: 700 }),
      (records, size) => {
        const blocks = pack(records, size);
        ok(blocks.every(({ length }) => length <= size && length > 24));
        deepStrictEqual(unpack(blocks), records);
      },
    ),
  );
});

Deno.test("records of interleaved sessions do not mix", () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { minLength: 1, maxLength: 10 }),
      fc.array(anyRecord, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 40, max: 200 }),
      fc.infiniteStream(fc.boolean()),
      (ones, others, size, turns) => {
        const queues = [
          pack(ones, size),
          pack(others, size, { sessionId: 2, sessionTime: key.sessionTime }),
        ];
        const mixed: Uint8Array[] = [];
        while (queues.some(({ length }) => length > 0)) {
          const [a, b] = queues as [Uint8Array[], Uint8Array[]];
          const block = (turns.next().value ? a.shift() ?? b.shift() : b.shift()) ?? a.shift();
          if (block !== undefined) mixed.push(block);
        }
        const all = unpack(mixed);
        const seen = (records: PlainRecord[]) => all.filter((one) => contains(records, one));
        strictEqual(all.length, ones.length + others.length);
        ok(seen(ones).length >= ones.length && seen(others).length >= others.length);
      },
    ),
  );
});

function contains(records: readonly PlainRecord[], wanted: PlainRecord): boolean {
  return records.some(({ fileIndex, stream, data }) =>
    fileIndex === wanted.fileIndex && stream === wanted.stream &&
    data.length === wanted.data.length && data.every((byte, i) => byte === wanted.data[i])
  );
}

Deno.test("BB01 blocks are read: each record names its session", () => {
  const block = new Uint8Array(16 + 20 + 3);
  const view = new DataView(block.buffer);
  view.setUint32(4, block.length);
  block.set(new TextEncoder().encode("BB01"), 12);
  [5, 6, 7, 2, 3].forEach((number, i) => view.setUint32(16 + 4 * i, number));
  block.set([1, 2, 3], 36);
  view.setUint32(0, blockChecksum(block));
  const header = parseBlockHeader(block);
  strictEqual(header.version, 1);
  const cursor = new RecordCursor();
  cursor.start(header, block);
  ok(cursor.next());
  const { sessionId, sessionTime, fileIndex, stream, data } = cursor;
  deepStrictEqual([sessionId, sessionTime, fileIndex, stream, [...data]], [5, 6, 7, 2, [1, 2, 3]]);
  strictEqual(cursor.next(), false);
});

Deno.test("RecordJoiner drops fragments and reports what never ends", () => {
  const [one, two, three] = pack(
    [{ fileIndex: 1, stream: 2, data: new Uint8Array(150) }],
    100,
  ) as [Uint8Array, Uint8Array, Uint8Array];
  const run = (blocks: Uint8Array[]): [number, number[]] => {
    const lost: number[] = [];
    const joiner = new RecordJoiner(({ found }) => lost.push(found));
    const cursor = new RecordCursor();
    let whole = 0;
    for (const block of blocks) {
      cursor.start(parseBlockHeader(block), block);
      while (cursor.next()) {
        if (joiner.add(cursor, { volume: "", offset: 0, last: 0, address: 0 }) !== undefined) {
          whole += 1;
        }
      }
    }
    joiner.finish();
    return [whole, lost];
  };
  deepStrictEqual(run([one, two, three]), [1, []]);
  deepStrictEqual(run([two, three]), [0, []]);
  deepStrictEqual(run([one, three]), [0, [64]]);
  deepStrictEqual(run([one, two]), [0, [128]]);
  deepStrictEqual(run([one, one, two, three]), [1, [64]]);
});

Deno.test("block parsers throw nothing but VolumeError on garbage, and end", () => {
  const head = fc.constantFrom("BB02", "BB01", "XXXX");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), head, fc.nat(500), (bytes, id, length) => {
      if (bytes.length >= 16) {
        new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, length);
        bytes.set(new TextEncoder().encode(id), 12);
      }
      try {
        const header = parseBlockHeader(bytes);
        const cursor = new RecordCursor();
        const joiner = new RecordJoiner();
        cursor.start(header, bytes.subarray(0, Math.max(header.length, header.headerLength)));
        while (cursor.next()) joiner.add(cursor, { volume: "", offset: 0, last: 0, address: 0 });
      } catch (error) {
        ok(error instanceof VolumeError, String(error));
      }
    }),
  );
  throws(() => new BlockBuilder(key, 36), VolumeError);
  throws(() => new BlockBuilder(key, 20_000_001), VolumeError);
});
