import { deepStrictEqual, match, strictEqual } from "node:assert";
import {
  fileStreams,
  TestCatalog,
  TestDirector,
  TestFileDaemon,
} from "../../tests/support/storage_driver.ts";
import { testDevice, testStorage } from "../../tests/support/storage_settings.ts";
import { StorageDaemon } from "./mod.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";

Deno.test("a backup is written, catalogued and reported", async () => {
  const folder = await Deno.makeTempDir();
  const daemon = await new StorageDaemon(testStorage(folder, [testDevice(folder)])).start();
  const catalog = new TestCatalog();
  try {
    const options = { port: daemon.ports[0] ?? 0, catalog };
    const director = await TestDirector.connect(options);
    await director.announce({ jobId: 1, job: JOB });
    strictEqual(
      await director.useStorage(true),
      "3000 OK use device device=JustInTime\x01Device\n",
    );
    await director.say("run");
    const file = await TestFileDaemon.connect(options.port, JOB, director.key);
    await director.expect("3010 Job");
    await file.beginAppend();
    const sent = file.sendStreams([
      ...fileStreams(1, "/a", [new Uint8Array(100_000).fill(1)]),
      ...fileStreams(2, "/b", [new Uint8Array(10).fill(2), new Uint8Array(50_000).fill(3)]),
    ]);
    const end = director.jobEnd();
    await sent;
    deepStrictEqual(await file.endAppend(), [
      "3000 OK append data\n",
      "3000 OK end\n",
      "3000 OK close Status = 84\n",
      "<EOD>",
    ]);
    match(await end, /end JobStatus=84 JobFiles=2 JobBytes=\d+ JobErrors=0\n$/);
    deepStrictEqual(director.attributes.map(({ fileIndex, stream }) => [fileIndex, stream]), [
      [1, 1],
      [1, 3],
      [2, 1],
      [2, 3],
    ]);
    const volume = catalog.volume("Main-0001");
    const { size } = await Deno.stat(`${folder}/Main-0001`);
    strictEqual(volume.bytes, size);
    director.close();
    file.connection.close();
  } finally {
    await daemon.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
