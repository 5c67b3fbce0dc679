/** Compression on the storage daemon: what is on the volume, and what comes back. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { Stream } from "../../storage/volume/mod.ts";
import { fileStreams } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { AutoFlate, type FlateSettings } from "./auto_flate.ts";

const algorithms = ["gzip", "lzo", "lzfast", "lz4", "lz4hc"] as const;

function settings(more: Partial<FlateSettings>): FlateSettings {
  return {
    autoDeflate: "",
    autoInflate: "",
    autoDeflateAlgorithm: "lz4",
    autoDeflateLevel: 6,
    ...more,
  };
}

Deno.test("AutoFlate gives back what it has compressed, in every stream by every algorithm", () => {
  const text = (length: number) => new Uint8Array(length).map((_, at) => at % 7 * (at >> 9));
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.nat(100_000).map((length) => text(length)),
    fc.constant(new Uint8Array(65_536)),
  );
  fc.assert(fc.property(
    fc.constantFrom(...algorithms),
    fc.constantFrom(Stream.fileData, Stream.sparseData, Stream.win32Data),
    chunk,
    fc.nat(2 ** 30),
    (algorithm, stream, contents, block) => {
      const deflate = AutoFlate.of(
        settings({ autoDeflate: "writeonly", autoDeflateAlgorithm: algorithm }),
        "write",
      );
      const inflate = AutoFlate.of(settings({ autoInflate: "readonly" }), "read");
      ok(deflate !== undefined && inflate !== undefined);
      const offset = new Uint8Array(8);
      new DataView(offset.buffer).setBigUint64(0, BigInt(block) * 512n);
      const data = stream === Stream.sparseData
        ? Uint8Array.of(...offset, ...contents.subarray(0, 3000))
        : contents;
      const packed = deflate.apply(stream, data);
      const expected = data.length > (stream === Stream.sparseData ? 8 : 0) ? stream : undefined;
      if (expected !== undefined) {
        strictEqual(packed.stream, new Map([[2, 29], [6, 30], [11, 31]]).get(stream));
      }
      const back = inflate.apply(packed.stream, packed.data.slice());
      strictEqual(back.stream, stream);
      deepStrictEqual(back.data.slice(), data.slice());
    },
  ));
});

Deno.test("AutoFlate reads sparse chunks of the plugin, which have their offset twice", () => {
  const deflate = AutoFlate.of(settings({ autoDeflate: "readwrite" }), "write");
  const inflate = AutoFlate.of(settings({ autoInflate: "readwrite" }), "read");
  for (const offset of [0n, 512n, 3n << 33n]) {
    const data = new Uint8Array(8 + 65_536).fill(3, 8);
    new DataView(data.buffer).setBigUint64(0, offset);
    // as the plugin does it: the offset before the offset and the contents
    const doubled = Uint8Array.of(...data.subarray(0, 8), ...data);
    const packed = deflate?.apply(Stream.sparseData, doubled);
    const back = inflate?.apply(packed?.stream ?? 0, packed?.data.slice() ?? data);
    deepStrictEqual(back?.data.slice(), data);
  }
});

Deno.test("AutoFlate leaves alone what is no file contents, and directions that were not asked for", () => {
  const both = settings({ autoDeflate: "writeonly", autoInflate: "readonly" });
  const writing = AutoFlate.of(both, "write");
  for (const stream of [Stream.unixAttributes, Stream.md5Digest, Stream.encryptedFileData, 1998]) {
    const data = new Uint8Array(1000);
    strictEqual(writing?.apply(stream, data).data, data);
  }
  strictEqual(AutoFlate.of(settings({ autoDeflate: "writeonly" }), "read"), undefined);
  strictEqual(AutoFlate.of(settings({ autoInflate: "writeonly" }), "read"), undefined);
  strictEqual(
    AutoFlate.of(settings({ autoDeflate: "readwrite", autoDeflateAlgorithm: "" }), "read"),
    undefined,
  );
});

const job = { jobId: 1, job: "Backup.2026-11-24_00.00.00_01" };
const contents = new Uint8Array(60_000).map((_, at) => at % 11);

/** The data streams that a restore brings, and its log. */
async function backAndForth(
  more: Partial<FlateSettings>,
): Promise<{ streams: string[]; data: Uint8Array[]; log: string; size: number; backup: string }> {
  await using scene = await StorageScene.start(more);
  const saved = await scene.backup(job, [
    ...fileStreams(1, "/a", [contents, contents, contents]),
    ...fileStreams(2, "/b", [contents]),
  ]);
  match(saved.end, /JobStatus=84 JobFiles=2 /);
  const { records, end, director } = await scene.restore(
    { jobId: 9, job: "Restore.2026-11-24_00.00.00_09" },
    scene.catalog.bootstrap(job.job, saved.sdId, saved.sdTime, "File1"),
  );
  match(end, /JobStatus=84 /);
  const files = records.filter(({ header }) => [2, 29].includes(Number(header.split(" ")[4])));
  return {
    streams: [...new Set(files.map(({ header }) => header.split(" ")[4] ?? ""))],
    data: files.map(({ data }) => data),
    log: director.log,
    backup: saved.director.log,
    size: (await Deno.stat(`${scene.folder}/Main-0001`)).size,
  };
}

