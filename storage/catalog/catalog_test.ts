import { deepStrictEqual, strictEqual } from "node:assert";
import { Catalog } from "./catalog.ts";
import { catalogSeconds, catalogTime } from "./times.ts";

const clientId = 1;

/** A catalog with one FileSet and backup jobs, given as level and start in UNIX seconds. */
function catalogWith(jobs: readonly (readonly [level: string, start: number])[]): Catalog {
  const catalog = Catalog.open(":memory:");
  catalog.run("INSERT INTO FileSet (FileSet, MD5, CreateTime) VALUES ('Set', 'x', '')");
  for (const [level, start] of jobs) insertJob(catalog, "B", level, start);
  return catalog;
}

function insertJob(catalog: Catalog, type: string, level: string, start: number, status = "T") {
  catalog.run(
    `INSERT INTO Job (Job, Name, Type, Level, ClientId, JobStatus, SchedTime, StartTime, JobTDate,
       FileSetId, JobFiles) VALUES ('j', 'Backup', ?, ?, ?, ?, ?, ?, ?, 1, 1)`,
    type,
    level,
    clientId,
    status,
    catalogTime(start),
    catalogTime(start),
    start,
  );
}

const chain = (catalog: Catalog, level = "I"): number[] =>
  catalog.currentJobs({ clientId, fileSetName: "Set", level, before: 2_000_000_000 });

Deno.test("the chain is the last full, the last differential and what came after it", () => {
  const catalog = catalogWith([
    ["F", 100],
    ["I", 200],
    ["F", 300],
    ["I", 400],
    ["D", 500],
    [
      "D",
      600,
    ],
    ["I", 700],
    ["I", 800],
  ]);
  deepStrictEqual(chain(catalog), [3, 6, 7, 8]);
  deepStrictEqual(chain(catalog, "D"), [3]);
  catalog.close();
});

Deno.test("jobs that started in the same second are in the chain in the order of their ids", () => {
  const catalog = catalogWith([["I", 100], ["F", 100], ["I", 100], ["I", 100]]);
  deepStrictEqual(chain(catalog), [2, 3, 4]);
  catalog.close();
});

Deno.test("pruning leaves the chain, archives, running jobs and the newest InitCatalog", () => {
  const catalog = catalogWith([["F", 100], ["I", 200], ["F", 300], ["I", 400]]);
  insertJob(catalog, "A", "F", 100);
  insertJob(catalog, "V", "V", 100);
  insertJob(catalog, "V", "V", 200);
  insertJob(catalog, "B", "F", 100, "R");
  insertJob(catalog, "B", "F", 500, "f");
  deepStrictEqual(catalog.prunableJobs(clientId, 1000, false), [1, 2, 6, 9]);
  deepStrictEqual(catalog.prunableJobs(clientId, 150, false), [1, 6]);
  catalog.close();
});

Deno.test("jobs that a director left behind have failed and have an end", () => {
  const catalog = Catalog.open(":memory:");
  insertJob(catalog, "B", "F", 100, "R");
  insertJob(catalog, "B", "F", 200, "C");
  catalog.failLeftovers();
  deepStrictEqual(
    catalog.all("SELECT JobStatus, EndTime FROM Job ORDER BY JobId").map((row) => ({ ...row })),
    [{ JobStatus: "f", EndTime: catalogTime(100) }, { JobStatus: "f", EndTime: catalogTime(200) }],
  );
  catalog.close();
});

Deno.test("times come back from the catalog's text", () => {
  for (const seconds of [1, 951_782_400, 1_795_000_000, 253_000_000_000]) {
    strictEqual(catalogSeconds(catalogTime(seconds)), seconds);
  }
  strictEqual(catalogSeconds(null), 0);
  strictEqual(catalogSeconds(""), 0);
});

Deno.test("of a job that is deleted the oldest copy becomes the backup", () => {
  const catalog = Catalog.open(":memory:");
  const add = (type: string, priorJobId: number): number => {
    const jobId = catalog.createJob({
      job: `job.${type}.${priorJobId}`,
      name: "job",
      type,
      level: "F",
      schedTime: 1,
      clientId: 1,
      comment: "",
    });
    catalog.updateJob(jobId, { priorJobId });
    return jobId;
  };
  try {
    const original = add("B", 0);
    const first = add("C", original);
    const worker = add("c", first);
    const second = add("C", original);
    const other = add("C", 4711);
    catalog.deleteJobs([original]);
    const types = () => [first, second, other].map((jobId) => catalog.job(jobId)?.type);
    deepStrictEqual(types(), ["B", "C", "C"]);
    strictEqual(catalog.job(worker), undefined);
    catalog.deleteJobs([first]);
    deepStrictEqual(types(), [undefined, "B", "C"]);
  } finally {
    catalog.close();
  }
});
