/**
 * What a director that is in wrong hands may try on a device with `Append Only Period`, or on a volume
 * that was labelled for a pool with one.
 */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { askDaemon } from "../../tests/support/test_director.ts";
import { manyFiles } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";
const LATER = "Backup.2026-11-24_00.00.00_02";
const DAY = 86_400;

const rest = "PoolName=Main MediaType=File1 Slot=0 drive=0 MinBlocksize=0 MaxBlocksize=0";
const relabel = (from: string, to: string) =>
  `relabel FileStorage1 OldName=${from} NewName=${to} ${rest}`;

/** Who wants volumes to be append only. */
type Half = "device" | "pool";

const halves: readonly Half[] = ["device", "pool"];

/** A daemon whose volume `Main-0001` holds a backup. */
async function withBackup(
  half: Half,
  test: (scene: StorageScene, path: string, before: Uint8Array) => Promise<void>,
): Promise<void> {
  await using scene = await StorageScene.start({
    appendOnlyPeriod: half === "device" ? 30 * DAY : 0,
  });
  scene.catalog.appendOnly = half === "pool" ? 30 * DAY : 0;
  match((await scene.backup({ jobId: 1, job: JOB }, manyFiles(20, 30_000))).end, /JobStatus=84 /);
  scene.catalog.appendOnly = 0; // what the director says later does not count
  const path = `${scene.folder}/Main-0001`;
  await test(scene, path, await Deno.readFile(path));
}

async function assertUnchanged(path: string, before: Uint8Array): Promise<void> {
  const now = await Deno.readFile(path);
  deepStrictEqual(now.subarray(0, before.length), before);
}

for (const half of halves) {
  Deno.test(`a volume that is append only by its ${half} is not relabelled or truncated before its time`, async () => {
    await withBackup(half, async (scene, path, before) => {
      const director = await scene.director();
      for (const name of ["Main-0001", "Other"]) {
        match(
          await askDaemon(director, relabel("Main-0001", name)),
          /^3912 Failed to label Volume: ERR=Volume "Main-0001" is append only until /,
        );
      }
      match(await askDaemon(director, `label FileStorage1 VolumeName=Main-0001 ${rest}`), /^3920 /);
      await assertUnchanged(path, before);
      if (half === "device") {
        // damaged, it is no volume any more for who looks at its label, and protected all the same
        const file = await Deno.open(path, { write: true });
        await file.write(new Uint8Array(24));
        file.close();
        match(
          await askDaemon(director, `label FileStorage1 VolumeName=Main-0001 ${rest}`),
          /^3912 .*append/,
        );
      }
      const old = Date.now() / 1000 - 31 * DAY;
      await Deno.writeFile(path, before);
      await Deno.utime(path, old, old);
      match(await askDaemon(director, relabel("Main-0001", "Main-0001")), /^3000 OK label/);
      director.close();
    });
  });
}

Deno.test("a volume that is labelled by command for an append only pool is protected as well", async () => {
  await using scene = await StorageScene.start();
  const director = await scene.director();
  const command = `label FileStorage1 VolumeName=Main-0001 ${rest} AppendOnly=${30 * DAY}`;
  match(await askDaemon(director, command), /^3000 OK label/);
  const size = (await Deno.stat(`${scene.folder}/Main-0001`)).size;
  Object.assign(scene.catalog.create("Main"), { bytes: size, blocks: 1, writes: 1 });
  match((await scene.backup({ jobId: 1, job: JOB }, manyFiles(20, 30_000))).end, /JobStatus=84 /);
  match(await askDaemon(director, relabel("Main-0001", "Main-0001")), /^3912 .*append only until/);
  director.close();
});

Deno.test("a volume that only has a label may be given another", async () => {
  await using scene = await StorageScene.start({ appendOnlyPeriod: 30 * DAY });
  const director = await scene.director();
  match(await askDaemon(director, `label FileStorage1 VolumeName=New ${rest}`), /^3000 OK label/);
  match(await askDaemon(director, relabel("New", "Newer")), /^3000 OK label/);
  director.close();
});

for (const half of halves) {
  Deno.test(`a recycled volume that is append only by its ${half} is passed over for a new one`, async () => {
    await withBackup(half, async (scene, path, before) => {
      scene.catalog.volume("Main-0001").status = "Recycle";
      const { end, director } = await scene.backup({ jobId: 2, job: LATER }, manyFiles(2, 30_000));
      match(end, /JobStatus=84 JobFiles=2 /);
      match(director.log, /Warning: Volume "Main-0001" is append only until .*not overwritten/);
      match(director.log, /Labeled new Volume "Main-0002"/);
      strictEqual(scene.catalog.volume("Main-0001").status, "Used");
      await assertUnchanged(path, before);
    });
  });

  Deno.test(`a catalog that lies about the end of a volume of a ${half} loses no block of it`, async () => {
    await withBackup(half, async (scene, path, before) => {
      for (const [jobId, bytes] of [[2, 1], [3, before.length - 100], [4, 70_000]] as const) {
        const volume = scene.catalog.volume("Main-0001");
        volume.bytes = bytes;
        const job = `Backup.2026-11-24_00.00.00_1${jobId}`;
        const { end } = await scene.backup({ jobId, job }, manyFiles(1, 30_000));
        match(end, /JobStatus=84 JobFiles=1 /);
        await assertUnchanged(path, before);
      }
    });
  });
}
