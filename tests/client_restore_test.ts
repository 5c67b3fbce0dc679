/** Restores with real daemons onto places that are full, read-only, occupied, or not ours. */
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { canDropCapabilities, clientFile, jobFile, type Scene, scene } from "./support/scene.ts";

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

const run = (command: string, ...args: string[]): void => {
  const { success, stderr } = new Deno.Command(command, { args }).outputSync();
  ok(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
};

/** A full backup of the source. */
async function backUp({ job }: Scene): Promise<void> {
  match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
}

const restore = ({ job }: Scene, options: string): Promise<string> =>
  job(`restore client=roost-fd ${options} select current all done yes`);

Deno.test("Replace decides about what is there, and says what it skips", () =>
  scene(async (it) => {
    const { installation, source, withDirectives } = it;
    for (const name of ["older", "newer", "same"]) {
      await Deno.writeTextFile(join(source, name), "saved");
    }
    const saved = new Date("2020-06-01T00:00:00Z");
    for (const name of ["older", "newer", "same"]) {
      await Deno.utime(join(source, name), saved, saved);
    }
    await Deno.utime(source, saved, saved);
    await withDirectives(jobFile);
    await installation.start();
    await backUp(it);
    const where = it.path("back");
    const place = join(where, source);
    const prepare = async (): Promise<void> => {
      await Deno.mkdir(place, { recursive: true });
      const times = { older: "2019-01-01", newer: "2021-01-01", same: "2020-06-01" };
      for (const [name, day] of Object.entries(times)) {
        await Deno.writeTextFile(join(place, name), "there");
        const time = new Date(`${day}T00:00:00Z`);
        await Deno.utime(join(place, name), time, time);
      }
    };
    const cases: readonly (readonly [replace: string, restored: string[], message: RegExp])[] = [
      ["always", ["newer", "older", "same"], /Restore OK/],
      ["never", [], /File skipped\. Already exists: \S+\/older\n/],
      ["ifnewer", ["older"], /File skipped\. Not newer: \S+\/same\n/],
      ["ifolder", ["newer"], /File skipped\. Not older: \S+\/same\n/],
    ];
    for (const [replace, restored, message] of cases) {
      await prepare();
      const report = await restore(it, `where=${where} replace=${replace}`);
      match(report, message);
      match(report, /Termination: +Restore OK\n/);
      // What is skipped counts, as in Bareos.
      match(report, /Files Restored: +4\n/);
      const found = ["newer", "older", "same"].filter((name) =>
        Deno.readTextFileSync(join(place, name)) === "saved"
      );
      deepStrictEqual([replace, found], [replace, restored]);
    }
  }));

Deno.test("names change by expression, prefix and suffix; a second name brings its first", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, job } = it;
    await Deno.mkdir(join(source, "d"));
    await Deno.writeTextFile(join(source, "d/first"), "text");
    await Deno.link(join(source, "d/first"), join(source, "d/second"));
    await Deno.symlink("first", join(source, "d/link"));
    await withFileSet(
      `  Include {\n    Options {\n      Signature = MD5\n      Hard Links = yes\n    }\n    File = ${source}\n  }\n`,
    );
    await installation.start();
    await backUp(it);
    const target = it.path("moved");
    const names = (folder: string): string[] =>
      [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
    match(
      await restore(it, `regexwhere=!${source}!${target}!,!first!erster!`),
      /Termination: +Restore OK\n/,
    );
    deepStrictEqual(names(join(target, "d")), ["erster", "link", "second"]);
    const [first, second] = [
      await Deno.stat(join(target, "d/erster")),
      await Deno.stat(join(target, "d/second")),
    ];
    strictEqual(first.ino, second.ino);
    match(
      await restore(it, `strip_prefix=${source} add_prefix=${target}/more add_suffix=.old`),
      /Termination: +Restore OK\n/,
    );
    deepStrictEqual(names(join(target, "more/d")), ["first.old", "link.old", "second.old"]);

    const refused = await restore(it, "regexwhere=![!b!");
    match(refused, /Bad where regexp\. where=!\[!b!\n/);
    doesNotMatch(refused, /Restore OK/);

    const listed = await installation.console("list files jobid=1");
    const position = (name: string): number => listed.indexOf(`/d/${name}`);
    const later = position("first") < position("second") ? "second" : "first";
    const where = it.path("one");
    const report = await job(
      `restore client=roost-fd where=${where} file=${join(source, "d", later)} yes`,
    );
    match(report, /Termination: +Restore OK\n/, report);
    strictEqual(await Deno.readTextFile(join(where, source, "d", later)), "text");
  }));

