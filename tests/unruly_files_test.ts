/** Files that do not keep still, or cannot be read, in real backups: what is said, and what is saved. */
import { deepStrictEqual, match, ok } from "node:assert";
import { join } from "./support/paths.ts";
import { canDropCapabilities, type Scene, scene } from "./support/scene.ts";
import { waitFor } from "./support/wait_for.ts";

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

const ok0 = (command: string, ...args: string[]): void => {
  const { success, stderr } = new Deno.Command(command, { args }).outputSync();
  ok(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
};

/** The file set of one Include block, its options, and its entries below the source. */
const fileSet = (source: string, options: readonly string[], ...entries: string[]): string =>
  `  Include {\n    Options {\n${options.map((line) => `      ${line}\n`).join("")}    }\n` +
  entries.map((entry) => `    File = "${join(source, entry)}"\n`).join("") + "  }\n";

/**
 * Runs a backup whose first file is a fifo: it is opened once the walk is over, and the files behind it
 * are read when it has come to its end. `change` runs in between.
 */
async function backUpAround(
  { source, installation, withFileSet, job }: Scene,
  options: readonly string[],
  change: () => Promise<void>,
): Promise<string> {
  const fifo = join(source, "fifo");
  ok0("mkfifo", fifo);
  await withFileSet(fileSet(source, ["Read Fifo = yes", ...options], "fifo", "dir"));
  await installation.start();
  const report = job("run job=Backup level=Full yes");
  const writer = await Deno.open(fifo, { write: true });
  await change();
  await writer.write(new TextEncoder().encode("what came through the fifo"));
  writer.close();
  return await report;
}

for (const checks of [false, true]) {
  const options = checks ? ["Check File Changes = yes"] : [];
  Deno.test(
    `files that change, shrink, grow or vanish under a backup are told of (${
      checks ? "with" : "without"
    } Check File Changes)`,
    () =>
      scene(async (it) => {
        const { source } = it;
        const path = (name: string): string => join(source, "dir", name);
        await Deno.mkdir(join(source, "dir"));
        for (const name of ["changed", "grown", "shrunk", "still", "vanished"]) {
          await Deno.writeTextFile(path(name), `${name} `.repeat(100));
        }
        const report = await backUpAround(it, options, async () => {
          await Deno.utime(path("changed"), 0, 0);
          await Deno.writeTextFile(path("grown"), "and more", { append: true });
          await Deno.truncate(path("shrunk"), 100);
          await Deno.remove(path("vanished"));
        });
        const said = report.split("\n").filter((line) => line.includes(`${source}/`))
          .map((line) => line.replace(/^.*JobId 1: /, "").replaceAll(`${source}/dir/`, ""));
        const vanished = `     Cannot open "vanished": ERR=No such file or directory.`;
        deepStrictEqual(
          said.toSorted(),
          checks
            ? [
              vanished,
              "Error: changed: mtime changed during backup.",
              "Error: grown: mtime changed during backup.",
              "Error: shrunk: mtime changed during backup.",
            ]
            : [
              vanished,
              "Warning: grown: size changed during backup.",
              "Warning: shrunk: size changed during backup.",
            ],
        );
        match(report, new RegExp(`Non-fatal FD errors: +${checks ? 4 : 1}\n`));
        match(report, /Termination: +Backup OK -- with warnings\n/);
        const where = join(it.installation.folder, "back");
        const restore = await it.job(
          `restore client=roost-fd where=${where} file=${path("shrunk")} file=${path("still")} yes`,
        );
        match(restore, /shrunk not correct\. Original 700, restored 100\./);
        match(restore, /Files Restored: +2\n/);
      }),
  );
}

Deno.test("a file that grows for ever ends at some time, and the job goes on behind it", () =>
  scene(async (it) => {
    const { installation, source } = it;
    await Deno.mkdir(join(source, "dir"));
    const growing = join(source, "dir/growing");
    await Deno.writeTextFile(growing, "it grows");
    await Deno.writeTextFile(join(source, "dir/z-behind"), "behind it");
    let grower: Deno.ChildProcess | undefined;
    try {
      const report = await backUpAround(it, ["Sparse = yes"], async () => {
        grower = new Deno.Command("sh", {
          args: ["-c", `while truncate -s +64M "$0"; do :; done`, growing],
          stderr: "null",
        }).spawn();
        await waitFor("the file to grow", async () => (await Deno.stat(growing)).size > 2 ** 30);
      });
      match(report, /growing: grows faster than it is read\. The first \d+ bytes were saved\./);
      match(report, /Backup OK -- with warnings/);
      match(await installation.console("list files jobid=1"), /z-behind/);
    } finally {
      grower?.kill("SIGKILL");
      await grower?.status;
    }
  }));

Deno.test("a file set that names what does not exist is told of it, and what exists is saved", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, job } = it;
    await Deno.writeTextFile(join(source, "there"), "it is there");
    await withFileSet(fileSet(source, ["Signature = MD5"], "none", "there", "none/below"));
    await installation.start();
    const report = await job("run job=Backup level=Full yes");
    for (const name of ["none", "none/below"]) {
      const path = join(source, name);
      ok(report.includes(`     Could not stat "${path}": ERR=No such file or directory\n`), report);
    }
    match(report, /Non-fatal FD errors: +2\n/);
    match(report, /FD Files Written: +1\n/);
    match(report, /Termination: +Backup OK -- with warnings\n/);
  }));

