import { replaceBaseJob } from "./base_files.ts";
import { currentJobs } from "./job_chains.ts";
import { type CatalogQueries } from "./rows.ts";

/** Tables with few rows of a job, which go with it (catalog-and-jobs.md 20.5). */
const TABLES_OF_JOBS = [
  "JobMedia",
  "Log",
  "RestoreObject",
  "PathVisibility",
  "NDMPJobEnvironment",
  "JobStats",
  "Job",
] as const;

/** Letters of jobs that have ended; the others wait or run. */
const ENDED = "('T', 'W', 'E', 'e', 'f', 'A', 'D', 'I')";
/** The year 9999 in every time zone: catalogs compare times as text, in which the year 10000 is before ours. */
const END_OF_TIME = 253_402_300_799 - 2 * 86_400;

/** Those of them that may have a row for each file, and the number of a row. */
const ROWS_OF_FILES: readonly (readonly [table: string, key: string])[] = [
  ["File", "FileId"],
  ["BaseFiles", "BaseId"],
];

/**
 * Deletes jobs with all that belongs to them; copies take the place of originals (16.5).
 * @param most rows of files that are deleted at once
 * @returns jobs of which rows beyond that are left: {@linkcode sweepRows} deletes them
 */
export function deleteJobs(
  catalog: CatalogQueries,
  jobIds: readonly number[],
  most = Infinity,
): number[] {
  const left = new Set<number>();
  catalog.transaction(() => {
    for (const jobId of jobIds) promoteCopies(catalog, jobId, new Set(jobIds));
    let room = most;
    for (const jobId of jobIds) {
      for (const [table] of ROWS_OF_FILES) {
        const rows = rowsOf(catalog, table, jobId, room);
        if (rows > room) left.add(jobId);
        else {
          room -= rows;
          catalog.run(`DELETE FROM ${table} WHERE JobId = ?`, jobId);
        }
      }
      for (const table of TABLES_OF_JOBS) {
        catalog.run(`DELETE FROM ${table} WHERE JobId = ?`, jobId);
      }
    }
  });
  return [...left];
}

/** Rows that a job has in a table, one more than `most` where there are more; 0 if that does not matter. */
function rowsOf(catalog: CatalogQueries, table: string, jobId: number, most: number): number {
  if (most === Infinity) return 0;
  return Number(
    catalog.one(
      `SELECT count(*) AS n FROM
       (SELECT 1 AS one FROM ${table} WHERE JobId = ? LIMIT ${most + 1}) AS few`,
      jobId,
    )?.n ?? 0,
  );
}

/**
 * Deletes up to `most` of the rows that {@linkcode deleteJobs} or {@linkcode purgeFiles} has left of a
 * job; `false` if there may be more.
 */
export function sweepRows(catalog: CatalogQueries, jobId: number, most: number): boolean {
  return catalog.transaction(() => {
    const job = catalog.one("SELECT PurgedFiles FROM Job WHERE JobId = ?", jobId);
    // What was to be deleted may not have been: a transaction around it may have failed.
    if (job !== undefined && Number(job.PurgedFiles) === 0) return true;
    for (const [table, key] of job === undefined ? ROWS_OF_FILES : ROWS_OF_FILES.slice(0, 1)) {
      const isLast = rowsOf(catalog, table, jobId, most) <= most;
      catalog.run(
        `DELETE FROM ${table} WHERE ${key} IN
         (SELECT ${key} FROM ${table} WHERE JobId = ? LIMIT ${most})`,
        jobId,
      );
      if (!isLast) return false;
    }
    return true;
  });
}

/**
 * Of a job that goes, the oldest copy becomes the backup in its place, and the worker that made it is
 * forgotten (16.5). Copies that go as well do not count.
 */
function promoteCopies(catalog: CatalogQueries, jobId: number, gone: ReadonlySet<number>): void {
  const job = catalog.one("SELECT Type, PriorJobId FROM Job WHERE JobId = ?", jobId);
  // a promoted copy that goes leaves its place to the next copy of the same original
  const originals = [jobId, ...(job?.Type === "B" ? [Number(job.PriorJobId)] : [])];
  for (const original of originals.filter((id) => id !== 0)) {
    const oldest = catalog.all(
      "SELECT JobId FROM Job WHERE PriorJobId = ? AND Type = 'C' ORDER BY JobId",
      original,
    ).map(({ JobId }) => Number(JobId)).find((id) => !gone.has(id));
    if (oldest === undefined) continue;
    catalog.run("UPDATE Job SET Type = 'B' WHERE JobId = ?", oldest);
    replaceBaseJob(catalog, jobId, oldest);
    catalog.run("DELETE FROM Job WHERE Type = 'c' AND PriorJobId = ?", oldest);
  }
}

