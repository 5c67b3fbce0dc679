import { Buffer } from "node:buffer";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { manyFiles } from "../../tests/support/test_file_daemon.ts";
import { fixture, hasFixtures } from "../../tests/support/paths.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";
import { blockChecksum } from "../../storage/volume/mod.ts";

function jobName(number: number): string {
  return `Backup.2026-11-24_00.00.00_${String(number).padStart(2, "0")}`;
}

/** The FileIndexes that a restore of the job brings back. */
async function restored(
  scene: StorageScene,
  job: string,
  ids: { readonly sdId: number; readonly sdTime: number },
): Promise<{ indexes: number[]; bytes: number; end: string; log: string }> {
  const bootstrap = scene.catalog.bootstrap(job, ids.sdId, ids.sdTime, "File1");
  const name = `Restore.2026-11-24_00.00.00_${Math.random().toString().slice(2, 8)}`;
  const { records, end, director } = await scene.restore({ jobId: 99, job: name }, bootstrap);
  const indexes = new Set(records.map(({ header }) => Number(header.split(" ")[3])));
  const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
  return { indexes: [...indexes], bytes, end, log: director.log };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

Deno.test("a job goes on on the next volume when one is full, and restores from all of them", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.maxBytes = 300_000;
  const job = jobName(1);
  const { end, director, sdId, sdTime } = await scene.backup(
    { jobId: 1, job },
    manyFiles(30, 30_000),
  );
  match(end, /JobStatus=84 JobFiles=30 /);
  match(director.log, /User defined maximum volume capacity 300000 exceeded on device "FileStor/);
  match(director.log, /End of medium on Volume "Main-0001" Bytes=\d+ Blocks=\d+ at /);
  match(director.log, /New volume "Main-0002" mounted on device /);
  const { volumes, jobMedia } = scene.catalog;
  ok(volumes.length >= 4, `${volumes.length} volumes`);
  for (const volume of volumes) {
    strictEqual(volume.bytes, (await Deno.stat(`${scene.folder}/${volume.volume}`)).size);
    strictEqual(volume.status, volume === volumes.at(-1) ? "Append" : "Full");
    ok(volume.bytes < 300_000);
    strictEqual(volume.jobs, 1);
  }
  const spans = jobMedia.filter(({ firstIndex }) => firstIndex > 0);
  deepStrictEqual(spans.map(({ mediaId }) => mediaId), volumes.map(({ mediaId }) => mediaId));
  const back = await restored(scene, job, { sdId, sdTime });
  deepStrictEqual(back.indexes, range(30));
  match(back.end, /JobStatus=84 .* JobErrors=0/);
});

Deno.test("a volume is not used by more jobs than it may be", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.maxJobs = 2;
  for (const number of range(3)) {
    const { end } = await scene.backup({ jobId: number, job: jobName(number) }, manyFiles(2, 1000));
    match(end, /JobStatus=84/);
  }
  deepStrictEqual(
    scene.catalog.volumes.map(({ volume, status, jobs }) => [volume, status, jobs]),
    [["Main-0001", "Used", 2], ["Main-0002", "Append", 1]],
  );
});

Deno.test("two jobs interleave on one volume and both restore", async () => {
  await using scene = await StorageScene.start();
  const names = [jobName(1), jobName(2)];
  const begun = await Promise.all(
    names.map((job, i) => scene.begin({ jobId: i + 1, job })),
  );
  const ends = begun.map(({ director }) => director.jobEnd());
  for (const { file } of begun) await file.beginAppend();
  const all = manyFiles(40, 20_000);
  // piece by piece in turns, so that blocks of both lie side by side
  for (let at = 0; at < all.length; at += 12) {
    await Promise.all(begun.map(({ file }) => file.sendStreams(all.slice(at, at + 12))));
  }
  await Promise.all(begun.map(({ file }) => file.endAppend()));
  for (const end of await Promise.all(ends)) match(end, /JobStatus=84 JobFiles=40 .*JobErrors=0/);
  const { volumes } = scene.catalog;
  deepStrictEqual(volumes.map(({ volume, jobs }) => [volume, jobs]), [["Main-0001", 2]]);
  strictEqual(volumes[0]?.bytes, (await Deno.stat(`${scene.folder}/Main-0001`)).size);
  for (const [i, job] of names.entries()) {
    const director = begun[i]?.director;
    const back = await restored(scene, job, {
      sdId: director?.sdId ?? 0,
      sdTime: director?.sdTime ?? 0,
    });
    deepStrictEqual(back.indexes, range(40));
    match(back.end, /JobErrors=0/);
  }
  for (const { director, file } of begun) {
    director.close();
    file.connection.close();
  }
});

