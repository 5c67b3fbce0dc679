/**
 * Changers with several drives, and volumes that are named anew, with real Bacula: our director with bacula-sd, with our
 * console and with bconsole, and bacula-dir with our storage daemon (bacula.md 10, 11.2, 12).
 */
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import { MixedInstallation } from "./support/mixed_installation.ts";
import { assertRestored, backup, everything, withData } from "./support/mixed_scenario.ts";
import { join } from "./support/paths.ts";
import { waitFor } from "./support/wait_for.ts";

const ignore = !hasBacula();

/** Jobs that would take minutes, until they are let go. */
const slowly = "Maximum Bandwidth = 10 kb/s";
const letGo = [1, 2].map((jobId) => `setbandwidth jobid=${jobId} limit=10000000`);

/** Waits until two jobs have volumes in two drives at once. */
async function untilBothWrite(console: (command: string) => Promise<string>): Promise<void> {
  await waitFor("both jobs to have a drive", async () => {
    const status = await console("status storage=Changer");
    const written = /Writing: .*Volume="(\w+)"\s+pool=.* device="(\w+)"/g;
    const found = [...status.matchAll(written)];
    const all = [1, 2].map((at) => found.map((match) => match[at]).sort().join());
    return all.join() === "C0001,C0002,Drive0,Drive1";
  }, 240_000);
}

/** Which volume a job has written, by its report. */
function volumeOf(report: string, job: number): string {
  const own = new RegExp(
    `JobId: +${job}\\n[^]*?Volume name\\(s\\): +(\\S+)\\n[^]*?Termination: +Backup OK`,
  );
  const [, volume] = own.exec(report) ?? [];
  ok(volume !== undefined, `No good report of job ${job} in:\n${report}`);
  return volume;
}

Deno.test({
  name: "our director fills two drives of a bacula-sd at once, and restores from both",
  ignore,
  fn: () =>
    withData(async (source) => {
      await using mixed = await MixedInstallation.start({
        ...{ source, client: "roost", storage: "bacula", options: everything },
        ...{ slots: 4, drives: 2 },
        job: slowly,
        resources: `Job {
  Name = Second
  JobDefs = DefaultJob
  ${slowly}
}
`,
      });
      const labelled = await mixed.console(
        "label barcodes storage=Changer pool=Full drive=0 slots=1 yes",
        "label barcodes storage=Changer pool=Differential drive=1 slots=2 yes",
        "release storage=Changer drive=0",
        "release storage=Changer drive=1",
      );
      match(labelled, /"load Volume C0001, Slot 1, Drive 0", status is OK\./);
      match(labelled, /"load Volume C0002, Slot 2, Drive 1", status is OK\./);
      await mixed.console(
        "run job=Backup level=Full pool=Full storage=Changer yes",
        "run job=Second level=Full pool=Differential storage=Changer yes",
      );
      await untilBothWrite((command) => mixed.console(command));
      const reports = await mixed.console(...letGo, "wait", "messages");
      strictEqual(volumeOf(reports, 1), "C0001");
      strictEqual(volumeOf(reports, 2), "C0002");
      await assertRestored(mixed, source); // of the later job
      const first = await mixed.run("restore client=roost-fd jobid=1 all done");
      match(first, /Termination: +Restore OK\n/);
    }),
});

Deno.test({
  name: "a bacula-dir fills two drives of ours at once, and restores from both",
  ignore,
  fn: () =>
    withData(async (source) => {
      await using site = await BaculaSite.start({
        ...{ source, client: "roost", storage: "roost", slots: 4, drives: 2, job: slowly },
        resources: `Pool {
  Name = Other
  Pool Type = Backup
  AutoPrune = no
}
Job {
  Name = Second
  Type = Backup
  Level = Full
  Client = bacula-fd
  FileSet = Data
  Storage = Changer
  Pool = Other
  Messages = Standard
  ${slowly}
}
`,
      });
      const labelled = await site.console(
        "label barcodes storage=Changer pool=Default drive=0 slots=1",
        "yes",
        "label barcodes storage=Changer pool=Other drive=1 slots=2",
        "yes",
        "status slots storage=Changer drive=1",
      );
      match(labelled, /Volume="C0001" Device="Drive0"/);
      match(labelled, /Volume="C0002" Device="Drive1"/);
      await site.console("run job=Backup storage=Changer yes", "run job=Second yes");
      await untilBothWrite((command) => site.console(command));
      const reports = await site.console(...letGo, "wait", "messages");
      strictEqual(volumeOf(reports, 1), "C0001");
      strictEqual(volumeOf(reports, 2), "C0002");
      for (const jobId of [1, 2]) {
        const report = await site.run(`restore jobid=${jobId} client=bacula-fd all done`);
        match(report, /Termination: +Restore OK\n/, report);
      }
    }),
});

