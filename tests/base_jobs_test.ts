/** Base jobs with real daemons: what a Full leaves out, and what restores and later jobs make of it. */
import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert";
import { addArchive } from "./support/archive_device.ts";
import { join } from "./support/paths.ts";
import { jobFile, type Scene, scene } from "./support/scene.ts";
import { nextSecond } from "./support/wait_for.ts";

/** Names that a list of the console has, without the source. */
async function listed({ installation, source }: Scene, command: string): Promise<string[]> {
  const text = await installation.console(`${command} limit=1000`);
  return text.split("\n").flatMap((line) => {
    const at = line.indexOf(`${source}/`);
    return at < 0 ? [] : [line.slice(at + source.length + 1).trimEnd()];
  }).toSorted();
}

// Times are not among what is compared with a base job, so that folders keep those that they had.
const ignored = (path: string, property: string): boolean =>
  path === "" || (property === "mtime" && [".", "./kept"].includes(path));
// Folders have sizes of their own, by which they differ or not.
const isNoFolder = (name: string): boolean => name !== "" && !name.endsWith("/");

async function populate(source: string): Promise<void> {
  await Deno.mkdir(join(source, "kept"));
  await Deno.mkdir(join(source, "gone"));
  for (const name of ["kept/same", "kept/changed", "kept/moved", "gone/file", "top", "unseen"]) {
    await Deno.writeTextFile(join(source, name), `${name} `.repeat(1000));
    await Deno.utime(join(source, name), 1_600_000_000, 1_600_000_000);
  }
  await Deno.link(join(source, "kept/same"), join(source, "kept/link"));
  await Deno.symlink("same", join(source, "kept/symbolic"));
}

async function change(source: string): Promise<void> {
  await Deno.writeTextFile(join(source, "kept/changed"), "now longer ".repeat(1000));
  await Deno.rename(join(source, "kept/moved"), join(source, "kept/there"));
  await Deno.remove(join(source, "gone"), { recursive: true });
  await Deno.writeTextFile(join(source, "new"), "new");
  // Size and times are as they were: only the digest tells.
  await Deno.writeTextFile(join(source, "unseen"), "unSEEN ".repeat(1000));
  await Deno.utime(join(source, "unseen"), 1_600_000_000, 1_600_000_000);
}