Deno.test("interleaved jobs follow one another to the next volume", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.maxBytes = 500_000;
  const names = [jobName(1), jobName(2), jobName(3)];
  const outcomes = await Promise.all(
    names.map((job, i) => scene.backup({ jobId: i + 1, job }, manyFiles(30, 30_000))),
  );
  for (const { end } of outcomes) match(end, /JobStatus=84 JobFiles=30 .*JobErrors=0/);
  for (const volume of scene.catalog.volumes) {
    strictEqual(volume.bytes, (await Deno.stat(`${scene.folder}/${volume.volume}`)).size);
  }
  for (const [i, job] of names.entries()) {
    const outcome = outcomes[i];
    ok(outcome);
    deepStrictEqual((await restored(scene, job, outcome)).indexes, range(30));
  }
});

Deno.test("thirty jobs at once on one device all end well", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.maxBytes = 2_000_000;
  const numbers = range(30);
  const outcomes = await Promise.all(
    numbers.map((n) => scene.backup({ jobId: n, job: jobName(n) }, manyFiles(10, 50_000))),
  );
  for (const { end } of outcomes) match(end, /JobStatus=84 JobFiles=10 .*JobErrors=0/);
  for (const n of [1, 17, 30]) {
    const outcome = outcomes[n - 1];
    ok(outcome);
    deepStrictEqual((await restored(scene, jobName(n), outcome)).indexes, range(10));
  }
});

Deno.test("marks within a volume give JobMedia records that fit together", async () => {
  await using scene = await StorageScene.start({ maximumFileSize: 200_000 });
  const job = jobName(1);
  const { sdId, sdTime } = await scene.backup({ jobId: 1, job }, manyFiles(30, 30_000));
  const spans = scene.catalog.jobMedia.filter(({ firstIndex }) => firstIndex > 0);
  ok(spans.length >= 4);
  for (const [i, span] of spans.entries()) {
    const before = spans[i - 1];
    if (before !== undefined) {
      strictEqual(span.start, before.end + 1);
      ok(span.firstIndex === before.lastIndex || span.firstIndex === before.lastIndex + 1);
    }
  }
  deepStrictEqual((await restored(scene, job, { sdId, sdTime })).indexes, range(30));
});

Deno.test("a volume that is gone from the disk is put in error and another one used", async () => {
  await using scene = await StorageScene.start();
  await scene.backup({ jobId: 1, job: jobName(1) }, manyFiles(2, 1000));
  await Deno.remove(`${scene.folder}/Main-0001`);
  const { end, director } = await scene.backup({ jobId: 2, job: jobName(2) }, manyFiles(2, 1000));
  match(end, /JobStatus=84/);
  match(
    director.log,
    /Warning: Open device .* Volume "Main-0001" failed: ERR=No such file or directory/,
  );
  match(director.log, /Marking Volume "Main-0001" in Error in Catalog\./);
  strictEqual(scene.catalog.volume("Main-0001").status, "Error");
  strictEqual(scene.catalog.volume("Main-0002").jobs, 1);
});

Deno.test("a volume with another label is put in error and another one used", async () => {
  await using scene = await StorageScene.start();
  await scene.backup({ jobId: 1, job: jobName(1) }, manyFiles(2, 1000));
  scene.catalog.volume("Main-0001").status = "Used";
  await scene.backup({ jobId: 2, job: jobName(2) }, manyFiles(2, 1000));
  await Deno.copyFile(`${scene.folder}/Main-0001`, `${scene.folder}/Main-0002`);
  const { end, director } = await scene.backup({ jobId: 3, job: jobName(3) }, manyFiles(2, 1000));
  match(end, /JobStatus=84/);
  match(director.log, /Warning: Volume "Main-0002" not on device /);
  strictEqual(scene.catalog.volume("Main-0002").status, "Error");
});