Deno.test({
  name: "a full and a read-only place are told file by file, and the restore fails",
  ignore: !isRoot,
  fn: () =>
    scene(async (it) => {
      const { installation, source } = it;
      await Deno.mkdir(join(source, "d"));
      for (const name of ["a", "b", "c"]) {
        await Deno.writeFile(
          join(source, "d", name),
          crypto.getRandomValues(new Uint8Array(60_000)),
        );
      }
      await Deno.writeFile(join(source, "large"), new Uint8Array(2_000_000).fill(7));
      await installation.start();
      await backUp(it);
      const where = it.path("small");
      await Deno.mkdir(where);
      run("mount", "-t", "tmpfs", "-o", "size=1m", "none", where);
      try {
        const report = await restore(it, `where=${where}`);
        match(report, /Error: Write error on file \S+\/large: ERR=No space left on device\n/);
        match(report, /Termination: +\*\*\* Restore Error \*\*\*\n/);
        // What fits is there, whole.
        const there = ["a", "b", "c"].filter((name) => {
          try {
            return Deno.statSync(join(where, source, "d", name)).size === 60_000;
          } catch {
            return false;
          }
        });
        match(report, new RegExp(`FD Errors: +${4 - there.length}\n`));
        match(report, new RegExp(`Files Restored: +${there.length + 2}\n`));
        run("umount", where);
        run("mount", "-t", "tmpfs", "-o", "ro", "none", where);
        const refused = await restore(it, `where=${where}`);
        match(refused, /Error: Could not create \S+\/d\/a: ERR=Read-only file system\n/);
        match(refused, /Termination: +\*\*\* Restore Error \*\*\*\n/);
        match(refused, /Files Restored: +0\n/);
      } finally {
        run("umount", where);
      }
    }),
});

Deno.test({
  name: "without the right to give files away, their contents come back and owners are warned of",
  ignore: !canDropCapabilities,
  fn: () =>
    scene(async (it) => {
      const { installation, source } = it;
      await Deno.writeTextFile(join(source, "file"), "text");
      await Deno.chown(join(source, "file"), 1234, 5678);
      await installation.start();
      await backUp(it);
      const where = it.path("back");
      const report = await restore(it, `where=${where}`);
      match(report, /Warning: Unable to set file owner \S+\/file: ERR=Operation not permitted\n/);
      match(report, /FD termination status: +OK -- with warnings\n/);
      match(report, /Termination: +Restore OK -- with warnings\n/);
      strictEqual(await Deno.readTextFile(join(where, source, "file")), "text");
    }, { without: ["chown"] }),
});

Deno.test("Secure Erase Command erases what a restore replaces, and nothing that has another name", () =>
  scene(async (it) => {
    const { installation, source, withDirectives } = it;
    for (const name of ["one", "two"]) await Deno.writeTextFile(join(source, name), name);
    const [erase, log] = [it.path("erase"), it.path("erased")];
    writeScript(erase, `#!/bin/sh\necho "$1 $(cat "$2")" >> ${log}\nexit $1\n`);
    await withDirectives(clientFile, `Secure Erase Command = "${erase} 0"`);
    await installation.start();
    await backUp(it);
    await Deno.link(join(source, "two"), it.path("two-again"));
    await Deno.writeTextFile(join(source, "one"), "secret");
    await Deno.writeTextFile(join(source, "two"), "has another name");
    const report = await restore(it, "where=/ replace=always");
    match(report, /Termination: +Restore OK\n/, report);
    match(report, /FD +Secure Erase Cmd: +\S*erase/);
    strictEqual(await Deno.readTextFile(log), "0 secret\n");
    strictEqual(await Deno.readTextFile(join(source, "one")), "one");
    strictEqual(await Deno.readTextFile(join(source, "two")), "two");
    strictEqual(await Deno.readTextFile(it.path("two-again")), "has another name");

    // A file that cannot be erased is not replaced.
    await installation.end("fd");
    await withDirectives(clientFile, `Secure Erase Command = "${erase} 3"`);
    await installation.start("fd");
    await Deno.writeTextFile(join(source, "one"), "another secret");
    const refused = await restore(it, "where=/ replace=always");
    match(
      refused,
      /one already exists and could not be replaced\. ERR=secure erase command "\S+ 3" ended with status 3\.\n/,
    );
    strictEqual(await Deno.readTextFile(join(source, "one")), "another secret");
  }));

Deno.test("restored files are listed where the Messages of the client ask for it", () =>
  scene(async (it) => {
    const { installation, source } = it;
    await Deno.writeTextFile(join(source, "file"), "text");
    await Deno.symlink("file", join(source, "link"));
    const messages = "bareos-fd.d/messages";
    for (const { name } of Deno.readDirSync(it.path(messages))) {
      const text = await Deno.readTextFile(it.path(`${messages}/${name}`));
      await installation.configure(
        `${messages}/${name}`,
        text.replace(/(Director\s*=\s*[^=\n]+=).*/i, "$1 all, !skipped, restored"),
      );
    }
    const director = "bareos-dir.d/messages";
    for (const { name } of Deno.readDirSync(it.path(director))) {
      const text = await Deno.readTextFile(it.path(`${director}/${name}`));
      await installation.configure(
        `${director}/${name}`,
        text.replaceAll(/all, !skipped(, !saved)?(, !audit)?/g, "all").replaceAll(
          "!restored",
          "restored",
        ),
      );
    }
    await installation.start();
    await backUp(it);
    const report = await restore(it, `where=${it.path("back")}`);
    match(
      report,
      /JobId 2: -rw\S+ +1 root +root +4 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\S+\/file\n/,
      report,
    );
    match(report, /JobId 2: lrwxrwxrwx +1 .* {2}\S+\/link -> file\n/);
    match(report, /JobId 2: drwx\S+ .*\/\n/);
    doesNotMatch(report, /JobId 1: -rw/);
  }));
