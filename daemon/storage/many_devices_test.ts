/** Several devices of one media type at once, and drives of a changer that want each other's volumes. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { askDaemon, type TestDirector } from "../../tests/support/test_director.ts";
import { manyFiles, TestFileDaemon } from "../../tests/support/test_file_daemon.ts";
import { startChangerScene } from "../../tests/support/changer_scene.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";
import { FOLDER_CHANGER } from "./folder_changer.ts";

const nameOf = (number: number): string =>
  `Backup.2026-11-24_00.00.00_${String(number).padStart(2, "0")}`;

for (const preferMounted of [true, false]) {
  Deno.test(`twenty jobs on four devices, mounted volumes preferred: ${preferMounted}`, async () => {
    await using scene = await StorageScene.start(
      {},
      {},
      (folder) =>
        [1, 2, 3, 4].map((number) =>
          testDevice(folder, { name: `Drive${number}`, maximumConcurrentJobs: 2 })
        ),
      (_) => [{ name: "Drives", devices: ["Drive1", "Drive2", "Drive3", "Drive4"] }],
    );
    const watcher = await scene.director();
    const most = new Map<string, number>();
    const holders = new Map<string, Set<string>>();
    const run = async (number: number) => {
      const director = await scene.director({ device: "Drives" });
      const job = nameOf(number);
      await director.announce({ jobId: number, job, preferMountedVolumes: preferMounted });
      await director.useStorage(true);
      await director.say("run");
      const file = await TestFileDaemon.connect(scene.port, job, director.key);
      const end = director.jobEnd();
      await file.beginAppend();
      await file.sendStreams(manyFiles(12, 30_000));
      await file.endAppend();
      const line = await end;
      director.close();
      file.connection.close();
      return { job, line, director };
    };
    const jobs = Array.from({ length: 20 }, (_, at) => run(at + 1));
    let areDone = false;
    const all = Promise.all(jobs).finally(() => areDone = true);
    while (!areDone) {
      const status = await askDaemon(watcher, "status Drives\n");
      for (
        const [, volume = "", drive = ""] of status.matchAll(/^(Main-\d+) on device "(\w+)"/gm)
      ) {
        holders.set(volume, new Set([...holders.get(volume) ?? [], drive]));
      }
      for (
        const [, device = "", writers] of status.matchAll(/on device "(\w+)".*\n.*writers=(\d+)/g)
      ) {
        most.set(device, Math.max(most.get(device) ?? 0, Number(writers)));
      }
    }
    watcher.close();
    const outcomes = await all;
    for (const { line } of outcomes) match(line, /JobStatus=84 JobFiles=12 .*JobErrors=0/);
    ok(most.size > 0);
    ok([...most.values()].every((writers) => writers <= 2), JSON.stringify([...most]));
    for (const { volume, bytes } of scene.catalog.volumes) {
      strictEqual(bytes, (await Deno.stat(`${scene.folder}/${volume}`)).size, volume);
    }
    ok(scene.catalog.volumes.length <= 4, `${scene.catalog.volumes.length} volumes`);
    if (!preferMounted) strictEqual(scene.catalog.volumes.length, 4);
    for (const { job, director: { sdId, sdTime } } of outcomes) {
      const bootstrap = scene.catalog.bootstrap(job, sdId, sdTime, "File1");
      const restored = await restoreBy(scene, "Drives", bootstrap);
      strictEqual(restored.length, 36, job);
    }
  });
}

async function restoreBy(
  scene: StorageScene,
  device: string,
  bootstrap: readonly string[],
  jobId = 90,
): Promise<Uint8Array[]> {
  const director = await scene.director({ device });
  const job = `Restore.2026-11-24_00.00.00_${jobId}`;
  await director.announce({ jobId, job, type: "R" });
  await director.useStorage(false);
  await director.bootstrap(bootstrap);
  await director.say("run");
  const file = await TestFileDaemon.connect(scene.port, job, director.key);
  const end = director.jobEnd();
  const records = await file.readAll();
  match(await end, /JobStatus=84 .*JobErrors=0/);
  director.close();
  file.connection.close();
  return records.map(({ data }) => data);
}

Deno.test("drives of a changer swap a volume, and a restore waits for the one that writes it", async () => {
  await using scene = await startChangerScene({
    slots: 2,
    jobsPerDrive: 2,
    command: () => FOLDER_CHANGER,
  });
  const director = await scene.director({ device: "Changer" });
  const volume = scene.catalog.create("Main");
  match(
    await askDaemon(
      director,
      `label Changer VolumeName=${volume.volume} PoolName=Main MediaType=File1 Slot=2 drive=0 ` +
        "MinBlocksize=0 MaxBlocksize=0",
    ),
    /^3000 OK label\./,
  );
  volume.slot = 2;
  volume.bytes = (await Deno.stat(`${scene.folder}/magazine/slot2/${volume.volume}`)).size;
  volume.blocks = 1;
  scene.catalog.mayCreate = 0;
  match(await askDaemon(director, "autochanger listall Changer \n"), /D:0:F:2:Main-0001\nD:1:E\n/);

  // only the other drive may be used: the volume moves
  strictEqual(
    await setDevice(director, "Drive0", 0),
    "3000 OK setdevice=Drive0 autoselect=0\n",
  );
  const first = await scene.begin({ jobId: 1, job: nameOf(1) }, "Changer");
  const firstEnd = first.director.jobEnd();
  await first.file.beginAppend();
  await first.file.sendStreams(manyFiles(3, 30_000));
  await first.file.endAppend();
  match(await firstEnd, /JobStatus=84 JobFiles=3 .*JobErrors=0/);
  match(first.director.log, /3307 Issuing autochanger "unload slot 2, drive 0" command\./);
  match(first.director.log, /3305 Autochanger "load slot 2, drive 1", status is OK\./);
  match(await askDaemon(director, "autochanger listall Changer \n"), /D:0:E\nD:1:F:2:Main-0001\n/);

  // and back, while a restore of the same volume waits for the job that writes it
  await setDevice(director, "Drive0", 1);
  await setDevice(director, "Drive1", 0);
  const second = await scene.begin({ jobId: 2, job: nameOf(2) }, "Changer");
  await second.file.beginAppend();
  await second.file.sendStreams(manyFiles(3, 30_000));
  await second.director.readUntil((_, text) => text.includes("Ready to append"));
  await setDevice(director, "Drive1", 1);
  const { sdId, sdTime } = first.director;
  const restore = restoreBy(
    scene,
    "Changer",
    scene.catalog.bootstrap(nameOf(1), sdId, sdTime, "File1"),
  );
  const secondEnd = second.director.jobEnd();
  await second.file.endAppend();
  match(await secondEnd, /JobStatus=84 JobFiles=3 .*JobErrors=0/);
  match(second.director.log, /3307 Issuing autochanger "unload slot 2, drive 1" command\./);
  strictEqual((await restore).length, 9);
  // the restore had to wait, and does not put back what it knew before
  const { size } = await Deno.stat(`${scene.folder}/magazine/slot2/${volume.volume}`);
  strictEqual(volume.bytes, size);
  for (const peer of [first.director, second.director, director]) peer.close();
  for (const { file } of [first, second]) file.connection.close();
  deepStrictEqual(scene.catalog.volumes.map(({ volume, jobs }) => [volume, jobs]), [[
    "Main-0001",
    2,
  ]]);
});

async function setDevice(director: TestDirector, device: string, autoselect: number) {
  await director.say(`setdevice device=${device} autoselect=${autoselect}`);
  return await director.expect("3");
}