Deno.test("a volume smaller than the catalog says is not written on", async () => {
  await using scene = await StorageScene.start();
  await scene.backup({ jobId: 1, job: jobName(1) }, manyFiles(2, 1000));
  await Deno.truncate(`${scene.folder}/Main-0001`, 1000);
  const { director } = await scene.backup({ jobId: 2, job: jobName(2) }, manyFiles(2, 1000));
  match(director.log, /Error: Bareos cannot write on disk Volume "Main-0001" because: The sizes/);
  deepStrictEqual(scene.catalog.volumes.map(({ status }) => status), ["Error", "Append"]);
});

Deno.test("a piece of a block at the end of a volume is cut off and the catalog corrected", async () => {
  await using scene = await StorageScene.start();
  const first = await scene.backup({ jobId: 1, job: jobName(1) }, manyFiles(5, 30_000));
  const volume = scene.catalog.volume("Main-0001");
  const path = `${scene.folder}/Main-0001`;
  const known = volume.bytes;
  // the catalog has not heard of the last job, and its last block is not whole
  const second = await scene.backup({ jobId: 2, job: jobName(2) }, manyFiles(5, 30_000));
  match(second.end, /JobStatus=84/);
  volume.bytes = known;
  await Deno.truncate(path, (await Deno.stat(path)).size - 100);
  const third = await scene.backup({ jobId: 3, job: jobName(3) }, manyFiles(5, 30_000));
  match(third.end, /JobStatus=84/);
  match(third.director.log, /ends in a broken block at \d+/);
  match(third.director.log, /The sizes do not match! Volume=\d+ Catalog=\d+\nCorrecting Catalog/);
  strictEqual(volume.bytes, (await Deno.stat(path)).size);
  for (const [number, outcome] of [[1, first], [3, third]] as const) {
    const back = await restored(scene, jobName(number), outcome);
    deepStrictEqual(back.indexes, range(5));
    match(back.end, /JobErrors=0/);
  }
});

Deno.test("one volume is read while another is written", async () => {
  await using scene = await StorageScene.start({}, {}, (folder) => {
    return ["FileStorage1", "FileStorage2"].map((name) => testDevice(folder, { name }));
  });
  const first = await scene.backup({ jobId: 1, job: jobName(1) }, manyFiles(5, 30_000));
  scene.catalog.volume("Main-0001").status = "Used";
  const { director, file } = await scene.begin({ jobId: 2, job: jobName(2) }, "FileStorage2");
  const end = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(manyFiles(5, 30_000));
  deepStrictEqual((await restored(scene, jobName(1), first)).indexes, range(5));
  await file.endAppend();
  match(await end, /JobStatus=84/);
  director.close();
  file.connection.close();
});

Deno.test("a job waits for a device that another one uses", async () => {
  await using scene = await StorageScene.start({ maximumConcurrentJobs: 1 });
  const first = await scene.begin({ jobId: 1, job: jobName(1) });
  const firstEnd = first.director.jobEnd();
  await first.file.beginAppend();
  await first.file.sendStreams(manyFiles(1, 1000));
  const second = scene.backup({ jobId: 2, job: jobName(2) }, manyFiles(2, 1000));
  const status = await scene.director();
  while (true) {
    await status.say("status FileStorage1\n");
    const text = await status.answer();
    if (text.includes(`   3609 JobId=2 Max concurrent jobs exceeded on drive "FileStorage1"`)) {
      break;
    }
  }
  status.close();
  await first.file.endAppend();
  match(await firstEnd, /JobStatus=84/);
  match((await second).end, /JobStatus=84 JobFiles=2/);
  first.director.close();
  first.file.connection.close();
});

