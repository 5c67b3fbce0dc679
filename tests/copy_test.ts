/**
 * Copies and migrations, within one storage daemon and between two: real processes, real volumes, and
 * restores from what was copied.
 */
import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert";
import { addArchive } from "./support/archive_device.ts";
import { untilIdle } from "./support/idle_storage.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { makeLargeFile, makeSample } from "./support/sample.ts";
import { CuttingProxy } from "./support/cutting_proxy.ts";
import { SecondStorage } from "./support/second_storage.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { waitFor } from "./support/wait_for.ts";

const sampleSize = { smallFiles: 300, sparseBytes: 16 * 2 ** 20, largeBytes: 6_000_000 };

/** The change time of a restored file and the folder itself are its own. */
const unlike = (path: string, property: string) => property === "ctime" || path === "";

/** Restores a job and compares what came back with what was saved. */
async function assertRestores(
  installation: Installation,
  source: string,
  jobId: number,
): Promise<string> {
  const where = join(installation.folder, `restore-${jobId}`);
  const log = await installation.console(
    `restore jobid=${jobId} client=roost-fd where=${where} all done yes`,
    "wait",
    "messages",
  );
  match(log, /Restore OK/);
  const restored = await describeTree(join(where, source));
  deepStrictEqual(compareTrees(await describeTree(source), restored, unlike), []);
  return log;
}

/** A job of the director's configuration that copies or migrates what is in the pool `Full`. */
function copyJob(name: string, type: "Copy" | "Migrate", further: string): string {
  return `Job { Name = ${name}; Type = ${type}; Pool = Full; Client = roost-fd; FileSet = SelfTest
    Messages = Standard; ${further} }\n`;
}

/** An installation with a second storage daemon that does not run yet, and the folder that its job saves. */
interface Scene {
  readonly source: string;
  readonly installation: Installation;
  readonly second: SecondStorage;
}

