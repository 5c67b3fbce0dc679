/** What only dedupable volumes have: their files, aligned data, addresses, and what a damaged one says. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { BlockBuilder, recordHeaderLength } from "../volume/mod.ts";
import {
  decodeBlockEntry,
  decodeDedupableConfig,
  decodePart,
  DedupableLayoutError,
  encodeBlockEntry,
  encodeDedupableConfig,
  encodeParts,
  partLength,
} from "./dedupable_layout.ts";
import { DedupableDevice, DeviceError, type MountedVolume } from "./mod.ts";

function withDevice(run: (device: DedupableDevice, folder: string) => void, blockSize = 512): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(new DedupableDevice(folder, "Test", blockSize), folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Blocks of several sessions in turns, each with its records, some of which go on in its next block. */
function blocksOf(
  records: readonly { session: number; length: number; fill: number }[],
  blockSize: number,
): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const builders = [1, 2, 3].map((sessionId) =>
    new BlockBuilder({ sessionId, sessionTime: 7 }, blockSize)
  );
  for (const [number, { session, length, fill }] of records.entries()) {
    const builder = builders[session] as BlockBuilder;
    builder.begin(number + 1, 2, new Uint8Array(length).map((_, at) => fill + at));
    while (!builder.fill()) {
      blocks.push(builder.seal().slice());
      builder.reset();
    }
  }
  for (const builder of builders) if (!builder.isEmpty) blocks.push(builder.seal().slice());
  return blocks;
}

function contentOf(volume: MountedVolume): Uint8Array {
  const into = new Uint8Array(volume.size());
  strictEqual(volume.readAt(into, 0), into.length);
  return into;
}

const arbitraryRecords = fc.array(
  fc.record({
    session: fc.nat(2),
    length: fc.oneof(fc.nat(60), fc.nat(6000)),
    fill: fc.nat(255),
  }),
  { maxLength: 12 },
);

Deno.test("whatever blocks are written come back, at any offset, cut back and opened again", () => {
  fc.assert(fc.property(
    arbitraryRecords,
    fc.integer({ min: 100, max: 3000 }),
    fc.nat(10_000),
    fc.nat(5000),
    fc.nat(20),
    (records, blockSize, offset, length, kept) =>
      withDevice((device) => {
        const blocks = blocksOf(records, blockSize);
        const all = Buffer.concat(blocks);
        let volume = device.open("V", "create");
        let at = 0;
        for (const block of blocks) {
          strictEqual(volume.addressing?.addressOf(at), blocks.indexOf(block));
          volume.writeAt(block, at);
          at += block.length;
        }
        ok(all.equals(contentOf(volume)));
        volume.close();
        volume = device.open("V", "append");
        ok(all.equals(contentOf(volume)));
        const into = Buffer.alloc(length);
        const count = volume.readAt(into, Math.min(offset, all.length));
        ok(
          all.subarray(Math.min(offset, all.length)).subarray(0, length)
            .equals(into.subarray(0, count)),
        );
        // cut back to some block, and written on
        const left = blocks.slice(0, kept);
        const end = left.reduce((sum, block) => sum + block.length, 0);
        strictEqual(volume.addressing?.offsetOf(left.length), end);
        volume.truncate(end);
        for (const [number, block] of blocks.entries()) {
          const before = blocks.slice(0, number).reduce((sum, { length }) => sum + length, 0);
          volume.writeAt(block, end + before);
        }
        ok(Buffer.concat([...left, ...blocks]).equals(contentOf(volume)));
        volume.close();
      }),
  ));
});

