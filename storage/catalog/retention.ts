import { replaceBaseJob } from "./base_files.ts";
import { currentJobs } from "./job_chains.ts";
import { type CatalogQueries } from "./rows.ts";

/** Tables with rows that go with their job (catalog-and-jobs.md 20.5). */
const TABLES_OF_JOBS = [
  "File",
  "BaseFiles",
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
const END_OF_TIME = 253_402_300_799;

/** Deletes jobs with all that belongs to them; copies take the place of originals (16.5). */
export function deleteJobs(catalog: CatalogQueries, jobIds: readonly number[]): void {
  catalog.transaction(() => {
    for (const jobId of jobIds) promoteCopies(catalog, jobId, new Set(jobIds));
    for (const jobId of jobIds) {
      for (const table of TABLES_OF_JOBS) {
        catalog.run(`DELETE FROM ${table} WHERE JobId = ?`, jobId);
      }
    }
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

/** Deletes the File rows of jobs. */
export function purgeFiles(catalog: CatalogQueries, jobIds: readonly number[]): void {
  catalog.transaction(() => {
    for (const jobId of jobIds) {
      catalog.run("DELETE FROM File WHERE JobId = ?", jobId);
      catalog.run("UPDATE Job SET PurgedFiles = 1 WHERE JobId = ?", jobId);
    }
  });
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