Deno.test("a Full leaves out what its base job has; restores, incrementals and virtual fulls have all of it", () =>
  scene(async (it) => {
    const { installation, source, withDirectives, job, restored } = it;
    await populate(source);
    // A job may be its own base.
    await withDirectives(jobFile, "Base = Backup", "Accurate = yes", "Next Pool = Archive");
    await addArchive(installation);
    await installation.configure(
      "bareos-dir.d/job/Move.conf",
      `Job { Name = Move; Type = Migrate; Pool = Full; Next Pool = Archive; Client = roost-fd; FileSet = SelfTest
         Messages = Standard; Selection Type = Job; Selection Pattern = Backup }\n`,
    );
    for (const name of ["Disk", "Volume"]) {
      await installation.configure(
        `bareos-dir.d/job/${name}.conf`,
        `Job { Name = ${name}; JobDefs = DefaultJob; Type = Verify; Level = ${name}ToCatalog; Job To Verify = Backup }\n`,
      );
    }
    await installation.start();

    // There is no base job yet: the Full has everything.
    const first = await job("run job=Backup level=Full yes");
    match(first, /No Base backup of job "Backup" found in catalog/, first);
    doesNotMatch(first, /Base files/);
    match(first, /Termination: +Backup OK/);

    const base = await job("run job=Backup level=Base yes");
    match(base, /Backup Level: +Base\n/, base);
    match(base, /Termination: +Backup OK/, base);

    await nextSecond();
    await change(source);
    const report = await job("run job=Backup level=Full yes");
    match(report, /Using BaseJobId\(s\): 2\n/, report);
    match(report, /Space saved with Base jobs: 0 MB/, report);
    // Eleven were told of: six files, two links, two folders and the top.
    const used = /Base files\/Used files: +11\/(\d+) \(\d+\.\d\d%\)\n/.exec(report)?.[1];
    match(report, /Termination: +Backup OK\n/, report);
    const own = ["kept/changed", "kept/there", "new", "unseen"];
    const based = ["kept/link", "kept/same", "kept/symbolic", "top"];
    const all = await listed(it, "list basefiles jobid=3");
    strictEqual(all.length, Number(used), report);
    deepStrictEqual(all.filter(isNoFolder), based);
    deepStrictEqual(
      (await listed(it, "list files jobid=3")).filter(isNoFolder),
      [...based, ...own].toSorted(),
    );

    const { differences, report: restore } = await restored(ignored);
    match(restore, /The restore will use the following job\(s\) as Base\n/, restore);
    match(restore, /Termination: +Restore OK\n/, restore);
    deepStrictEqual(differences, []);

    // One file by its name, which only the base job has saved.
    const where = join(installation.folder, "one");
    const one = await job(
      `restore client=roost-fd where=${where} jobid=3 file=${source}/kept/same yes`,
    );
    match(one, /Termination: +Restore OK\n/, one);
    match(await Deno.readTextFile(join(where, source, "kept/same")), /^kept\/same /);

    // Who browses sees them, and may have them restored.
    const browsed = await installation.console(
      ".bvfs_update jobid=3",
      `.bvfs_lsdirs jobid=3 path=${source}/`,
      `.bvfs_lsfiles jobid=3 path=${source}/kept/`,
    );
    match(browsed, /\tkept\/\n/);
    const shown = [...browsed.matchAll(/^\d+\t(\d+)\t(\d+)\t[^\t]+\t([a-z]+)$/gm)]
      .map(([, file = "", jobId, name = ""]) => ({ file, jobId, name }));
    deepStrictEqual(shown.map(({ name, jobId }) => `${name} ${jobId}`).toSorted(), [
      ...["changed 3", "link 2", "same 2", "symbolic 2", "there 3"],
    ]);
    const ids = shown.filter(({ name }) => /symbolic|changed/.test(name)).map(({ file }) => file);
    const elsewhere = join(installation.folder, "browsed");
    const chosen = await job(
      `.bvfs_restore jobid=3 fileid=${ids.join(",")} path=b21`,
      `restore file=?b21 client=roost-fd where=${elsewhere} yes`,
    );
    match(chosen, /Files Restored: +2\n/, chosen);
    strictEqual(await Deno.readLink(join(elsewhere, source, "kept/symbolic")), "same");

    // Verify jobs find every file, those of the base job too.
    for (const name of ["Disk", "Volume"]) {
      const verified = await job(`run job=${name} jobid=3 yes`);
      doesNotMatch(verified, /New file|not on disk|not on the Volume/, verified);
      match(verified, /Termination: +Verify (OK|Differences)\n/, verified);
    }

    // What the base job has is known to an accurate incremental: it saves nothing again.
    await Deno.remove(join(source, "top"));
    await Deno.writeTextFile(join(source, "kept/later"), "later");
    const incremental = await job("run job=Backup level=Incremental yes");
    match(incremental, /Termination: +Backup OK\n/, incremental);
    deepStrictEqual((await listed(it, "list files jobid=9")).filter(isNoFolder), ["kept/later"]);
    deepStrictEqual((await restored(ignored)).differences, []);

    const virtual = await job("run job=Backup level=VirtualFull yes");
    match(virtual, /Using BaseJobId\(s\): 2\n/, virtual);
    match(virtual, /Termination: +Backup OK\n/, virtual);
    const after = await restored(ignored);
    doesNotMatch(after.report, /as Base/); // its own data is enough
    deepStrictEqual(after.differences, []);

    // A base job that moves takes its users along; one that goes is missed aloud.
    const moved = await job("run job=Move jobid=2 yes");
    match(moved, /Termination: +Migration OK\n/, moved);
    const mover = /New Backup JobId: +(\d+)\n/.exec(moved)?.[1];
    const place = join(installation.folder, "again");
    const old = `restore client=roost-fd where=${place} jobid=3 all done yes`;
    const again = await job(old);
    doesNotMatch(again, /no longer in the catalog/);
    match(again, /Termination: +Restore OK\n/, again);
    match(await Deno.readTextFile(join(place, source, "top")), /^top /);
    await installation.console(`delete jobid=${mover} yes`);
    match(
      await job(old),
      new RegExp(
        `\\d files of base JobId ${mover} are no longer in the catalog and will not be restored`,
      ),
    );
  }));
