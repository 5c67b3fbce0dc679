/** The console against real daemons: what a user, a script and a program get. @module */
import assert from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

/** A folder to back up, and an installation that does. */
async function started(): Promise<{ installation: Installation; source: string }> {
  const source = await Deno.makeTempDir({ prefix: "roost-source-" });
  await Deno.mkdir(join(source, "sub"));
  await Deno.writeTextFile(join(source, "a.txt"), "first");
  await Deno.writeTextFile(join(source, "sub", "b.txt"), "second");
  const installation = await Installation.create({ backup: source });
  await installation.start();
  return { installation, source };
}

/** What was printed for a line: up to the next of these lines. */
function part(text: string, line: string, next: string): string {
  const from = text.indexOf(`${line}\n`);
  const to = text.indexOf(next, from + line.length);
  assert.ok(from >= 0 && to > from, `${line} and ${next} are printed`);
  return text.slice(from + line.length + 1, to);
}

/** The JSON documents in a text, in their order; what stands between them is left out. */
function documents(text: string): { result?: Record<string, unknown>; error?: unknown }[] {
  const found = [];
  for (let from = text.indexOf('{"jsonrpc"'); from >= 0;) {
    let depth = 0;
    let isText = false;
    let at = from;
    do {
      const letter = text.charAt(at);
      if (isText && letter === "\\") at++;
      else if (letter === '"') isText = !isText;
      else if (!isText && letter === "{") depth++;
      else if (!isText && letter === "}") depth--;
      at++;
    } while (depth > 0 && at < text.length);
    found.push(JSON.parse(text.slice(from, at)));
    from = text.indexOf('{"jsonrpc"', at);
  }
  return found;
}

