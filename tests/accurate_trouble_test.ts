/** Accurate jobs whose list is large, or cannot be kept: what the job says, and that the next one is well. */
import { match, ok, strictEqual } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import { join } from "./support/paths.ts";
import { clientFile, jobFile, type Scene, scene } from "./support/scene.ts";
import { nextSecond } from "./support/wait_for.ts";

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

function run(command: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(command, { args }).outputSync();
  ok(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Adds files to a job in the catalog that no disk has. */
function inventFiles({ path, source }: Scene, count: number): void {
  using database = new DatabaseSync(path("work/catalog.db"), { timeout: 30_000 });
  const folder = `${source}/${"gone".repeat(20)}/`;
  database.exec("BEGIN");
  const { lastInsertRowid } = database.prepare("INSERT INTO Path (Path) VALUES (?)").run(folder);
  const insert = database.prepare(
    `INSERT INTO File (FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name)
     VALUES (?, 1, ?, 0, 'gB gAB IGk B Po Po A M BAA I Boi1rA Boi05A Boi05A A A C', '0', ?)`,
  );
  for (let at = 0; at < count; at++) insert.run(1_000 + at, lastInsertRowid, `file-${at}`);
  database.prepare("UPDATE Job SET JobFiles = JobFiles + ? WHERE JobId = 1").run(count);
  database.exec("COMMIT");
}

/** Lists that the file daemon has left. */
function left(folder: string): number {
  try {
    return [...Deno.readDirSync(join(folder, "roost-fd.accurate"))].length;
  } catch {
    return 0;
  }
}

Deno.test({
  name:
    "a list that does not fit into the working directory fails its job with the reason, and that job only",
  ignore: !isRoot,
  fn: () =>
    scene(async (it) => {
      const { installation, source, path, withDirectives, job } = it;
      await Deno.writeTextFile(join(source, "file"), "text");
      const work = path("small");
      await Deno.mkdir(work);
      run("mount", "-t", "tmpfs", "-o", "size=1m", "none", work);
      try {
        const original = await Deno.readTextFile(path(clientFile));
        await installation.configure(
          clientFile,
          original.replace(/Working Directory = .*/i, `Working Directory = "${work}"`),
        );
        await withDirectives(jobFile, "Accurate = yes");
        await installation.start();
        match(await job("run job=Backup level=Full yes"), /Backup OK/);
        // More than 16 MiB, of which the rest goes to the disk.
        inventFiles(it, 130_000);
        await nextSecond();
        const full = await job("run job=Backup level=Incremental yes");
        match(
          full,
          /Fatal error: Cannot keep the accurate list in \S+\/small: .*(no space left|ENOSPC)/i,
          full,
        );
        match(full, /Termination: +\*\*\* Backup Error \*\*\*\n/, full);
        strictEqual(left(work), 0);

        // So does one that cannot be written at all.
        run("mount", "-o", "remount,ro", work);
        const refused = await job("run job=Backup level=Incremental yes");
        match(refused, /Fatal error: Cannot keep the accurate list in .*read-only/i, refused);
        match(refused, /Termination: +\*\*\* Backup Error \*\*\*\n/);

        // Jobs that need no list do not mind, nor does one when there is room again.
        match(await job("run job=Backup level=Full accurate=no yes"), /Termination: +Backup OK\n/);
        run("mount", "-o", "remount,rw,size=100m", work);
        await installation.console("delete jobid=4 yes");
        const fine = await job("run job=Backup level=Incremental yes");
        match(fine, /Sent Accurate information for 130,?002 files/, fine);
        match(fine, /FD Files Written: +130,000\n/); // each of them is told to be gone
        match(fine, /Termination: +Backup OK\n/);
        strictEqual(left(work), 0);
      } finally {
        await installation.end("fd").catch(() => {});
        run("umount", work);
      }
    }),
});