Deno.test("the files are those of the format, and what of a record fills blocks is aligned", () =>
  withDevice((device, folder) => {
    const blockSize = 4000;
    const data = new Uint8Array(6000).map((_, at) => at * 7);
    const builder = new BlockBuilder({ sessionId: 1, sessionTime: 2 }, blockSize);
    const volume = device.open("Full-0001", "create");
    const sealed: Uint8Array[] = [];
    const write = (): void => {
      sealed.push(builder.seal().slice());
      volume.writeAt(sealed.at(-1) ?? data, volume.size());
      builder.reset();
    };
    for (const fileIndex of [1, 2]) {
      builder.begin(fileIndex, 2, data);
      while (!builder.fill()) write();
    }
    write();
    volume.close();
    const read = (name: string): Buffer =>
      Buffer.from(Deno.readFileSync(`${folder}/Full-0001/${name}`));
    deepStrictEqual(
      [...Deno.readDirSync(`${folder}/Full-0001`)].map(({ name }) => name).toSorted(),
      ["aligned.data", "blocks", "config", "parts", "unaligned.data"],
    );
    // 6000 bytes are eleven blocks of 512 and 368 more, whatever block of the volume they are split over
    const whole = 11 * 512;
    const aligned = read("aligned.data");
    ok(aligned.equals(Buffer.concat([data.subarray(0, whole), data.subarray(0, whole)])));
    const unaligned = read("unaligned.data");
    strictEqual(unaligned.length, 2 * (6000 - whole) + 5 * recordHeaderLength);

    const config = read("config");
    const names = "blockspartsaligned.dataunaligned.data";
    const number = (bytes: number, value: number): string =>
      value.toString(16).padStart(bytes * 2, "0");
    const { data: dataFiles, parts } = decodeDedupableConfig(config);
    const entry = (start: number, length: number, ...rest: string[]): string =>
      [number(4, start), number(4, length), ...rest].join("");
    strictEqual(
      config.toString("hex"),
      [
        ...[number(8, 1), number(4, names.length), number(4, 1), number(4, 1), number(4, 2)],
        Buffer.from(names).toString("hex"),
        entry(0, 6, number(8, 0), number(8, sealed.length), number(4, 0), number(4, 0)),
        entry(6, 5, number(8, 0), number(8, parts.count), number(4, 0), number(4, 0)),
        entry(11, 12, number(8, 2 * whole), number(8, 512), number(4, 0), number(4, 0)),
        entry(23, 14, number(8, unaligned.length), number(8, 1), number(4, 1), number(4, 0)),
      ].join(""),
    );
    strictEqual(read("blocks").length, 40 * sealed.length);
    strictEqual(read("parts").length, 16 * parts.count);
    ok(dataFiles.every(({ isReadOnly }) => !isReadOnly));
    const first = decodeBlockEntry(read("blocks"), 0);
    deepStrictEqual([...first.header], [...(sealed[0]?.subarray(0, 24) ?? [])]);
    strictEqual(first.firstPart, 0);
  }));

Deno.test("a reader sees what a writer adds, and an end that a crash left is none", () =>
  withDevice((device, folder) => {
    const blocks = blocksOf([{ session: 0, length: 5000, fill: 1 }], 1000);
    const writing = device.open("V", "create");
    writing.writeAt(blocks[0] as Uint8Array, 0);
    const reading = device.open("V", "read");
    strictEqual(reading.size(), 1000);
    writing.writeAt(Buffer.concat(blocks.slice(1)), 1000);
    ok(Buffer.concat(blocks).equals(contentOf(reading)));
    reading.close();
    writing.close();
    // written and not described
    for (const name of ["aligned.data", "unaligned.data", "parts", "blocks"]) {
      Deno.writeFileSync(`${folder}/V/${name}`, new Uint8Array(777).fill(9), { append: true });
    }
    const again = device.open("V", "append");
    ok(Buffer.concat(blocks).equals(contentOf(again)));
    again.writeAt(blocks[0] as Uint8Array, again.size());
    ok(Buffer.concat([...blocks, blocks[0] as Uint8Array]).equals(contentOf(again)));
    again.close();
  }));

Deno.test("only whole blocks go to the end, and what is no block is refused", () =>
  withDevice((device) => {
    const [block = new Uint8Array(0)] = blocksOf([{ session: 0, length: 50, fill: 1 }], 1000);
    const volume = device.open("V", "create");
    volume.writeAt(block, 0);
    for (const [bytes, at] of [[block, 0], [block.subarray(0, 40), 86], [block, 90]] as const) {
      throws(() => volume.writeAt(bytes, at), DeviceError);
    }
    throws(() => volume.truncate(30), /cut between blocks alone/);
    ok(Buffer.from(block).equals(contentOf(volume)));
    volume.close();
  }));

