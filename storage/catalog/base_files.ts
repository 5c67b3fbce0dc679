/**
 * Base jobs (catalog-and-jobs.md 12.3): a Full that found a file as its base job has it saves nothing of
 * it, and a row of BaseFiles says which File row of the base job stands for it.
 *
 * The state that jobs make up has these rows as if they were of the job that uses them; JobId and
 * FileIndex, by which the data is found, are those of the base job.
 *
 * @module
 */
import { encodeText } from "../../bytes/mod.ts";
import { type CatalogQueries, rankOf, splitPath } from "./rows.ts";

/** Rows that go in as one transaction. */
const transactionRows = 1_000;

/** The base jobs whose files these jobs use, oldest first. */
export function baseJobsOf(catalog: CatalogQueries, jobIds: readonly number[]): number[] {
  if (jobIds.length === 0) return [];
  const rows = catalog.all(
    `SELECT BaseJobId FROM (SELECT DISTINCT BaseJobId FROM BaseFiles WHERE JobId IN (${
      jobIds.join(", ")
    })) AS used ORDER BY BaseJobId`,
  );
  return rows.map((row) => Number(row.BaseJobId)).filter((jobId) => !jobIds.includes(jobId));
}

/**
 * The File rows of a state in parentheses, with the columns that readers of files need; `OwnerId` is the
 * job of the state to which a row belongs, `JobId` the one that has the data.
 */
export function rowsWithBase(jobIds: readonly number[], baseJobIds: readonly number[]): string {
  const columns = [
    ...["FileId", "FileIndex", "JobId", "PathId", "Name", "LStat", "Md5", "DeltaSeq", "MarkId"],
  ];
  const of = (alias: string): string => columns.map((column) => `${alias}.${column}`).join(", ");
  const [jobs, bases] = [jobIds.join(", "), baseJobIds.join(", ")];
  return `(SELECT ${of("o")}, o.JobId AS OwnerId FROM File AS o WHERE o.JobId IN (${jobs})
    UNION ALL SELECT ${of("s")}, b.JobId AS OwnerId FROM File AS s
      JOIN BaseFiles AS b ON b.FileId = s.FileId AND b.BaseJobId = s.JobId WHERE s.JobId IN (${bases}) AND b.JobId IN (${jobs}))`;
}

/**
 * Where the files of jobs are, those of base jobs among them, and which column says whose a file is;
 * `rows` is what `table` names `File`, to be given another name.
 */
export function filesOfJobs(
  catalog: CatalogQueries,
  jobIds: readonly number[],
): { readonly rows: string; readonly table: string; readonly owner: string } {
  const bases = baseJobsOf(catalog, jobIds);
  if (bases.length === 0) return { rows: "File", table: "File", owner: "JobId" };
  const rows = rowsWithBase(jobIds, bases);
  return { rows, table: `${rows} AS File`, owner: "OwnerId" };
}

/** Lets the copy of a job use the base files that the job uses: its volumes have them as little. */
export function copyBaseFiles(catalog: CatalogQueries, from: number, to: number): void {
  catalog.run(
    `INSERT INTO BaseFiles (JobId, FileId, FileIndex, BaseJobId)
     SELECT ?, FileId, FileIndex, BaseJobId FROM BaseFiles WHERE JobId = ?`,
    to,
    from,
  );
}

/** Lets those that use files of a base job use the same ones of the job that takes its place. */
export function replaceBaseJob(catalog: CatalogQueries, from: number, to: number): void {
  if (catalog.one("SELECT 1 AS n FROM BaseFiles WHERE BaseJobId = ? LIMIT 1", from) === undefined) {
    return;
  }
  const same =
    `SELECT max(n.FileId) FROM File AS o JOIN File AS n ON n.PathId = o.PathId AND n.Name = o.Name
    WHERE o.FileId = BaseFiles.FileId AND o.JobId = ? AND n.JobId = ? AND n.FileIndex > 0`;
  catalog.transaction(() => {
    catalog.run(
      `UPDATE BaseFiles SET BaseJobId = ?, FileId = (${same})
       WHERE BaseJobId = ? AND (${same}) IS NOT NULL`,
      ...[to, from, to, from, from, to],
    );
    catalog.run(
      `UPDATE BaseFiles SET FileIndex = (SELECT FileIndex FROM File WHERE File.FileId = BaseFiles.FileId)
       WHERE BaseJobId = ?`,
      to,
    );
  });
}

/** A base job that has lost files which others use, and how many those are. */
export interface LostBaseFiles {
  readonly jobId: number;
  readonly files: number;
}

/** Base jobs whose files these jobs use and the catalog no longer knows. */
export function lostBaseFiles(
  catalog: Pick<CatalogQueries, "all">,
  jobIds: readonly number[],
): LostBaseFiles[] {
  if (jobIds.length === 0) return [];
  return catalog.all(
    `SELECT BaseJobId AS job, count(*) AS files FROM BaseFiles WHERE JobId IN (${jobIds.join(", ")})
     AND NOT EXISTS (SELECT 1 FROM File WHERE File.FileId = BaseFiles.FileId AND File.JobId = BaseFiles.BaseJobId)
     GROUP BY BaseJobId ORDER BY BaseJobId`,
  ).map(({ job, files }) => ({ jobId: Number(job), files: Number(files) }));
}

/** Takes the names of a job's files that are as its base jobs have them; rows go in by the thousand. */
export class BaseFileWriter {
  readonly #catalog: CatalogQueries;
  readonly #jobId: number;
  readonly #baseJobIds: readonly number[];
  #waiting: string[] = [];
  #count = 0;
  #unknown = 0;

  /** A writer for a job; of the base jobs, later ones win. */
  constructor(catalog: CatalogQueries, jobId: number, baseJobIds: readonly number[]) {
    this.#catalog = catalog;
    this.#jobId = jobId;
    this.#baseJobIds = baseJobIds;
  }

  /** Files that the base jobs have. */
  get count(): number {
    return this.#count;
  }

  /** Names that no base job has. */
  get unknown(): number {
    return this.#unknown;
  }

  /** Takes a name; a directory ends in `/`. Its row may be written later. */
  add(path: string): void {
    this.#waiting.push(path);
    if (this.#waiting.length >= transactionRows) this.flush();
  }

  /** Makes all rows so far visible. */
  flush(): void {
    const paths = this.#waiting;
    if (paths.length === 0) return;
    this.#waiting = [];
    const find =
      `SELECT f.FileId AS file, f.FileIndex AS place, f.JobId AS job FROM Path AS p JOIN File AS f ON f.PathId = p.PathId
       WHERE p.Path = CAST(? AS TEXT) AND f.Name = CAST(? AS TEXT) AND f.FileIndex > 0
         AND f.JobId IN (${this.#baseJobIds.join(", ") || "0"})
       ORDER BY ${rankOf(this.#baseJobIds, "f.JobId")} DESC, f.FileId DESC LIMIT 1`;
    this.#catalog.transaction(() => {
      for (const path of paths) {
        const { folder, name } = splitPath(path);
        const row = this.#catalog.one(find, encodeText(folder), encodeText(name));
        if (row === undefined) {
          this.#unknown++;
          continue;
        }
        this.#catalog.run(
          "INSERT INTO BaseFiles (JobId, FileId, FileIndex, BaseJobId) VALUES (?, ?, ?, ?)",
          this.#jobId,
          Number(row.file),
          Number(row.place),
          Number(row.job),
        );
        this.#count++;
      }
    });
  }
}
