/** Files that are out of the ordinary, in real backups and restores. */
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { join } from "./support/paths.ts";
import { scene } from "./support/scene.ts";

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

function run(command: string, ...args: string[]): string {
  const { success, stderr, stdout } = new Deno.Command(command, { args }).outputSync();
  ok(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder("latin1").decode(stdout);
}

const fileSet = (options: readonly string[], ...entries: string[]): string =>
  `  Include {\n    Options {\n${options.map((line) => `      ${line}\n`).join("")}    }\n` +
  entries.map((entry) => `    File = "${entry}"\n`).join("") + "  }\n";

/** Names as hexadecimal digits with size and contents, so that nothing of them is lost on the way. */
function inventory(folder: string): string {
  const script = 'chdir $ARGV[0] or die; opendir D, "."; for (sort readdir D) { next if -d; ' +
    'open F, "<", "./$_" or die; local $/; print unpack("H*", $_), " ", -s F, " ", <F>, "\\n" }';
  return run("perl", "-e", script, folder);
}

Deno.test({
  name: "names of every byte come back, and a folder of thousands of files",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    scene(async ({ installation, source, job, path }) => {
      const bytes = join(source, "bytes");
      const many = join(source, "many");
      await Deno.mkdir(bytes);
      await Deno.mkdir(many);
      const make = "chdir $ARGV[0] or die; for (1..255) { next if $_ == 47; my $c = chr $_; " +
        'for my $n ("$c-first", "last-$c", $c x 255) { open F, ">", "./$n" or die "$_ $!"; print F $_ } }';
      run("perl", "-e", make, bytes);
      run(
        "perl",
        "-e",
        'chdir $ARGV[0] or die; for (1..5000) { open F, ">", "f$_" or die }',
        many,
      );
      await installation.start();
      const report = await job("run job=Backup level=Full yes");
      match(report, /Termination: +Backup OK\n/, report);
      match(report, /FD Files Written: +5,765\n/);
      const where = path("back");
      const restored = await job(
        `restore client=roost-fd where=${where} select current all done yes`,
      );
      match(restored, /Termination: +Restore OK\n/, restored);
      strictEqual(inventory(join(where, bytes)), inventory(bytes));
      strictEqual([...Deno.readDirSync(join(where, many))].length, 5_000);
    }),
});

Deno.test({
  name: "holes at the beginning, at the end and all over; sockets are told of, fifos come back",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    scene(async ({ installation, source, job, path, withFileSet }) => {
      const holes: readonly (readonly [name: string, size: number, data: readonly number[]])[] = [
        ["only-hole", 3_000_000, []],
        ["hole-first", 3_000_000, [2_999_000]],
        ["hole-last", 3_000_000, [0]],
        ["hole-between", 3_000_000, [0, 2_500_000]],
        ["hole-of-blocks", 4 * 262_136, []],
        ["no-hole", 100, [0]],
      ];
      for (const [name, size, data] of holes) {
        using file = await Deno.open(join(source, name), { create: true, write: true });
        await file.truncate(size);
        for (const at of data) {
          await file.seek(at, Deno.SeekMode.Start);
          await file.write(new TextEncoder().encode("data ".repeat(20)));
        }
      }
      run("mkfifo", join(source, "fifo"));
      using socket = Deno.listen({ transport: "unix", path: join(source, "socket") });
      ok(socket);
      await withFileSet(fileSet(["Signature = SHA256", "Sparse = yes"], source));
      await installation.configure(
        "bareos-fd.d/messages/Standard.conf",
        "Messages { Name = Standard; Director = roost-dir = all, !restored }\n",
      );
      await installation.start();
      const report = await job("run job=Backup level=Full yes");
      match(report, /Termination: +Backup OK\n/, report);
      const where = path("back");
      const restored = await job(
        `restore client=roost-fd where=${where} select current all done yes`,
      );
      match(restored, /Termination: +Restore OK\n/, restored);
      for (const [name] of holes) {
        const [before, after] = [join(source, name), join(where, source, name)];
        deepStrictEqual(Deno.readFileSync(after), Deno.readFileSync(before), name);
        // A hole takes no room where it comes back, but for the chunks that have data, and the last one.
        ok((Deno.statSync(after).blocks ?? 0) <= (Deno.statSync(before).blocks ?? 0) + 1600, name);
      }
      strictEqual(Deno.lstatSync(join(where, source, "fifo")).isFifo, true);
      const names = [...Deno.readDirSync(join(where, source))].map(({ name }) => name);
      strictEqual(names.includes("socket"), false);
    }),
});

Deno.test({
  name: "One FS and FS Type stop at what is mounted, and say so",
  ignore: !isRoot,
  fn: () =>
    scene(async ({ installation, source, job, withFileSet }) => {
      const mounted = join(source, "mounted");
      await Deno.mkdir(mounted);
      await Deno.writeTextFile(join(source, "file"), "text");
      run("mount", "-t", "tmpfs", "none", mounted);
      try {
        await Deno.writeTextFile(join(mounted, "below"), "text");
        const type = run("stat", "-f", "-c", "%T", source).trim();
        const cases: readonly (readonly [options: string[], said: RegExp, isSaved: boolean])[] = [
          [
            [],
            / {5}\S+\/mounted is a different filesystem\. Will not descend from \S+ into it\.\n/,
            false,
          ],
          [["One FS = no"], /Backup OK/, true],
          [
            [
              "One FS = no",
              `FS Type = ${type.replace("/", "")}`,
              "FS Type = overlay",
              "FS Type = ext4",
            ],
            / {5}Disallowed filesystem\. Will not descend from \S+ into \S+\/mounted\n/,
            false,
          ],
        ];
        let jobId = 0;
        for (const [options, said, isSaved] of cases) {
          if (type === "tmpfs" && options.length > 1) continue; // nothing is disallowed then
          await withFileSet(fileSet(options, source));
          if (jobId === 0) await installation.start();
          const report = await job("reload", "run job=Backup level=Full yes");
          jobId++;
          match(report, said, options.join());
          match(report, /Termination: +Backup OK\n/, report);
          const listed = await installation.console(`list files jobid=${jobId}`);
          match(listed, /\/mounted\/\n/); // the folder itself is saved in any case
          if (isSaved) match(listed, /\/mounted\/below\n/);
          else doesNotMatch(listed, /\/mounted\/below\n/);
        }
      } finally {
        run("umount", mounted);
      }
    }),
});

Deno.test("a program that runs is replaced, and goes on running", () =>
  scene(async ({ installation, source, job }) => {
    const program = join(source, "program");
    await Deno.copyFile("/bin/sleep", program);
    await Deno.chmod(program, 0o755);
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    const before = await Deno.readFile(program);
    const inode = (await Deno.stat(program)).ino;
    const running = new Deno.Command(program, { args: ["86399"] }).spawn();
    try {
      const report = await job(
        "restore client=roost-fd where=/ replace=always select current all done yes",
      );
      match(report, /Termination: +Restore OK\n/, report);
      ok((await Deno.stat(program)).ino !== inode, "it was replaced");
      deepStrictEqual(await Deno.readFile(program), before);
      Deno.kill(running.pid, "SIGCONT"); // throws if it has gone
    } finally {
      running.kill("SIGKILL");
      await running.status;
    }
  }));

/** A loop device of a file; nothing where there are none. */
function loopDevice(file: string): string | undefined {
  const { success, stdout } = new Deno.Command("losetup", {
    args: ["--find", "--show", file],
    stderr: "null",
  }).outputSync();
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}

Deno.test({
  name: "a raw device is saved with what is on it, and comes back as a file elsewhere",
  ignore: !isRoot,
  fn: () =>
    scene(async ({ installation, job, path, withFileSet }) => {
      const image = path("image");
      const bytes = new Uint8Array(2 << 20).map((_, at) => at % 251);
      await Deno.writeFile(image, bytes);
      const device = loopDevice(image);
      if (device === undefined) return; // the machine has no loop devices
      try {
        await withFileSet(fileSet(["Signature = SHA256"], device));
        await installation.start();
        const report = await job("run job=Backup level=Full yes");
        match(report, /Termination: +Backup OK\n/, report);
        const where = path("back");
        const restored = await job(
          `restore client=roost-fd where=${where} select current all done yes`,
        );
        match(restored, /Termination: +Restore OK\n/, restored);
        deepStrictEqual(await Deno.readFile(join(where, device)), bytes);
      } finally {
        run("losetup", "-d", device);
      }
    }),
});
