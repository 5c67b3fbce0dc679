import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { anyLetter } from "../../../tests/support/fast_check/any_letter.ts";
import { examinedIn, type FileItem, itemsOf, type SaveItem, UnitWriter } from "./save_item.ts";

const uint32 = fc.nat(2 ** 31 - 1);

const item: fc.Arbitrary<SaveItem> = fc.oneof(
  fc.record({
    kind: fc.constant("notice" as const),
    type: fc.nat(30) as fc.Arbitrary<never>,
    text: fc.string({ unit: anyLetter, maxLength: 200 }),
  }),
  fc.record({
    kind: fc.constant("file" as const),
    fileIndex: uint32,
    type: fc.nat(255),
    options: fc.nat(65535),
    firstIndex: uint32,
    repeatsDigest: uint32,
    plugin: uint32,
    size: fc.maxSafeNat(),
    blocks: fc.maxSafeNat(),
    atime: fc.maxSafeInteger(),
    mtime: fc.maxSafeInteger(),
    ctime: fc.maxSafeInteger(),
    path: fc.uint8Array({ maxLength: 300 }),
    attributes: fc.uint8Array({ maxLength: 300 }),
  }),
);

function write(writer: UnitWriter, item: SaveItem): boolean {
  return item.kind === "file" ? writer.file(item) : writer.notice(item);
}

Deno.test("UnitWriter and itemsOf() give back what was put in, in shared memory", () => {
  fc.assert(fc.property(fc.array(item, { maxLength: 40 }), fc.maxSafeNat(), (items, examined) => {
    const memory = new Uint8Array(new SharedArrayBuffer(1 << 16));
    const writer = new UnitWriter(memory.subarray(64));
    const put = items.filter((item) => write(writer, item));
    equal(writer.items, put.length);
    writer.finish(examined);
    equal(examinedIn(memory.subarray(64)), examined);
    const found = [...itemsOf(memory.subarray(64))].map((item) =>
      item.kind === "notice"
        ? item
        : { ...item, path: item.path.slice(), attributes: item.attributes.slice() }
    );
    deepEqual(found, put);
  }));
});

Deno.test("UnitWriter refuses what does not fit, and the unit stays whole", () => {
  const memory = new Uint8Array(400).fill(0xff);
  const writer = new UnitWriter(memory);
  const file: FileItem = {
    ...{
      kind: "file",
      fileIndex: 1,
      type: 3,
      options: 0,
      firstIndex: 0,
      repeatsDigest: 0,
      plugin: 0,
    },
    ...{ size: 1, blocks: 1, atime: 1, mtime: 1, ctime: 1 },
    path: new Uint8Array(100),
    attributes: new Uint8Array(100),
  };
  equal(writer.file(file), true);
  equal(writer.file(file), false);
  writer.finish(1);
  equal([...itemsOf(memory)].length, 1);
});
