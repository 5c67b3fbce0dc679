/**
 * What the director does with jobs that do not just run: canceled, waiting, tried again, cloned, with
 * scripts, on volumes that come round again. Real processes, real volumes.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { Catalog } from "../storage/catalog/mod.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { waitFor } from "./support/wait_for.ts";

/** The change time of a restored file and the folder itself are its own. */
const unlike = (path: string, property: string) => property === "ctime" || path === "";

const job = (name: string, directives: string) =>
  `Job {\n  Name = ${name}\n  JobDefs = DefaultJob\n  Level = Full\n${directives}\n}\n`;

/** An installation that backs up a folder of a few files. */
async function withInstallation(
  test: (installation: Installation, source: string) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    for (let at = 0; at < 20; at++) {
      await Deno.writeTextFile(join(source, `f${at}`), `file ${at}\n`.repeat(at * 50));
    }
    await using installation = await Installation.create({ backup: source });
    await test(installation, source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** What the catalog of an installation whose director has ended says of its jobs. */
function jobRows(installation: Installation, columns: string): unknown[][] {
  const catalog = Catalog.open(join(installation.folder, "work/catalog.db"));
  try {
    return catalog.all(`SELECT ${columns} FROM Job ORDER BY JobId`).map((row) =>
      Object.values(row)
    );
  } finally {
    catalog.close();
  }
}

Deno.test("jobs that run, wait for a resource or for their time can be canceled, and end with the director", async () => {
  await withInstallation(async (installation) => {
    const slow = '  Client Run Before Job = "/bin/sleep 300"\n  Maximum Concurrent Jobs = 1';
    await installation.configure("bareos-dir.d/job/Slow.conf", job("Slow", slow));
    await installation.start();
    const later = 'when="2099-01-01 00:00:00"';
    await installation.console(
      "run job=Slow yes",
      "run job=Slow yes",
      "run job=Slow yes",
      `run job=Backup ${later} yes`,
      `run job=Backup ${later} yes`,
    );
    await waitFor(
      "the script to run",
      async () =>
        /shell command: run ClientBeforeJob/.test(
          await installation.console("list joblog jobid=1"),
        ),
    );
    const status = await installation.console("status dir");
    match(status, /Slow\.\S+ is waiting on max Job jobs/);
    match(status, /Backup\.\S+ is waiting for its start time/);
    for (const jobId of [1, 2, 4]) await installation.console(`cancel jobid=${jobId} yes`);
    await waitFor(
      "the next to run",
      async () =>
        /shell command: run ClientBeforeJob/.test(
          await installation.console("list joblog jobid=3"),
        ),
    );
    strictEqual((await installation.end("dir")).status, 0);
    deepStrictEqual(
      jobRows(installation, "JobId, JobStatus, EndTime IS NOT NULL"),
      [1, 2, 3, 4, 5].map((jobId) => [jobId, "A", 1]),
    );
    const messages = await Deno.readTextFile(join(installation.folder, "work/roost-dir.conmsg"));
    strictEqual(messages.match(/Termination: +Backup Canceled/g)?.length, 5);
  });
});

Deno.test("a backup whose client is away is tried again under its JobId until it succeeds", async () => {
  await withInstallation(async (installation) => {
    await installation.configure(
      "bareos-dir.d/job/Again.conf",
      job(
        "Again",
        "  Reschedule On Error = yes\n  Reschedule Interval = 1\n  Reschedule Times = 0",
      ),
    );
    const path = join(installation.folder, "bareos-dir.d/director");
    for await (const { name } of Deno.readDir(path)) {
      const text = await Deno.readTextFile(join(path, name));
      await Deno.writeTextFile(
        join(path, name),
        text.replace(/Director \{/, "Director {\n  FD Connect Timeout = 1"),
      );
    }
    await installation.start("sd", "dir");
    await installation.console("run job=Again yes");
    await waitFor(
      "the first attempt to fail",
      async () => /Rescheduled Job Again\./.test(await installation.console("list joblog jobid=1")),
    );
    await installation.start("fd");
    await waitFor(
      "an attempt to succeed",
      async () => /Backup OK/.test(await installation.console("list joblog jobid=1")),
    );
    strictEqual((await installation.end("dir")).status, 0);
    deepStrictEqual(jobRows(installation, "JobId, Name, JobStatus"), [[1, "Again", "T"]]);
  });
});

Deno.test("scripts run console commands, jobs start their clones, and both are told", async () => {
  await withInstallation(async (installation) => {
    await installation.configure(
      "bareos-dir.d/job/Both.conf",
      job(
        "Both",
        `  Run = "job=Backup level=%l"
  Write Bootstrap = "${installation.folder}/work/%n.bsr"
  RunScript {
    RunsWhen = Before
    RunsOnClient = no
    Console = "version"
    Command = "/bin/echo before %j %l %c"
  }
  RunScript {
    RunsWhen = After
    RunsOnClient = no
    Command = "/bin/echo after %e %F of %v"
  }`,
      ),
    );
    await installation.start();
    const log = await installation.console("run job=Both yes", "wait", "messages");
    match(log, /JobId 1: console command: run BeforeJob "version"\n/);
    match(log, /JobId 1: BeforeJob: roost-dir Version: /);
    match(log, /JobId 1: BeforeJob: before Both\.\S+ Full roost-fd\n/);
    match(log, /JobId 1: Clone JobId 2 started\.\n/);
    match(log, /JobId 1: AfterJob: after OK 21 of Full-0001\n/);
    strictEqual(log.match(/Termination: +Backup OK/g)?.length, 2);
    const bootstrap = await Deno.readTextFile(join(installation.folder, "work/Both.bsr"));
    match(
      bootstrap,
      /^# \d\d-\w{3}-\d{4} [\d:]+ - Both.* - Full\nVolume="Full-0001"\nMediaType="File"\nVolSession/,
    );
    match(bootstrap, /\nFileIndex=1-21\n$/);
    strictEqual((await installation.end("dir")).status, 0);
    deepStrictEqual(jobRows(installation, "Name, Level, JobStatus"), [
      ["Both", "F", "T"],
      ["Backup", "F", "T"],
    ]);
  });
});

Deno.test("volumes come round when the pool is full, and what is on them last can be restored", async () => {
  await withInstallation(async (installation, source) => {
    await installation.configure(
      "bareos-dir.d/pool/Full.conf",
      `Pool {
  Name = Full
  Pool Type = Backup
  Label Format = "Full-"
  Maximum Volumes = 2
  Maximum Volume Jobs = 1
  Purge Oldest Volume = yes
}
`,
    );
    await installation.start();
    for (let round = 1; round <= 4; round++) {
      await Deno.writeTextFile(join(source, "round"), `round ${round}\n`);
      const log = await installation.console("run job=Backup level=Full yes", "wait", "messages");
      match(log, /Backup OK/, log);
      strictEqual(/Purging oldest volume "Full-000[12]"/.test(log), round > 2);
      strictEqual(/Recycled volume "Full-000[12]"/.test(log), round > 2);
    }
    const where = join(installation.folder, "back");
    const restored = await installation.console(
      `restore client=roost-fd where=${where} select current all done yes`,
      "wait",
      "messages",
    );
    match(restored, /Restore OK/);
    const differences = compareTrees(
      await describeTree(source),
      await describeTree(join(where, source)),
      unlike,
    );
    deepStrictEqual(differences, []);
    strictEqual((await installation.end("dir")).status, 0);
    // Two volumes hold two backups; which older one is left depends on the clock's second.
    const rows = jobRows(installation, "Type, JobStatus, JobId");
    deepStrictEqual(rows.map(([type]) => type), ["B", "B", "R"]);
    deepStrictEqual(rows[1], ["B", "T", 4]);
  });
});

Deno.test("a reload changes what comes, not what runs; a broken configuration changes nothing", async () => {
  await withInstallation(async (installation) => {
    const gate = join(installation.folder, "gate");
    await installation.configure(
      "bareos-dir.d/job/Gated.conf",
      job(
        "Gated",
        `  Client Run Before Job = "/bin/sh -c 'while [ ! -e ${gate} ]; do sleep 0.1; done'"
  Run After Job = "/bin/echo old way"`,
      ),
    );
    await installation.start();
    await installation.console("run job=Gated yes");
    await waitFor(
      "the script to run",
      async () =>
        /shell command: run ClientBeforeJob/.test(
          await installation.console("list joblog jobid=1"),
        ),
    );
    const path = "bareos-dir.d/job/Gated.conf";
    await installation.configure(path, job("Gated", "  Nonsense = yes"));
    match(await installation.console("reload"), /Nonsense[^]*Resetting to previous configuration/);
    await installation.configure(path, job("Gated", '  Run After Job = "/bin/echo new way"'));
    match(await installation.console("reload"), /reloaded/);
    await Deno.writeTextFile(gate, "");
    const first = await installation.console("wait", "messages");
    match(first, /AfterJob: old way/);
    match(first, /Backup OK/);
    const second = await installation.console("run job=Gated yes", "wait", "messages");
    match(second, /Probing client protocol/);
    match(second, /AfterJob: new way/);
    ok(!second.includes("ClientBeforeJob"));
  });
});

Deno.test("a client that dies in a job fails it with every step told, and the next job is none the worse", async () => {
  await withInstallation(async (installation) => {
    const slow = '  Client Run Before Job = "/bin/sleep 300"';
    await installation.configure("bareos-dir.d/job/Slow.conf", job("Slow", slow));
    await installation.start();
    await installation.console("run job=Slow yes");
    await waitFor(
      "the script to run",
      async () =>
        /shell command: run ClientBeforeJob/.test(
          await installation.console("list joblog jobid=1"),
        ),
    );
    await installation.end("fd", "SIGKILL");
    const log = await installation.console("wait", "messages");
    // As recorded when the file daemon of a real Bareos was ended (36).
    match(
      log,
      /JobId 1: Fatal error: Socket error on RunBeforeNow command: ERR=No data available\n.*JobId 1: Fatal error: Client "roost-fd" RunScript failed\.\n.*JobId 1: Fatal error: Network error with FD during Backup: ERR=No data available\n/,
    );
    match(log, /Non-fatal FD errors: +1\n/);
    match(log, /FD termination status: +Error\n/);
    match(log, /Termination: +\*\*\* Backup Error \*\*\*\n/);
    await installation.start("fd");
    match(
      await installation.console("run job=Backup level=Full yes", "wait", "messages"),
      /Backup OK/,
    );
  });
});

Deno.test({
  name:
    "a catalog on a full disk fails the job with its cause at once, and the daemons end in order",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0, // mounts a small file system
  fn: () =>
    withInstallation(async (installation, source) => {
      for (let at = 0; at < 20_000; at++) {
        await Deno.writeTextFile(join(source, `a name that takes room in the catalog ${at}`), "");
      }
      const work = join(installation.folder, "work");
      const command = (name: string, ...args: string[]) =>
        new Deno.Command(name, { args }).output();
      await installation.start("sd", "fd");
      const mounted = await command("mount", "-t", "tmpfs", "-o", "size=2m", "none", work);
      if (!mounted.success) return;
      try {
        await installation.start("dir");
        const log = await installation.console("run job=Backup level=Full yes", "wait", "messages");
        match(
          log,
          /Fatal error: Cannot write file attributes to the catalog: database or disk is full\n/,
        );
        // The report may be cut short: messages that wait for a console lie on the same disk.
        strictEqual(log.match(/Cannot write file attributes/g)?.length, 1);
        strictEqual((await installation.end("dir")).status, 0);
        deepStrictEqual(jobRows(installation, "JobId, JobStatus"), [[1, "f"]]);
      } finally {
        await command("umount", "-l", work);
      }
    }),
});

Deno.test("a director that dies leaves a failed job, and finds the daemons free when it comes back", async () => {
  await withInstallation(async (installation) => {
    const slow = '  Client Run Before Job = "/bin/sleep 300"';
    await installation.configure("bareos-dir.d/job/Slow.conf", job("Slow", slow));
    await installation.start();
    await installation.console("run job=Slow yes", 'run job=Backup when="2099-01-01 00:00:00" yes');
    await waitFor(
      "the script to run",
      async () =>
        /shell command: run ClientBeforeJob/.test(
          await installation.console("list joblog jobid=1"),
        ),
    );
    await installation.end("dir", "SIGKILL");
    await installation.start("dir");
    const log = await installation.console("run job=Backup level=Full yes", "wait", "messages");
    match(log, /JobId 1: Start Backup/); // what was said before has not been lost
    match(log, /Backup OK/);
    strictEqual((await installation.end("dir")).status, 0);
    deepStrictEqual(jobRows(installation, "JobId, JobStatus, EndTime IS NOT NULL"), [
      [1, "f", 1],
      [2, "f", 1],
      [3, "T", 1],
    ]);
  });
});