Deno.test({
  name:
    "bconsole on our director, a changer of bacula-sd behind it: slots, labels, mounts, relabel",
  ignore,
  fn: () =>
    withData(async (source) => {
      await using mixed = await MixedInstallation.start({
        ...{ source, client: "roost", storage: "bacula", options: everything },
        ...{ slots: 4, drives: 2, hasClearConsoles: true },
      });
      const said = await mixed.bconsole(
        ...["status slots storage=Changer drive=0", "update slots storage=Changer drive=0"],
        ...["label barcodes storage=Changer pool=Full drive=0 slots=1-2", "yes"],
        ...["update slots storage=Changer drive=0", "status slots storage=Changer drive=0"],
        ...["mount storage=Changer slot=2 drive=1", "unmount storage=Changer drive=1"],
        ...["mount storage=Changer slot=1 drive=0", "release storage=Changer drive=0"],
        ...["release storage=Changer drive=1", "status storage=Changer", "list volumes"],
      );
      for (const text of [/ +1\*\| +C0001 \|/, / +3\*\| +C0003 \|/]) match(said, text);
      for (const slot of [1, 2]) {
        const volume = `"C000${slot}"`;
        match(said, new RegExp(`Volume ${volume}, Slot ${slot} successfully created`), said);
        match(said, new RegExp(`Catalog record for Volume ${volume} is up to date`), said);
        match(said, new RegExp(`^ +${slot} \\| +C000${slot} \\| +Append \\|`, "m"), said);
      }
      match(said, /"load Volume , Slot 2, Drive 1", status is OK\.[^]*unmounted\./, said);
      match(said, /C0002 +\| Append/, said);
      doesNotMatch(said, /Failed to connect|No response|is an invalid command/);
      await backup(mixed, "level=Full storage=Changer");
      await assertRestored(mixed, source);
      const renamed = await mixed.bconsole(
        ...["purge volume=C0001 yes", "purge volume=C0002 yes"],
        "relabel storage=Changer oldvolume=C0002 volume=Other slot=2 drive=1 pool=Full",
        ...["list volumes", "delete volume=C0001 yes"],
      );
      match(renamed, /3000 OK label\. .*Volume="Other"/, renamed);
      match(renamed, /Old volume "C0002" deleted from catalog\./, renamed);
      match(renamed, /\| Other +\| Append /, renamed);
      match(await backup(mixed, "level=Full storage=Changer"), /Volume name\(s\): +Other\n/);
      await assertRestored(mixed, source);
    }),
});

Deno.test({
  name: "a volume in a folder of bacula-sd is named anew by our director and can be written",
  ignore,
  fn: () =>
    withData(async (source) => {
      await using mixed = await MixedInstallation.start({
        ...{ source, client: "roost", storage: "bacula", options: everything },
      });
      await mixed.console("label volume=Hand pool=Full storage=File drive=0 slot=0");
      match(await backup(mixed, "level=Full"), /Volume name\(s\): +Hand\n/);
      const renamed = await mixed.console(
        "purge volume=Hand yes",
        "relabel storage=File oldvolume=Hand volume=Other pool=Full slot=0 drive=0",
      );
      match(renamed, /Sending relabel command from "Hand" to "Other" \.\.\./);
      match(renamed, /Volume="Hand"[^]*Volume="Other"/, renamed);
      match(renamed, /The file of Volume "Hand" stays where it is, with nothing in it/, renamed);
      match(renamed, /Old volume "Hand" deleted from catalog\./, renamed);
      ok((await Deno.stat(join(mixed.volumes, "Hand"))).size < 1_000);
      match(await backup(mixed, "level=Full"), /Volume name\(s\): +Other\n/);
      await assertRestored(mixed, source);
    }),
});
