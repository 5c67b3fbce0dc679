/**
 * Virtual full backups and Always Incremental with its Consolidate job: real processes, and restores of
 * what was put together on the volumes.
 */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { addArchive } from "./support/archive_device.ts";
import { untilIdle } from "./support/idle_storage.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { SecondStorage } from "./support/second_storage.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { nextSecond, waitFor } from "./support/wait_for.ts";

/** The change time of a restored file and the folder itself are its own. */
const unlike = (path: string, property: string) => property === "ctime" || path === "";

/** The present files of the job as a restore brings them. */
async function assertRestoresCurrent(
  installation: Installation,
  source: string,
  jobIds: string,
  chosen = "select current",
): Promise<void> {
  const where = join(installation.folder, `restore-${jobIds}`);
  const log = await installation.console(
    `restore client=roost-fd fileset=SelfTest where=${where} ${chosen} all done yes`,
    "wait",
    "messages",
  );
  strictEqual(/selected the following JobIds?: (\S+)/.exec(log)?.[1], jobIds, log);
  match(log, /Restore OK/);
  const restored = await describeTree(join(where, source));
  deepStrictEqual(compareTrees(await describeTree(source), restored, unlike), []);
}

/** An installation with a second storage daemon that does not run yet, and the folder that its job saves. */
interface Scene {
  readonly source: string;
  readonly installation: Installation;
  readonly second: SecondStorage;
}

async function withStorage(run: (scene: Scene) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using installation = await Installation.create({ backup: source });
    await using second = await SecondStorage.add(installation);
    await run({ source, installation, second });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** Three states of a folder, and a job that saves each. */
async function saveThreeStates(
  source: string,
  installation: Installation,
  job: string,
): Promise<void> {
  await Deno.mkdir(join(source, "folder"));
  const write = (name: string, text: string) => Deno.writeTextFile(join(source, name), text);
  for (let at = 0; at < 40; at++) await write(`folder/${at}`, `${at} `.repeat(3000 + at));
  await write("changed", "first");
  await write("deleted", "gone soon");
  await saveInNextSecond(installation, job);
  await write("changed", "second");
  await Deno.remove(join(source, "deleted"));
  await saveInNextSecond(installation, job);
  await write("changed", "third and last");
  await write("new", "only here");
  await saveInNextSecond(installation, job);
}

/** Jobs of one second have no order in the catalog that a virtual full could keep. */
async function saveInNextSecond(installation: Installation, job: string): Promise<void> {
  match(await installation.console(`run job=${job} yes`, "wait", "messages"), /Backup OK/);
  await nextSecond();
}

for (const where of ["another storage daemon", "another device of the same one"]) {
  Deno.test(`a virtual full on ${where} restores the newest state`, () =>
    withStorage(async ({ source, installation, second }) => {
      if (where.startsWith("another storage")) await second.start();
      else await addArchive(installation, { pool: "Copies" });
      await installation.configure(
        "bareos-dir.d/job/Backup.conf",
        "Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Copies }\n",
      );
      await installation.start();
      await saveThreeStates(source, installation, "Backup");
      const log = await installation.console(
        "run job=Backup level=VirtualFull yes",
        "wait",
        "messages",
        "list jobs",
      );
      match(log, /Start Virtual Backup JobId 4, Job=Backup\./);
      match(log, /Consolidating JobIds 1,2,3 containing \d+ files\n/);
      match(log, /Joblevel was set to joblevel of first consolidated job: Full\n/);
      match(log, /Backup Level: {11}Virtual Full\n/);
      match(log, /Termination: {12}Backup OK\n/);
      match(log, /\| +4 \| Backup .*\| B +\| F +\|.*\| T /);
      await assertRestoresCurrent(installation, source, "4");
    }));
}

Deno.test("a virtual full that would write to the only device that it reads from ends, and says why", () =>
  withStorage(async ({ source, installation }) => {
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      "Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Full }\n",
    );
    await installation.start();
    await saveThreeStates(source, installation, "Backup");
    const log = await installation.console(
      "run job=Backup level=VirtualFull yes",
      "wait",
      "messages",
    );
    match(
      log,
      /Warning: Device "FileStorage" \(\S+\) cannot be read from and written to by one job/,
    );
    match(log, /no other has the Media Type "File": add a Device, or give this one Count = 2/);
    match(log, /Termination: {12}\*\*\* Backup Error \*\*\*/);
  }));

Deno.test("virtual fulls that each read from the device which the other writes to end well", () =>
  withStorage(async ({ installation }) => {
    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      `Job { Name = There; JobDefs = DefaultJob; Accurate = yes; Next Pool = Archive }
       Job { Name = Back; JobDefs = DefaultJob; Accurate = yes; Next Pool = Full
         Full Backup Pool = Archive; Pool = Archive }\n`,
    );
    await installation.start();
    for (const job of ["There", "Back"]) {
      match(await installation.console(`run job=${job} yes`, "wait", "messages"), /Backup OK/);
    }
    for (let round = 0; round < 3; round++) {
      const log = await installation.console(
        "run job=There level=VirtualFull jobid=1 yes",
        "run job=Back level=VirtualFull jobid=2 yes",
        "wait",
        "messages",
      );
      strictEqual(log.match(/Termination: {12}Backup OK\n/g)?.length, 2, log);
    }
  }));

