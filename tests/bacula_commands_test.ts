/** Commands of a bacula-dir that Bareos has not, on our daemons (bacula.md 11.2, 12, 17). */
import { match } from "node:assert";
import { hasBacula } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import { waitFor } from "./support/wait_for.ts";

async function withSite(job: string, run: (site: BaculaSite) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    for (let file = 0; file < 60; file++) {
      const content = crypto.getRandomValues(new Uint8Array(60_000));
      await Deno.writeFile(`${source}/${file}`, content);
    }
    await using site = await BaculaSite.start({ source, client: "roost", storage: "roost", job });
    await run(site);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

Deno.test({
  name:
    "stop of a bacula-dir ends a job as incomplete, and what was saved by then is in its catalog",
  ignore: !hasBacula(),
  fn: () =>
    withSite("Maximum Bandwidth = 20 kb/s", async (site) => {
      await site.console("run job=Backup yes");
      await waitFor(
        "some files to be saved",
        async () => /Files=[1-9]/.test(await site.console("status client=bacula-fd")),
      );
      const stopped = await site.console("stop jobid=1");
      match(stopped, /2001 Job "Backup\.\S+" marked to be stopped\./);
      // The storage daemon is asked behind the client, whose connection may have ended by then, and with
      // it the storage daemon's part of the job: then it was not told why.
      const isTold = /3000 JobId=1 Job="Backup\.\S+" marked to be stopped\./.test(stopped);
      if (!isTold) match(stopped, /3904 Job Backup\.\S+ not found\./);
      const report = await site.console("wait", "messages");
      match(report, /FD termination status: +Incomplete job/, report);
      match(
        report,
        isTold ? /SD termination status: +Incomplete job/ : /SD term.*: +Error/,
        report,
      );
      match(report, /Termination: +Backup failed -- Incomplete/, report);
      match(report, /SD Files Written: +[1-5]?\d\n/, report);
      await site.untilIdle();
      match(await site.console("stop jobid=1"), /[Nn]o.*[Jj]obs? running|not found|not running/);
    }),
});

Deno.test({
  name:
    "a device that a bacula-dir has disabled takes no job until it is enabled; short status answers",
  ignore: !hasBacula(),
  fn: () =>
    withSite("", async (site) => {
      const disabled = await site.console("disable storage=File drive=0", "status storage=File");
      match(disabled, /3002 Device ""FileStorage" \(.*\)" disabled\./);
      match(disabled, /Device is disabled\. User command\./);
      match(
        await site.console("disable storage=File drive=0"),
        /3003 Device ""FileStorage" \(.*\)" already disabled\./,
      );
      await site.console("run job=Backup yes");
      await waitFor(
        "the job to wait for the device",
        async () =>
          /JobId=1 device .* is disabled by user command/.test(
            await site.console("status storage=File"),
          ),
      );
      match(await site.console("enable storage=File drive=0"), /3002 Device .* enabled\./);
      match(await site.console("wait", "messages"), /Termination: +Backup OK/);
      const status = await site.console(
        ...[".status client=bacula-fd running", ".status client=bacula-fd nonsense"],
        ...[".status storage=File header", ".status storage=File devices"],
        ...[".status storage=File terminated", "setdebug level=0 trace=0 client=bacula-fd"],
      );
      match(status, /DirectorConnected=/);
      match(status, /2900 Bad \.status command, wrong argument\./);
      match(status, /bacula-sd Version: /);
      match(status, /Device ("FileStorage"|File: )/);
      match(status, /1\tFull\t61\t\S+ M\tOK\t.*\tBackup/);
      match(status, /2000 OK setdebug=0 trace=0 hangup=0/);
    }),
});

Deno.test({
  name:
    "a bacula-dir works with a changer of ours: slots, labels, mounts, spooled backups, relabel",
  ignore: !hasBacula(),
  fn: async () => {
    const source = await Deno.makeTempDir({ prefix: "roost-data-" });
    try {
      await Deno.writeTextFile(`${source}/file`, "to be saved\n".repeat(5_000));
      await using site = await BaculaSite.start({
        ...{ source, client: "roost", storage: "roost", slots: 4, job: "Spool Data = yes" },
      });
      const slots = await site.console("status slots storage=Changer drive=0");
      match(slots, /Device "Changer" has 4 slots\./);
      for (const slot of [1, 2, 3]) match(slots, new RegExp(`\\| +${slot}\\*\\| C000${slot} `));
      match(
        await site.console("label barcodes storage=Changer pool=Default drive=0 slots=1-2", "yes"),
        /3000 OK label\..* Volume="C0001"[^]*3000 OK label\..* Volume="C0002"/,
      );
      const changes = await site.console(
        "label storage=Changer volume=C0003 slot=3 drive=0 pool=Default",
        "update slots storage=Changer drive=0",
        "mount storage=Changer slot=2 drive=0",
        "unmount storage=Changer drive=0",
        "mount storage=Changer slot=1 drive=0",
      );
      match(changes, /Catalog record for Volume "C0003", Slot 3 {2}successfully created\./);
      match(changes, /Catalog record for Volume "C0001" is up to date\./);
      match(changes, /3001 Device "Drive0" .* is mounted with Volume "C0002"/);
      match(changes, /3002 Device ""Drive0" .*" unmounted\./);
      match(changes, /3001 Device "Drive0" .* is mounted with Volume "C0001"/);
      const saved = await site.run("run job=Backup storage=Changer");
      match(saved, /Despooling elapsed time/);
      const [, volume = "none"] = /Volume name\(s\): +(C000[1-3])\n/.exec(saved) ?? [];
      match(saved, /Termination: +Backup OK/, saved);
      match(
        await site.run("restore client=bacula-fd select current all done"),
        /Files Restored: +2\n[^]*Termination: +Restore OK/,
      );
      const slot = volume.at(-1);
      const renamed = await site.console(
        `purge volume=${volume}`,
        `relabel storage=Changer oldvolume=${volume} volume=Other slot=${slot} drive=0 pool=Default`,
        "status slots storage=Changer drive=0",
      );
      match(renamed, new RegExp(`Old volume "${volume}" deleted from catalog\\.`), renamed);
      match(renamed, new RegExp(`\\| +${slot} \\| Other +\\| Append `), renamed);
      match(await site.run("run job=Backup level=Full storage=Changer"), /Termination: +Backup OK/);
    } finally {
      await Deno.remove(source, { recursive: true });
    }
  },
});

Deno.test({
  name: "commands of a bacula-dir that ours do not know leave both in a good state",
  ignore: !hasBacula(),
  fn: () =>
    withSite("", async (site) => {
      const traced = await site.console(
        ...["setdebug level=50 client=bacula-fd", "setdebug level=0 trace=0 client=bacula-fd"],
        ...["setdebug level=50 trace=1 storage=File", "setdebug level=0 trace=0 storage=File"],
      );
      match(traced, /2000 OK setdebug=50 trace=0 hangup=0[^]*2000 OK setdebug=0 trace=0 hangup=0/);
      match(traced, /3000 OK setdebug=50 tracefile=\S+[^]*3000 OK setdebug=0 tracefile=\S+/);
      const unknown = await site.console(
        ...["snapshot client=bacula-fd listclient", "statistics client=bacula-fd"],
        ...["statistics storage=File", "status client=bacula-fd", "status storage=File"],
      );
      match(unknown, /Snapshot +:[^]*Status: +Error/);
      match(unknown, /2999 Invalid command[^]*3900 Invalid command: statistics/);
      match(unknown, /bacula-fd Version: [^]*bacula-sd Version: /);
      match(await site.run("run job=Backup"), /Termination: +Backup OK/);
      const truncated = await site.console(
        "update volume=Vol-0001 actiononpurge=truncate",
        "purge volume=Vol-0001",
        "truncate volume=Vol-0001 pool=Default storage=File drive=0",
        "cloud truncate volume=Vol-0001 pool=Default storage=File",
        "cloud upload volume=Vol-0001 pool=Default storage=File",
      );
      match(truncated, /The volume "Vol-0001" has been truncated/, truncated);
      match(truncated, /3900 Invalid command: truncate cache/, truncated);
      match(truncated, /3900 Invalid command: upload/, truncated);
      match(await site.run("run job=Backup level=Full"), /Termination: +Backup OK/);
    }),
});
