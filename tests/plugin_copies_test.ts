/**
 * Files of plugins on volumes that are copied, migrated, listed, extracted and scanned: they stay what they
 * are, and go back to programs. Volumes of ours and of Bacula.
 */
import { match, ok, strictEqual } from "node:assert";
import { addArchive } from "./support/archive_device.ts";
import { hasBacula } from "./support/bacula.ts";
import { BaculaSite } from "./support/bacula_site.ts";
import { join } from "./support/paths.ts";
import { makeLargeFile } from "./support/sample.ts";
import { type Scene, scene } from "./support/scene.ts";
import { SecondStorage } from "./support/second_storage.ts";

const dumpSize = 700_000;

/** Where the program writes that restores get their data from. */
const backIn = (folder: string): string => join(folder, "back");

/** What is dumped, and a line that saves it and gives it back; the command needs no shell, and goes through one. */
async function makeDump(folder: string): Promise<string> {
  await makeLargeFile(join(folder, "dump"), dumpSize);
  return `bpipe:/DB/dump:cat ${folder}/dump:sh -c 'cat > ${backIn(folder)}'`;
}

/** `path` is the dump; it is removed. */
async function assertDump(path: string, folder: string): Promise<void> {
  const [found, wanted] = await Promise.all([
    Deno.readFile(path),
    Deno.readFile(join(folder, "dump")),
  ]);
  strictEqual(found.length, wanted.length);
  ok(found.every((byte, index) => byte === wanted[index]), `${path} is not the dump`);
  await Deno.remove(path);
}

/** A job restores the file through its program. */
async function assertRestores({ job }: Scene, jobId: number, folder: string): Promise<void> {
  const back = await job(`restore jobid=${jobId} client=roost-fd where=/ all done yes`);
  match(back, /Termination: +Restore OK\n/, back);
  match(back, /Files Restored: +2\n/, back);
  await assertDump(backIn(folder), folder);
}

/** The tools list the file, and extract its contents as a plain file. */
async function assertTools(it: Scene, volumes: string, folder: string): Promise<void> {
  const { installation, path } = it;
  const listed = await installation.run(["bls", volumes]);
  strictEqual(listed.status, 0, listed.stderr);
  match(listed.stdout, /^bls JobId \d+: -\S+ .* \/DB\/dump$/m);
  const jobs = await installation.run(["bls", "-j", volumes]);
  match(jobs.stdout, /End Job Session Record/);
  const where = path("extracted");
  await Deno.mkdir(where);
  const extracted = await installation.run(["bextract", volumes, where]);
  strictEqual(extracted.status, 0, extracted.stderr);
  match(extracted.stdout, /\n2 files restored\.\n/);
  await assertDump(join(where, "DB/dump"), folder);
  await Deno.remove(where, { recursive: true });
}

/** Fills the director's catalog from volumes, while the director does not run. */
async function scan({ installation, path }: Scene, volumes: readonly string[]): Promise<void> {
  const work = path("work");
  const database = [...Deno.readDirSync(work)].find(({ name }) => name.endsWith(".db"))?.name ?? "";
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(join(work, database + suffix)).catch(() => {});
  }
  for (const folder of volumes) {
    const name = database.replace(/\.db$/, "");
    const done = await installation.run([
      ...["bscan", "-s", "-m", "-B", "sqlite3", "-w", work, "-n", name, folder],
    ]);
    strictEqual(done.status, 0, done.stderr);
    match(done.stdout, /\n {6}1 Job\n {6}2 File\n/);
  }
}

/** A job that copies or moves what is in a pool. */
const worker = (name: string, type: string, further: string): string =>
  `Job { Name = ${name}; Type = ${type}; Client = roost-fd; FileSet = SelfTest; Messages = Standard
     Selection Type = Job; ${further} }\n`;

const fileSet = (line: string, ordinary: string): string =>
  `  Include {\n    Options {\n      Signature = SHA1; Compression = GZIP; Sparse = yes\n    }\n` +
  `    Plugin = "${line}"\n    File = "${ordinary}"\n  }`;

