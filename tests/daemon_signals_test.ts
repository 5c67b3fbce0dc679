/** What the daemons do at the signals of the system: end their jobs with a report, read anew. */
import { match, strictEqual } from "node:assert";
import { kill } from "node:process";
import { join } from "./support/paths.ts";
import { type DaemonName, Installation } from "./support/roost.ts";
import { makeLargeFile } from "./support/sample.ts";
import { waitFor } from "./support/wait_for.ts";

async function withInstallation(
  run: (installation: Installation, source: string) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using installation = await Installation.create({ backup: source });
    await run(installation, source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

for (
  const [name, cause] of [
    ["sd", /roost-sd JobId 1: Fatal error: The storage daemon was told to end\./],
    ["fd", /roost-fd JobId 1: Fatal error: The file daemon was told to end\./],
  ] as const satisfies readonly (readonly [DaemonName, RegExp])[]
) {
  Deno.test(`SIGTERM ends roost ${name} and its job, which is reported as failed; the next one runs`, () =>
    withInstallation(async (installation, source) => {
      await makeLargeFile(join(source, "large"), 40_000_000);
      const conf = "bareos-dir.d/job/Backup.conf";
      const usual = await Deno.readTextFile(join(installation.folder, conf));
      // Slow enough to be at work until something ends it.
      await installation.configure(
        conf,
        usual.replace(/\}\s*$/, "  Maximum Bandwidth = 200 k/s\n}\n"),
      );
      await installation.start();
      await installation.console("run job=Backup level=Full yes");
      await waitFor(
        "the job to send data",
        async () =>
          /JobId 1 .*[^]*Bytes=[1-9]/.test(await installation.console("status client=roost-fd")),
      );
      strictEqual((await installation.end(name)).status, 0);
      const log = await installation.console("wait jobid=1", "messages");
      match(log, /Termination: +(\*\*\* Backup Error \*\*\*|Backup Canceled)\n/);
      match(log, cause);
      await Deno.truncate(join(source, "large"), 1_000);
      await installation.start(name);
      match(
        await installation.console("run job=Backup level=Full yes", "wait", "messages"),
        /Termination: +Backup OK\n/,
      );
    }));
}

Deno.test("SIGHUP makes the director read its configuration; a broken one changes nothing", () =>
  withInstallation(async (installation, source) => {
    await makeLargeFile(join(source, "file"), 100_000);
    await installation.start();
    const path = "bareos-dir.d/job/Second.conf";
    await installation.configure(path, "Job {\n  Name = Second\n  JobDefs = DefaultJob\n}\n");
    kill(installation.pid("dir"), "SIGHUP");
    await waitFor(
      "the new job",
      async () => /Name = "?Second/.test(await installation.console("show job=Second")),
    );
    await installation.configure(path, "Job {\n  Name = Second\n  Levle = Full\n}\n");
    kill(installation.pid("dir"), "SIGHUP");
    const log = join(installation.folder, "log/roost.log");
    await waitFor(
      "the complaint",
      async () => /Levle/.test(await Deno.readTextFile(log).catch(() => "")), // none before the first line
    );
    match(
      await installation.console("run job=Second level=Full yes", "wait", "messages"),
      /Termination: +Backup OK\n/,
    );
  }));
