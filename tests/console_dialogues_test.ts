/** Menus, keywords and one-step commands of the console, against real daemons. @module */
import assert from "node:assert/strict";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { nextSecond } from "./support/wait_for.ts";

/** An installation with a full backup (JobId 1) of two files, and an incremental one (2) of a third. */
class Scene implements AsyncDisposable {
  private constructor(
    readonly installation: Installation,
    readonly source: string,
    readonly target: string,
  ) {}

  static async start(): Promise<Scene> {
    const source = await Deno.makeTempDir({ prefix: "roost-source-" });
    await Deno.mkdir(join(source, "sub"));
    await Deno.writeTextFile(join(source, "a.txt"), "first");
    await Deno.writeTextFile(join(source, "sub", "b.txt"), "second");
    const installation = await Installation.create({ backup: source });
    await installation.start();
    await nextSecond();
    await installation.console("run job=Backup level=Full yes", "wait");
    await Deno.writeTextFile(join(source, "c.txt"), "third");
    await installation.console("run job=Backup level=Incremental yes", "wait");
    const target = await Deno.makeTempDir({ prefix: "roost-target-" });
    return new Scene(installation, source, target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.installation[Symbol.asyncDispose]();
    await Deno.remove(this.source, { recursive: true });
    await Deno.remove(this.target, { recursive: true });
  }

  /** What the console printed for these lines. */
  console(...lines: readonly string[]): Promise<string> {
    return this.installation.console(...lines);
  }

  /** Files below the target, their paths without it and without the source's. */
  async restored(): Promise<string[]> {
    const found: string[] = [];
    const look = async (folder: string): Promise<void> => {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        if (isDirectory) await look(join(folder, name));
        else found.push(join(folder, name).slice(this.target.length).replace(this.source, ""));
      }
    };
    await look(this.target);
    return found.sort();
  }
}

Deno.test("restore finds jobs and files by every item of its menu", async () => {
  await using scene = await Scene.start();
  const { source, target } = scene;
  const text = await scene.console(
    "restore",
    "1",
    "2",
    "b.txt",
    "9",
    "3",
    "1",
    "quit",
    `restore where=${target}/5`,
    "5",
    "mark **/*.txt",
    "done",
    "yes",
    "restore",
    "6",
    "2000-01",
    "13",
    `restore where=${target}/7`,
    "7",
    `${source}/a.txt`,
    "/nowhere",
    "",
    "yes",
    "restore",
    "12",
    "2",
    "quit",
    "wait",
  );
  assert.match(text, /\| jobid \| client {3}\| starttime {11}\| joblevel \|.*\n.*\n\| 2 /);
  assert.match(text, /Enter Filename \(no path\):b\.txt\n(.*\n)*?.*\/sub\/b\.txt/);
  assert.match(text, /Select item: {2}\(1-13\): 9\n(.*\n)*?\| {5}1 \| F(.*\n)\| {5}2 \| I/);
  assert.match(text, /to restore: 1\nYou have selected the following JobId: 1\n/);
  assert.match(text, /3 files newly marked\.\n/);
  assert.match(text, /No Full backup before 2000-01-01 00:00:00 found\.\n/);
  assert.match(text, /No database record found for: \/nowhere\n/);
  assert.match(
    text,
    /Selecting jobs to build the Full state at .*\nYou have selected the following JobIds: 1,2\n/,
  );
  assert.deepEqual(await scene.restored(), ["/5/a.txt", "/5/c.txt", "/5/sub/b.txt", "/7/a.txt"]);
});

