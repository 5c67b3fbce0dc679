/**
 * What a user does and would lose: the four programs as processes on loopback, configured by `init`
 * (so they speak TLS with pre-shared keys), with the embedded catalog, real files and real failures.
 */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { fromFileUrl, hasFixtures, join } from "./support/paths.ts";
import { compareWithManifest, sampleManifest } from "./support/manifest.ts";
import { Installation, type InstallationOptions } from "./support/roost.ts";
import { makeSample, shell } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { nextSecond, waitFor } from "./support/wait_for.ts";

const fileSet = (folder: string): string =>
  `FileSet {
  Name = SelfTest
  Include {
    Options {
      Signature = XXH128
      HardLinks = yes
      Sparse = yes
      NoAtime = yes
    }
    File = "${folder}"
  }
}
`;

const accurateJob = "Job {\n  Name = Backup\n  JobDefs = DefaultJob\n  Accurate = yes\n}\n";

/** Gives an installation and the folder that it backs up, which is empty. */
async function withSource(
  run: (installation: Installation, source: string) => Promise<void>,
  options: Partial<InstallationOptions> = {},
): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await using installation = await Installation.create({ backup: source, ...options });
    await installation.configure("bareos-dir.d/fileset/SelfTest.conf", fileSet(source));
    await installation.configure("bareos-dir.d/job/Backup.conf", accurateJob);
    await run(installation, source);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** Runs a job of the console to its end and returns its report. */
async function runJob(installation: Installation, command: string): Promise<string> {
  return await installation.console(command, "wait", "messages");
}

/** Runs a full backup and says by what its connections are protected. */
async function runFull(installation: Installation): Promise<void> {
  const report = await runJob(installation, "run job=Backup level=Full yes");
  match(report, /Termination: +Backup OK/);
  match(report, /roost-dir JobId \d+: Connected Storage daemon at \S+ encryption: TLS_/);
  match(report, /roost-dir JobId \d+: Connected Client: roost-fd at \S+ encryption: TLS_/);
  match(report, /roost-fd JobId \d+: Connected Storage daemon at \S+ encryption: TLS_/);
}

/** Changes of every kind; the large files are left alone. */
async function change(source: string): Promise<void> {
  await nextSecond();
  await shell(
    source,
    `
    printf new > small/new; mv small/d1 small/moved; rm -r small/d2; printf more >> small/d0/f1
    mkdir special/later; mkfifo special/later/fifo; ln special/file special/later/name
    chmod 0600 special/rights; setfattr -n user.text -v changed special/file
    setfattr -x user.of.folder special/many; ln -sfn elsewhere special/dangling
    rm special/fifo; printf 'now a file' > special/fifo; touch -d @1200000000 special/empty`,
  );
}

/** Holds what was restored against what was backed up, and against the recordings' own list. */
async function assertRestored(installation: Installation, source: string): Promise<void> {
  const restored = join(installation.folder, "restore", source);
  deepStrictEqual(compareTrees(await describeTree(source), await describeTree(restored)), []);
  const used = async (path: string) => ((await Deno.stat(path)).blocks ?? 0) * 512;
  const [before, after] = [
    await used(join(source, "sparse")),
    await used(join(restored, "sparse")),
  ];
  ok(after <= before + 2 ** 20, `the file with holes took ${before} bytes of disk, now ${after}`);
  if (!hasFixtures || Deno.uid() !== 0) return;
  const entries = sampleManifest().map((entry) => ({
    ...entry,
    path: entry.path.replace("/srv/sample/data", ""),
  }));
  deepStrictEqual(await compareWithManifest(join(restored, "sample/data"), entries), []);
}

