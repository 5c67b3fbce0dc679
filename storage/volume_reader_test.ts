import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyRecord, type PlainRecord } from "../tests/support/volume_arbitraries.ts";
import {
  deviceOf,
  joinBytes,
  labelBlock,
  packBlocks,
  sessionBlocks,
} from "../tests/support/volume_files.ts";
import { MemoryDevice } from "./device/mod.ts";
import {
  BlockReader,
  type ReadProblem,
  readVolumeLabel,
  VolumeReader,
  type VolumeReaderOptions,
} from "./mod.ts";
import { parseBootstrap, VolumeError } from "./volume/mod.ts";

const key = { sessionId: 1, sessionTime: 100 };
const other = { sessionId: 2, sessionTime: 100 };

/** `count` files of two records each, `size` bytes of data. */
function files(count: number, size = 100): PlainRecord[] {
  return Array.from({ length: count }, (_, i) => [
    { fileIndex: i + 1, stream: 2, data: new Uint8Array(size).fill(i + 1) },
    { fileIndex: i + 1, stream: 3, data: new Uint8Array(16).fill(i + 1) },
  ]).flat();
}

interface Reading {
  readonly records: PlainRecord[];
  readonly problems: ReadProblem[];
}

function readAll(
  device: MemoryDevice,
  names: readonly string[],
  bootstrap?: string,
  readSize = 4096,
): Reading {
  const problems: ReadProblem[] = [];
  const records: PlainRecord[] = [];
  const reader = new VolumeReader({
    onProblem: (problem) => problems.push(problem),
    readSize,
    ...(bootstrap === undefined ? {} : { bootstrap: parseBootstrap(bootstrap) }),
  });
  for (const name of bootstrap === undefined ? names : reader.volumes) {
    for (const { fileIndex, stream, data } of reader.read(device.open(name, "read"))) {
      records.push({ fileIndex, stream, data: data.slice() });
    }
  }
  reader.finish();
  return { records, problems };
}

Deno.test("VolumeReader reads what was written, whatever the sizes of blocks and reads", () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { maxLength: 30 }),
      fc.integer({ min: 400, max: 3000 }),
      fc.integer({ min: 1, max: 9000 }),
      (records, blockSize, readSize) => {
        const device = deviceOf({ A: sessionBlocks(key, records, blockSize) });
        const read = readAll(device, ["A"], undefined, readSize);
        deepStrictEqual(read.problems, []);
        deepStrictEqual(read.records.map((record) => ({ ...record })), records.map(plain));
      },
    ),
    { numRuns: 50 },
  );
});

function plain({ fileIndex, stream, data }: PlainRecord): PlainRecord {
  return { fileIndex, stream, data };
}

Deno.test("VolumeReader joins a record that goes on on the next volume", () => {
  const records = files(10, 1000);
  const blocks = sessionBlocks(key, records, 700);
  for (const cut of [1, 3, 5, 8]) {
    const device = deviceOf({ A: blocks.slice(0, cut), B: blocks.slice(cut) });
    const read = readAll(device, ["A", "B"]);
    deepStrictEqual([read.problems, read.records], [[], records]);
    // The same when a bootstrap wants just the file that is split.
    const split = readAll(
      device,
      [],
      ["A", "B"].map((name) =>
        `Volume=${name}\nVolSessionId=1\nVolSessionTime=100\nFileIndex=3-4\n`
      ).join(""),
    );
    deepStrictEqual(split.problems, []);
    deepStrictEqual(split.records, records.filter(({ fileIndex }) => [3, 4].includes(fileIndex)));
  }
});

