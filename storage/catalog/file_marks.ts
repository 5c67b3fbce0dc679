import { encodeText } from "../../bytes/mod.ts";
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
  readonly #jobId: number;
  readonly #markId: number;
  #waiting: { readonly path: Uint8Array; readonly name: Uint8Array }[] = [];

  /** Marks of job `markId` at files of job `jobId`. */
  constructor(catalog: MarkedRows, jobId: number, markId: number) {
    this.#catalog = catalog;
    this.#jobId = jobId;
    this.#markId = markId;
  }

  /** The file of a name, which counts as seen; `undefined` if the job has none. */
  see(path: string): CatalogFile | undefined {
    const slash = path.lastIndexOf("/") + 1 || path.length;
    const parts = { path: encodeText(path.slice(0, slash)), name: encodeText(path.slice(slash)) };
    const row = this.#catalog.one(
      `SELECT ${columns} FROM Path AS p JOIN File AS f ON f.PathId = p.PathId
       WHERE p.Path = CAST(? AS TEXT) AND f.JobId = ? AND f.Name = CAST(? AS TEXT)
       ORDER BY f.FileId DESC LIMIT 1`,
      parts.path,
      this.#jobId,
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
      `SELECT ${columns} FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE f.JobId = ${this.#jobId} AND f.FileIndex > 0 AND f.MarkId <> ${this.#markId}
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
          `UPDATE File SET MarkId = ? WHERE JobId = ?
           AND PathId = (SELECT PathId FROM Path WHERE Path = CAST(? AS TEXT))
           AND Name = CAST(? AS TEXT)`,
          this.#markId,
          this.#jobId,
          path,
          name,
        );
      }
    });
  }
}
