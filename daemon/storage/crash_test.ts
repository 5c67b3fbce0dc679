import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { fileStreams, type TestStream } from "../../tests/support/test_file_daemon.ts";
import { startStorageProcess } from "../../tests/support/storage_process.ts";
import { type JobOutcome, StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice, testStorage } from "../../tests/support/storage_settings.ts";
import { StorageDaemon } from "./mod.ts";

function files(first: number, last: number): TestStream[] {
  const all: TestStream[] = [];
  for (let i = first; i <= last; i++) {
    all.push(...fileStreams(i, `/f${i}`, [new Uint8Array(30_000).fill(i)]));
  }
  return all;
}

Deno.test("after SIGKILL in mid-job the next daemon goes on on the same volume", async () => {
  const folder = await Deno.makeTempDir();
  let daemon = await startStorageProcess(folder);
  try {
    const scene = new StorageScene(folder, daemon.port, () => Promise.resolve());
    const { catalog } = scene;
    const names = [1, 2, 3].map((n) => `Backup.2026-11-24_00.00.00_0${n}`) as [
      string,
      string,
      string,
    ];
    const first = await scene.backup({ jobId: 1, job: names[0] }, files(1, 10));
    match(first.end, /JobStatus=84/);
    const known = catalog.volume("Main-0001").bytes;

    const { director, file } = await scene.begin({ jobId: 2, job: names[1] });
    await file.beginAppend();
    await file.sendStreams(files(1, 40));
    // attributes come when their block is on the volume
    await director.readUntil(() => director.attributes.length > 20);
    await daemon.kill();
    await rejects(director.jobEnd(), /hung up/);
    director.close();
    file.connection.close();
    const { size } = await Deno.stat(`${folder}/Main-0001`);
    ok(size > known, `${size} bytes on the volume`);
    strictEqual(catalog.volume("Main-0001").bytes, known);

    daemon = await startStorageProcess(folder);
    const again = new StorageScene(folder, daemon.port, () => Promise.resolve());
    again.catalog.volumes.push(...catalog.volumes);
    again.catalog.jobMedia.push(...catalog.jobMedia);
    const third = await again.backup({ jobId: 3, job: names[2] }, files(1, 10));
    match(third.end, /JobStatus=84/);
    match(third.director.log, /The sizes do not match! Volume=\d+ Catalog=\d+\nCorrecting Catalog/);
    deepStrictEqual(again.catalog.volumes.map(({ volume }) => volume), ["Main-0001"]);
    strictEqual(
      again.catalog.volume("Main-0001").bytes,
      (await Deno.stat(`${folder}/Main-0001`)).size,
    );
    for (const [job, outcome] of [[names[0], first], [names[2], third]] as const) {
      const bootstrap = again.catalog.bootstrap(job, outcome.sdId, outcome.sdTime, "File1");
      const { records, end } = await again.restore({ jobId: 9, job: `Restore.${job}` }, bootstrap);
      match(end, /JobStatus=84 .*JobErrors=0/);
      strictEqual(new Set(records.map(({ header }) => header.split(" ")[3])).size, 10);
    }
  } finally {
    await daemon.kill().catch(() => {});
    await Deno.remove(folder, { recursive: true });
  }
});

for (const blockChecksum of [true, false]) {
  Deno.test(`a volume goes on whatever a crash leaves behind, finished jobs restore, checksums ${blockChecksum}`, () =>
    goOnAfterCrashes(blockChecksum));
}

