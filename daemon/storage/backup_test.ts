import { Buffer } from "node:buffer";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { fileStreams, type TestStream } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";
const RESTORE = "Restore.2026-11-24_00.00.00_02";

/** Files with different sizes of records, some longer than a block. */
function someFiles(): TestStream[] {
  return [
    ...fileStreams(1, "/a", [new Uint8Array(100_000).fill(1)]),
    ...fileStreams(2, "/b", [new Uint8Array(10).fill(2), new Uint8Array(50_000).fill(3)]),
    ...fileStreams(3, "/empty", []),
    ...fileStreams(4, "/long", [new Uint8Array(999_996).fill(4), new Uint8Array(0)]),
  ];
}

function flat(streams: Iterable<TestStream>): { head: string; data: Uint8Array }[] {
  return [...streams].flatMap(({ fileIndex, stream, records }) =>
    records.map((data) => ({ head: `${fileIndex} ${stream} ${data.length}`, data }))
  );
}

Deno.test("a backup is written, catalogued and reported", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  const end = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(someFiles());
  deepStrictEqual(await file.endAppend(), [
    "3000 OK append data\n",
    "3000 OK end\n",
    "3000 OK close Status = 84\n",
    "<EOD>",
  ]);
  const bytes = flat(someFiles()).reduce((sum, { data }) => sum + data.length, 0);
  strictEqual(
    await end,
    `3099 Job ${JOB} end JobStatus=84 JobFiles=4 JobBytes=${bytes} JobErrors=0\n`,
  );
  deepStrictEqual(
    director.attributes.map(({ fileIndex, stream }) => `${fileIndex}:${stream}`),
    ["1:1", "1:3", "2:1", "2:3", "3:1", "3:3", "4:1", "4:3"],
  );
  const volume = scene.catalog.volume("Main-0001");
  strictEqual(volume.bytes, (await Deno.stat(`${scene.folder}/Main-0001`)).size);
  deepStrictEqual([volume.jobs, volume.mounts, volume.status], [1, 1, "Append"]);
  const spans = scene.catalog.jobMedia.map(({ firstIndex, lastIndex, end }) => [
    firstIndex,
    lastIndex,
    end,
  ]);
  deepStrictEqual(spans, [[0, 0, 0], [1, 4, volume.bytes - 1]]);
  director.close();
  file.connection.close();
});

Deno.test("a restore sends what was backed up, record by record", async () => {
  await using scene = await StorageScene.start();
  const { sdId, sdTime } = await scene.backup({ jobId: 1, job: JOB }, someFiles());
  const bootstrap = scene.catalog.bootstrap(JOB, sdId, sdTime, "File1");
  const { records, end, director } = await scene.restore({ jobId: 2, job: RESTORE }, bootstrap);
  const wanted = flat(someFiles());
  deepStrictEqual(
    records.map(({ header }) => header),
    wanted.map(({ head }) => `rechdr ${sdId} ${sdTime} ${head}`),
  );
  for (const [i, { data }] of records.entries()) {
    ok(Buffer.from(data).equals(wanted[i]?.data ?? new Uint8Array()));
  }
  match(end, /JobStatus=84 JobFiles=0 JobBytes=0 JobErrors=0/);
  match(director.log, /Ready to read from volume "Main-0001"/);
  match(director.log, /End of all volumes\.\n/);
});

Deno.test("a damaged block is named and the rest of the job restored", async () => {
  await using scene = await StorageScene.start();
  const files = Array.from(
    { length: 20 },
    (_, i) => fileStreams(i + 1, `/f${i + 1}`, [new Uint8Array(30_000).fill(i)]),
  );
  const { sdId, sdTime } = await scene.backup({ jobId: 1, job: JOB }, files.flat());
  const file = await Deno.open(`${scene.folder}/Main-0001`, { read: true, write: true });
  await file.seek(200_000, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(0xaa, 0x55));
  file.close();
  const bootstrap = scene.catalog.bootstrap(JOB, sdId, sdTime, "File1");
  const { records, end, director } = await scene.restore({ jobId: 2, job: RESTORE }, bootstrap);
  match(director.log, /Error: Volume data error at 0:\d+!\nBlock checksum mismatch in block=3 /);
  match(end, /JobErrors=[1-9]/);
  const indexes = new Set(records.map(({ header }) => Number(header.split(" ")[3])));
  ok(indexes.size >= 17 && indexes.has(1) && indexes.has(20), [...indexes].join());
});