Deno.test("a plugin's file is copied, migrated, extracted and scanned, and goes back to its program", () =>
  scene(async (it) => {
    const { installation, path, job } = it;
    const folder = path("db");
    await Deno.mkdir(folder);
    const line = await makeDump(folder);
    await Deno.writeTextFile(join(it.source, "ordinary"), "an ordinary file\n");
    await it.withFileSet(fileSet(line, join(it.source, "ordinary")));
    await addArchive(installation);
    await using second = await SecondStorage.add(installation);
    await second.start();
    await installation.configure(
      "bareos-dir.d/job/Workers.conf",
      worker("Copy", "Copy", 'Pool = Full; Next Pool = Copies; Selection Pattern = "^Backup$"') +
        worker(
          "Move",
          "Migrate",
          'Pool = Full; Next Pool = Archive; Selection Pattern = "^Backup$"',
        ),
    );
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /FD Files Written: +2\n/);
    // 2 is the copy's worker, 3 the copy; 4 the migration's, 5 what was moved
    const copied = await job("run job=Copy yes");
    match(copied, /Termination: +Copying OK\n/, copied);
    const moved = await job("run job=Move yes");
    match(moved, /Termination: +Migration OK\n/, moved);
    await Deno.remove(path("volumes"), { recursive: true });
    const backups = await installation.console("list jobs");
    const idOf = (type: string): number =>
      Number(
        new RegExp(`\\| +(\\d+) \\| Backup .*\\| ${type} +\\| F +\\| +2 \\|`).exec(backups)?.[1],
      );
    const copies = join(second.folder, "volumes");
    for (const [type, volumes] of [["C", copies], ["B", path("archive")]] as const) {
      await assertRestores(it, idOf(type), folder);
      await assertTools(it, volumes, folder);
    }
    await installation.end("dir");
    await scan(it, [path("archive")]);
    await installation.start("dir");
    // the session is known by the JobId of the worker
    const scanned = /\| +(\d+) \| Backup /.exec(await installation.console("list jobs"))?.[1] ?? "";
    match(await installation.console(`list files jobid=${scanned}`), /^ \/DB\/dump$/m);
    await assertRestores(it, Number(scanned), folder);
  }));

Deno.test({
  name: "a plugin's file that Bacula has saved is scanned, copied, and goes back to its program",
  ignore: !hasBacula(),
  fn: () =>
    scene(async (it) => {
      const { installation, path, job } = it;
      const folder = path("db");
      await Deno.mkdir(folder);
      const line = await makeDump(folder);
      await Deno.writeTextFile(join(folder, "ordinary"), "an ordinary file\n");
      await addArchive(installation);
      await installation.configure(
        "bareos-dir.d/pool/Default.conf",
        "Pool { Name = Default; Pool Type = Backup; Storage = File; Next Pool = Archive }\n",
      );
      await installation.configure(
        "bareos-dir.d/job/Workers.conf",
        "Job { Name = Dump; JobDefs = DefaultJob }\n" +
          worker("Copy", "Copy", 'Pool = Default; Selection Pattern = "^Dump$"'),
      );
      {
        await using site = await BaculaSite.start({
          ...{ source: join(folder, "ordinary"), client: "bacula", storage: "bacula" },
          resources: `FileSet {
  Name = Dump
${fileSet(line, join(folder, "ordinary")).replaceAll("; ", "\n")}
}
Job {
  Name = Dump
  Type = Backup
  Level = Full
  Client = bacula-fd
  FileSet = Dump
  Storage = File
  Pool = Default
  Messages = Standard
}
`,
        });
        const saved = await site.run("run job=Dump");
        match(saved, /Termination: +Backup OK\n/, saved);
        for (const { name } of Deno.readDirSync(site.volumes)) {
          await Deno.copyFile(join(site.volumes, name), join(path("volumes"), name));
        }
      }
      await assertTools(it, path("volumes"), folder);
      await installation.start();
      await installation.end("dir");
      await scan(it, [path("volumes")]);
      await installation.start("dir");
      await assertRestores(it, 1, folder);
      const copied = await job("run job=Copy yes");
      match(copied, /Termination: +Copying OK\n/, copied);
      await Deno.remove(path("volumes"), { recursive: true });
      const copy = Number(
        /\| +(\d+) \| Dump .*\| C +\| F +\| +2 \|/.exec(
          await installation.console("list jobs"),
        )?.[1],
      );
      await assertRestores(it, copy, folder);
      await assertTools(it, path("archive"), folder);
    }),
});