Deno.test({
  name: "files and directories that cannot be read are named and counted, all others are saved",
  ignore: !canDropCapabilities,
  fn: () =>
    scene(async (it) => {
      const { installation, source, job } = it;
      for (const name of ["closed", "open"]) {
        await Deno.mkdir(join(source, name));
        await Deno.writeTextFile(join(source, name, "below"), "below");
      }
      await Deno.writeTextFile(join(source, "open/secret"), "secret");
      await Deno.chmod(join(source, "open/secret"), 0);
      await Deno.chmod(join(source, "closed"), 0);
      await installation.start();
      const report = await job("run job=Backup level=Full yes");
      match(report, / {5}Could not open directory "\S+\/closed": ERR=Permission denied\n/);
      match(report, / {5}Cannot open "\S+\/open\/secret": ERR=Permission denied\.\n/);
      match(report, /Non-fatal FD errors: +2\n/);
      match(report, /Backup OK -- with warnings/);
      const listed = await installation.console("list files jobid=1");
      match(listed, /open\/below/);
    }, { without: ["dac_override", "dac_read_search"] }),
});

Deno.test({
  name: "loops of links, bind mounts, and names of any bytes and any length come back",
  ignore: !isRoot,
  fn: () =>
    scene(async (it) => {
      const { installation, source, withFileSet, job } = it;
      // A loop of symbolic links is two links, nothing to follow.
      await Deno.symlink("loop-b", join(source, "loop-a"));
      await Deno.symlink("loop-a", join(source, "loop-b"));
      await Deno.symlink(".", join(source, "self"));
      const shell = (script: string): void => ok0("sh", "-ec", `cd "$0"; ${script}`, source);
      // Bytes that are no UTF-8, a line feed, a space at the end, a leading dash, a backslash.
      shell(
        `printf one > "$(printf 'l\\344t')"; printf two > "$(printf 'a\\nb')"; printf 3 > 'end '`,
      );
      shell(`printf 4 > '-dash'; printf 5 > 'back\\slash'; printf 6 > "$(printf '\\377\\376')"`);
      // Paths longer than the system takes at once.
      const deep =
        `for (1..30) { mkdir "d" x 200; chdir "d" x 200 or die } open F, ">", "file"; print F 7`;
      shell(`perl -e '${deep}'`);
      // A directory bound into itself is another mount of the same file system: it is entered once.
      shell("mkdir bound inner; printf x > inner/file; mount --bind inner bound");
      try {
        await withFileSet(fileSet(source, ["Signature = SHA256"], ""));
        await installation.start();
        match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
      } finally {
        shell("umount bound");
      }
      const where = join(installation.folder, "back");
      const report = await job(
        `restore client=roost-fd where=${where} select current all done yes`,
      );
      match(report, /Termination: +Restore OK\n/, report);
      const facts = (folder: string): string => {
        const script = `cd "$0"; find . -path ./bound -prune -o -printf '%p %y %l %s\\n' | sort`;
        const { stdout } = new Deno.Command("sh", { args: ["-c", script, folder] }).outputSync();
        return new TextDecoder("latin1").decode(stdout);
      };
      deepStrictEqual(facts(join(where, source)), facts(source));
      deepStrictEqual(await Deno.readTextFile(join(where, source, "bound/file")), "x");
      for (const each of [where, join(source, "d".repeat(200))]) ok0("rm", "-rf", each);
    }),
});
