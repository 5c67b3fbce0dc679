/** Accurate jobs with real daemons: what is compared, what is gone, what could not be looked at. */
import { deepStrictEqual, match } from "node:assert";
import { join } from "./support/paths.ts";
import { canDropCapabilities, jobFile, type Scene, scene } from "./support/scene.ts";
import { nextSecond } from "./support/wait_for.ts";

/** Files that a job has saved, and with a minus those that it has told to be gone; without the source. */
async function savedBy({ installation, source }: Scene, jobId: number): Promise<string[]> {
  const listed = await installation.console(`list files jobid=${jobId} limit=1000`);
  return listed.split("\n").flatMap((line) => {
    const at = line.indexOf(`${source}/`);
    return at < 0 ? [] : [line.slice(at + source.length + 1).replace(/[ |]+$/, "")];
  }).toSorted();
}

/** Puts content in place of a file's, with size and time as they were. */
async function replaceUnseen(path: string): Promise<void> {
  const { mtime } = await Deno.stat(path);
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace(/^./s, "#"));
  await Deno.utime(path, mtime ?? 0, mtime ?? 0);
}

const changeMode = (path: string): Promise<void> => Deno.chmod(path, 0o751);
const changeTimes = (path: string): Promise<void> => Deno.utime(path, 1, 1);
const giveAway = async (path: string): Promise<void> => {
  if (Deno.uid() === 0) await Deno.chown(path, 1, 1);
};
const lengthen = (path: string): Promise<void> =>
  Deno.writeTextFile(path, "longer text", { append: true });

/** Puts a copy in place of a file. */
async function replaceFile(path: string): Promise<void> {
  const { mtime, mode } = await Deno.stat(path);
  await Deno.copyFile(path, `${path}.copy`);
  await Deno.utime(`${path}.copy`, mtime ?? 0, mtime ?? 0);
  await Deno.chmod(`${path}.copy`, (mode ?? 0) & 0o7777);
  await Deno.rename(`${path}.copy`, path);
}

async function populate(source: string): Promise<void> {
  for (const folder of ["a", "a/b", "locked"]) await Deno.mkdir(join(source, folder));
  for (const name of ["a/one", "a/two", "a/three", "a/b/four", "locked/five"]) {
    await Deno.writeTextFile(join(source, name), `${name} has some text`);
  }
  const old = new Date("2020-01-01T00:00:00Z");
  for (const { name } of Deno.readDirSync(join(source, "a"))) {
    await Deno.utime(join(source, "a", name), old, old);
  }
}

/** For each accurate option: what happens to a file, and whether that makes it be saved again. */
const letters: readonly (readonly [
  options: string,
  change: (path: string) => Promise<void>,
  isSaved: boolean,
])[] = [
  ["p", changeMode, true],
  ["ms", changeMode, false],
  ["c", changeMode, true],
  ["n", (path) => Deno.link(path, `${path}.again`), true],
  ["ug", giveAway, Deno.uid() === 0],
  ["s", lengthen, true],
  ["d", lengthen, false],
  ["d", (path) => Deno.truncate(path, 2), true],
  ["m", changeTimes, true],
  ["a", changeTimes, true],
  ["spugn", changeTimes, false],
  ["i", replaceFile, true],
  ["msp", replaceFile, false],
  ["m5", replaceUnseen, true],
  ["m1", replaceUnseen, true],
  ["ms", replaceUnseen, false],
  ["A", () => Promise.resolve(), true],
];

Deno.test("accurate options compare what they say, and nothing else", () =>
  scene(async (it) => {
    const { installation, source, withFileSet, withDirectives, job } = it;
    const nameOf = (at: number): string => `file-${at}`;
    const path = (at: number): string => join(source, nameOf(at));
    for (const at of letters.keys()) {
      await Deno.writeTextFile(path(at), "some text");
      await Deno.utime(path(at), 1_600_000_000, 1_600_000_000);
    }
    const blocks = letters.map(([options], at) =>
      `    Options {\n      Signature = SHA256\n      Accurate = ${options}\n` +
      `      Wild File = "*/${nameOf(at)}"\n    }\n`
    );
    await withFileSet(`  Include {\n${blocks.join("")}    File = ${source}\n  }\n`);
    await withDirectives(jobFile, "Accurate = yes");
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    await nextSecond(); // a ctime of the same second would not tell
    for (const [at, [, change]] of letters.entries()) await change(path(at));
    match(await job("run job=Backup level=Incremental yes"), /Backup OK/);
    const saved = await savedBy(it, 2);
    deepStrictEqual(
      letters.map(([options, change], at) => [options, change.name, saved.includes(nameOf(at))]),
      letters.map(([options, change, isSaved]) => [options, change.name, isSaved]),
    );
  }));

