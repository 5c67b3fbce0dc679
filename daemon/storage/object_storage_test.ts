/** Jobs on a device whose volumes are in an object store. */
import { Buffer } from "node:buffer";
import { match, ok, strictEqual, throws } from "node:assert";
import { S3Server } from "../../tests/support/s3_server.ts";
import { fileStreams } from "../../tests/support/test_file_daemon.ts";
import { fromSource } from "../../tests/support/roost.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";
import { openDevice } from "./open_device.ts";

const JOB = "Backup.2026-11-24_00.00.00_01";
const RESTORE = "Restore.2026-11-24_00.00.00_02";

Deno.test("a backup to an object store restores after the cache is lost", async () => {
  await using server = await S3Server.start();
  await using scene = await StorageScene.start({}, {}, (folder) => {
    Deno.mkdirSync(`${folder}/cache`);
    Deno.writeTextFileSync(`${folder}/key`, "S3RVER\n");
    const deviceOptions = `endpoint=${server.endpoint},bucket=backups,accesskey=S3RVER,` +
      `secretkeyfile=${folder}/key,prefix=site/,chunksize=1000000`;
    return [testDevice(`${folder}/cache`, { deviceType: "s3", deviceOptions })];
  });
  const saved = Array.from(
    { length: 40 },
    (_, i) => fileStreams(i + 1, `/f${i + 1}`, [new Uint8Array(70_000).fill(i)]),
  ).flat();
  const { sdId, sdTime, end } = await scene.backup({ jobId: 1, job: JOB }, saved);
  match(end, /JobStatus=84 JobFiles=40 /);
  const { bytes } = scene.catalog.volume("Main-0001");
  const stored = await server.store().list("site/Main-0001/");
  strictEqual(stored.reduce((sum, { size }) => sum + size, 0), bytes);
  strictEqual(stored.length, Math.ceil(bytes / 1_000_000));

  await Deno.remove(`${scene.folder}/cache/Main-0001`);
  const bootstrap = scene.catalog.bootstrap(JOB, sdId, sdTime, "File1");
  const { records, end: restored } = await scene.restore({ jobId: 2, job: RESTORE }, bootstrap);
  match(restored, /JobStatus=84 .*JobErrors=0/);
  const wanted = saved.flatMap(({ records }) => records);
  for (const [i, data] of wanted.entries()) {
    ok(Buffer.from(records[i]?.data ?? new Uint8Array()).equals(data), `record ${i}`);
  }
});

Deno.test("openDevice() names what the options of a device lack", () => {
  const wish = {
    maximumOpenWait: 1,
    requiresMount: false,
    mountPoint: "",
    mountCommand: "",
    unmountCommand: "",
    spoolDirectory: "",
    name: "Cloud",
    archiveDevice: "/tmp",
    deviceType: "s3",
  };
  throws(
    () => openDevice({ ...wish, deviceOptions: "endpoint=http://x" }),
    /Cannot use Device "Cloud": its Device Options lack bucket=/,
  );
  throws(
    () =>
      openDevice({
        ...wish,
        deviceOptions: "endpoint=http://x,bucket=b,accesskey=a,secretkeyfile=/nowhere",
      }),
    /cannot read its secret key/,
  );
});

Deno.test("the volume tools fetch what only the object store has", async () => {
  await using server = await S3Server.start();
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/cache`);
    await Deno.writeTextFile(`${folder}/key`, "S3RVER\n");
    const deviceOptions = `endpoint=${server.endpoint},bucket=backups,accesskey=S3RVER,` +
      `secretkeyfile=${folder}/key,chunksize=1000000`;
    await Deno.writeTextFile(
      `${folder}/sd.conf`,
      `Storage { Name = sd }
       Director { Name = dir; Password = "x" }
       Messages { Name = Standard; Director = dir = all }
       Device { Name = Cloud; Media Type = Cloud; Device Type = s3; Archive Device = "${folder}/cache"
         Device Options = "${deviceOptions}" }\n`,
    );
    await using scene = await StorageScene.start({}, {}, () => [
      testDevice(`${folder}/cache`, { deviceType: "s3", deviceOptions }),
    ]);
    const streams = fileStreams(
      1,
      "/etc/motd",
      [900_000, 800_000].map((size) => new Uint8Array(size).fill(7)),
    );
    match((await scene.backup({ jobId: 1, job: JOB }, streams)).end, /JobStatus=84 /);
    await Deno.remove(`${folder}/cache/Main-0001`);
    const [program, ...args] = fromSource;
    const bls = async (volume: string) => {
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args: [...args, "bls", "-c", `${folder}/sd.conf`, "-V", volume, "Cloud"],
      }).output();
      const decoder = new TextDecoder();
      return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
    };
    const listed = await bls("Main-0001");
    strictEqual(listed.code, 0, listed.text);
    match(listed.text, / \/etc\/motd\n(.|\n)*\n1 files and directories found\./);
    const missing = await bls("Other-0001");
    strictEqual(missing.code, 1);
    match(missing.text, /Volume "Other-0001" failed: ERR=No such file or directory/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
