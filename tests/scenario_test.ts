/**
 * What a user does and would lose: the four programs as processes on loopback,
 * with the embedded catalog, real files and real failures.
 */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { fromFileUrl, join } from "./support/paths.ts";
import { Installation, type ProgramCommand } from "./support/roost.ts";
import { makeLargeFile, makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { waitFor } from "./support/wait_for.ts";

const sampleSize = { smallFiles: 1500, sparseBytes: 64 * 2 ** 20, largeBytes: 20_000_000 };

/** The change time of a restored file and the folder itself are its own. */
const unlike = (path: string, property: string) => property === "ctime" || path === "";

async function assertRestored(installation: Installation, source: string): Promise<void> {
  const restored = join(installation.folder, "restore", source);
  const differences = compareTrees(
    await describeTree(source),
    await describeTree(restored),
    unlike,
  );
  deepStrictEqual(differences, []);
}

/** Runs a job of the console to its end and returns its report. */
async function runJob(installation: Installation, command: string): Promise<string> {
  return await installation.console(command, "wait", "messages");
}

async function fullIncrementalRestore(program?: ProgramCommand): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, sampleSize);
    await using installation = await Installation.create({
      backup: source,
      ...(program === undefined
        ? {}
        : { program, clearEnv: true, env: { PATH: "/usr/bin:/bin", HOME: source } }),
    });
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      "Job {\n  Name = Backup\n  JobDefs = DefaultJob\n  Accurate = yes\n}\n",
    );
    await installation.start();
    match(await runJob(installation, "run job=Backup level=Full yes"), /Backup OK/);

    await Deno.writeTextFile(join(source, "small/new"), "written after the full\n");
    await Deno.rename(join(source, "small/d1"), join(source, "small/moved"));
    await Deno.remove(join(source, "small/d2"), { recursive: true });
    const report = await runJob(installation, "run job=Backup level=Incremental yes");
    match(report, /Backup OK/);
    match(report, /Backup Level: +Incremental/);

    match(
      await runJob(installation, "restore client=roost-fd select current all done yes"),
      /Restore OK/,
    );
    await assertRestored(installation, source);
    for (const name of ["fd", "sd", "dir"] as const) {
      strictEqual((await installation.end(name)).status, 0, name);
    }
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

Deno.test("full, accurate incremental after changes and restore give the same tree", async () => {
  await fullIncrementalRestore();
});

const executable = fromFileUrl(
  new URL(
    `../dist/roost-${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`,
    import.meta.url,
  ),
);

Deno.test({
  name: "the built executable does the same without a runtime in its path",
  ignore: !await Deno.stat(executable).then(() => true, () => false),
  fn: () => fullIncrementalRestore([executable]),
});

Deno.test("a storage daemon killed in a job fails that job with its cause and loses nothing older", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(join(source, "first"), "kept\n");
    await using installation = await Installation.create({ backup: source });
    await installation.start();
    match(await runJob(installation, "run job=Backup level=Full yes"), /Backup OK/);

    const volumes = join(installation.folder, "volumes");
    const sizeOf = async () => {
      let size = 0;
      for await (const { name } of Deno.readDir(volumes)) {
        size += (await Deno.stat(join(volumes, name))).size;
      }
      return size;
    };
    await makeLargeFile(join(source, "large"), 1_500_000_000);
    const before = await sizeOf();
    await installation.console("run job=Backup level=Full yes");
    await waitFor("the job to write", async () => await sizeOf() > before + 20_000_000);
    await installation.end("sd", "SIGKILL");
    const failed = await installation.console("wait", "messages", "list jobid=2");
    ok(failed.includes("*** Backup Error ***"), failed);
    match(failed, /Fatal error: .*(roost-sd|torage)/);

    await Deno.remove(join(source, "large"));
    await installation.start("sd");
    match(await runJob(installation, "run job=Backup level=Full yes"), /Backup OK/);
    match(
      await runJob(installation, "restore client=roost-fd jobid=1 all done yes"),
      /Restore OK/,
    );
    const restored = join(installation.folder, "restore", source, "first");
    strictEqual(await Deno.readTextFile(restored), "kept\n");
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("a wrong password is refused with the daemon's name, and the job says so", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using installation = await Installation.create({ backup: source });
    const path = "bareos-fd.d/director/roost-dir.conf";
    const conf = await Deno.readTextFile(join(installation.folder, path));
    const wrong = conf.replace(/Password = .*/, 'Password = "another"');
    notStrictEqual(wrong, conf);
    await installation.configure(path, wrong);
    await installation.start();
    const report = await runJob(installation, "run job=Backup level=Full yes");
    ok(report.includes("*** Backup Error ***"), report);
    match(report, /Fatal error: .*(authenticat|roost-fd)/i);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});
