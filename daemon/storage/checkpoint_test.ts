import { Buffer } from "node:buffer";
import { match, ok, strictEqual } from "node:assert";
import { fileStreams } from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { waitFor } from "../../tests/support/wait_for.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";
const RESTORE = "Restore.2026-11-24_00.00.00_02";

Deno.test("what was saved up to a checkpoint restores after the director is gone", async () => {
  await using scene = await StorageScene.start({}, { checkpointInterval: 1 });
  const { director, file } = await scene.begin({ jobId: 1, job: JOB });
  const end = director.jobEnd().catch(() => "cut off");
  await file.beginAppend();
  let index = 0;
  const fileOf = (at: number) => fileStreams(at, `/f${at}`, [new Uint8Array(40_000).fill(at)]);
  // The first one may come after as few files as were sent in its second.
  const checkpoint = await waitFor("a checkpoint of some files", async () => {
    await file.sendStreams(fileOf(++index));
    return director.heard.map((text) => / UpdateJobRecord .*JobFiles=(\d+)/.exec(text))
      .find((record) => Number(record?.[1]) >= 6);
  });
  match(director.log, /Doing timed backup checkpoint\. Next checkpoint in 1 seconds\n/);
  const files = Number(checkpoint[1]);
  ok(director.heard.includes(`Catreq Job=${JOB} UpdateFileList\n`));
  const { sdId, sdTime } = director;
  director.close();
  file.connection.close();
  strictEqual(await end, "cut off");

  // the attributes of the last file are held back until all of its data is on the volume
  const known = director.attributes.filter(({ stream }) => stream === 1).length;
  ok(known >= files - 2, `${known} of ${files}`);
  const bootstrap = scene.catalog.bootstrap(JOB, sdId, sdTime, "File1");
  ok(bootstrap.length > 0);
  const { records } = await scene.restore({ jobId: 2, job: RESTORE }, bootstrap);
  const data = records.filter(({ header }) => / 2 40000$/.test(header));
  ok(data.length >= files - 2, `${data.length} of ${files}`);
  for (const [at, { data: bytes }] of data.entries()) {
    ok(Buffer.from(bytes).equals(new Uint8Array(40_000).fill(at + 1)), `file ${at + 1}`);
  }
});
