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
    withSite("Maximum Bandwidth = 200 kb/s", async (site) => {
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
      match(
        await site.console("status client=bacula-fd", "status storage=File"),
        /No Jobs running/,
      );
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
