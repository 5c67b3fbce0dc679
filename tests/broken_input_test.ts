/**
 * Broken input from one end to the other, with the daemons as processes: what is sent to them instead
 * of a hello, configurations that stop in the middle, a damaged volume, disks that are full or may not
 * be written. Each gives a clear message and the right status; afterwards the daemons serve as before.
 *
 * @module
 */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { dirname, join } from "./support/paths.ts";
import { type DaemonName, Installation } from "./support/roost.ts";
import { makeLargeFile, makeSmallFiles } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { flipBit } from "./support/volume_files.ts";
import { waitFor } from "./support/wait_for.ts";

const daemons: readonly DaemonName[] = ["dir", "sd", "fd"];

async function scene(
  run: (installation: Installation, source: string) => Promise<void>,
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSmallFiles(join(source, "small"), 300);
    await using installation = await Installation.create({ backup: source });
    await run(installation, source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

const runJob = (installation: Installation, command: string): Promise<string> =>
  installation.console(command, "wait", "messages");

const backup = "run job=Backup level=Full yes";
const restore = "restore client=roost-fd select current all done yes";

async function assertServes(installation: Installation): Promise<void> {
  match(await runJob(installation, backup), /Termination: +Backup OK\n/);
}

/** What a daemon sends to raw bytes until it closes. */
async function provoke(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const heard: number[] = [];
  await socket.write(bytes).catch(() => {});
  await socket.closeWrite().catch(() => {});
  const buffer = new Uint8Array(1024);
  for (;;) {
    const count = await socket.read(buffer).catch(() => null);
    if (count === null) return Uint8Array.from(heard);
    heard.push(...buffer.subarray(0, count));
  }
}

const text = (content: string) => new TextEncoder().encode(content);
const frame = (content: string): Uint8Array => {
  const bytes = new Uint8Array(4 + content.length);
  new DataView(bytes.buffer).setUint32(0, content.length);
  bytes.set(text(content), 4);
  return bytes;
};

const inPlaceOfHello: readonly Uint8Array[] = [
  new Uint8Array(0),
  text("GET / HTTP/1.1\r\nHost: backup\r\n\r\n"),
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1, 2, 3, 4),
  Uint8Array.of(0x80, 0, 0, 0),
  frame("Hello"),
  frame("Hello World, this is nobody that you know calling\n"),
  frame(`Hello Director ${"x".repeat(400)} calling\n`),
  Uint8Array.of(22, 3, 1, 0x40, 0xff, 1, 2, 3), // a TLS record that is too long and too short
  Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7919) % 251),
];

Deno.test("every daemon refuses garbage and oversize frames in place of a hello, and serves on", () =>
  scene(async (installation) => {
    await installation.start();
    const ends = daemons.flatMap((name) =>
      inPlaceOfHello.map((bytes) => provoke(installation.port(name), bytes))
    );
    for (const heard of await Promise.all(ends)) {
      // No more than a refusal, an alert or a signal: nothing of what only friends are told.
      ok(heard.length < 200, new TextDecoder().decode(heard));
    }
    const log = await runJob(installation, backup);
    match(log, /Termination: +Backup OK\n/);
    match(log, /Error: .*127\.0\.0\.1:\d+.*hello/);
    for (const name of daemons) strictEqual((await installation.end(name)).status, 0, name);
  }));

Deno.test("a configuration that stops in the middle is refused with its file and line", () =>
  scene(async (installation) => {
    const files: Readonly<Record<DaemonName, string>> = {
      dir: "bareos-dir.d/fileset/SelfTest.conf",
      sd: "bareos-sd.d/device/FileStorage.conf",
      fd: "bareos-fd.d/client/myself.conf",
    };
    for (const name of daemons) {
      const path = files[name];
      const whole = await Deno.readTextFile(join(installation.folder, path));
      const cut = whole.slice(0, whole.lastIndexOf("}") - 3);
      await installation.configure(path, cut);
      for (const options of [["-t"], ["-f"]]) {
        const { status, stdout, stderr } = await installation.run([
          name,
          ...options,
          "-c",
          installation.folder,
        ]);
        notStrictEqual(status, 0, `${name} ${options}`);
        match(stdout + stderr, new RegExp(`line \\d+, col \\d+ of file .*/${path}\n`));
        match(stdout + stderr, /has no closing brace|nexpected|xpected/);
      }
      await installation.configure(path, whole);
      strictEqual((await installation.run([name, "-t", "-c", installation.folder])).status, 0);
    }
  }));

Deno.test("a flipped bit on a volume costs the files of its block, which is named, and nothing else", () =>
  scene(async (installation, source) => {
    await makeLargeFile(join(source, "zz-large"), 4_000_000);
    await installation.start();
    await assertServes(installation);
    const volume = join(installation.folder, "volumes/Full-0001");
    await flipBit(volume);
    const log = await runJob(installation, restore);
    match(
      log,
      /roost-sd JobId 2: Error: Volume data error at 0:\d+!\nBlock checksum mismatch in block=\d+ /,
    );
    match(log, /Full-0001/);
    match(
      log,
      /Termination: +(Restore OK -- with (errors|warnings)|\*\*\* Restore Error \*\*\*)\n/,
    );
    const restored = join(installation.folder, "restore", source);
    const lost = compareTrees(await describeTree(source), await describeTree(restored))
      .map((line) => line.slice(0, line.indexOf(":")))
      .filter((path) => !/^\.(\/small)?$/.test(path));
    ok(lost.length > 0 && new Set(lost).size < 250, `${lost.length} files are not as they were`);
    const table = await installation.console("list jobid=2");
    match(table, /\| +2 \| RestoreFiles .*\| [Eef] +\|/);
    await assertServes(installation);
  }));