/** Runs a test in a scene whose pool `Full` goes to `nextPool`. */
async function withSecond(nextPool: string, run: (scene: Scene) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using installation = await Installation.create({ backup: source });
    await using second = await SecondStorage.add(installation);
    await installation.configure(
      "bareos-dir.d/pool/Full.conf",
      `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
       Next Pool = ${nextPool}; Maximum Volume Jobs = 1 }\n`,
    );
    await run({ source, installation, second });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** Runs a job to its end: its messages, and the list of all jobs. */
function runAndList(installation: Installation, job: string): Promise<string> {
  return installation.console(`run job=${job} yes`, "wait", "messages", "list jobs");
}

Deno.test("a copy between two storage daemons restores byte for byte, original or not", () =>
  withSecond("Copies", async ({ source, installation, second }) => {
    await makeSample(source, sampleSize);

    await installation.configure(
      "bareos-dir.d/job/CopyJob.conf",
      copyJob("CopyJob", "Copy", "Selection Type = PoolUncopiedJobs"),
    );
    await second.start();
    await installation.start();
    match(await installation.console("run job=Backup level=Full yes", "wait", "messages"), /OK/);

    const log = await runAndList(installation, "CopyJob");
    match(log, /The following 1 JobId was chosen to be copied: 1\n/);
    match(log, /JobId 3: Copying using JobId=1 Job=Backup\./);
    match(log, /JobId 2: Copying JobId 3 started\.\n/);
    match(log, /Prev Backup JobId: {6}1\n/);
    match(log, /New Backup JobId: {7}4\n/);
    match(log, /Write Pool: {13}"Copies" \(From Job Pool's NextPool resource\)\n/);
    match(log, /Write Storage: {10}"Second" \(From Storage from Pool's NextPool resource\)\n/);
    match(log, /SD termination status: {2}OK\n/);
    match(log, /Termination: {12}Copying OK\n/);
    match(log, /\| +4 \| Backup .*\| C +\| F +\|/);
    match(log, /\| +1 \| Backup .*\| B +\| F +\|/);

    // nothing is left to copy
    const again = await installation.console("run job=CopyJob yes", "wait", "messages");
    match(again, /No JobIds found to copy\.\n/);

    // the copy alone: the first daemon and its volumes are not there any more
    await assertRestores(installation, source, 1);
    await Deno.remove(join(installation.folder, "volumes"), { recursive: true });
    await assertRestores(installation, source, 4);

    // the copy takes the place of an original that is purged
    const purged = await installation.console("purge volume=Full-0001 pool=Full yes", "list jobs");
    match(purged, /\| +4 \| Backup .*\| B +\| F +\|/);
    const where = join(installation.folder, "promoted");
    const restored = await installation.console(
      `restore client=roost-fd fileset=SelfTest where=${where} select current all done yes`,
      "wait",
      "messages",
    );
    match(restored, /You have selected the following JobId: 4\n/);
    match(restored, /Restore OK/);
    deepStrictEqual(
      compareTrees(await describeTree(source), await describeTree(join(where, source)), unlike),
      [],
    );
  }));

Deno.test("a migration within one storage daemon moves the job, and a restore finds it", () =>
  withSecond("Archive", async ({ source, installation }) => {
    await makeSample(source, sampleSize);

    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/MigrateJob.conf",
      copyJob("MigrateJob", "Migrate", 'Selection Type = Job; Selection Pattern = "^Back.p$"'),
    );
    await installation.start();
    match(await installation.console("run job=Backup level=Full yes", "wait", "messages"), /OK/);

    const log = await runAndList(installation, "MigrateJob");
    match(log, /The following 1 JobId was chosen to be migrated: 1\n/);
    match(log, /Termination: {12}Migration OK\n/);
    match(log, /Volume name\(s\): {9}Archive-/);
    match(log, /\| +1 \| Backup .*\| M +\| F +\|/);
    match(log, /\| +4 \| Backup .*\| B +\| F +\|/);

    await Deno.remove(join(installation.folder, "volumes"), { recursive: true });
    await Deno.mkdir(join(installation.folder, "volumes"));
    const where = join(installation.folder, "restored");
    const restored = await installation.console(
      `restore client=roost-fd fileset=SelfTest where=${where} select current all done yes`,
      "wait",
      "messages",
    );
    match(restored, /You have selected the following JobIds?: 4\n/);
    match(restored, /Restore OK/);
    deepStrictEqual(
      compareTrees(await describeTree(source), await describeTree(join(where, source)), unlike),
      [],
    );
  }));

Deno.test("a copy that is cut off leaves the original as it was; the next run copies again", () =>
  withSecond("Copies", async ({ source, installation, second }) => {
    await makeLargeFile(join(source, "large"), 60_000_000);

    // slow enough to be caught in the middle
    await installation.configure(
      "bareos-dir.d/job/SlowCopy.conf",
      copyJob(
        "SlowCopy",
        "Copy",
        "Selection Type = PoolUncopiedJobs; Maximum Bandwidth = 1000 k/s",
      ),
    );
    await installation.configure(
      "bareos-dir.d/job/CopyJob.conf",
      copyJob("CopyJob", "Copy", "Selection Type = PoolUncopiedJobs"),
    );
    await second.start();
    await installation.start();
    match(await installation.console("run job=Backup level=Full yes", "wait", "messages"), /OK/);

    await installation.console("run job=SlowCopy yes");
    await waitFor("half a copy", async () => await second.volumeBytes() > 500_000);
    await second.kill();
    const failed = await installation.console("wait", "messages", "list jobs");
    match(failed, /Termination: {12}\*\*\* Copying Error \*\*\*\n/);
    match(failed, /\| +1 \| Backup .*\| B +\| F +\|.*\| T /);
    match(failed, /\| +4 \| Backup .*\| B +\| F +\|.*\| f /);
    doesNotMatch(failed, /\| +4 \| Backup .*\| T /);

    await second.start();
    const again = await runAndList(installation, "CopyJob");
    match(again, /Copying OK/);
    match(again, /\| +7 \| Backup .*\| C +\| F +\|.*\| [TW] /);
    await assertRestores(installation, source, 7);
    await assertRestores(installation, source, 1);
  }));

for (const moment of ["in the middle of the data", "before the data begins"]) {
  Deno.test(`a network cut between two storage daemons ${moment} fails the copy alone`, () =>
    withSecond("Copies", async ({ source, installation, second }) => {
      await makeLargeFile(join(source, "large"), 20_000_000);

      using proxy = new CuttingProxy(second.port);
      await second.comeBy(installation, proxy.port);
      await installation.configure(
        "bareos-dir.d/job/CopyJob.conf",
        copyJob("CopyJob", "Copy", "Selection Type = PoolUncopiedJobs"),
      );
      await second.start();
      await installation.start();
      match(await installation.console("run job=Backup level=Full yes", "wait", "messages"), /OK/);
      const original = await Deno.readFile(join(installation.folder, "volumes", "Full-0001"));

      proxy.cutAfter = moment.startsWith("in") ? 5_000_000 : 2_000;
      const failed = await runAndList(installation, "CopyJob");
      strictEqual(proxy.cuts, 1);
      match(failed, /Termination: {12}\*\*\* Copying Error \*\*\*\n/);
      match(failed, /Fatal error: (Network|Command error with SD|Bad response|Failed to)/);
      match(failed, /\| +1 \| Backup .*\| B +\| F +\|.*\| T /);
      match(failed, /\| +4 \| Backup .*\| B +\| F +\|.*\| f /);
      deepStrictEqual(
        await Deno.readFile(join(installation.folder, "volumes", "Full-0001")),
        original,
      );
      await untilIdle(installation, ["File", "Second"]);

      proxy.cutAfter = Infinity;
      const again = await runAndList(installation, "CopyJob");
      match(again, /Copying OK/);
      match(again, /\| +7 \| Backup .*\| C +\| F +\|.*\| [TW] /);
      await assertRestores(installation, source, 7);
    }));
}

Deno.test("a migration purges its original where that is wanted; a control job starts no more than it may", () =>
  withSecond("Copies", async ({ source, installation, second }) => {
    await makeLargeFile(join(source, "large"), 100_000);

    const selection = 'Selection Type = Job; Selection Pattern = "^Backup$"';
    await installation.configure(
      "bareos-dir.d/job/Migrate.conf",
      copyJob(
        "MigrateJob",
        "Migrate",
        `${selection}; Purge Migration Job = yes; Max Concurrent Copies = 2`,
      ),
    );
    await second.start();
    await installation.start();
    for (let count = 0; count < 3; count++) {
      match(await installation.console("run job=Backup level=Full yes", "wait", "messages"), /OK/);
    }
    const log = await runAndList(installation, "MigrateJob");
    match(log, /The following 3 JobIds were chosen to be migrated: 1,2,3\n/);
    strictEqual([...log.matchAll(/Migration JobId \d+ started\./g)].length, 2);
    doesNotMatch(log, /\| +[12] \| Backup /); // gone, rows and all
    match(log, /\| +3 \| Backup .*\| B +\| F +\|/);
    const rest = await runAndList(installation, "MigrateJob");
    doesNotMatch(rest, /\| +3 \| Backup /);
    const moved = [...rest.matchAll(/\| +(\d+) \| Backup .*\| B +\| F +\|.*\| T /g)];
    strictEqual(moved.length, 3);
    for (const [, jobId] of moved) await assertRestores(installation, source, Number(jobId));
  }));

Deno.test("a copy that is cancelled ends on both storage daemons, and leaves devices free", () =>
  withSecond("Copies", async ({ source, installation, second }) => {
    await makeLargeFile(join(source, "large"), 60_000_000);

    const selection = "Selection Type = PoolUncopiedJobs";
    await installation.configure(
      "bareos-dir.d/job/SlowCopy.conf",
      copyJob("SlowCopy", "Copy", `${selection}; Maximum Bandwidth = 1000 k/s`),
    );
    await installation.configure(
      "bareos-dir.d/job/CopyJob.conf",
      copyJob("CopyJob", "Copy", selection),
    );
    await second.start();
    await installation.start();
    match(await installation.console("run job=Backup level=Full yes", "wait", "messages"), /OK/);
    await installation.console("run job=SlowCopy yes");
    await waitFor("half a copy", async () => await second.volumeBytes() > 500_000);
    const log = await installation.console("cancel jobid=3 yes", "wait", "messages", "list jobs");
    match(log, /Termination: {12}Copying Canceled\n/);
    match(log, /\| +4 \| Backup .*\| B +\| F +\|.*\| A /);
    await untilIdle(installation, ["File", "Second"], /is not open\.\n/);
    const again = await installation.console("run job=CopyJob yes", "wait", "messages");
    match(again, /Prev Backup JobId(.|\n)*Copying OK/);
  }));

for (const nextPool of ["Copies", "Archive"]) {
  Deno.test(`several jobs over many volumes copy at once to the pool ${nextPool}, spooled`, () =>
    withSecond(nextPool, async ({ source, installation, second }) => {
      await makeSample(source, sampleSize);

      await addArchive(installation, { directives: "Maximum Volume Bytes = 3000000" });
      await installation.configure(
        "bareos-dir.d/pool/Full.conf",
        `Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Storage = File
           Next Pool = ${nextPool}; Maximum Volume Bytes = 2000000 }\n`,
      );
      await installation.configure(
        "bareos-dir.d/job/CopyJob.conf",
        copyJob(
          "CopyJob",
          "Copy",
          "Selection Type = PoolUncopiedJobs; Maximum Concurrent Jobs = 3; Spool Data = yes",
        ),
      );
      await second.start();
      await installation.start();
      for (let count = 0; count < 3; count++) {
        match(
          await installation.console("run job=Backup level=Full yes", "wait", "messages"),
          /OK/,
        );
      }
      const log = await runAndList(installation, "CopyJob");
      strictEqual([...log.matchAll(/Termination: {12}Copying OK/g)].length, 4, log);
      match(log, /Committing spooled data to Volume/);
      const copies = [...log.matchAll(/\| +(\d+) \| Backup .*\| C +\| F +\|/g)].map(([, id]) =>
        Number(id)
      );
      strictEqual(copies.length, 3);
      for (const jobId of copies) await assertRestores(installation, source, jobId);
    }));
}

for (const [type, nextPool] of [["Copy", "Copies"], ["Migrate", "Archive"]] as const) {
  Deno.test(`a damaged block and an end that is missing fail jobs of type ${type} and leave the original`, () =>
    withSecond(nextPool, async ({ source, installation, second }) => {
      await makeSample(source, sampleSize);

      await addArchive(installation);
      await installation.configure(
        "bareos-dir.d/job/CopyJob.conf",
        copyJob("CopyJob", type, "Selection Type = Job; Selection Pattern = Backup"),
      );
      await second.start();
      await installation.start();
      match(
        await installation.console("run job=Backup level=Full yes", "wait", "messages"),
        /OK/,
      );
      const path = join(installation.folder, "volumes", "Full-0001");
      const good = await Deno.readFile(path);
      const damaged = good.slice();
      damaged[3_000_000] = (damaged[3_000_000] ?? 0) ^ 1;
      for (const [jobId, bad] of [[4, damaged], [7, good.slice(0, 2_500_000)]] as const) {
        await Deno.writeFile(path, bad);
        const log = await runAndList(installation, "CopyJob");
        match(log, /Termination: {12}\*\*\* (Copying|Migration) Error \*\*\*/);
        match(log, /Fatal error: (Volume data error|File count mismatch)/);
        match(log, /\| +1 \| Backup .*\| B +\| F +\|.*\| T /);
        match(log, new RegExp(`\\| +${jobId} \\| Backup .*\\| B +\\| F +\\|.*\\| f `));
      }
      await Deno.writeFile(path, good);
      await assertRestores(installation, source, 1);
    }));
}
