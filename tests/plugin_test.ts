/**
 * The plugin bpipe with real daemons: what programs write is saved and goes back to programs, what goes
 * wrong with them is told, and nothing of them is left when a job is canceled.
 */
import { doesNotMatch, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { hasPostgres, PostgresServer } from "./support/postgres.ts";
import { addArchive } from "./support/archive_device.ts";
import { makeLargeFile } from "./support/sample.ts";
import { clientDirectorFile, clientFile, jobFile, type Scene, scene } from "./support/scene.ts";
import { nextSecond, waitFor } from "./support/wait_for.ts";

/** A line in the configuration, as one value with quotes in it. */
const line = (text: string): string => `Plugin = "${text.replace(/["\\]/g, "\\$&")}"`;

/** A FileSet's Include with lines and options. */
const include = (lines: readonly string[], options = "Signature = MD5"): string =>
  `  Include {\n    Options {\n      ${options}\n    }\n    ${lines.join("\n    ")}\n  }`;

/** What two files have in common, told in few words. */
async function assertSame(found: string, wanted: string): Promise<void> {
  const [a, b] = await Promise.all([Deno.readFile(found), Deno.readFile(wanted)]);
  strictEqual(a.length, b.length);
  ok(a.every((byte, index) => byte === b[index]), `${found} is not as ${wanted}`);
}

/** Restores everything of the last backup of the client. */
const restore = (it: Scene, words = ""): Promise<string> =>
  it.job(`restore client=roost-fd ${words} select current all done yes`);

Deno.test("what a program writes is saved as any file, and given back to a program", () =>
  scene(async (it) => {
    const { installation, source, path, withFileSet, withDirectives, job } = it;
    const dump = path("dump");
    await makeLargeFile(dump, 3_000_000);
    await Deno.writeTextFile(join(source, "ordinary"), "an ordinary file\n");
    const key = await installation.run(["keygen", "--bits", "2048", path("key")]);
    strictEqual(key.status, 0, key.stderr);
    await withDirectives(
      clientFile,
      ...["PKI Signatures = yes", "PKI Encryption = yes", `PKI Key Pair = "${path("key.pem")}"`],
    );
    const kinds = [
      "Signature = XXH128",
      "Sparse = yes; Compression = LZ4; Signature = SHA1",
      "Compression = GZIP; Signature = MD5; StripPath = 1; CheckFileChanges = yes; KeepAtime = yes",
    ];
    for (const [at, options] of kinds.entries()) {
      const writer = `sh -c 'cat > "$1"; echo "$2 $BareosJobType $BareosWhere"' x ${
        path("back")
      } %w:%r`;
      await withFileSet(include([
        `File = "${source}"`,
        line(`bpipe:file=/DB/dump.sql:reader=cat ${dump}:writer=${writer}`),
      ], options));
      if (at === 0) await installation.start();
      else await installation.console("reload");
      const estimate = await installation.console("estimate job=Backup level=Full listing");
      match(estimate, /^-rwx------ +0 root +root +-1 .* \/DB\/dump\.sql$/m);
      match(estimate, /2000 OK estimate files=3 bytes=17\n/);
      const report = await job("run job=Backup level=Full yes");
      match(report, /Termination: +Backup OK\n/, report);
      match(report, /FD Files Written: +3\n/);
      match(await installation.console("list files jobid=1"), /^ \/DB\/dump\.sql$/m);
      const back = await restore(it, `where=${path("restored")}`);
      match(back, /Termination: +Restore OK\n/, back);
      match(back, /Files Restored: +3\n/);
      match(back, new RegExp(`/DB/dump\\.sql: ${path("restored")}:a R ${path("restored")}\n`));
      await assertSame(path("back"), dump);
      await Deno.remove(path("back"));
    }
  }));

Deno.test({
  name: "a database of PostgreSQL is dumped into a backup, and restored from it",
  ignore: !hasPostgres,
  fn: () =>
    scene(async (it) => {
      await using server = await PostgresServer.start();
      server.sql("postgres", "CREATE DATABASE app");
      server.sql(
        "app",
        "CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 20000) n",
      );
      const sums = "SELECT count(*), sum(n), min(md5), max(md5) FROM t";
      const wanted = server.sql("app", sums);
      const place = `-h ${server.folder} -p ${server.port} -U ${server.user}`;
      await it.withFileSet(include([
        'Plugin = "bpipe:file=/POSTGRES/app.sql"',
        `         ":reader=pg_dump ${place} app"`,
        `         ":writer=psql ${place} -q -v ON_ERROR_STOP=1 %w"`,
      ], "Signature = XXH128; Compression = GZIP"));
      await it.installation.start();
      const report = await it.job("run job=Backup level=Full yes");
      match(report, /Termination: +Backup OK\n/, report);
      // What `where` names is up to the command.
      server.sql("postgres", "CREATE DATABASE other");
      const back = await restore(it, "where=other");
      match(back, /Termination: +Restore OK\n/, back);
      strictEqual(server.sql("other", sums), wanted);
      // The tables are there already: psql ends with an error.
      const again = await restore(it, "where=other");
      match(again, /\/POSTGRES\/app\.sql: .*already exists/, again);
      match(again, /Termination: +\*\*\* Restore Error \*\*\*\n/, again);
    }),
});

Deno.test("each job saves a plugin's file anew, and an accurate one does not take it for deleted", () =>
  scene(async (it) => {
    const { installation, source, path, withFileSet, withDirectives, job } = it;
    await Deno.writeTextFile(join(source, "ordinary"), "an ordinary file\n");
    await nextSecond();
    await Deno.writeTextFile(path("dump"), "first\n");
    await withFileSet(include([
      `File = "${source}"`,
      line(`bpipe:/DB/one:cat ${path("dump")}:sh -c 'cat > ${path("one")}'`),
      line(`bpipe:/DB/two:echo second:sh -c 'cat > ${path("two")}'`),
    ], "Signature = SHA256; Verify = pinsmc5"));
    await addArchive(installation);
    await withDirectives(jobFile, "Accurate = yes", "Next Pool = Archive");
    const verify = (name: string, level: string): Promise<void> =>
      installation.configure(
        `bareos-dir.d/job/${name}.conf`,
        `Job {\n  Name = ${name}\n  JobDefs = DefaultJob\n  Type = Verify\n  Level = ${level}\n` +
          "  Job To Verify = Backup\n}\n",
      );
    await verify("VerifyVolume", "VolumeToCatalog");
    await verify("VerifyDisk", "DiskToCatalog");
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /FD Files Written: +4\n/);
    match(await job("run job=VerifyVolume yes"), /Termination: +Verify OK\n/);
    await nextSecond();
    const disk = await job("run job=VerifyDisk yes");
    match(disk, /Termination: +Verify OK\n/, disk);
    await Deno.writeTextFile(path("dump"), "changed\n");
    const report = await job("run job=Backup level=Incremental yes");
    match(report, /FD Files Written: +2\n/, report);
    const back = await restore(it);
    match(back, /Files Restored: +4\n/, back);
    strictEqual(await Deno.readTextFile(path("one")), "changed\n");
    strictEqual(await Deno.readTextFile(path("two")), "second\n");

    // What a storage daemon has put together goes to the programs as well, and one file of it alone.
    const whole = await job("run job=Backup level=VirtualFull yes");
    match(whole, /Termination: +Backup OK\n/, whole);
    await Deno.remove(path("one"));
    await Deno.remove(path("two"));
    const virtual = await restore(it);
    match(virtual, /Files Restored: +4\n/, virtual);
    strictEqual(await Deno.readTextFile(path("one")), "changed\n");
    await Deno.remove(path("one"));
    await Deno.remove(path("two"));
    const some = await job('restore client=roost-fd fileregex="/two$" current select all done yes');
    match(some, /Files Restored: +1\n/, some);
    strictEqual(await Deno.readTextFile(path("two")), "second\n");
    ok(await Deno.stat(path("one")).then(() => false, () => true), "one was not asked for");
  }));