Deno.test("VolumeReader names a block with a flipped bit and reads the rest", () => {
  const records = files(40);
  const blocks = sessionBlocks(key, records, 1000);
  const whole = joinBytes([labelBlock("A"), ...blocks]);
  const starts: number[] = [];
  let at = labelBlock("A").length;
  for (const block of blocks) {
    starts.push(at);
    at += block.length;
  }
  fc.assert(
    fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
      const bytes = whole.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const device = new MemoryDevice();
      device.put("A", bytes);
      const { records: found, problems } = readAll(device, ["A"]);
      const start = starts.findLast((start) => start <= bit >> 3) ?? 0;
      const damage = problems.filter(({ length }) => length > 0);
      strictEqual(damage.length, 1);
      strictEqual(damage[0]?.volume, "A");
      strictEqual(damage[0]?.offset, start);
      ok(damage[0]?.message.startsWith(`Volume data error at 0:${start}!`), damage[0]?.message);
      const end = starts.find((other) => other > start) ?? whole.length;
      strictEqual(damage[0]?.length, end - start);
      // A block holds at most 16 records or pieces of records.
      ok(found.length >= records.length - 16, `${found.length} records`);
      for (const record of found) {
        ok(
          records.some((one) => one.fileIndex === record.fileIndex && one.stream === record.stream),
        );
        ok(record.data.every((byte) => byte === record.fileIndex));
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("VolumeReader reports a volume that ends within a block", () => {
  const records = files(40);
  const whole = joinBytes([labelBlock("A"), ...sessionBlocks(key, records, 1000)]);
  for (const cut of [1, 10, 30, 500, 1500]) {
    const device = new MemoryDevice();
    device.put("A", whole.subarray(0, whole.length - cut));
    const { problems } = readAll(device, ["A"]);
    ok(problems.some(({ message }) => /hort block of \d+ bytes on device/.test(message)), `${cut}`);
  }
});

Deno.test("VolumeReader reads what a bootstrap wants of interleaved sessions", () => {
  const mine = sessionBlocks(key, files(30), 500);
  const theirs = sessionBlocks(other, files(30), 500);
  const blocks = mine.flatMap((block, i) => [block, theirs[i]]).filter((block) =>
    block !== undefined
  );
  const device = deviceOf({ A: blocks });
  const end = labelBlock("A").length + joinBytes(blocks).length - 1;
  const bootstrap = (more: string): string =>
    `Volume="A"\nVolSessionId=2\nVolSessionTime=100\nVolAddr=${
      labelBlock("A").length
    }-${end}\n${more}`;
  const wanted = (indexes: number[]) =>
    files(30).filter(({ fileIndex }) => indexes.includes(fileIndex));
  deepStrictEqual(readAll(device, [], bootstrap("")).records, files(30));
  deepStrictEqual(
    readAll(device, [], bootstrap("FileIndex=5\nFileIndex=9-10\nCount=3\n")).records,
    wanted([5, 9, 10]),
  );
  deepStrictEqual(readAll(device, [], 'Volume="A"\nJobId=8\n').records, []);
  strictEqual(readAll(device, [], 'Volume="A"\nJobId=7\n').records.length, 120);
});

Deno.test("VolumeReader seeks and stops: it reads no more than it must", () => {
  const blocks = packBlocks(key, files(300, 1000), 2000);
  const device = deviceOf({ A: blocks });
  let at = labelBlock("A").length;
  const starts = blocks.map((block) => (at += block.length) - block.length);
  const index = 75;
  const start = starts[index] as number;
  const last = (starts[index + 4] as number) - 1;
  const offsets: number[] = [];
  const bootstrap = parseBootstrap(
    `Volume=A\nVolSessionId=1\nVolSessionTime=100\nVolAddr=${start}-${last}\nFileIndex=1-300\n`,
  );
  const reader = new VolumeReader({ bootstrap, onBlock: ({ offset }) => offsets.push(offset) });
  strictEqual(reader.startOf("A"), start);
  ok([...reader.read(device.open("A", "read"))].length > 4);
  // One block behind the range tells that it is over.
  deepStrictEqual(offsets, starts.slice(index, index + 5));
  // An address that is no block's start finds the next block.
  const askew = new VolumeReader({
    bootstrap: bootstrap.map((entry) => ({
      ...entry,
      addresses: [{ first: start + 1, last }],
    })),
  });
  ok([...askew.read(device.open("A", "read"))].length > 2);
});

Deno.test("VolumeReader hands out labels when asked", () => {
  const device = deviceOf({ A: sessionBlocks(key, files(1), 1000) });
  const reader = new VolumeReader({ withLabels: true });
  const types = [...reader.read(device.open("A", "read"))].map(({ fileIndex }) => fileIndex);
  deepStrictEqual(types, [-2, -4, 1, 1, -5]);
});

Deno.test("readVolumeLabel() reads a label, and says what is wrong with what is none", () => {
  const device = deviceOf({ A: [] });
  const { label, blockLength } = readVolumeLabel(device.open("A", "read"));
  strictEqual(label.volumeName, "A");
  strictEqual(blockLength, device.contents("A").length);
  device.put("empty", new Uint8Array(0));
  device.put("text", new TextEncoder().encode("This is not a volume at all, is it?"));
  device.put("session", joinBytes(sessionBlocks(key, [], 1000)));
  const broken = device.contents("A");
  broken[50] = 0;
  device.put("broken", broken);
  const table: [string, RegExp][] = [
    ["empty", /empty/],
    ["text", /Wanted ID/],
    ["session", /bad Bareos label type: -4/],
    ["broken", /checksum/],
  ];
  for (const [name, message] of table) {
    throws(
      () => readVolumeLabel(device.open(name, "read")),
      (error) => error instanceof VolumeError && message.test(error.message),
    );
  }
});

Deno.test("BlockReader survives garbage", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.constant(labelBlock("A")),
    fc.constant(new TextEncoder().encode("BB02BB02BB02BB02BB02BB02BB02")),
    fc.constant(labelBlock("A").subarray(0, 30)),
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    const device = new MemoryDevice();
    const bytes = joinBytes(pieces);
    device.put("A", bytes);
    let covered = 0;
    const reader = new BlockReader(device.open("A", "read"), {
      onDamage: ({ offset, length }) => {
        strictEqual(offset, covered);
        covered += length;
      },
    });
    for (let block = reader.next(); block !== undefined; block = reader.next()) {
      strictEqual(block.offset, covered);
      covered += block.bytes.length;
    }
    strictEqual(covered, bytes.length);
  }));
});

