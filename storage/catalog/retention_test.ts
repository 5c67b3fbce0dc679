import { deepStrictEqual, strictEqual } from "node:assert";
import { catalogTest } from "../../tests/support/catalogs.ts";
import type { Catalog } from "./catalog.ts";

/** Rows of a large job: more than two pieces, less than three. */
const many = 25_000;

/** A catalog with jobs of so many files. */
function fill(catalog: Catalog, files: readonly number[]): Catalog {
  catalog.run("INSERT INTO Path (Path) VALUES ('/d/')");
  for (const [at, count] of files.entries()) {
    catalog.run(
      `INSERT INTO Job (Job, Name, Type, Level, JobStatus, JobFiles) VALUES ('j${at}', 'j', 'B', 'F', 'T', ${count})`,
    );
    catalog.run(
      `INSERT INTO File (FileIndex, JobId, PathId, LStat, Md5, Name)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
       SELECT i, ${at + 1}, 1, 'A', '0', CAST(i AS TEXT) FROM n`,
    );
  }
  return catalog;
}

const rowsOf = (catalog: Catalog, jobId: number): number =>
  Number(catalog.one("SELECT count(*) AS n FROM File WHERE JobId = ?", jobId)?.n);

catalogTest("files of large jobs go piece by piece, those of small ones at once", (open) => {
  const catalog = fill(open(), [many, 100, 100]);
  catalog.purgeFiles([2, 1]);
  strictEqual(catalog.job(1)?.purgedFiles, true);
  strictEqual(rowsOf(catalog, 2), 0);
  // Who looks for files while they go must not find some of them.
  strictEqual([...catalog.currentFiles([1])].length, 0);
  strictEqual([...catalog.currentFiles([3])].length, 100);
  deepStrictEqual([...catalog.currentIndexes([1, 3])].length, 100);
  const left: number[] = [];
  do left.push(rowsOf(catalog, 1)); while (catalog.sweep());
  deepStrictEqual(left, [many, many - 10_000, many - 20_000]);
  strictEqual(rowsOf(catalog, 1), 0);
  strictEqual(rowsOf(catalog, 3), 100);
  strictEqual(catalog.sweep(), false);
});

catalogTest(
  "a large job that is deleted is gone at once, its files when the catalog is closed",
  (open) => {
    const catalog = fill(open("one"), [many, 100]);
    catalog.deleteJobs([1]);
    strictEqual(catalog.job(1), undefined);
    strictEqual(rowsOf(catalog, 1), many);
    catalog.close();
    const again = open("one");
    strictEqual(rowsOf(again, 1), 0);
    strictEqual(rowsOf(again, 2), 100);
  },
);

catalogTest("what a transaction that fails was to delete stays", (open) => {
  const catalog = fill(open(), [many]);
  try {
    catalog.transaction(() => {
      catalog.purgeFiles([1]);
      throw new Error("no");
    });
  } catch {
    // as it should
  }
  while (catalog.sweep());
  strictEqual(catalog.job(1)?.purgedFiles, false);
  strictEqual(rowsOf(catalog, 1), many);
});