Deno.test("what goes wrong with programs is told, and the job ends accordingly", () =>
  scene(async (it) => {
    const { installation, path, withFileSet, job } = it;
    let isStarted = false;
    const withLines = async (...lines: readonly string[]): Promise<void> => {
      await withFileSet(include(lines));
      if (!isStarted) await installation.start();
      isStarted = true;
    };
    const backUp = (): Promise<string> => job("reload", "run job=Backup level=Full yes");
    const failing: readonly (readonly [text: string, reason: RegExp])[] = [
      [
        "bpipe:file=/DB/x:reader=sh -c 'echo half; echo no space >&2; exit 3':writer=cat",
        /: \/DB\/x: no space\n[^]*Fatal error: bpipe-fd: Error closing stream for pseudo file \/DB\/x: Child exited with code 3\n/,
      ],
      ["bpipe:/DB/x:sh -c 'kill -9 $$':cat", /pseudo file \/DB\/x: Child died from signal 9\n/],
      [
        "bpipe:/DB/x:/not/there a b:cat",
        /Fatal error: bpipe-fd: Open pipe reader=\/not\/there a b failed: ERR=No such file or directory\n/,
      ],
      [
        "bpipe:file=/DB/x:writer=cat",
        /Fatal error: Cannot use plugin "bpipe:file=.*": it has no reader\n/,
      ],
      ["bpipe:file=/x:raeder=cat:reader=cat", /raeder= is not known to it\n/],
      ["bpipe:/DB/:echo a:cat", /its file has the name of a folder\n/],
      ["bpipe", /Cannot use plugin "bpipe": it names no file\n/],
    ];
    for (const [text, reason] of failing) {
      await withLines(line(text));
      const report = await backUp();
      match(report, reason);
      match(report, /Termination: +\*\*\* Backup Error \*\*\*\n/, report);
    }

    // A pipe outside of quotes is an argument, which is said.
    await withLines(line("bpipe:/DB/x:echo a | sort:cat"));
    const report = await backUp();
    match(report, /Warning: \/DB\/x: the reader has "\|" in it, .* Write sh -c '\.\.\.'/);
    match(report, /Termination: +Backup OK -- with warnings\n/, report);
    match(await restore(it), /\/DB\/x: a \| sort\n/);

    await makeLargeFile(path("dump"), 1_000_000);
    const unable: readonly (readonly [writer: string, reason: RegExp])[] = [
      ["sh -c 'cat > /dev/null; exit 4'", /pseudo file \/DB\/x: Child exited with code 4\n/],
      ["true", /bpipe-fd: Pipe write error of .*\/DB\/x: ERR=Broken pipe\n/],
      ["/not/there", /bpipe-fd: Open pipe writer for \/DB\/x failed: ERR=No such file or dir/],
    ];
    for (const [writer, reason] of unable) {
      await withLines(
        line(`bpipe:/DB/x:cat ${path("dump")}:${writer}`),
        line(`bpipe:/DB/y:echo fine:sh -c 'cat > ${path("y")}'`),
      );
      match(await backUp(), /Termination: +Backup OK\n/);
      const back = await restore(it);
      match(back, reason);
      match(back, /Files Restored: +1\n/, back);
      match(back, /Termination: +\*\*\* Restore Error \*\*\*\n/, back);
      strictEqual(await Deno.readTextFile(path("y")), "fine\n"); // the next file is restored
      await Deno.remove(path("y"));
    }
  }));