Deno.test("backup, lists, restore by the tree, and everything on a volume goes with it", async () => {
  const { installation, source } = await started();
  await using _ = installation;
  const target = await Deno.makeTempDir({ prefix: "roost-target-" });
  try {
    const text = await installation.console(
      "run job=Backup level=Full yes",
      "wait",
      "list jobs jobstatus=T client=roost-fd",
      "list jobs jobstatus=f",
      "list jobs count",
      "llist jobid=1",
      "list files jobid=1",
      "list jobid=99",
      `restore client=roost-fd select current where=${target}`,
      `cd ${source}`,
      "mark sub/b.txt",
      "lsmark",
      "count",
      "done",
      "yes",
      "wait",
      "list jobid=2",
    );
    assert.match(text, /\| {5}1 \| Backup \| roost-fd \|/);
    assert.match(part(text, "list jobs jobstatus=f", "list jobs count"), /^No results to list\.\n/);
    assert.match(part(text, "llist jobid=1", "list files"), /^ {11}jobid: 1\n {13}job: Backup\./);
    assert.match(part(text, "list files jobid=1", "list jobid=99"), /^ \S+b\.txt\n/);
    assert.equal(part(text, "list jobid=99", "restore"), "");
    assert.match(text, /mark sub\/b\.txt\n1 file newly marked\.\n/);
    assert.match(text, /lsmark\n\+sub\/\n {2}\*b\.txt\n/);
    assert.match(text, /4 total files\/dirs\. 1 marked to be restored\.\n/);
    assert.match(text, /\n1 file selected to be restored\.\n/);
    assert.match(text, /Run Restore job\nJobName: {9}RestoreFiles\n/);
    assert.equal(await Deno.readTextFile(join(target, source, "sub", "b.txt")), "second");
    await assert.rejects(Deno.stat(join(target, source, "a.txt")), Deno.errors.NotFound);

    const after = await installation.console(
      "update volume=Full-0001 volstatus=Used volretention=30d recycle=no",
      "llist volume=Full-0001",
      "delete volume=Full-0001 yes",
      "list volumes pool=Full",
      "list jobs",
    );
    assert.match(
      after,
      /New Volume status is: Used\nNew retention period is: 1 month \nNew Recycle flag is: no\n/,
    );
    assert.match(after, /volretention: 2,592,000\n/);
    assert.match(
      after,
      /Deleted 1 jobs and associated records deleted from the catalog \(jobids: 1\)\.\nVolume Full-0001 deleted\.\n/,
    );
    assert.match(part(after, "list volumes pool=Full", "list jobs"), /^No results to list\.\n/);
    assert.doesNotMatch(part(`${after}end`, "list jobs", "end"), /Backup/);
  } finally {
    await Deno.remove(target, { recursive: true });
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("a program in API mode 2 gets one document a command", async () => {
  const { installation, source } = await started();
  await using _ = installation;
  try {
    const text = await installation.console(
      ".api json compact=yes",
      "run job=Backup level=Full yes",
      "wait jobid=1",
      "list jobs limit=1",
      "list volumes",
      "llist volume=Full-0001",
      "show pool=Full",
      ".bvfs_update jobid=1",
      `.bvfs_lsdirs jobid=1 path=${source}/`,
      `.bvfs_lsfiles jobid=1 path=${source}/`,
      "restore client=roost-fd",
      "status dir",
      "disable job=Backup",
      ".jobs disabled",
      "list jobs client=nobody",
      "nonsense",
    );
    const [
      api,
      run,
      wait,
      jobs,
      volumes,
      volume,
      pool,
      update,
      folders,
      files,
      restore,
      status,
      disabled,
      off,
      nobody,
      nonsense,
    ] = documents(text);
    assert.deepEqual(api?.result, { api: 2 });
    assert.deepEqual(run?.result, { run: { jobid: "1" } });
    assert.deepEqual(wait?.result, {
      job: { jobid: 1, jobstatuslong: "OK", jobstatus: "T", exitstatus: 0 },
    });
    const [job] = jobs?.result?.jobs as Record<string, string>[];
    assert.equal(job?.name, "Backup");
    assert.equal(typeof job?.jobfiles, "string", "values of tables are texts");
    assert.deepEqual(jobs?.result?.meta, { range: { limit: 1, filtered: 0 } });
    assert.ok(Array.isArray((volumes?.result?.volumes as Record<string, unknown>).full));
    assert.equal((volume?.result?.volume as Record<string, string>).volumename, "Full-0001");
    assert.equal(
      ((pool?.result?.pools as Record<string, Record<string, unknown>>).Full ?? {}).labelformat,
      "Full-",
    );
    assert.deepEqual(update?.result, {});
    const names = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names(folders?.result?.directories), [".", "..", "sub/"]);
    assert.deepEqual(names(files?.result?.files), ["a.txt"]);
    assert.ok(restore?.error !== undefined, "nobody can answer the menu");
    assert.equal((status?.result?.header as Record<string, unknown>).director, "roost-dir");
    assert.ok(disabled?.result !== undefined);
    assert.deepEqual(names(off?.result?.jobs), ["Backup"]);
    assert.match(JSON.stringify(nobody?.error), /invalid client argument: nobody/);
    assert.match(JSON.stringify(nonsense?.error), /nonsense: is an invalid command/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("a restore by the browsing commands brings back what a program has marked", async () => {
  const { installation, source } = await started();
  await using _ = installation;
  const target = await Deno.makeTempDir({ prefix: "roost-target-" });
  try {
    const listed = await installation.console(
      "run job=Backup level=Full yes",
      "wait",
      ".bvfs_update",
      `.bvfs_lsfiles jobid=1 path=${source}/sub/`,
      `.bvfs_lsdirs jobid=1 path=${source}/`,
    );
    const fileId = /^\d+\t(\d+)\t1\t.*\tb\.txt$/m.exec(listed)?.[1];
    assert.ok(fileId !== undefined, listed);
    const text = await installation.console(
      `.bvfs_restore jobid=1 fileid=${fileId} path=b21234`,
      `restore file=?b21234 client=roost-fd restorejob=RestoreFiles where=${target} yes`,
      "wait",
      ".bvfs_cleanup path=b21234",
      "restore file=?b21234 client=roost-fd restorejob=RestoreFiles yes",
    );
    assert.match(text, /^OK$/m);
    assert.equal(await Deno.readTextFile(join(target, source, "sub", "b.txt")), "second");
    assert.match(text, /No table found: b21234/);
  } finally {
    await Deno.remove(target, { recursive: true });
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("a console with rights sees and does what they allow, and no more", async () => {
  const { installation, source } = await started();
  await using _ = installation;
  try {
    await Deno.mkdir(join(installation.folder, "bareos-dir.d/profile"), { recursive: true });
    await Deno.mkdir(join(installation.folder, "bareos-dir.d/console"), { recursive: true });
    await installation.configure(
      "bareos-dir.d/profile/reader.conf",
      "Profile { Name = reader; CommandAcl = list, show, run, restore, .jobs, .authorized, cancel\n" +
        "ClientAcl = *all*\nCatalogAcl = *all*\nPoolAcl = *all*\nStorageAcl = *all* }\n",
    );
    await installation.configure(
      "bareos-dir.d/console/limited.conf",
      'Console { Name = limited; Password = "secret"; TlsEnable = no; Profile = reader\nJobAcl = "!Backup", ".*"\nCommandAcl = "!cancel", whoami\n' +
        "FileSetAcl = *all*\nWhereAcl = /allowed.* }\n",
    );
    const reloaded = await installation.console("run job=Backup level=Full yes", "wait", "reload");
    assert.match(reloaded, /^reloaded$/m);
    const director = await installation.run(["console", "-c", installation.folder], "");
    const address = /Director (\S+):(\d+)/.exec(director.stdout);
    const configuration = await Deno.makeTempFile({ suffix: ".conf" });
    await Deno.writeTextFile(
      configuration,
      `Director { Name = roost-dir; Address = ${address?.[1]}; Port = ${
        address?.[2]
      }; Password = x; TlsEnable = no }\n` +
        'Console { Name = limited; Password = "secret"; TlsEnable = no }\n',
    );
    const lines = [
      "whoami",
      "list jobs",
      ".jobs",
      "run job=Backup yes",
      ".",
      "cancel",
      "status dir",
      "show clients",
      "restore jobid=1 all done where=/allowed/x yes",
      "restore jobid=1 all done where=/elsewhere yes",
      ".authorized job=RestoreFiles",
      ".authorized job=Backup",
      "list volumes all",
    ];
    const { stdout } = await installation.run(
      ["console", "-c", configuration],
      lines.map((line) => `${line}\n`).join(""),
    );
    await Deno.remove(configuration);
    assert.match(stdout, /You are logged in as: limited\n/);
    assert.match(stdout, /whoami\nlimited\n/);
    assert.match(stdout, /list jobs\n(.*Catalog.*\n)*No results to list\.\n/);
    assert.match(stdout, /\.jobs\nRestoreFiles\nrun/);
    assert.match(stdout, /Job "Backup" not found\n/);
    assert.match(stdout, /cancel: is an invalid command\.\n/);
    assert.match(stdout, /status: is an invalid command\.\n/);
    assert.match(stdout, /show clients\nClient \{\n[^}]*Password = "\*{16}"\n/);
    assert.match(stdout, /Access to JobId=1 \(Job "Backup"\) not authorized\. Not selected\.\n/);
    assert.match(stdout, /"where" specification not authorized\.\n/);
    assert.match(stdout, /job=RestoreFiles\nauthorized\n/);
    assert.match(stdout, /job=Backup\nnot authorized\n/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("labelling, purging, truncating and configuring from the console", async () => {
  const { installation, source } = await started();
  await using _ = installation;
  try {
    const text = await installation.console(
      "label storage=File pool=Full volume=Hand-1",
      "label storage=File pool=Full volume=Hand-1",
      ".",
      "list media pool=Full",
      "run job=Backup level=Full yes",
      "wait",
      "purge volume=Hand-1 yes",
      "relabel storage=File oldvolume=Hand-1 volume=Hand-2 pool=Full",
      "list media pool=Full",
      "prune stats yes",
      "enable job=Backup",
      "setdebug level=0 dir",
      "time",
      "configure add client name=second-fd address=192.0.2.1 password=secret",
      "show client=second-fd",
      "configure add client name=second-fd address=192.0.2.1 password=secret",
      "configure add pool name=Third color=blue",
      ".sql query=\"SELECT 1 AS a, 'x' AS b\"",
      "sqlquery",
      "SELECT 2",
      "AS two;",
      "",
      "var Vol-$Year",
      "mount storage=File",
    );
    assert.match(
      text,
      /Sending label command for Volume "Hand-1" Slot 0 \.\.\.\n3000 OK label\. VolFiles=0 VolBytes=\d+ Volume="Hand-1"/,
    );
    assert.match(
      text,
      /Catalog record for Volume "Hand-1", Slot 0 successfully created\.\nRequesting to mount FileStorage \.\.\.\n3906 File device/,
    );
    assert.match(text, /Media record for new Volume "Hand-1" already exists\.\n/);
    assert.match(
      text,
      /There are no more Jobs associated with Volume "Hand-1"\. Marking it purged\.\n/,
    );
    assert.match(text, /Sending relabel command from "Hand-1" to "Hand-2" \.\.\.\n/);
    assert.match(text, /Old volume "Hand-1" deleted from catalog\.\n/);
    assert.match(text, /\| Hand-2 {5}\| Append/);
    assert.match(text, /Pruned Jobs from JobHisto in catalog\.\n/);
    assert.match(text, /Job "Backup" enabled\nEnabling is a temporary operation/);
    assert.match(text, /^level=0 trace=0 hangup=0 timestamp=0 tracefilename=/m);
    assert.match(
      text,
      /^Exported resource file "\S+bareos-dir-export\/client\/second-fd\/bareos-fd\.d\/director\/roost-dir\.conf":$/m,
    );
    assert.match(
      text,
      /show client=second-fd\nClient \{\n {2}Name = "second-fd"\n {2}Address = "192\.0\.2\.1"\n/,
    );
    assert.match(text, /Resource "Client" with name "second-fd" already exists\.\n/);
    assert.match(text, /Resource "Pool" does not permit directive "color"\.\n/);
    assert.match(text, /^1\tx$/m);
    assert.match(text, /\| two {2}\|\n\+------\+\n\| {4}2 \|\n/);
    assert.match(text, /End query mode\.\n/);
    assert.match(text, /^Vol-\d{4}$/m);
    const folder = join(installation.folder, "bareos-dir.d/client/second-fd.conf");
    assert.match(await Deno.readTextFile(folder), /^Client \{\n {2}Name = "second-fd"\n/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("jobs that wait are canceled by state, one by one, and all", async () => {
  const { installation, source } = await started();
  await using _ = installation;
  try {
    const text = await installation.console(
      'run job=Backup when="2090-01-01 00:00:00" yes',
      'run job=Backup when="2090-01-01 00:00:00" priority=3 comment=later yes',
      "status dir",
      "cancel state=running",
      "cancel jobid=77 yes",
      ".",
      "cancel jobid=1",
      "cancel all",
      "no",
      "cancel all yes",
      "cancel",
    );
    assert.match(text, /is waiting for its start time at 01-Jan-90 00:00\n/);
    assert.match(text, /cancel state=running\nNo Jobs selected\.\n/);
    assert.match(
      text,
      /JobId 77 is not running\. Use Job name to cancel inactive jobs\.\nSelect Job:\n1: JobId=1 Job=Backup\./,
    );
    assert.match(text, /Selection aborted, nothing done\.\n/);
    assert.match(text, /JobId 1, Job Backup\.\S+ marked to be canceled\.\n/);
    assert.match(
      text,
      /cancel all\nSelected Job 2 for cancelling\nConfirm cancel \(yes\/no\): no\n/,
    );
    assert.match(text, /JobId 2, Job Backup\.\S+ marked to be canceled\.\n/);
    assert.match(text, /\ncancel\nNo Jobs running\.\n/);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
