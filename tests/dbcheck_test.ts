/** `roost dbcheck` on the catalog of an installation, in one go and by its menu. */
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { Catalog } from "../storage/catalog/mod.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test("dbcheck finds orphans, mends them when told to, and knows what is configured", async () => {
  await using installation = await Installation.create({ backup: "/nowhere" });
  const path = join(installation.folder, "work/catalog.db");
  const catalog = Catalog.open(path);
  catalog.run("INSERT INTO Client (Name, UName) VALUES ('roost-fd', ''), ('gone-fd', '')");
  catalog.run(
    "INSERT INTO File (FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (1, 9, 9, '', '0', 'x')",
  );
  catalog.close();

  const where = await installation.run(["dbcheck", "-c", installation.folder, "-B"]);
  match(where.stdout, new RegExp(`^catalog=MyCatalog\\ndb_name=${path}\\ndb_driver=sqlite3\\n`));
  match(where.stdout, /\ndb_type=SQLite3\nworking_dir=.*work\n$/);
  const look = await installation.run(["dbcheck", "-c", installation.folder, "-bvd100", "-dt"]);
  match(look.stdout, /Found 1 orphaned Client records\.\n/);
  match(look.stdout, / {2}ClientId=2 Name=gone-fd\n/);
  match(look.stdout, /Found 1 orphaned File records\.\n/);
  strictEqual(look.status, 0);

  const menu = await installation.run(["dbcheck", "-c", installation.folder], "1\n10\n7\n0\n");
  match(menu.stdout, /Modify database is ON/);
  match(menu.stdout, /Found 1 orphaned Client records\. Mended 1\.\n/);
  match(menu.stdout, /Found 1 orphaned File records\. Mended 1\.\n/);
  const after = await installation.run(["dbcheck", "-c", installation.folder, "-b", "-f"]);
  strictEqual(/Found [1-9]/.test(after.stdout), false);
  strictEqual((await installation.run(["dbcheck", "--nonsense"])).status, 1);
});

/** A catalog with one thing wrong for each check, and beside it what must stay. */
const damage = `
DROP INDEX path_name_idx;
INSERT INTO Client (ClientId, Name, UName) VALUES (1, 'roost-fd', ''), (2, 'gone-fd', ''), (3, 'used-fd', '');
INSERT INTO Storage (StorageId, Name) VALUES (1, 'File'), (2, 'Attic'), (3, 'OfVolume'), (4, 'OfDevice');
INSERT INTO Device (Name, MediaTypeId, StorageId) VALUES ('Drive', 1, 4);
INSERT INTO Pool (PoolId, Name, PoolType, LabelFormat) VALUES (1, 'Full', 'Backup', '*');
INSERT INTO Media (MediaId, VolumeName, MediaType, VolStatus, StorageId) VALUES (1, 'V', 'File', 'Full', 3);
INSERT INTO FileSet VALUES (1, 'Used', '', 'x', '2020-01-01 00:00:00'), (2, 'Unused', '', 'y', '2020-01-01 00:00:00');
INSERT INTO Job (JobId, Job, Name, Type, Level, JobStatus, ClientId, FileSetId) VALUES
  (1, 'Kept.1', 'Kept', 'B', 'F', 'T', 3, 1), (2, 'Lost.2', 'Lost', 'B', 'F', 'T', 77, 1),
  (3, 'Admin.3', 'Admin', 'D', ' ', 'T', 3, 0), (4, 'Restore.4', 'Restore', 'R', 'F', 'T', 3, 0);
INSERT INTO JobMedia (JobMediaId, JobId, MediaId) VALUES (1, 1, 1), (2, 1, 99), (3, 99, 1), (4, 2, 1);
INSERT INTO Path VALUES (1, '/kept/'), (2, '/bad  '), (3, '/twice/'), (4, '/twice/'), (5, '/orphan/'), (6, '/parent/'), (7, '');
INSERT INTO PathHierarchy VALUES (1, 6);
INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES
  (1, 1, 1, 1, '', '0', 'good'), (2, 2, 1, 1, '', '0', 'bad//'), (3, 3, 1, 2, '', '0', 'x'), (4, 4, 1, 3, '', '0', 'y'),
  (5, 5, 1, 4, '', '0', 'z'), (6, 1, 99, 1, '', '0', 'lost'), (7, 1, 2, 1, '', '0', 'of a job without client'),
  (8, 6, 1, 7, '', '0', 'C:');
INSERT INTO Log VALUES (1, 1, '2020-01-01 00:00:00', 'kept'), (2, 2, '2020-01-01 00:00:00', 'lost');
`;

/** An installation whose catalog is damaged. */
async function damaged(): Promise<{ installation: Installation; path: string }> {
  const installation = await Installation.create({ backup: "/nowhere" });
  const path = join(installation.folder, "work/catalog.db");
  const catalog = Catalog.open(path);
  for (const statement of damage.split(/;\n/)) {
    if (statement.trim() !== "") catalog.run(statement);
  }
  catalog.close();
  return { installation, path };
}