Deno.test("damage is an error that names volume, place and what is wrong", () =>
  withDevice((device, folder) => {
    const blocks = blocksOf([{ session: 0, length: 5000, fill: 1 }], 1000);
    const make = (): void => {
      const volume = device.open("V", "create");
      volume.truncate(0);
      volume.writeAt(Buffer.concat(blocks), 0);
      volume.close();
    };
    const change = (name: string, edit: (bytes: Buffer) => Buffer): void => {
      const path = `${folder}/V/${name}`;
      Deno.writeFileSync(path, edit(Buffer.from(Deno.readFileSync(path))));
    };
    const cases: readonly [name: string, edit: (bytes: Buffer) => Buffer, message: RegExp][] = [
      [
        "aligned.data",
        (bytes) => bytes.subarray(0, 100),
        /block 0 lacks \d+ bytes in aligned.data/,
      ],
      ["parts", (bytes) => bytes.subarray(0, 10), /its parts end before part/],
      ["blocks", (bytes) => bytes.subarray(0, 10), /its blocks end before number/],
      ["config", (bytes) => bytes.subarray(0, 10), /its config is too short/],
      ["config", (bytes) => bytes.fill(9, 0, 8), /has version \d+, which is not known/],
      ["config", (bytes) => (bytes.write("../x", 24), bytes), /impossible name of a file/],
      ["parts", (bytes) => bytes.fill(255, 4, 8), /its parts and header are/],
      ["parts", (bytes) => bytes.fill(0, 0, 4).fill(7, 3, 4), /in file 7, which is none/],
      ["blocks", (bytes) => bytes.fill(255, 24, 28), /is made of 4294967295 parts/],
    ];
    for (const [name, edit, message] of cases) {
      make();
      change(name, edit);
      throws(() => {
        const volume = device.open("V", "read");
        try {
          contentOf(volume);
        } finally {
          volume.close();
        }
      }, (error) => {
        ok(error instanceof DeviceError, String(error));
        match(error.message, message);
        match(error.message, /volume "V" on device "Test"/);
        return true;
      });
      Deno.removeSync(`${folder}/V`, { recursive: true });
    }
  }));

Deno.test("descriptions and entries come back, and foreign bytes are errors or descriptions", () => {
  const count = fc.nat(2 ** 40);
  const name = fc.stringMatching(/^[a-z][a-z.]{0,20}$/);
  fc.assert(fc.property(
    ...[name, name, count, count] as const,
    fc.uniqueArray(
      fc.record({
        name,
        index: fc.nat(99),
        blockSize: count,
        used: count,
        isReadOnly: fc.boolean(),
      }, { noNullPrototype: true }),
      { selector: ({ index }) => index, minLength: 1, maxLength: 5 },
    ),
    (blocks, parts, blockCount, partCount, data) => {
      const config = {
        ...{
          blocks: { name: blocks, count: blockCount },
          parts: { name: parts, count: partCount },
        },
        data,
      };
      deepStrictEqual(decodeDedupableConfig(encodeDedupableConfig(config)), config);
    },
  ));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    try {
      decodeDedupableConfig(bytes);
    } catch (error) {
      ok(error instanceof DedupableLayoutError, String(error));
    }
  }));
  const part = fc.record({ file: fc.nat(9), length: fc.nat(2 ** 31 - 1), offset: count }, {
    noNullPrototype: true,
  });
  fc.assert(fc.property(fc.array(part), (parts) => {
    const bytes = Buffer.from(encodeParts(parts));
    deepStrictEqual(parts.map((_, number) => decodePart(bytes, number * partLength)), parts);
  }));
  const header = Buffer.alloc(24, 5);
  deepStrictEqual(
    decodeBlockEntry(
      Buffer.from(encodeBlockEntry({ header, firstPart: 2 ** 33, partCount: 3 })),
      0,
    ),
    { header, firstPart: 2 ** 33, partCount: 3 },
  );
});