Deno.test({
  name: "a volume that Bareos wrote is continued, and both parts are read",
  ignore: !hasFixtures,
  fn: async () => {
    await using scene = await StorageScene.start();
    const path = `${scene.folder}/Main-0001`;
    await Deno.copyFile(fixture("volumes/Main-0001"), path);
    await Deno.chmod(path, 0o640);
    const volume = scene.catalog.create("Main");
    volume.bytes = (await Deno.stat(path)).size;
    volume.blocks = 10;
    const { size } = await Deno.stat(path);
    const job = jobName(1);
    const outcome = await scene.backup({ jobId: 1, job }, manyFiles(3, 30_000));
    match(outcome.end, /JobStatus=84/);
    ok(
      outcome.director.log.includes(`Ready to append to end of Volume "Main-0001" size=${size}\n`),
    );
    deepStrictEqual((await restored(scene, job, outcome)).indexes, range(3));
    const old = await scene.restore({ jobId: 2, job: "Restore.2026-11-24_00.00.00_02" }, [
      'Volume="Main-0001"\n',
      'MediaType="File1"\n',
      "VolSessionId=1\n",
      "VolSessionTime=1795417143\n",
      "FileIndex=1-87\n",
    ]);
    strictEqual(new Set(old.records.map(({ header }) => header.split(" ")[3])).size, 87);
  },
});

Deno.test("the device's Maximum Volume Size counts as well as the catalog's", async () => {
  await using scene = await StorageScene.start({ maximumVolumeSize: 200_000 });
  scene.catalog.maxBytes = 500_000;
  const { end, director } = await scene.backup(
    { jobId: 1, job: jobName(1) },
    manyFiles(20, 30_000),
  );
  match(end, /JobStatus=84 JobFiles=20 /);
  match(director.log, /User defined maximum volume capacity 200000 exceeded on device "FileStor/);
  ok(scene.catalog.volumes.every(({ bytes }) => bytes < 200_000));
});

Deno.test("blocks larger than the device's are read, with a word about it and no error", async () => {
  await using scene = await StorageScene.start({}, {}, (folder) => [
    testDevice(folder, { name: "Large", maximumBlockSize: 400_000 }),
    testDevice(folder, { maximumBlockSize: 64_512 }),
  ]);
  const job = jobName(1);
  const { director, file } = await scene.begin({ jobId: 1, job }, "Large");
  const ended = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(manyFiles(10, 100_000));
  await file.endAppend();
  match(await ended, /JobStatus=84 /);
  director.close();
  file.connection.close();
  const back = await restored(scene, job, director);
  deepStrictEqual(back.indexes, range(10));
  match(back.end, /JobStatus=84 .* JobErrors=0/);
  match(back.log, /Block length 400000 is greater than buffer 64512\. Attempting recovery\./);
  match(back.log, /Setting block buffer size to 400000 bytes\./);
  strictEqual([...back.log.matchAll(/Attempting recovery/g)].length, 1);
});

Deno.test("a volume that was used before and has no room for a block is passed on from", async () => {
  await using scene = await StorageScene.start();
  scene.catalog.maxBytes = 300_000;
  // two volumes that are nearly full, and one job that comes to both of them
  const first = await scene.backup({ jobId: 1, job: jobName(1) }, manyFiles(9, 30_000));
  match(first.end, /JobStatus=84 JobFiles=9 .*JobErrors=0/);
  for (const volume of scene.catalog.volumes) volume.status = "Append";
  const nearlyFull = scene.catalog.create("Main");
  const path = (name: string) => `${scene.folder}/${name}`;
  const { volume: name, bytes, blocks } = scene.catalog.volume("Main-0001");
  const copied = await Deno.readFile(path(name));
  await Deno.writeFile(path(nearlyFull.volume), relabelled(copied, name, nearlyFull.volume));
  Object.assign(nearlyFull, { bytes, blocks });
  const second = await scene.backup({ jobId: 2, job: jobName(2) }, manyFiles(9, 30_000));
  match(second.end, /JobStatus=84 JobFiles=9 .*JobErrors=0/);
  match(second.director.log, /End of medium on Volume "Main-0001"(.|\n)*"Main-0002" mounted/);
  match(second.director.log, /End of medium on Volume "Main-0002"(.|\n)*"Main-0003" mounted/);
  deepStrictEqual((await restored(scene, jobName(2), second)).indexes, range(9));
  strictEqual(scene.catalog.volume("Main-0002").status, "Full");
});

/** A volume under another name of the same length. */
function relabelled(volume: Uint8Array, from: string, to: string): Uint8Array {
  const bytes = volume.slice();
  const at = Buffer.from(bytes.buffer).indexOf(`${from}\0`);
  bytes.set(Buffer.from(to), at);
  const length = new DataView(bytes.buffer).getUint32(4);
  new DataView(bytes.buffer).setUint32(0, blockChecksum(bytes.subarray(0, length)));
  return bytes;
}