Deno.test("restore by keywords: date, directory, pattern, moved paths; words that exclude each other", async () => {
  await using scene = await Scene.start();
  const { source, target } = scene;
  const list = join(target, "list");
  await Deno.writeTextFile(list, `${source}/a.txt\n${source}/sub/b.txt\n`);
  const text = await scene.console(
    `restore client=roost-fd directory=${source} current where=${target}/d yes`,
    `restore client=roost-fd select current fileregex=b.txt$ where=${target}/r yes`,
    `restore client=roost-fd file=<${list} where=${target}/f yes`,
    `restore jobid=2 all done strip_prefix=${source} add_prefix=${target}/p add_suffix=.old yes`,
    "restore jobid=1 current",
    "restore before=soon client=roost-fd",
    "restore client=nobody select current",
    "restore jobid=1 foo=bar",
    "restore jobid=x",
    "wait",
  );
  await Deno.remove(list);
  const restored = await scene.restored();
  const files = [
    "/d/a.txt",
    "/d/c.txt",
    "/f/a.txt",
    "/f/sub/b.txt",
    "/p/c.txt.old",
    "/r/sub/b.txt",
  ];
  assert.deepEqual(restored, files, text);
  assert.match(
    text,
    /A job was already explicitly chosen via 'jobid=1' which is incompatible with choosing a job by date 'current'\n/,
  );
  assert.match(text, /Improper date format: soon\n/);
  assert.match(text, /invalid client argument: nobody\n/);
  assert.match(text, /Unknown keyword: foo\n/);
  assert.match(text, /Could not parse jobid from 'x'\n/);
});