/** What is in the tables that are checked: their ids, and the texts that are mended. */
function contents(path: string): Record<string, string> {
  const catalog = Catalog.open(path);
  try {
    const of = (query: string): string =>
      catalog.all(query).map((row) => Object.values(row).join("=")).join(" ");
    return {
      client: of("SELECT ClientId FROM Client ORDER BY 1"),
      storage: of("SELECT StorageId FROM Storage ORDER BY 1"),
      fileSet: of("SELECT FileSetId FROM FileSet ORDER BY 1"),
      job: of("SELECT JobId FROM Job ORDER BY 1"),
      jobMedia: of("SELECT JobMediaId FROM JobMedia ORDER BY 1"),
      path: of("SELECT PathId, Path FROM Path ORDER BY 1"),
      file: of("SELECT FileId, PathId, Name FROM File ORDER BY 1"),
      log: of("SELECT LogId FROM Log ORDER BY 1"),
    };
  } finally {
    catalog.close();
  }
}

const found = [
  ["bad Filename records", "FileId=2 Text=bad//"],
  ["bad Path records", "PathId=2 Text=/bad  "],
  ["duplicate Path records", "PathId=4 Kept=3 Text=/twice/"],
  ["orphaned JobMedia records", "JobMediaId=2", "JobMediaId=3"],
  ["orphaned File records", "FileId=6 JobId=99"],
  ["orphaned Path records", "PathId=5 Text=/orphan/"],
  ["orphaned FileSet records", "FileSetId=2 Name=Unused"],
  ["orphaned Client records", "ClientId=2 Name=gone-fd"],
  ["orphaned Job records", "JobId=2 Name=Lost.2"],
  ["orphaned Storage records", "StorageId=2 Name=Attic"],
  ["Admin records", "JobId=3 Name=Admin.3"],
  ["Restore records", "JobId=4 Name=Restore.4"],
] as const;

/** The output of all checks. */
const report = (mends: boolean, isVerbose: boolean): string =>
  found.map(([title, ...rows]) =>
    `Checking for ${title}.\n${isVerbose ? rows.map((row) => `  ${row}\n`).join("") : ""}` +
    `Found ${rows.length} ${title}.${mends ? ` Mended ${rows.length}.` : ""}\n`
  ).join("");

const mended = {
  client: "1 3",
  storage: "1 3 4",
  fileSet: "1",
  job: "1",
  jobMedia: "1",
  path: "1=/kept/ 2=/bad/ 3=/twice/ 6=/parent/ 7=",
  file: "1=1=good 2=1=bad 3=2=x 4=3=y 5=3=z 8=7=C:",
  log: "1",
};

Deno.test("dbcheck -b finds each kind of damage, changes it only with -f, and nothing else", async () => {
  const { installation, path } = await damaged();
  await using _ = installation;
  const before = contents(path);
  const run = (...flags: string[]) =>
    installation.run(["dbcheck", "-c", installation.folder, "-C", "MyCatalog", ...flags]);
  const looked = await run("-b");
  strictEqual(looked.stdout, report(false, false));
  strictEqual((await run("-b", "-v")).stdout, report(false, true));
  deepStrictEqual(contents(path), before);
  strictEqual((await run("-b", "-f", "-v")).stdout, report(true, true));
  deepStrictEqual(contents(path), mended);
  strictEqual(/Found [1-9]/.test((await run("-b", "-f")).stdout), false);
  const wrong = await installation.run(["dbcheck", "-c", installation.folder, "-C", "None", "-b"]);
  strictEqual(wrong.status, 1);
  match(wrong.stderr, /None/);
});

Deno.test("dbcheck's menu makes each check by its number, as its switches stand", async () => {
  const { installation, path } = await damaged();
  await using _ = installation;
  const before = contents(path);
  const run = (input: string) => installation.run(["dbcheck", "-c", installation.folder], input);
  const texts = (stdout: string): string =>
    stdout.replaceAll(/Select function number: /g, "").replaceAll(
      /Hello, this is(.|\n)*? 0\) Quit\n/g,
      "",
    );
  const numbers = found.map((_check, at) => `${at + 3}\n`).join("");
  const looked = await run(`${numbers}0\n`);
  strictEqual(texts(looked.stdout), report(false, false));
  match(
    looked.stdout,
    /^Hello, this is the database check\/correct program\. Modify database is OFF\. Verbose is OFF\.\n {5}1\) Toggle modify database flag\n {5}2\) Toggle verbose flag\n {5}3\) Check for bad Filename records\n/,
  );
  match(looked.stdout, / {4}14\) Check for Restore records\n {4}15\) All \(3-14\)\n {5}0\) Quit\n/);
  deepStrictEqual(contents(path), before);
  const wrong = await run("99\nx\n0\n");
  strictEqual(texts(wrong.stdout), "");
  strictEqual(texts((await run(`2\n1\n${numbers}0\n`)).stdout), report(true, true));
  deepStrictEqual(contents(path), mended);
  strictEqual(/Found [1-9]/.test((await run("15\n")).stdout), false);
});