Deno.test("a Consolidate job merges old incrementals and forgets them", () =>
  withStorage(async ({ source, installation }) => {
    await addArchive(installation, { pool: "Copies" });
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      `Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Copies
         Always Incremental = yes; Always Incremental Job Retention = 1 second
         Always Incremental Keep Number = 1 }
       Job { Name = Consolidate; Type = Consolidate; Accurate = yes; JobDefs = DefaultJob }\n`,
    );
    await installation.start();
    await saveThreeStates(source, installation, "Backup");
    const early = await installation.console("list jobs");
    match(early, /\| +3 \| Backup .*\| I +\|/);
    const savedAt = Date.now();
    await waitFor("jobs older than a second", () => Date.now() > savedAt + 2_000);
    const log = await installation.console("run job=Consolidate yes", "wait", "messages");
    match(log, /Looking at always incremental job Backup\n/);
    match(log, /Backup: Start new consolidation\n/);
    match(log, /Backup JobId 5 started\.\n/);
    match(log, /Consolidating JobIds 1,2 containing \d+ files\n/);
    match(log, /purged JobIds 1,2 as they were consolidated into Job 5\n/);
    await assertRestoresCurrent(installation, source, "5,3");
    const again = await installation.console("run job=Consolidate yes", "wait", "messages");
    match(again, /Backup: less incrementals than required, not consolidating\n/);
  }));

Deno.test("a virtual full of backups on two storage daemons goes to a device of either", () =>
  withStorage(async ({ source, installation, second }) => {
    await second.addDevice(installation, "Another");
    await second.start();
    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      `Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Archive
         Incremental Backup Pool = Copies }
       Job { Name = ToSecond; JobDefs = DefaultJob; Accurate = yes; Next Pool = More }
       Pool { Name = More; Pool Type = Backup; Label Format = "More-"; Storage = Another }\n`,
    );
    await installation.start();
    await saveThreeStates(source, installation, "Backup");
    match(await installation.console("list volumes"), /Full-0001(.|\n)*Copies-0002/);

    const log = await installation.console(
      "run job=Backup level=VirtualFull yes",
      "wait",
      "messages",
      "list jobs",
    );
    match(log, /Consolidating JobIds 1,2,3 containing \d+ files\n/);
    match(log, /Termination: {12}Backup OK\n/);
    match(log, /\| +4 \| Backup .*\| B +\| F +\|.*\| T /);
    await assertRestoresCurrent(installation, source, "4");

    // the newest state again, from both daemons to the second
    const other = await installation.console(
      "run job=ToSecond level=VirtualFull jobid=1,2,3 yes",
      "wait",
      "messages",
    );
    match(other, /Termination: {12}Backup OK\n/);
    await untilIdle(installation, ["File", "Second"]);
  }));

Deno.test("a virtual full from two storage daemons ends when one of them does", () =>
  withStorage(async ({ source, installation, second }) => {
    await second.start();
    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      `Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Archive
         Incremental Backup Pool = Copies }\n`,
    );
    await installation.start();
    await saveThreeStates(source, installation, "Backup");
    // the volume of the second daemon is damaged
    const path = join(second.folder, "volumes", "Copies-0002");
    const good = await Deno.readFile(path);
    const bad = good.slice();
    bad[good.length - 400] = (bad[good.length - 400] ?? 0) ^ 1;
    await Deno.writeFile(path, bad);
    const failed = await installation.console(
      "run job=Backup level=VirtualFull yes",
      "wait",
      "messages",
      "list jobs",
    );
    match(failed, /second-sd JobId 4: Fatal error: Volume data error/);
    // the one that writes tells it once, if it hears of it before it is canceled
    const told = failed.match(/roost-sd JobId 4: Fatal error: .*/g) ?? [];
    strictEqual(told.length <= 1, true, failed);
    for (const line of told) {
      match(line, /Unexpected signal from SD: -4 \(TERMINATE\): it has ended/);
    }
    match(failed, /\*\*\* Backup Error \*\*\*/);
    match(failed, /\| +4 \| Backup .*\| f /);
    await untilIdle(installation, ["File", "Second"]);
    await Deno.writeFile(path, good);
    const log = await installation.console(
      "run job=Backup level=VirtualFull yes",
      "wait",
      "messages",
      "list jobs",
    );
    match(log, /\| +5 \| Backup .*\| T /);
    await assertRestoresCurrent(installation, source, "5");
  }));

