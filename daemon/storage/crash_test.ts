import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { fileStreams, type TestStream } from "../../tests/support/storage_driver.ts";
import { startStorageProcess } from "../../tests/support/storage_process.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";

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