for (const algorithm of algorithms) {
  Deno.test(`a device compresses with ${algorithm} and decompresses for the client`, async () => {
    const both = await backAndForth({
      autoDeflate: "writeonly",
      autoDeflateAlgorithm: algorithm,
      autoInflate: "readonly",
    });
    deepStrictEqual(both.streams, ["2"]);
    strictEqual(both.data.length, 4);
    for (const data of both.data) deepStrictEqual(data, contents);
    ok(both.size < 100_000, `${both.size} bytes on the volume`);
    match(both.backup, new RegExp(`240,000 bytes became [\\d,]+ by compressing with ${algorithm}`));
    match(both.log, /Device "FileStorage1" .*: decompressing file contents\./);

    const packed = await backAndForth({
      autoDeflate: "writeonly",
      autoDeflateAlgorithm: algorithm,
    });
    deepStrictEqual(packed.streams, ["29"]);
  });
}

Deno.test("a device decompresses what it is given, and compresses what it gives, if that is asked", async () => {
  const out = await backAndForth({ autoDeflate: "readonly", autoDeflateAlgorithm: "lzo" });
  deepStrictEqual(out.streams, ["29"]);
  ok(out.size > 240_000);
});

Deno.test("jobs compress in threads of their own: some end well, one is cancelled, one has bad data", async () => {
  await using scene = await StorageScene.start({
    autoDeflate: "writeonly",
    autoInflate: "writeonly",
    autoDeflateAlgorithm: "gzip",
  });
  const name = (number: number) => `Backup.2026-11-24_00.00.00_0${number}`;
  const chunks = Array.from({ length: 30 }, () => contents);
  const canceled = await scene.begin({ jobId: 4, job: name(4) });
  await canceled.file.beginAppend();
  await canceled.file.sendStreams(fileStreams(1, "/c", chunks));
  const good = [1, 2].map((number) =>
    scene.backup({ jobId: number, job: name(number) }, fileStreams(1, "/a", chunks))
  );
  const bad = await scene.begin({ jobId: 3, job: name(3) });
  await bad.file.beginAppend();
  const nonsense = { fileIndex: 1, stream: Stream.compressedData, records: [new Uint8Array(99)] };
  const [attributes] = fileStreams(1, "/b", [contents]);
  await bad.file.sendStreams([...(attributes === undefined ? [] : [attributes]), nonsense]);
  match(await bad.director.jobEnd(), /JobStatus=102 /);
  match(bad.director.log, /Fatal error: .*ompress/);
  const director = await scene.director();
  await director.say("cancel Job=4\n");
  await director.answer();
  match(await canceled.director.jobEnd(), /JobStatus=65 /);
  for (const outcome of await Promise.all(good)) {
    match(outcome.end, /JobStatus=84 JobFiles=1 .*JobErrors=0/);
    match(outcome.director.log, /1,800,000 bytes became [\d,]+ by .*compressing with gzip/);
  }
  for (const peer of [director, canceled.director, bad.director]) peer.close();
  for (const { file } of [canceled, bad]) file.connection.close();
});
