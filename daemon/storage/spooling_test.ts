import { Buffer } from "node:buffer";
import { doesNotMatch, match, ok, rejects, strictEqual } from "node:assert";
import { manyFiles } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { waitFor } from "../../tests/support/wait_for.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";
const RESTORE = "Restore.2026-11-24_00.00.00_02";

async function assertNoSpool(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) ok(!name.endsWith(".spool"), name);
}

Deno.test("spooled data restores as it was saved, with the messages of each limit", async () => {
  await using scene = await StorageScene.start({ maximumJobSpoolSize: 400_000 });
  const saved = manyFiles(40, 30_000);
  const { sdId, sdTime, end, director } = await scene.backup(
    { jobId: 1, job: JOB, spoolData: true },
    saved,
  );
  match(end, /JobStatus=84 JobFiles=40 .*JobErrors=0/);
  const { log } = director;
  match(log, /Spooling data \.\.\.\n/);
  match(
    log,
    /User specified Job spool size reached: JobSpoolSize=3\d\d,\d{3} MaxJobSpoolSize=400,000\n/,
  );
  match(log, /Writing spooled data to Volume\. Despooling 3\d\d,\d{3} bytes \.\.\.\n/);
  match(
    log,
    /Despooling elapsed time = (?!00:00:00)\d\d:\d\d:\d\d, Transfer rate = .* Bytes\/second\n/,
  );
  match(log, /Spooling data again \.\.\.\n/);
  match(log, /Committing spooled data to Volume "Main-0001"\. Despooling [\d,]+ bytes \.\.\.\n/);
  match(log, /Sending spooled attrs to the Director\./);
  strictEqual(director.attributes.length, 80);
  await assertNoSpool(scene.folder);
  const bootstrap = scene.catalog.bootstrap(JOB, sdId, sdTime, "File1");
  const { records } = await scene.restore({ jobId: 2, job: RESTORE }, bootstrap);
  const wanted = saved.flatMap(({ records }) => records);
  strictEqual(records.length, wanted.length);
  for (const [i, data] of wanted.entries()) {
    ok(Buffer.from(records[i]?.data ?? new Uint8Array()).equals(data), `record ${i}`);
  }
});

Deno.test("the job's own limit is stronger than the device's, and both than none", async () => {
  await using scene = await StorageScene.start({ maximumJobSpoolSize: 10_000_000 });
  const job = { jobId: 1, job: JOB, spoolData: true, spoolSize: 200_000 };
  const { director } = await scene.backup(job, manyFiles(20, 30_000));
  match(director.log, /MaxJobSpoolSize=200,000\n/);
});

Deno.test("the device's limit counts the spool files of all jobs on it", async () => {
  await using scene = await StorageScene.start({ maximumSpoolSize: 300_000 });
  const other = { jobId: 2, job: "Other.2026-11-24_00.00.00_05", spoolData: true };
  const [one, two] = await Promise.all([
    scene.backup({ jobId: 1, job: JOB, spoolData: true }, manyFiles(20, 30_000)),
    scene.backup(other, manyFiles(20, 30_000)),
  ]);
  for (const { end, director } of [one, two]) {
    match(end, /JobStatus=84 JobFiles=20 /);
    match(director.log, /User specified Device spool size reached: .*MaxDevSpoolSize=300,000\n/);
  }
  await assertNoSpool(scene.folder);
});

Deno.test("a cancelled job's spool is discarded, and the device is free", async () => {
  await using scene = await StorageScene.start();
  const { director, file } = await scene.begin({ jobId: 1, job: JOB, spoolData: true });
  const end = director.jobEnd();
  await file.beginAppend();
  await file.sendStreams(manyFiles(20, 30_000));
  const spool = `${scene.folder}/test-sd.data.1.${JOB}.FileStorage1.spool`;
  await waitFor("data in the spool", async () => {
    const info = await Deno.stat(spool).catch(() => undefined);
    return info !== undefined && info.size > 300_000;
  });
  const status = await scene.director();
  await status.say("status FileStorage1\n");
  const report = await status.answer();
  match(report, /Data spooling: 1 active jobs, /);
  match(report, /spooling=1 despooling=0 despool_wait=0/);
  await status.say("cancel Job=1\n");
  match(await end, /JobStatus=65 /);
  doesNotMatch(director.log, /Committing spooled data/);
  await assertNoSpool(scene.folder);
  director.close();
  status.close();
  file.connection.close();
  const again = await scene.backup({ jobId: 3, job: RESTORE, type: "B" }, manyFiles(2, 10));
  match(again.end, /JobStatus=84 JobFiles=2 /);
});

Deno.test("a spool file that cannot be made fails the job with the cause", async () => {
  await using scene = await StorageScene.start({ spoolDirectory: "/nonexistent/folder" });
  const { director, file } = await scene.begin({ jobId: 1, job: JOB, spoolData: true });
  const end = director.jobEnd();
  await file.beginAppend();
  await rejects(async () => {
    await file.sendStreams(manyFiles(50, 30_000));
    await file.endAppend();
    throw new Error("the daemon hung up, or answered with an error");
  });
  match(await end, /JobStatus=102 /);
  match(director.log, /Error writing data to spool file\. ERR=/);
  director.close();
  file.connection.close();
});
