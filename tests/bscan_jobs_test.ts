/**
 * A catalog that is lost comes back from the volumes of jobs of every kind: full and incremental backups,
 * compressed and encrypted, copies on another storage daemon, a migration, a virtual full.
 */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { addArchive } from "./support/archive_device.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";
import { makeSample } from "./support/sample.ts";
import { SecondStorage } from "./support/second_storage.ts";
import { compareTrees, describeTree } from "./support/tree.ts";
import { nextSecond } from "./support/wait_for.ts";

/** The change time of a restored file and the folder itself are its own. */
const unlike = (path: string, property: string) => property === "ctime" || path === "";

/** Every job with its type, level, files, bytes and status; control jobs have nothing on volumes. */
function jobsIn(list: string): string[][] {
  const row = /\| +([\d,]+) \| (\w+) .*\| (\w) +\| (\w) +\| +([\d,]+) \| +([\d,]+) \| (\w) +\|/g;
  return [...list.matchAll(row)].map((found) => found.slice(1)).filter(([, , type]) =>
    type !== "c" && type !== "g" && type !== "R"
  );
}

Deno.test("bscan gives back jobs of every kind, and copies alone restore", async () => {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await makeSample(source, { smallFiles: 60, sparseBytes: 2 ** 21, largeBytes: 2_000_000 });
    await using installation = await Installation.create({ backup: source });
    await using second = await SecondStorage.add(installation);
    await addArchive(installation);
    await configure(installation);
    await second.start();
    await installation.start();
    const job = async (command: string, isOk: RegExp): Promise<void> => {
      match(await installation.console(`run ${command} yes`, "wait", "messages"), isOk);
      await nextSecond();
    };
    const write = (name: string, text: string) => Deno.writeTextFile(join(source, name), text);

    await write("changed", "first");
    await job("job=Backup level=Full", /Backup OK/);
    await write("changed", "second");
    await Deno.remove(join(source, "large"));
    await job("job=Backup level=Incremental", /Backup OK/);
    await job("job=CopyJob", /Copying OK/); // of the full
    await job("job=Other level=Full", /Backup OK/);
    await job("job=MigrateJob", /Migration OK/);
    await job("job=Backup level=VirtualFull", /Backup OK/);
    await write("changed", "third");
    await write("later", "after the virtual full");
    await job("job=Backup level=Incremental", /Backup OK/);
    const before = jobsIn(await installation.console("list jobs"));
    const types = (name: string, rows: string[][]) =>
      rows.filter((row) => row[1] === name).map((row) => row.slice(2, 4).join("")).join(" ");
    strictEqual(types("Backup", before), "BF CF BI BF BI", JSON.stringify(before));
    strictEqual(types("Other", before), "MF BF", JSON.stringify(before));

    const folders = ["volumes", "archive", "second/volumes"].map((name) =>
      join(installation.folder, name)
    );
    await loseCatalog(installation, folders);
    const after = jobsIn(await installation.console("list jobs"));
    strictEqual(types("Backup", after), "BF CF BI BF BI", JSON.stringify(after));
    // a migrated job is on both volumes again; the newer one is its copy
    strictEqual(types("Other", after), "BF CF", JSON.stringify(after));
    const figures = (rows: string[][]) =>
      rows.map(([id, name, , , files, , status]) => [id, name, files, status].join(" "));
    // within one daemon, labels name the job that moves (storage-daemon.md 8.2)
    deepStrictEqual(
      figures(after),
      figures(before).map((line) => line.replace("9 Other", "8 Other")),
    );
    await assertRestores(installation, source, "fileset=SelfTest select current all");
    const other = after.findLast((row) => row[1] === "Other")?.[0];
    await assertRestores(installation, source, `jobid=${other} all`, [".", "./changed", "./later"]);

    // the copy of the full alone: the first storage daemon's volumes are lost with the catalog
    await Deno.remove(join(installation.folder, "volumes"), { recursive: true });
    await Deno.mkdir(join(installation.folder, "volumes"));
    await loseCatalog(installation, folders.slice(2));
    const copies = jobsIn(await installation.console("list jobs"));
    strictEqual(types("Backup", copies), "BF BF", JSON.stringify(copies));
    const where = join(installation.folder, "from-copy");
    const log = await installation.console(
      `restore jobid=${copies[0]?.[0]} client=roost-fd where=${where} all done yes`,
      "wait",
      "messages",
    );
    match(log, /Restore OK/);
    strictEqual(await Deno.readTextFile(join(where, source, "changed")), "first");
    strictEqual((await Deno.stat(join(where, source, "large"))).size, 2_000_000);
  } finally {
    await Deno.remove(source, { recursive: true });
  }
});

