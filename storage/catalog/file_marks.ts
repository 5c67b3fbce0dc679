import { encodeText } from "../../bytes/mod.ts";
import { filesOfJobs } from "./base_files.ts";
import { type CatalogFile, type CatalogQueries, fileOf, splitPath, type SqlRow } from "./rows.ts";

/** Files that are marked as one transaction. */
const transactionRows = 5000;
/** Files that are marked by one statement. */
const statementRows = 100;

const columns = "CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, " +
  "f.JobId, f.LStat, f.Md5, f.DeltaSeq";

/** What looking and marking asks of the catalog. */
export interface MarkedRows extends CatalogQueries {
  /** The rows of a query one after the other, for many. */
  iterate(sql: string): IterableIterator<SqlRow>;
}

/**
 * The files of one job, looked up one by one and marked as seen by another: what a verify
 * compares with (catalog-and-jobs.md 13). The marks are in the catalog, in `MarkId`, so that
 * memory does not grow with the number of files.
 */
export class CatalogFileMarks {
  readonly #catalog: MarkedRows;
  /** The table of the job's files and the condition that makes a row one of them. */
  readonly #files: string;
  readonly #isOfJob: string;
  readonly #markId: number;
  #waiting: number[] = [];

  /** Marks of job `markId` at files of job `jobId`, and at those that it has of base jobs (12.3). */
  constructor(catalog: MarkedRows, jobId: number, markId: number) {
    this.#catalog = catalog;
    const { rows, owner } = filesOfJobs(catalog, [jobId]);
    this.#files = rows;
    this.#isOfJob = `f.${owner} = ${jobId}`;
    this.#markId = markId;
  }

  /** The file of a name, which counts as seen; `undefined` if the job has none. */
  see(path: string): CatalogFile | undefined {
    const { folder, name } = splitPath(path);
    const rows = this.#catalog.all(
      `SELECT ${columns}, f.FileId FROM Path AS p JOIN ${this.#files} AS f ON f.PathId = p.PathId
       WHERE p.Path = CAST(? AS TEXT) AND ${this.#isOfJob} AND f.Name = CAST(? AS TEXT)
       ORDER BY f.FileId DESC`,
      encodeText(folder),
      encodeText(name),
    );
    const [row] = rows;
    if (row === undefined || Number(row.FileIndex) === 0) return undefined;
    for (const { FileId } of rows) this.#waiting.push(Number(FileId));
    if (this.#waiting.length >= transactionRows) this.flush();
    return fileOf(row);
  }

  /** The files that were not seen, in the order of the job. */
  *missing(): Generator<CatalogFile> {
    this.flush();
    const rows = this.#catalog.iterate(
      `SELECT ${columns} FROM ${this.#files} AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE ${this.#isOfJob} AND f.FileIndex > 0 AND f.MarkId <> ${this.#markId}
       ORDER BY f.FileIndex`,
    );
    for (const row of rows) yield fileOf(row);
  }

  /** Enters the marks that wait: whoever reads from elsewhere sees them then. */
  flush(): void {
    const seen = this.#waiting;
    if (seen.length === 0) return; // a reader marks nothing
    this.#waiting = [];
    this.#catalog.transaction(() => {
      for (let at = 0; at < seen.length;) {
        const rows = seen.length - at < statementRows ? 1 : statementRows;
        this.#catalog.run(markOf(rows), this.#markId, ...seen.slice(at, at + rows));
        at += rows;
      }
    });
  }
}

function markOf(rows: number): string {
  return `UPDATE File SET MarkId = ? WHERE FileId IN (?${", ?".repeat(rows - 1)})`;
}