Deno.test("a plugin of an Options block fails backups, and nothing else", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, job } = it;
    await Deno.writeTextFile(join(source, "ordinary"), "an ordinary file\n");
    const kinds: readonly (readonly [text: string, why: string])[] = [
      ["python3:module_path=/x", "Plugins other than those that are built in cannot be loaded."],
      ["bpipe:file=/DB/x:reader=cat", "bpipe saves files of its own: write the line outside of"],
    ];
    for (const [at, [text, why]] of kinds.entries()) {
      await withFileSet(include([`File = "${source}"`], `Signature = MD5\n      ${line(text)}`));
      if (at === 0) await installation.start();
      else await installation.console("reload");
      const said = `Options plugin "${text}" not found. ${why}`;
      const estimate = await installation.console("estimate job=Backup level=Full");
      ok(estimate.includes(said), estimate);
      match(estimate, /2000 OK estimate files=2 bytes=17\n/);
      const report = await job("run job=Backup level=Full yes");
      ok(report.includes(`Fatal error: ${said}`), report);
      match(report, /Termination: +\*\*\* Backup Error \*\*\*\n/, report);
    }
    await withFileSet(include([`File = "${source}"`]));
    await installation.console("reload");
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
  }));

Deno.test("options of a restore and of a job take the place of what a line says", () =>
  scene(async (it) => {
    const { installation, path, withFileSet, withDirectives, job } = it;
    await withFileSet(include([
      line("bpipe:file=/DB/one:reader=echo line:writer=/not/there"),
      line("bpipe:file=/DB/two:reader=echo two"),
    ]));
    await withDirectives(jobFile, 'FD Plugin Options = "bpipe:file=/DB/one:reader=echo option"');
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const to = (name: string): string => `writer=sh -c 'cat > ${path(name)}'`;
    // Without a writer, by the line or by options, the contents are a plain file.
    const where = path("restored");
    const plain = await restore(
      it,
      `where=${where} pluginoptions="bpipe:file=/DB/one:${to("one")}"`,
    );
    match(
      plain,
      /Warning: \/DB\/two: bpipe has no writer for it, it is restored as a plain file\n/,
    );
    match(plain, /Termination: +Restore OK -- with warnings\n/, plain);
    strictEqual(await Deno.readTextFile(path("one")), "option\n");
    strictEqual(await Deno.readTextFile(join(where, "DB/two")), "two\n");
    match(
      await restore(it, `where=${where} pluginoptions="bpipe:writer="`),
      /Termination: +Restore OK -- with warnings\n/,
    );
    strictEqual(await Deno.readTextFile(join(where, "DB/one")), "option\n");
    const { mode } = await Deno.stat(join(where, "DB/one"));
    strictEqual((mode ?? 0) & 0o777, 0o700);
  }));