Deno.test("a Consolidate job merges what lies on two storage daemons", () =>
  withStorage(async ({ source, installation, second }) => {
    await second.start();
    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      `Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Archive
         Incremental Backup Pool = Copies
         Always Incremental = yes; Always Incremental Job Retention = 1 second
         Always Incremental Keep Number = 1 }
       Job { Name = Consolidate; Type = Consolidate; Accurate = yes; JobDefs = DefaultJob }\n`,
    );
    await installation.start();
    await saveThreeStates(source, installation, "Backup");
    const savedAt = Date.now();
    await waitFor("jobs older than a second", () => Date.now() > savedAt + 2_000);
    const log = await installation.console("run job=Consolidate yes", "wait", "messages");
    match(log, /Consolidating JobIds 1,2 containing \d+ files\n/);
    match(log, /purged JobIds 1,2 as they were consolidated into Job 5\n/);
    await assertRestoresCurrent(installation, source, "5,3");
  }));

Deno.test("a virtual full from two storage daemons is canceled on both", () =>
  withStorage(async ({ source, installation, second }) => {
    await second.start();
    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      `Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Archive
         Incremental Backup Pool = Copies }
       Job { Name = Slow; JobDefs = DefaultJob; Accurate = yes; Next Pool = Archive
         Maximum Bandwidth = 1 k/s }\n`,
    );
    await installation.start();
    await saveThreeStates(source, installation, "Backup");
    await installation.console("run job=Slow level=VirtualFull jobid=1,2,3 yes");
    await waitFor(
      "it to read and write",
      async () =>
        /Writing: Volume="Archive-/.test(await installation.console("status storage=File")),
    );
    const log = await installation.console("cancel jobid=4", "wait", "messages", "list jobs");
    match(log, /3000 JobId=4 Job="Slow\.\S+" marked to be canceled\.\n/);
    // The one that reads is told next, unless it has noticed by then that the first has gone, and has ended: so it
    // may be silent here. That it is told is seen with daemons that do not depend on one another, in
    // daemon/director/peers/cancel_daemons_test.ts; that it ends, below.
    match(log, /Termination: {12}Backup Canceled\n/);
    match(log, /\| +4 \| Slow .*\| A /);
    await untilIdle(installation, ["File", "Second"]);
  }));

/** Two virtual fulls, 3 and 4, that wait for each other's devices over two storage daemons. */
async function makeRing(
  { source, installation, second }: Scene,
  directives: string,
): Promise<void> {
  await second.start();
  await installation.configure(
    "bareos-dir.d/job/Backup.conf",
    `Job { Name = There; JobDefs = DefaultJob; Accurate = yes; Next Pool = Copies }
     Job { Name = Back; JobDefs = DefaultJob; Accurate = yes
       Full Backup Pool = Copies; Pool = Copies; Storage = Second }
     Job { Name = Home; JobDefs = DefaultJob; Accurate = yes; Next Pool = Full
       Full Backup Pool = Copies; Pool = Copies; Storage = Second; ${directives} }\n`,
  );
  await installation.start();
  await Deno.writeTextFile(join(source, "file"), "of both jobs\n".repeat(300_000));
  for (const job of ["There", "Back"]) {
    match(await installation.console(`run job=${job} yes`, "wait", "messages"), /Backup OK/);
  }
  // While the device is unmounted, both wait for it, and Home has it first: a reader takes it at once, a
  // writer asks for a volume before.
  const waits = (reason: string) =>
    waitFor(`reason ${reason}`, async () => {
      const status = await installation.console("status storage=Second");
      return status.includes(reason);
    });
  await installation.console("unmount storage=Second");
  await installation.console("run job=Home level=VirtualFull jobid=2 yes");
  await waits("3601 JobId=3 ");
  await installation.console("run job=There level=VirtualFull jobid=1 yes");
  await waits("3604 JobId=4 ");
  await installation.console("mount storage=Second");
}

const givesWay = /JobId 4: JobId 3 and this job wait for each other's devices\. It leaves its own/;

Deno.test("virtual fulls over two storage daemons that wait for each other's devices both end well", () =>
  withStorage(async (scene) => {
    const { source, installation } = scene;
    await makeRing(scene, "");
    const log = await installation.console("wait", "messages");
    match(log, givesWay);
    strictEqual(log.match(/Termination: {12}Backup OK\n/g)?.length, 2, log);
    strictEqual(/Fatal error|: Error:/.test(log), false, log);
    for (const jobId of ["3", "4"]) {
      await assertRestoresCurrent(installation, source, jobId, `jobid=${jobId}`);
    }
  }));

Deno.test("a virtual full that has left its devices to another can be canceled while it waits", () =>
  withStorage(async (scene) => {
    const { installation } = scene;
    await makeRing(scene, "Maximum Bandwidth = 1 k/s"); // it would take an hour
    let log = "";
    await waitFor("job 4 to give way", async () => {
      log += await installation.console("messages");
      return givesWay.test(log);
    });
    const canceled = await installation.console(
      "cancel jobid=4",
      "wait jobid=4",
      "cancel jobid=3",
      "wait",
      "messages",
      "list jobs",
    );
    match(canceled, /JobStatus=Canceled \(A\)\n/);
    for (const jobId of [3, 4]) match(canceled, new RegExp(`\\| +${jobId} \\| .*\\| A `));
    await untilIdle(installation, ["File", "Second"]);
  }));
