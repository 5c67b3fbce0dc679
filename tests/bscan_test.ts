/**
 * A catalog that is lost comes back from the volumes alone: `bscan`, and restores afterwards. `bcopy`
 * makes a volume that reads as the one it was made from.
 */
import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { Catalog } from "../storage/catalog/mod.ts";
import { fixture, hasFixtures, join } from "./support/paths.ts";
import { fromSource, Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { flipBit, labelBlock } from "./support/volume_files.ts";

const sampleSize = { smallFiles: 200, sparseBytes: 4 * 2 ** 20, largeBytes: 3_000_000 };

/** The change time of a restored file and the folder itself are its own. */
const unlike = (path: string, property: string) => property === "ctime" || path === "";

async function assertRestoresCurrent(
  installation: Installation,
  source: string,
  jobIds: string,
): Promise<void> {
  const where = join(installation.folder, "restored");
  const log = await installation.console(
    `restore client=roost-fd fileset=SelfTest where=${where} select current all done yes`,
    "wait",
    "messages",
  );
  strictEqual(/selected the following JobIds?: (\S+)/.exec(log)?.[1], jobIds, log);
  match(log, /Restore OK/);
  const restored = await describeTree(join(where, source));
  deepStrictEqual(compareTrees(await describeTree(source), restored, unlike), []);
}

async function backUp(installation: Installation, level: string): Promise<void> {
  const log = await installation.console(`run job=Backup level=${level} yes`, "wait", "messages");
  match(log, /Termination: {12}Backup OK\n/);
}

Deno.test("bscan gives a lost catalog back: full and incremental restore as before", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, sampleSize);
    await using installation = await Installation.create({ backup: source });
    await installation.configure(
      "bareos-dir.d/job/Backup.conf",
      "Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes }\n",
    );
    await installation.start();
    await backUp(installation, "Full");
    await Deno.writeTextFile(join(source, "later"), "after the full\n");
    await Deno.remove(join(source, "large"));
    await backUp(installation, "Incremental");
    const before = await installation.console("list jobs", "list jobmedia jobid=2");

    await installation.end("dir");
    const work = join(installation.folder, "work");
    const database = await catalogOf(work);
    for (const suffix of ["", "-wal", "-shm"]) {
      await Deno.remove(join(work, database + suffix)).catch(() => {});
    }
    const volumes = join(installation.folder, "volumes");
    const options = ["-w", work, "-n", database.replace(/\.db$/, "")];
    const dry = await installation.run(["bscan", ...options, volumes]);
    strictEqual(dry.status, 0, dry.stderr);
    match(dry.stdout, /Records would have been added or updated in the catalog:\n {6}2 Media\n/);
    await Deno.stat(join(work, database)).then(
      () => {
        throw new Error("bscan without -s made a catalog");
      },
      () => {},
    );
    const done = await installation.run([
      "bscan",
      "-s",
      "-m",
      "-B",
      "sqlite3",
      ...options,
      volumes,
    ]);
    strictEqual(done.status, 0, done.stderr);
    match(done.stdout, /VOL_LABEL: OK for Volume: Full-0001\n/);
    match(done.stdout, /Created new JobId=2 record for original JobId=2\n/);
    match(
      done.stdout,
      /Records added or updated in the catalog:\n {6}2 Media\n {6}2 Pool\n {6}2 Job\n/,
    );
    // The file that is there needs no word more.
    const again = await installation.run(["bscan", "-s", ...options, volumes]);
    match(again.stdout, /\n {6}0 Media\n {6}0 Pool\n {6}0 Job\n {6}0 File\n/);

    await installation.start("dir");
    const after = await installation.console("list jobs", "list jobmedia jobid=2");
    const rows = (text: string) =>
      [...text.matchAll(/\| +(\d+) \| Backup .*\| (.) +\| (.) +\| +(\d+) \|/g)].map((row) =>
        row.slice(1)
      );
    deepStrictEqual(rows(after), rows(before));
    doesNotMatch(after, /\| f /);
    await assertRestoresCurrent(installation, source, "1,2");
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("bscan makes no file that a director would take in place of its PostgreSQL", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    const [work, volume] = [join(folder, "work"), join(folder, "Full-0001")];
    await Deno.mkdir(work);
    await Deno.writeFile(volume, labelBlock("Full-0001"));
    const [program, ...args] = fromSource;
    const { code, stderr } = await new Deno.Command(program, {
      args: [...args, "bscan", "-s", "-w", work, volume],
      env: { PGHOST: folder }, // no server has its socket there
    }).output();
    strictEqual(code, 1);
    match(new TextDecoder().decode(stderr), /no \S+\/bareos\.db; -B sqlite3 makes that file/);
    deepStrictEqual([...Deno.readDirSync(work)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bscan names what is damaged, and enters everything else", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, sampleSize);
    await using installation = await Installation.create({ backup: source });
    await installation.start();
    await backUp(installation, "Full");
    const volumes = join(installation.folder, "volumes");
    const path = join(volumes, "Full-0001");
    await flipBit(path, 0.4);
    const work = join(installation.folder, "work");
    const done = await installation.run([
      ...["bscan", "-s", "-B", "sqlite3", "-w", work, "-n", "scanned", volumes],
    ]);
    strictEqual(done.status, 1);
    match(done.stderr, /Error: Volume data error at 0:\d+!\nBlock checksum mismatch/);
    match(done.stderr, /\(Volume "Full-0001"\)/);
    const catalog = Catalog.open(join(work, "scanned.db"));
    try {
      const { jobFiles = 0, jobStatus } = catalog.job(1) ?? {};
      strictEqual(jobStatus, "T");
      const known = Number(catalog.one("SELECT count(*) AS n FROM File WHERE JobId = 1")?.n);
      ok(known > jobFiles / 2 && known <= jobFiles, `${known} of ${jobFiles}`);
    } finally {
      catalog.close();
    }
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

Deno.test("bcopy makes a volume that holds the same files", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, sampleSize);
    await using installation = await Installation.create({ backup: source });
    await installation.start();
    await backUp(installation, "Full");
    const volumes = join(installation.folder, "volumes");
    const copies = join(installation.folder, "copies");
    await Deno.mkdir(copies);
    const target = join(copies, "Copy-1");
    await Deno.writeFile(target, labelBlock("Copy-1"));
    const copied = await installation.run(["bcopy", volumes, target]);
    strictEqual(copied.status, 0, copied.stderr);
    match(copied.stdout, /Volume label not copied\.\n/);
    match(copied.stdout, /\n1 Jobs copied\. \d+ records copied\.\n$/);
    const list = async (path: string) => {
      const { stdout } = await installation.run(["bls", path]);
      return stdout.split("\n").filter((line) => /^bls JobId 1: [-dlbcps]/.test(line));
    };
    const files = await list(volumes);
    deepStrictEqual(await list(target), files);
    const missing = await installation.run(["bcopy", volumes, join(copies, "None")]);
    strictEqual(missing.status, 1);
    const itself = await installation.run(["bcopy", volumes, join(volumes, "Full-0001")]);
    strictEqual(itself.status, 1);
    match(itself.stderr, /Cannot copy Volume "Full-0001" to itself\./);

    // several volumes: records go on from one to the next
    const names = ["Part-1", "Part-2", "Part-3"];
    for (const name of names) await Deno.writeFile(join(copies, name), labelBlock(name));
    const { size } = await Deno.stat(target);
    const limit = String(Math.ceil(size / 2.5));
    const into = (list: string) =>
      installation.run(["bcopy", "--maximum-volume-size", limit, "-o", list, volumes, copies]);
    const split = await into(names.join("|"));
    strictEqual(split.status, 0, split.stderr);
    match(split.stdout, /End of medium on Volume "Part-1" Bytes=\d+ Blocks=\d+\./);
    match(split.stdout, /New volume "Part-3" mounted on device /);
    for (const name of names) {
      ok((await Deno.stat(join(copies, name))).size < size / 2.4 + 1024);
    }
    const parts = await installation.run(["bls", "-V", names.join("|"), copies]);
    strictEqual(parts.status, 0, parts.stderr);
    deepStrictEqual(
      parts.stdout.split("\n").filter((line) => /^bls JobId 1: [-dlbcps]/.test(line)),
      files,
    );
    const restored = join(installation.folder, "restored");
    await Deno.mkdir(restored);
    const extracted = await installation.run(
      ["bextract", "-V", names.join("|"), copies, restored],
    );
    strictEqual(extracted.status, 0, extracted.stderr);
    deepStrictEqual(
      await Deno.readFile(join(restored, source, "large")),
      await Deno.readFile(join(source, "large")),
    );

    // too few of them: an error that says so; and what is damaged is named, the rest copied
    for (const name of names) await Deno.writeFile(join(copies, name), labelBlock(name));
    const full = await into("Part-1");
    strictEqual(full.status, 1);
    match(full.stderr, /Volume "Part-1" is full, and no other one is named with -o/);
    await flipBit(join(volumes, "Full-0001"));
    await Deno.writeFile(target, labelBlock("Copy-1"));
    const rest = await installation.run(["bcopy", volumes, target]);
    strictEqual(rest.status, 1);
    match(rest.stderr, /bcopy JobId 0: Error: Volume data error at 0:\d+!/);
    match(rest.stdout, /1 Jobs copied\./);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

async function catalogOf(folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".db")) return name;
  throw new Error(`No catalog in ${folder}`);
}

Deno.test({
  name: "bscan knows the copies on volumes of another storage daemon for copies",
  ignore: !hasFixtures,
  fn: async () => {
    const work = await Deno.makeTempDir({ prefix: "roost-data-" });
    try {
      for (const folder of ["volumes", "volumes/sd2"]) {
        const [program, ...args] = fromSource;
        const { success } = await new Deno.Command(program, {
          args: [...args, "bscan", "-s", "-B", "sqlite3", "-w", work, fixture(folder)],
          env: { TZ: "UTC" },
        }).output();
        strictEqual(success, true);
      }
      const catalog = Catalog.open(join(work, "bareos.db"));
      try {
        const copies = catalog.all(
          "SELECT JobId, PriorJobId FROM Job WHERE Type = 'C' ORDER BY JobId",
        ).map(({ JobId, PriorJobId }) => [JobId, PriorJobId]);
        deepStrictEqual(copies, [[16, 1], [18, 2], [20, 3], [22, 4], [24, 10], [26, 13]]);
      } finally {
        catalog.close();
      }
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  },
});