/** Deletes the File rows of jobs; limit and result are those of {@linkcode deleteJobs}. */
export function purgeFiles(
  catalog: CatalogQueries,
  jobIds: readonly number[],
  most = Infinity,
): number[] {
  const left: number[] = [];
  catalog.transaction(() => {
    let room = most;
    for (const jobId of jobIds) {
      const rows = rowsOf(catalog, "File", jobId, room);
      if (rows > room) left.push(jobId);
      else {
        room -= rows;
        catalog.run("DELETE FROM File WHERE JobId = ?", jobId);
      }
      catalog.run("UPDATE Job SET PurgedFiles = 1 WHERE JobId = ?", jobId);
    }
  });
  return left;
}

/**
 * Ended jobs of a client older than `before` that may be pruned (20.3): not what a restore of now
 * needs, whether its resources are still in the configuration or not, no archives, not the newest
 * catalog that a verify compares with. Jobs without files are never needed.
 */
export function prunableJobs(
  catalog: CatalogQueries,
  clientId: number,
  before: number,
): number[] {
  const kept = jobsInUse(catalog, clientId);
  return catalog.all(
    `SELECT JobId, JobFiles FROM Job
     WHERE ClientId = ? AND JobTDate < ? AND Type <> 'A' AND JobStatus IN ${ENDED}`,
    clientId,
    before,
  ).filter(({ JobId, JobFiles }) => Number(JobFiles) === 0 || !kept.has(Number(JobId)))
    .map(({ JobId }) => Number(JobId));
}

/** Ended jobs of a client older than `before` whose File rows are still there (20.3). */
export function jobsWithPrunableFiles(
  catalog: CatalogQueries,
  clientId: number,
  before: number,
): number[] {
  return catalog.all(
    `SELECT JobId FROM Job WHERE ClientId = ? AND JobTDate < ? AND Type <> 'A'
     AND JobStatus IN ${ENDED} AND PurgedFiles = 0`,
    clientId,
    before,
  ).map(({ JobId }) => Number(JobId));
}

/** The chain of every FileSet of a client with its base jobs, and the newest InitCatalog. */
function jobsInUse(
  catalog: CatalogQueries,
  clientId: number,
): ReadonlySet<number> {
  const names = catalog.all(
    `SELECT DISTINCT FileSet FROM FileSet JOIN Job USING (FileSetId)
     WHERE ClientId = ? AND Type = 'B'`,
    clientId,
  ).map(({ FileSet }) => String(FileSet));
  const kept = new Set<number>();
  for (const fileSetName of names) {
    const wish = { clientId, fileSetName, level: "I", before: END_OF_TIME };
    for (const jobId of currentJobs(catalog, wish)) kept.add(jobId);
  }
  for (const jobId of [...kept]) {
    const bases = catalog.all("SELECT DISTINCT BaseJobId FROM BaseFiles WHERE JobId = ?", jobId);
    for (const { BaseJobId } of bases) kept.add(Number(BaseJobId));
  }
  // What this client has saved may be the base of another one's. BaseFiles has a row a file, and no index by
  // base jobs: it is gone through once, and not at all where there are none.
  const own = catalog.all("SELECT JobId FROM Job WHERE ClientId = ? AND Level = 'B'", clientId)
    .map(({ JobId }) => Number(JobId)).filter((jobId) => !kept.has(jobId));
  if (own.length > 0) {
    const used = catalog.all(
      `SELECT DISTINCT BaseJobId FROM BaseFiles JOIN Job ON Job.JobId = BaseFiles.JobId
       WHERE BaseJobId IN (${own.join(", ")}) AND Job.ClientId <> ?`,
      clientId,
    );
    for (const { BaseJobId } of used) kept.add(Number(BaseJobId));
  }
  const verified = catalog.one(
    `SELECT JobId FROM Job WHERE ClientId = ? AND Type = 'V' AND Level = 'V'
     AND JobStatus IN ('T', 'W') ORDER BY StartTime DESC, JobId DESC LIMIT 1`,
    clientId,
  );
  if (verified !== undefined) kept.add(Number(verified.JobId));
  return kept;
}