async function goOnAfterCrashes(blockChecksum: boolean): Promise<void> {
  await using scene = await StorageScene.start({ blockChecksum });
  const path = `${scene.folder}/Main-0001`;
  const name = (number: number) => `Backup.2026-11-24_00.00.00_${String(number).padStart(2, "0")}`;
  const first = await scene.backup({ jobId: 1, job: name(1) }, files(1, 10));
  const known = structuredClone(scene.catalog.volume("Main-0001"));
  const media = scene.catalog.jobMedia.length;
  await scene.backup({ jobId: 2, job: name(2) }, files(1, 20));
  const whole = await Deno.readFile(path);
  const restores = async (number: number, { sdId, sdTime }: JobOutcome): Promise<void> => {
    const bootstrap = scene.catalog.bootstrap(name(number), sdId, sdTime, "File1");
    const { records, end, director } = await scene.restore(
      { jobId: 9, job: `Restore.${name(9)}` },
      bootstrap,
    );
    match(end, /JobStatus=84 .*JobErrors=0/, director.log);
    strictEqual(new Set(records.map(({ header }) => header.split(" ")[3])).size, 10);
  };
  // the first block behind what is known: its header, the middle of it, its end, the whole rest of the volume
  const behind = new DataView(whole.buffer).getUint32(known.bytes + 4);
  const rests: readonly (readonly [string, Uint8Array, RegExp | undefined])[] = [
    ...[0, 3, 24, 5_000, behind - 1, behind, behind + 40, whole.length - known.bytes].map((cut) =>
      [`${cut} bytes`, whole.slice(known.bytes, known.bytes + cut), undefined] as const
    ),
    ["zeros", new Uint8Array(300_000), /ends in a broken block at \d+: .*Dropped 300000 bytes/],
    [
      "a damaged block with good ones behind it",
      damaged(whole.slice(known.bytes), blockChecksum ? 30_000 : 12),
      /is damaged at \d+: .*\. The \d+ good blocks behind it are kept; 0 bytes/,
    ],
  ];
  let jobId = 10;
  for (const [what, rest, expected] of rests) {
    await Deno.writeFile(path, new Uint8Array([...whole.subarray(0, known.bytes), ...rest]));
    Object.assign(scene.catalog.volume("Main-0001"), structuredClone(known));
    scene.catalog.jobMedia.length = media;
    const next = await scene.backup({ jobId: ++jobId, job: name(jobId) }, files(1, 10));
    match(next.end, /JobStatus=84 JobFiles=10 .*JobErrors=0/, what);
    if (expected !== undefined) match(next.director.log, expected, what);
    const { size } = await Deno.stat(path);
    strictEqual(scene.catalog.volume("Main-0001").bytes, size, what);
    ok(size >= known.bytes, what);
    await restores(1, first);
    await restores(jobId, next);
  }
  deepStrictEqual(scene.catalog.volumes.map(({ volume }) => volume), ["Main-0001"]);
}

function damaged(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

Deno.test("spool files of a daemon that was killed are gone when the next one runs, others stay", async () => {
  const folder = await Deno.makeTempDir();
  const spools = `${folder}/spools`;
  await Deno.mkdir(spools);
  const stale = [
    `${folder}/test-sd.attr.Backup.2026-11-24_00.00.00_01.3.spool`,
    `${spools}/test-sd.data.1.Backup.2026-11-24_00.00.00_01.FileStorage1.spool`,
  ];
  const others = [
    `${spools}/other-sd.data.1.Backup.2026-11-24_00.00.00_01.FileStorage1.spool`,
    `${folder}/test-sd.9103.state`,
    `${folder}/test-sd.data.spool`,
  ];
  for (const path of [...stale, ...others]) await Deno.writeTextFile(path, "left");
  const told: string[] = [];
  const daemon = new StorageDaemon({
    ...testStorage(folder, [testDevice(folder, { spoolDirectory: spools })]),
    onProblem: (text) => told.push(text),
  });
  const { stop } = await daemon.start();
  try {
    for (const path of stale) await rejects(Deno.stat(path), Deno.errors.NotFound);
    for (const path of others) await Deno.stat(path);
    deepStrictEqual(
      told,
      [folder, spools].map((name) =>
        `Removed 1 spool files of an earlier run from ${name}, 4 bytes`
      ),
    );
  } finally {
    await stop();
    await Deno.remove(folder, { recursive: true });
  }
});