/** Changes what was backed up, saves that, restores all into another place and compares. */
async function incrementalAndRestore(installation: Installation, source: string): Promise<void> {
  await change(source);
  const report = await runJob(installation, "run job=Backup level=Incremental yes");
  match(report, /Backup Level: +Incremental/);
  match(report, /Termination: +Backup OK/);
  const written = /FD Bytes Written: +([\d,]+)/.exec(report)?.[1]?.replaceAll(",", "");
  ok(Number(written) < 2_000_000, `the incremental wrote ${written} bytes`);
  const restore = await runJob(
    installation,
    "restore client=roost-fd select current all done yes",
  );
  match(restore, /Termination: +Restore OK/);
  await assertRestored(installation, source);
}

async function fullIncrementalRestore(installation: Installation, source: string): Promise<void> {
  await makeSample(source);
  await installation.start();
  await runFull(installation);
  await incrementalAndRestore(installation, source);
  for (const name of ["fd", "sd", "dir"] as const) {
    strictEqual((await installation.end(name)).status, 0, name);
  }
}

const executable = fromFileUrl(
  new URL(
    `../dist/roost-${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`,
    import.meta.url,
  ),
);

/** A folder with the system's programs but for runtimes of JavaScript and their package managers. */
async function makeBarePath(folder: string): Promise<string> {
  for (const from of ["/usr/bin", "/bin"]) {
    for await (const { name } of Deno.readDir(from)) {
      if (/^(deno|node|nodejs|npm|npx|bun)$/.test(name)) continue;
      await Deno.symlink(join(from, name), join(folder, name)).catch(() => {}); // in both
    }
  }
  return folder;
}

const isBuilt = await Deno.stat(executable).then(() => true, () => false);

const scenario = "full, accurate incremental after changes and restore give the same tree";

if (isBuilt) {
  Deno.test(`${scenario}: the built executable without Deno or npm in its path`, async () => {
    // The runtime is unpacked into a cache of this test alone.
    const home = await Deno.makeTempDir({ prefix: "roost-home-" });
    try {
      await Deno.mkdir(join(home, "bin"));
      const PATH = await makeBarePath(join(home, "bin"));
      await withSource(fullIncrementalRestore, {
        program: [executable],
        clearEnv: true,
        env: { PATH, HOME: home, ROOST_CACHE_DIR: join(home, "cache") },
      });
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  });
} else {
  Deno.test(scenario, () => withSource(fullIncrementalRestore));
}

// From the sources; after the job that was killed it is the scenario above once more, with less to save.
Deno.test("a storage daemon killed in a job fails that job with its cause; the next one and what is older are whole", () =>
  withSource(async (installation, source) => {
    await Deno.writeTextFile(join(source, "first"), "kept\n");
    await installation.start();
    await runFull(installation);

    const volume = join(installation.folder, "volumes/Full-0001");
    const sizeOf = async (): Promise<number> => (await Deno.stat(volume)).size;
    const before = await sizeOf();
    await makeSample(source, {
      ...{ smallFiles: 3_000, sparseBytes: 256 * 2 ** 20, largeBytes: 60_000_000 },
    });
    // So slow that it is at work when it is noticed that it is.
    await installation.console(
      "setbandwidth client=roost-fd limit=1000",
      "run job=Backup level=Full yes",
    );
    await waitFor("the job to write", async () => await sizeOf() > before + 1_000_000);
    await installation.end("sd", "SIGKILL");
    const failed = await installation.console(
      ...["wait", "messages", "list jobid=2", "setbandwidth client=roost-fd limit=0"],
    );
    match(failed, /Termination: +\*\*\* Backup Error \*\*\*/);
    match(failed, /Fatal error: .*(roost-sd|torage|SD)/); // whoever notices it first
    match(failed, /\| +2 \| Backup .*\| f +\|/);

    await installation.start("sd");
    await runFull(installation);
    await incrementalAndRestore(installation, source);
    const where = join(installation.folder, "old");
    const old = await runJob(
      installation,
      `restore client=roost-fd jobid=1 where=${where} all done yes`,
    );
    match(old, /Termination: +Restore OK/);
    deepStrictEqual(
      [...await describeTree(join(where, source))].map(([path]) => path),
      [".", "./first"],
    );
  }));

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
