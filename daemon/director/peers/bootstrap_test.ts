import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { FileIndexes, makeBootstrap, splitBootstrap, writeBootstrapBlocks } from "./bootstrap.ts";
import type { JobMediaRecord } from "../director_catalog.ts";

const PIECE: JobMediaRecord = {
  jobId: 1,
  mediaId: 1,
  volumeName: "Full-0001",
  mediaType: "File",
  slot: 0,
  storageId: 1,
  firstIndex: 1,
  lastIndex: 100,
  startFile: 0,
  endFile: 1,
  startBlock: 218,
  endBlock: 705032704,
};
const STORAGE = { name: "File", device: "FileStorage" };

Deno.test("makeBootstrap() writes the worked example of the reference", () => {
  const { text, files, volumes } = makeBootstrap(
    [{
      volSessionId: 1,
      volSessionTime: 1772388000,
      jobMedia: [PIECE],
      fileIndexes: new FileIndexes([9, 5, 6]),
    }],
    () => STORAGE,
  );
  strictEqual(
    text,
    `Storage="File"
Volume="Full-0001"
MediaType="File"
Device="FileStorage"
VolSessionId=1
VolSessionTime=1772388000
VolAddr=218-5000000000
FileIndex=5-6
FileIndex=9
Count=3
`,
  );
  strictEqual(files, 3);
  deepStrictEqual(volumes, [
    { volumeName: "Full-0001", storage: "File", device: "FileStorage" },
  ]);
});

Deno.test("makeBootstrap() counts a file that continues on the next volume once", () => {
  const first = { ...PIECE, firstIndex: 1, lastIndex: 5 };
  const second = { ...PIECE, volumeName: "Full-0002", firstIndex: 5, lastIndex: 8 };
  const job = { volSessionId: 1, volSessionTime: 2, jobMedia: [first, second] };
  strictEqual(makeBootstrap([{ ...job, fileIndexes: undefined }], () => STORAGE).files, 8);
  strictEqual(
    makeBootstrap([{ ...job, fileIndexes: new FileIndexes([4, 5, 6]) }], () => STORAGE).files,
    3,
  );
  strictEqual(
    makeBootstrap([{ ...job, fileIndexes: new FileIndexes([50]) }], () => STORAGE).text,
    "",
  );
});

Deno.test("writeBootstrapBlocks() writes ranges without counts", () => {
  strictEqual(
    writeBootstrapBlocks({ volSessionId: 1, volSessionTime: 2, jobMedia: [{ ...PIECE, slot: 3 }] }),
    'Volume="Full-0001"\nMediaType="File"\nSlot=3\nVolSessionId=1\nVolSessionTime=2\n' +
      "VolAddr=218-5000000000\nFileIndex=1-100\n",
  );
});

Deno.test("splitBootstrap() keeps blocks of one storage together", () => {
  const block = (storage: string, volume: string) => `Storage="${storage}"\nVolume="${volume}"\n`;
  const text = block("A", "1") + block("A", "2") + block("B", "3") + block("A", "4");
  deepStrictEqual(
    splitBootstrap(text, (a, b) => a === b).map(({ storage }) => storage),
    ["A", "B", "A"],
  );
  strictEqual(splitBootstrap(text, () => true).length, 1);
  strictEqual(splitBootstrap(text, () => false).map(({ text }) => text).join(""), text);
});

Deno.test("FileIndexes keeps every index once, whatever the order", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (indexes) => {
    const kept = new FileIndexes(indexes);
    const listed = kept.ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, at) => from + at)
    );
    deepStrictEqual(listed, [...new Set(indexes)].sort((a, b) => a - b));
    kept.add(41);
    deepStrictEqual(kept.ranges.at(-1)?.[1], 41);
    // Ranges that touch are one.
    kept.ranges.forEach(([from], at) => {
      if (at > 0) strictEqual(from > (kept.ranges[at - 1]?.[1] ?? 0) + 1, true);
    });
  }));
});