Deno.test("nothing of programs is left when their job is canceled", () =>
  scene(async (it) => {
    const { installation, path, withFileSet, job } = it;
    // The shell and its child do not mind being asked politely.
    const stubborn = (name: string): string =>
      `sh -c 'trap "" TERM; sh -c "echo \\$\\$ > ${
        path(name)
      }; trap \\"\\" TERM; sleep 600; true"; true'`;
    const idOf = (name: string): Promise<number> =>
      waitFor(`the program ${name}`, async () => {
        const text = await Deno.readTextFile(path(name)).catch(() => "");
        return Number(text) || undefined;
      });
    const isGone = (id: number): Promise<boolean> =>
      Deno.stat(`/proc/${id}`).then(() => false, () => true);
    await makeLargeFile(path("dump"), 2_000_000);
    await withFileSet(include([line(`bpipe:/DB/x:cat ${path("dump")}:${stubborn("writer")}`)]));
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    await installation.console("restore client=roost-fd select current all done yes");
    const writer = await idOf("writer");
    match(await job("cancel all yes"), /Termination: +Restore Canceled\n/);
    await waitFor("the writer to be gone", () => isGone(writer));

    await withFileSet(include([line(`bpipe:/DB/x:${stubborn("reader")}:cat`)]));
    await installation.console("reload", "run job=Backup level=Full yes");
    const reader = await idOf("reader");
    match(await job("cancel all yes"), /Termination: +Backup Canceled\n/);
    await waitFor("the reader to be gone", () => isGone(reader));
    // The client serves the next job.
    await withFileSet(include([line("bpipe:/DB/x:echo a:cat")]));
    match(await job("reload", "run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
  }));

Deno.test("programs run only where the client lets directors run scripts", () =>
  scene(async (it) => {
    const { installation, path, withFileSet, withDirectives, job } = it;
    const allowed = path("allowed");
    await Deno.mkdir(allowed);
    writeScript(join(allowed, "dump"), "#!/bin/sh\necho $1\n");
    await Deno.symlink("/bin/cat", join(allowed, "link"));
    await withFileSet(include([line(`bpipe:/DB/x:${allowed}/dump /a:${allowed}/dump`)]));
    await withDirectives(
      clientFile,
      ...[`Allowed Script Dir = "${allowed}"`, 'Plugin Names = "bpipe:python3"'],
    );
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Termination: +Backup OK\n/);
    const refusal = /could not execute, not in one of the allowed scripts dirs\n/;
    const back = await restore(it, `pluginoptions="bpipe:writer=/bin/cat"`);
    match(back, refusal);
    match(back, /Termination: +\*\*\* Restore Error \*\*\*\n/);
    for (const reader of ["/bin/echo a", "echo a", `${allowed}/link a`, `${allowed}/../x`]) {
      await withFileSet(include([line(`bpipe:/DB/x:${reader}:cat`)]));
      const report = await job("reload", "run job=Backup level=Full yes");
      match(report, refusal);
      match(report, /Termination: +\*\*\* Backup Error \*\*\*\n/);
    }
    const { stderr } = await installation.end("fd");
    match(stderr, /warning: Plugin Names has python3, which is not there/);
    doesNotMatch(stderr, /Plugin Names has bpipe/);
    await withDirectives(clientDirectorFile, "Allowed Job Command = backup, restore, estimate");
    await installation.start("fd");
    await withFileSet(include([line(`bpipe:/DB/x:${allowed}/dump /a:cat`)]));
    match(
      await job("reload", "run job=Backup level=Full yes"),
      /Allowed Job Command of this file daemon has no runscript\n/,
    );
  }));