Deno.test("VolumeReader with labels only finds the same labels and the same damage", () => {
  const anyPiece = fc.tuple(anyRecord, fc.constantFrom(0, 0, 0, -4, -5)).map(([record, label]) =>
    label === 0 ? record : { ...record, fileIndex: label }
  );
  fc.assert(
    fc.property(
      fc.array(anyPiece, { maxLength: 40 }),
      fc.integer({ min: 500, max: 3000 }),
      fc.nat(),
      fc.nat(255),
      (records, blockSize, place, value) => {
        const bytes = joinBytes([labelBlock("A"), ...packBlocks(key, records, blockSize)]);
        bytes[place % bytes.length] = value; // damages a block, or nothing
        const device = new MemoryDevice();
        device.put("A", bytes);
        const read = (options: VolumeReaderOptions) => {
          const problems: ReadProblem[] = [];
          const reader = new VolumeReader({
            ...options,
            onProblem: (problem) => problems.push(problem),
          });
          const labels = [];
          for (const { fileIndex, stream, data, origin } of reader.read(device.open("A", "read"))) {
            if (fileIndex < 0) labels.push({ fileIndex, stream, data: data.slice(), origin });
          }
          reader.finish();
          return { labels, problems };
        };
        for (const checksum of [true, false]) {
          const expected = read({ withLabels: true, checksum });
          deepStrictEqual(read({ labelsOnly: true, checksum }), expected);
        }
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("VolumeReader reads blocks without checksums, and finds its way behind damage in them", () => {
  const records = files(40);
  const blocks = [labelBlock("A"), ...sessionBlocks(key, records, 1000)];
  for (const block of blocks) block.fill(0, 0, 4); // `Block Checksum = no`
  const whole = deviceOf({ A: [] });
  whole.put("A", joinBytes(blocks));
  const read = readAll(whole, ["A"]);
  deepStrictEqual([read.problems, read.records], [[], records]);

  const damaged = joinBytes(blocks);
  const third = joinBytes(blocks.slice(0, 3)).length;
  damaged.fill(0x55, third + 4, third + 16); // length and Id of a block
  whole.put("A", damaged);
  const rest = readAll(whole, ["A"]);
  const [damage] = rest.problems.filter(({ length }) => length > 0);
  deepStrictEqual([damage?.offset, damage?.length], [third, blocks[3]?.length]);
  ok(rest.records.length >= records.length - 16, `${rest.records.length} records`);
});