Deno.test("an accurate incremental leaves out what is gone, and takes old files that were moved in", () =>
  scene(async (it) => {
    const { installation, source, withDirectives, job, restored } = it;
    await populate(source);
    const outside = await Deno.makeTempDir();
    const old = join(outside, "old");
    await Deno.writeTextFile(old, "old");
    await Deno.utime(old, 1000, 1000);
    await withDirectives(jobFile, "Accurate = yes");
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);
    await nextSecond();
    await Deno.remove(join(source, "a/b"), { recursive: true });
    await Deno.rename(join(source, "a/two"), join(source, "a/second"));
    await Deno.rename(old, join(source, "moved-in"));
    await Deno.remove(outside, { recursive: true });
    const report = await job("run job=Backup level=Incremental yes");
    match(report, /Sent Accurate information for 9 files/, report);
    const { differences } = await restored();
    deepStrictEqual(differences, []);
  }));

Deno.test({
  name: "what could not be looked at is told, and not told to be gone",
  ignore: !canDropCapabilities,
  fn: () =>
    scene(async (it) => {
      const { installation, source, withDirectives, job, restored } = it;
      await populate(source);
      await withDirectives(jobFile, "Accurate = yes");
      await installation.start();
      match(await job("run job=Backup level=Full yes"), /Backup OK/);
      await Deno.chmod(join(source, "locked"), 0);
      await Deno.remove(join(source, "a/one"));
      const report = await job("run job=Backup level=Incremental yes");
      match(report, /Could not open directory ".*\/locked": ERR=Permission denied/);
      match(report, /Backup OK -- with warnings/);
      await Deno.chmod(join(source, "locked"), 0o755);
      const { differences } = await restored((path) => path === "./locked");
      deepStrictEqual(differences, []);
    }, { without: ["dac_override", "dac_read_search"] }),
});

Deno.test("hard links of several jobs come back as they are now, whichever name was saved first", () =>
  scene(async ({ installation, source, withFileSet, withDirectives, job, restored }) => {
    const path = (name: string): string => join(source, name);
    await withFileSet(
      `  Include {\n    Options {\n      Signature = SHA1\n      Hard Links = yes\n    }\n    File = ${source}\n  }\n`,
    );
    await withDirectives(jobFile, "Accurate = yes");
    for (const name of ["a", "x", "y"]) {
      await Deno.writeTextFile(path(name), `${name} `.repeat(500));
    }
    for (const name of ["b", "c"]) await Deno.link(path("a"), path(name));
    await Deno.link(path("x"), path("x2"));
    await installation.start();
    match(await job("run job=Backup level=Full yes"), /Backup OK/);

    const changes: readonly (() => Promise<void>)[] = [
      () => Deno.remove(path("a")), // the name that had the data, perhaps
      () => Deno.rename(path("c"), path("0-first")), // another name comes first now
      () => Deno.link(path("y"), path("y2")), // one name becomes two
      async () => { // two names become two files
        await Deno.remove(path("x2"));
        await Deno.writeTextFile(path("x2"), "on its own");
      },
      () => Deno.writeTextFile(path("b"), "other contents under both names"),
    ];
    // One follows the other within a second, if the machine is quick: times alone do not tell them apart.
    for (const change of changes) {
      await change();
      const report = await job("run job=Backup level=Incremental yes");
      match(report, /Termination: +Backup OK\n/, report);
      const { differences, report: restore } = await restored();
      match(restore, /Termination: +Restore OK\n/, restore);
      deepStrictEqual(differences, [], String(change));
    }
    // One name alone brings the contents along.
    const where = join(installation.folder, "alone");
    match(
      await job(`restore client=roost-fd where=${where} file=${path("b")} yes`),
      /Termination: +Restore OK/,
    );
    match(await Deno.readTextFile(join(where, path("b"))), /^other contents under both names$/);
  }));