async function configure(installation: Installation): Promise<void> {
  const path = (name: string): string => join(installation.folder, name);
  const made = await installation.run(["keygen", "--bits", "2048", path("pki")]);
  strictEqual(made.status, 0, made.stderr);
  const client = "bareos-fd.d/client/myself.conf";
  const pki = `  PKI Signatures = yes\n  PKI Encryption = yes\n  PKI Key Pair = "${
    path("pki.pem")
  }"\n`;
  await installation.configure(
    client,
    (await Deno.readTextFile(path(client))).replace(/\}\s*$/, `${pki}}\n`),
  );
  const fileSet = "bareos-dir.d/fileset/SelfTest.conf";
  await installation.configure(
    fileSet,
    (await Deno.readTextFile(path(fileSet))).replace(
      "Signature =",
      "Compression = GZIP\n Signature =",
    ),
  );
  const pool = (name: string, further: string): Promise<void> =>
    installation.configure(
      `bareos-dir.d/pool/${name}.conf`,
      `Pool { Name = ${name}; Pool Type = Backup; Label Format = "${name}-"; Storage = File
         ${further} }\n`,
    );
  await pool("Full", "Next Pool = Copies");
  await pool("Move", "Next Pool = Archive");
  const copy = "Client = roost-fd; FileSet = SelfTest; Messages = Standard";
  await installation.configure(
    "bareos-dir.d/job/Backup.conf",
    `Job { Name = Backup; JobDefs = DefaultJob; Accurate = yes; Next Pool = Copies }
     Job { Name = Other; JobDefs = DefaultJob; Pool = Move; Full Backup Pool = Move }
     Job { Name = CopyJob; Type = Copy; Pool = Full; ${copy}; Selection Type = PoolUncopiedJobs }
     Job { Name = MigrateJob; Type = Migrate; Pool = Move; ${copy}; Selection Type = Job
       Selection Pattern = "Other" }\n`,
  );
}

/** Removes the catalog and fills a new one from volumes. */
async function loseCatalog(installation: Installation, folders: readonly string[]): Promise<void> {
  await installation.end("dir");
  const work = join(installation.folder, "work");
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(join(work, `catalog.db${suffix}`)).catch(() => {});
  }
  for (const folder of folders) {
    const args = ["bscan", "-s", "-m", "-B", "sqlite3", "-w", work, "-n", "catalog", folder];
    const scanned = await installation.run(args);
    strictEqual(scanned.status, 0, scanned.stderr);
  }
  await installation.start("dir");
}

async function assertRestores(
  installation: Installation,
  source: string,
  what: string,
  except: readonly string[] = [],
): Promise<void> {
  const where = await Deno.makeTempDir({ dir: installation.folder });
  const log = await installation.console(
    `restore client=roost-fd ${what} where=${where} done yes`,
    "wait",
    "messages",
  );
  match(log, /Restore OK/);
  // a line of differences begins with the path and a colon
  const differences = compareTrees(
    await describeTree(source),
    await describeTree(join(where, source)),
    unlike,
  );
  deepStrictEqual(
    differences.filter((line) => !except.some((name) => line.startsWith(`${name}:`))),
    [],
  );
}
