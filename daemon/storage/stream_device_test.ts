/** Devices that volumes only pass through: NULL devices and pipes. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { manyFiles, TestFileDaemon } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";
import { waitFor } from "../../tests/support/wait_for.ts";

const first = { jobId: 1, job: "Backup.2026-11-24_00.00.00_01" };
const second = { jobId: 2, job: "Backup.2026-11-24_00.00.00_02" };
const restore = { jobId: 9, job: "Restore.2026-11-24_00.00.00_09" };

/** A restore up to the moment when its file daemon has opened its session. */
async function beginRestore(scene: StorageScene, bootstrap: readonly string[]) {
  const director = await scene.director();
  await director.announce({ ...restore, type: "R" });
  await director.useStorage(false);
  await director.bootstrap(bootstrap);
  await director.say("run");
  const file = await TestFileDaemon.connect(scene.port, restore.job, director.key);
  const end = director.jobEnd();
  await file.ask("read open session = DummyVolume 0 0 0 0 0 0\n");
  return { director, file, end };
}

Deno.test("a NULL device takes any number of jobs, counts them, and gives nothing back", async () => {
  await using scene = await StorageScene.start(
    {},
    {},
    () => [testDevice("/dev/null", { deviceType: "fifo", maximumFileSize: 100_000 })],
  );
  const { end, sdId, sdTime } = await scene.backup(first, manyFiles(20, 30_000));
  match(end, /JobStatus=84 JobFiles=20 /);
  const [volume] = scene.catalog.volumes;
  ok(volume !== undefined && volume.bytes > 600_000 && volume.blocks > 9);
  const before = volume.bytes;
  match((await scene.backup(second, manyFiles(3, 1000))).end, /JobStatus=84 JobFiles=3 /);
  strictEqual(scene.catalog.volumes.length, 1);
  ok(volume.bytes > before + 3000);

  const bootstrap = scene.catalog.bootstrap(first.job, sdId, sdTime, "File1");
  const { director, file, end: failed } = await beginRestore(scene, bootstrap);
  strictEqual(await file.ask("read data 1\n"), "<TERMINATE>");
  match(await failed, /JobStatus=102 /);
  file.connection.close();
  director.close();
  match(director.log, /Cannot read of volume "Main-0001" .*: a NULL device keeps nothing/);
});

Deno.test("a pipe hands a volume to a program, and takes it from one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    await using scene = await StorageScene.start(
      {},
      {},
      () => [testDevice(`${folder}/pipe`, { deviceType: "fifo", spoolDirectory: folder })],
    );
    const shell = (script: string) =>
      new Deno.Command("sh", { args: ["-c", script], cwd: folder }).output();
    const taking = shell("cat pipe > taken");
    const { end, sdId, sdTime } = await scene.backup(first, manyFiles(40, 50_000));
    match(end, /JobStatus=84 JobFiles=40 /);
    await taking;
    const [volume] = scene.catalog.volumes;
    strictEqual((await Deno.stat(`${folder}/taken`)).size, volume?.bytes);

    const again = shell("cat pipe >> taken");
    match((await scene.backup(second, manyFiles(2, 10))).end, /JobStatus=84 /);
    await again;
    strictEqual((await Deno.stat(`${folder}/taken`)).size, volume?.bytes);

    const giving = shell("cat taken > pipe");
    const bootstrap = scene.catalog.bootstrap(first.job, sdId, sdTime, "File1");
    const back = await scene.restore(restore, bootstrap);
    await giving;
    match(back.end, /JobStatus=84 /);
    const indexes = new Set(back.records.map(({ header }) => Number(header.split(" ")[3])));
    deepStrictEqual([...indexes], Array.from({ length: 40 }, (_, i) => i + 1));
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "pipe",
      "taken",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a job that waits for a program at the other end of a pipe can be cancelled", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    await using scene = await StorageScene.start(
      {},
      {},
      () => [testDevice(`${folder}/pipe`, { spoolDirectory: folder })],
    );
    const { director, file } = await scene.begin(first);
    const end = director.jobEnd();
    await file.beginAppend();
    await file.sendStreams(manyFiles(1, 100_000));
    await waitFor("the volume to be mounted", () => director.log.includes("Ready to append"));
    const other = await scene.director();
    const cancel = async (job: string): Promise<void> => {
      await other.say(`cancel Job=${job}`);
      match(await other.answer(), /^3000 .* marked to be canceled/);
    };
    await cancel(first.job);
    match(await end, /JobStatus=65 /);
    file.connection.close();
    director.close();

    // and one that waits to read from it
    const reading = await beginRestore(scene, ['Volume="Main-0001"', 'MediaType="File1"']);
    const opened = reading.file.ask("read data 1\n");
    await waitFor(
      "the volume to be waited for",
      () => reading.director.heard.some((text) => text.includes("write=0")),
    );
    await cancel(restore.job);
    match(await opened, /^<(end|TERMINATE)>$/);
    match(await reading.end, /JobStatus=65 /);
    reading.file.connection.close();
    reading.director.close();
    other.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program that stops reading a pipe fails the job", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    await using scene = await StorageScene.start(
      {},
      {},
      () => [testDevice(`${folder}/pipe`, { spoolDirectory: folder })],
    );
    const taking = new Deno.Command("sh", {
      args: ["-c", "head -c 100000 pipe > /dev/null"],
      cwd: folder,
    }).output();
    const { director, file } = await scene.begin(first);
    const end = director.jobEnd();
    await file.beginAppend();
    await file.sendStreams(manyFiles(200, 50_000)).catch(() => {}); // refused on the way
    await taking;
    match(await end, /JobStatus=102 /);
    match(director.log, /Cannot write to the pipe at .*Broken pipe/);
    file.connection.close();
    director.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
