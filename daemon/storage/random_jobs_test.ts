/**
 * Jobs at random on three devices: spooled or not, cancelled, given up by their clients, restored while others
 * write. Whatever happens, what ended well restores, sizes and catalog agree, and nothing is left behind.
 */
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { openBelow } from "../../tests/support/open_files.ts";
import {
  fileStreams,
  TestFileDaemon,
  type TestStream,
} from "../../tests/support/test_file_daemon.ts";
import { StorageScene } from "../../tests/support/storage_scene.ts";
import { testDevice } from "../../tests/support/storage_settings.ts";
import { waitFor } from "../../tests/support/wait_for.ts";

const anyScene = fc.record({
  maximumConcurrentJobs: fc.nat(3),
  maximumJobSpoolSize: fc.constantFrom(0, 200_000),
  maximumFileSize: fc.constantFrom(300_000, 1_000_000_000),
  autoDeflate: fc.constantFrom("", "writeonly"),
  justInTimeReservation: fc.boolean(),
  fileDeviceConcurrentRead: fc.boolean(),
  maxBytes: fc.integer({ min: 500_000, max: 3_000_000 }),
  maxJobs: fc.constantFrom(0, 3),
});

const anyJob = fc.record({
  fate: fc.constantFrom("end", "end", "end", "cancel", "hang up"),
  pool: fc.constantFrom("Main", "Main", "Other"),
  files: fc.integer({ min: 1, max: 60 }),
  size: fc.nat(40_000),
  spoolData: fc.boolean(),
  spoolAttributes: fc.boolean(),
  preferMountedVolumes: fc.boolean(),
  restores: fc.boolean(),
});
type AnyJob = typeof anyJob extends fc.Arbitrary<infer T> ? T : never;

function filesOf({ files, size }: AnyJob): TestStream[] {
  return Array.from(
    { length: files },
    (_, i) => fileStreams(i + 1, `/f${i + 1}`, [new Uint8Array(size + i).fill(i)]),
  ).flat();
}

const nameOf = (kind: string, number: number): string =>
  `${kind}.2026-11-24_00.00.00_${String(number).padStart(3, "0")}`;

/** A backup that takes its fate; what restores it, if it ended well. */
async function backUp(scene: StorageScene, number: number, job: AnyJob) {
  const name = nameOf("Backup", number);
  const director = await scene.director({ device: "Drives" });
  await director.announce({ jobId: number, job: name, ...job });
  await director.useStorage(true, job.pool);
  await director.say("run");
  const file = await TestFileDaemon.connect(scene.port, name, director.key);
  const end = director.jobEnd();
  const send = async (): Promise<void> => {
    await file.beginAppend();
    await file.sendStreams(filesOf(job));
    if (job.fate === "hang up") file.connection.close();
    else await file.endAppend();
  };
  const sending = send().catch(() => {}); // how it went is in `end`
  if (job.fate === "cancel") {
    const canceler = await scene.director();
    await canceler.say(`cancel Job=${number}\n`);
    await canceler.answer();
    canceler.close();
  }
  const line = await end;
  await sending;
  for (const peer of [director, file.connection]) peer.close();
  const status = /JobStatus=(\d+) /.exec(line)?.[1];
  if (job.fate === "end") match(line, /JobStatus=84 .*JobErrors=0/, director.log);
  // it may have been cancelled when all was done, or before its client came
  if (job.fate === "cancel") ok(status === "65" || status === "84", line);
  if (status !== "84") return undefined;
  return scene.catalog.bootstrap(name, director.sdId, director.sdTime, "File1");
}

async function restore(
  scene: StorageScene,
  number: number,
  bootstrap: readonly string[],
  files: number,
): Promise<void> {
  const director = await scene.director({ device: "Drives" });
  const name = nameOf("Restore", number);
  await director.announce({ jobId: number, job: name, type: "R" });
  await director.useStorage(false);
  await director.bootstrap(bootstrap);
  await director.say("run");
  const file = await TestFileDaemon.connect(scene.port, name, director.key);
  const end = director.jobEnd();
  const records = await file.readAll();
  match(await end, /JobStatus=84 .*JobErrors=0/, director.log);
  for (const peer of [director, file.connection]) peer.close();
  strictEqual(new Set(records.map(({ header }) => header.split(" ")[3])).size, files);
}

Deno.test("jobs at random on three devices leave what ended well restorable, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyScene,
      fc.array(anyJob, { minLength: 12, maxLength: 16 }),
      async (
        { maxBytes, maxJobs, justInTimeReservation, fileDeviceConcurrentRead, ...device },
        jobs,
      ) => {
        await using scene = await StorageScene.start(
          {},
          { justInTimeReservation, fileDeviceConcurrentRead },
          (folder) =>
            [0, 1, 2].map((n) =>
              testDevice(folder, { name: `Drive${n}`, autoDeflateAlgorithm: "gzip", ...device })
            ),
          () => [{ name: "Drives", devices: ["Drive0", "Drive1", "Drive2"] }],
        );
        const { catalog, folder } = scene;
        Object.assign(catalog, { maxBytes, maxJobs });
        const good = await Promise.all(jobs.map(async (job, at) => {
          const bootstrap = await backUp(scene, at + 1, job);
          if (bootstrap !== undefined && job.restores) {
            await restore(scene, 200 + at, bootstrap, job.files); // while others write
          }
          return bootstrap;
        }));
        const watcher = await scene.director();
        const status = await waitFor("all devices to be free", async () => {
          await watcher.say("status Drives\n");
          const text = await watcher.answer();
          return /writers=[1-9]|reserves=[1-9]|JobId=\d+ Level/.test(text) ? undefined : text;
        });
        doesNotMatch(status, /BLOCKED/);
        watcher.close();
        for (const { volume, bytes } of catalog.volumes) {
          const { size } = await Deno.stat(`${folder}/${volume}`).catch(() => ({ size: 0 }));
          strictEqual(bytes, size, volume);
        }
        const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
        deepStrictEqual(left.filter((name) => name.endsWith(".spool")), []);
        strictEqual(openBelow(folder), 0);
        for (const [at, bootstrap] of good.entries()) {
          const { files = 0 } = jobs[at] ?? {};
          if (bootstrap !== undefined) await restore(scene, 400 + at, bootstrap, files);
        }
      },
    ),
    { numRuns: 3, endOnFailure: true },
  );
});
