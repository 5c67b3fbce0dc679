import { encodeText } from "../../bytes/mod.ts";
import { baseJobsOf, rowsWithBase } from "./base_files.ts";
import { type CatalogFile, type CatalogQueries, fileOf, type SqlRow } from "./rows.ts";

/** Files that are marked as one transaction. */
const transactionRows = 5000;

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
  readonly #jobs: string;
  /** The table of the job's files and the condition that makes a row one of them. */
  readonly #files: string;
  readonly #isOfJob: string;
  readonly #markId: number;
  #waiting: { readonly path: Uint8Array; readonly name: Uint8Array }[] = [];

  /** Marks of job `markId` at files of job `jobId`, and at those that it has of base jobs (12.3). */
  constructor(catalog: MarkedRows, jobId: number, markId: number) {
    this.#catalog = catalog;
    const bases = baseJobsOf(catalog, [jobId]);
    this.#jobs = [jobId, ...bases].join(", ");
    this.#files = bases.length === 0 ? "File" : rowsWithBase([jobId], bases);
    this.#isOfJob = `f.${bases.length === 0 ? "JobId" : "OwnerId"} = ${jobId}`;
    this.#markId = markId;
  }

  /** The file of a name, which counts as seen; `undefined` if the job has none. */
  see(path: string): CatalogFile | undefined {
    const slash = path.lastIndexOf("/") + 1 || path.length;
    const parts = { path: encodeText(path.slice(0, slash)), name: encodeText(path.slice(slash)) };
    const row = this.#catalog.one(
      `SELECT ${columns} FROM Path AS p JOIN ${this.#files} AS f ON f.PathId = p.PathId
       WHERE p.Path = CAST(? AS TEXT) AND ${this.#isOfJob} AND f.Name = CAST(? AS TEXT)
       ORDER BY f.FileId DESC LIMIT 1`,
      parts.path,
      parts.name,
    );
    if (row === undefined || Number(row.FileIndex) === 0) return undefined;
    this.#waiting.push(parts);
    if (this.#waiting.length >= transactionRows) this.#mark();
    return fileOf(row);
  }

  /** The files that were not seen, in the order of the job. */
  *missing(): Generator<CatalogFile> {
    this.#mark();
    const rows = this.#catalog.iterate(
      `SELECT ${columns} FROM ${this.#files} AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE ${this.#isOfJob} AND f.FileIndex > 0 AND f.MarkId <> ${this.#markId}
       ORDER BY f.FileIndex`,
    );
    for (const row of rows) yield fileOf(row);
  }

  #mark(): void {
    const seen = this.#waiting;
    this.#waiting = [];
    this.#catalog.transaction(() => {
      for (const { path, name } of seen) {
        this.#catalog.run(
          `UPDATE File SET MarkId = ? WHERE JobId IN (${this.#jobs})
           AND PathId = (SELECT PathId FROM Path WHERE Path = CAST(? AS TEXT))
           AND Name = CAST(? AS TEXT)`,
          this.#markId,
          path,
          name,
        );
      }
    });
  }
}