Deno.test("lists take their filters", async () => {
  await using scene = await Scene.start();
  const ids = async (line: string): Promise<string[]> =>
    [...(await scene.console(line)).matchAll(/^\| +(\d+) \| Backup/gm)].map(([, id]) => id ?? "");
  assert.deepEqual(await ids("list jobs joblevel=Full"), ["1"]);
  assert.deepEqual(await ids("list jobs level=I,D"), ["2"]);
  assert.deepEqual(await ids("list jobs jobtype=B days=1 limit=1 offset=1"), ["2"]);
  assert.deepEqual(await ids("list jobs last"), ["2"]);
  assert.deepEqual(await ids("list jobs volume=Full-0001"), ["1"]);
  assert.deepEqual(await ids("list jobs pool=Incremental"), ["2"]);
  assert.deepEqual(await ids("list jobs reverse"), ["2", "1"]);
  assert.deepEqual(await ids("list backups client=roost-fd fileset=SelfTest order=desc"), [
    "2",
    "1",
  ]);
  assert.deepEqual(await ids("list jobs disabled"), []);
  const text = await scene.console(
    "list jobs jobstatus=zz",
    "list jobs=3",
    "list files",
    "list volumes pool=None",
    "list backups",
    "list volumes jobid=1",
    "list jobmedia jobid=1",
    "list jobtotals",
  );
  assert.match(text, /invalid jobstatus parameter\n/);
  assert.match(text, /'list jobs' does not allow an jobs parameter\n/);
  assert.match(text, /no jobid given\n/);
  assert.match(text, /Pool None doesn't exist\.\n/);
  assert.match(text, /missing parameter: client\n/);
  assert.match(text, /list volumes jobid=1\n.*\n\| volumename \|\n.*\n\| Full-0001 {2}\|\n/);
  assert.match(text, /\| {4}2 \| {5}\d \| {4}\d+ \| Backup \|/);
});

Deno.test("update, prune and delete change what they say and nothing else", async () => {
  await using scene = await Scene.start();
  const text = await scene.console(
    "update",
    "1",
    "2",
    "*1",
    "3",
    "2 hours",
    "7",
    "maybe",
    "19",
    "update jobid=2 jobname=Renamed",
    "update stats",
    "update pool=Full",
    "llist volume=Full-0001",
    "prune files client=roost-fd",
    "mod",
    "1 sec",
    "no",
    "prune jobs client=roost-fd yes",
    "delete jobid=2,x,9-7",
    "list jobs",
    "delete",
    "3",
    "1",
    "list jobs count",
    "purge volume=Full-0001 yes",
    "list volumes pool=Full",
  );
  assert.match(
    text,
    /Current use duration is: 0 secs\nEnter Volume Use Duration: 2 hours\nNew use duration is: 2 hours \n/,
  );
  assert.match(text, /Enter new Recycle status: maybe\nInvalid value\. It must be YES or NO\.\n/);
  assert.match(text, /Selection terminated\.\n/);
  assert.match(text, /Updating 2 job\(s\)\.\n/);
  assert.match(text, /Pool DB record updated from resource\.\n/);
  assert.match(text, /voluseduration: 7,200\n/);
  assert.match(
    text,
    /The current File retention period is: 2 months \nContinue\? \(yes\/mod\/no\): mod\n/,
  );
  assert.match(text, /The current File retention period is: 1 sec\nContinue/);
  assert.match(text, /No jobids found to be purged\n/);
  assert.match(
    text,
    /Illegal JobId x ignored\nIllegal JobId range 9 - 7 should define increasing JobIds, ignored\nJobid 2 and/,
  );
  assert.match(text, /list jobs count\n.*\n\| count \|\n.*\n\| {5}0 \|\n/);
  assert.match(text, /No Jobs found for media Full-0001 to purge from catalog\.\n/);
  assert.match(text, /\| Full-0001 {2}\| Purged/);
});

Deno.test("commands to daemons end with the daemon's answer", async () => {
  await using scene = await Scene.start();
  const text = await scene.console(
    "setdebug level=0 all",
    "resolve storage=File localhost",
    "resolve localhost",
    "setbandwidth client=roost-fd limit=100",
    "setdevice storage=File device=FileStorage autoselect=yes",
    "setdevice storage=File",
    "cancel storage=File jobid=77",
    "cancel storage=File",
    "release storage=File",
    ".status dir current",
    ".status storage=File devices",
    ".status dir nonsense",
    ".status",
    "estimate job=RestoreFiles",
    "rerun jobid=1 yes",
    "wait jobid=3",
    "rerun",
    "run job=Backup level=nonsense",
    "run job=Backup nonsense=1",
    "run job=Backup job=Backup",
  );
  assert.match(text, /^2000 OK setdebug=0 trace=0 hangup=0/m);
  assert.match(text, /^3000 OK setdebug=0 trace=-1/m);
  assert.match(text, /^roost-sd resolves localhost to /m);
  assert.match(text, /^roost-dir resolves localhost to host\[ipv4;127\.0\.0\.1\] /m);
  assert.match(text, /^OK Limiting bandwidth to 100kb\/s roost-fd$/m);
  assert.match(text, /^3000 OK setdevice=FileStorage autoselect=1$/m);
  assert.match(text, /^Argument missing: device$/m);
  assert.match(text, /^3904 Job 77 not found\.$/m);
  assert.match(text, /^Missing jobid=JobId specification$/m);
  assert.match(text, /\.status dir current\n1000 OK \.status\n/);
  assert.match(text, /^1900 Bad \.status command, wrong argument\.$/m);
  assert.match(text, /^1900 Bad \.status command, missing arguments\.$/m);
  assert.match(text, /^Wrong job specified of type R\.$/m);
  assert.match(text, /rerunning jobid 1\nJob queued\. JobId=3\n/);
  assert.match(text, /JobId=3\nJobStatus=OK \(T\)\n/);
  assert.match(text, /Please specify jobid, since_jobid, hours or days\n/);
  assert.match(text, /Level "nonsense" not valid\.\n/);
  assert.match(text, /Invalid keyword: nonsense\n/);
  assert.match(text, /Job name specified twice\.\n/);
});

Deno.test("Auditing = yes records who typed what", async () => {
  await using scene = await Scene.start();
  const { installation } = scene;
  const path = "bareos-dir.d/director";
  for await (const { name } of Deno.readDir(join(installation.folder, path))) {
    const text = await Deno.readTextFile(join(installation.folder, path, name));
    await installation.configure(
      `${path}/${name}`,
      text.replace(/\}\s*$/, "  Auditing = yes\n}\n"),
    );
  }
  const folder = "bareos-dir.d/messages";
  for await (const { name } of Deno.readDir(join(installation.folder, folder))) {
    const text = await Deno.readTextFile(join(installation.folder, folder, name));
    const log = join(scene.target, "audit.log");
    await installation.configure(
      `${folder}/${name}`,
      text.replace(/\}\s*$/, `  Append = "${log}" = audit\n}\n`),
    );
  }
  await scene.console("reload", "list jobs", "version");
  const log = await Deno.readTextFile(join(scene.target, "audit.log"));
  assert.match(log, /Console \[default\] from \[127\.0\.0\.1\] cmdline list jobs\n/);
  assert.doesNotMatch(log, /cmdline version/);
});