/** Mounts a small file system over a folder for the time of `run`; says whether that may be done. */
async function withMount(
  folder: string,
  options: string,
  run: (again: (options: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const command = async (name: string, ...args: string[]) =>
    (await new Deno.Command(name, { args, stderr: "null" }).output()).success;
  await Deno.mkdir(folder, { recursive: true });
  if (!await command("mount", "-t", "tmpfs", "-o", options, "none", folder)) return;
  try {
    await run(async (options) => {
      ok(await command("mount", "-o", `remount,${options}`, folder));
    });
  } finally {
    await command("umount", "-l", folder);
  }
}

const mounts = (name: string, fn: () => Promise<void>): void =>
  Deno.test({ name, ignore: Deno.build.os !== "linux" || Deno.uid() !== 0, fn });

mounts(
  "on a full disk under the volumes a job asks for an operator, who makes room and lets it go on",
  () =>
    scene(async (installation, source) => {
      await withMount(join(installation.folder, "volumes"), "size=4m", async (remount) => {
        await installation.start();
        await assertServes(installation);
        await makeLargeFile(join(source, "large"), 12_000_000);
        await installation.console(backup);
        let log = "";
        await waitFor("the question for an operator", async () => {
          log += await installation.console("messages");
          return /Please mount append Volume "Full-0002" or label a new one/.test(log);
        });
        match(
          log,
          /Warning: No space left on device: device "FileStorage" .*"Full-0002"\. Make room/,
        );
        match(log, /End of Volume "Full-0001" at \S+ on device "FileStorage" .* got \d+\./);
        await remount("size=64m");
        match(await installation.console("mount storage=File"), /3001 OK mount/);
        log = await installation.console("wait", "messages");
        match(log, /Termination: +Backup OK/);
        match(await runJob(installation, restore), /Termination: +Restore OK\n/);
        const restored = join(installation.folder, "restore", source);
        deepStrictEqual(
          compareTrees(await describeTree(source), await describeTree(restored)),
          [],
        );
        await assertServes(installation);
      });
    }),
);

mounts(
  "a full disk under the spool fails no job: the data goes to the volume in parts, or says why",
  () =>
    scene(async (installation, source) => {
      const spool = join(installation.folder, "spool");
      const device = "bareos-sd.d/device/FileStorage.conf";
      const conf = await Deno.readTextFile(join(installation.folder, device));
      await installation.configure(
        device,
        conf.replace(/\}\s*$/, `  Spool Directory = "${spool}"\n}\n`),
      );
      await makeLargeFile(join(source, "large"), 12_000_000);
      await withMount(spool, "size=4m", async () => {
        await installation.start();
        const log = await runJob(installation, "run job=Backup level=Full spooldata=yes yes");
        if (/Termination: +Backup OK( -- with warnings)?\n/.test(log)) {
          match(await runJob(installation, restore), /Termination: +Restore OK\n/);
          const restored = join(installation.folder, "restore", source);
          deepStrictEqual(
            compareTrees(await describeTree(source), await describeTree(restored)),
            [],
          );
        } else {
          match(log, /Termination: +\*\*\* Backup Error \*\*\*\n/);
          match(log, /Fatal error: .*[Ss]pool.*No space left on device/);
        }
        deepStrictEqual([...Deno.readDirSync(spool)], []);
        await Deno.remove(join(source, "large"));
        await assertServes(installation);
      });
    }),
);

for (
  const [what, options, why] of [
    ["full", "size=1m", "No space left on device"],
    ["read-only", "ro", "Read-only file system"],
  ] as const
) {
  mounts(
    `a ${what} target of a restore is named with its cause, and the job does not call itself well`,
    () =>
      scene(async (installation, source) => {
        await makeLargeFile(join(source, "large"), 5_000_000);
        await installation.start();
        await assertServes(installation);
        const target = join(installation.folder, "target");
        await withMount(target, options, async () => {
          const log = await runJob(
            installation,
            `${restore.replace("select", `where=${target} select`)}`,
          );
          match(log, new RegExp(`roost-fd JobId 2: .*${dirname(source)}.*${why}`));
          match(
            log,
            /Termination: +(Restore OK -- with (errors|warnings)|\*\*\* Restore Error \*\*\*)\n/,
          );
          match(log, /FD Errors: +[1-9]/);
        });
        match(await runJob(installation, restore), /Termination: +Restore OK\n/);
        const restored = join(installation.folder, "restore", source);
        deepStrictEqual(compareTrees(await describeTree(source), await describeTree(restored)), []);
      }),
  );
}
