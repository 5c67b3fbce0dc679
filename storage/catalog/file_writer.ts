import { encodeText } from "../../bytes/mod.ts";
import { addRestoreObject, type RestoreObject } from "./restore_objects.ts";
import { type CatalogFile, type CatalogQueries, splitPath, type SqlValue } from "./rows.ts";

/** Rows that go in as one transaction. */
const transactionRows = 1_000;
/** Rows of one statement: a call costs about as much as a row does. */
const statementRows = 50;

const insertRow = insertOf(1);
const insertRows = insertOf(statementRows);

/** A name comes as text, or as bytes if it is not UTF-8. */
function insertOf(rows: number): string {
  const row = "(?, ?, ?, ?, ?, ?, CAST(? AS TEXT))";
  return "INSERT INTO File (FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name) VALUES " +
    Array.from({ length: rows }, () => row).join(", ");
}

/** Where the rows go. */
export interface FileRows extends CatalogQueries {
  /** The PathId of a path, which is made if there is none. */
  pathId(path: string): number;
  /** Enters files of a job at once; `false` where row by row is as good. */
  addFiles(jobId: number, files: readonly Omit<CatalogFile, "jobId">[]): boolean;
}

/** Takes the files of one job; rows go in by the thousand. */
export class CatalogFileWriter {
  readonly #catalog: FileRows;
  readonly #jobId: number;
  #waiting: Omit<CatalogFile, "jobId">[] = [];
  #count = 0;

  /** A writer of the files of a job. */
  constructor(catalog: FileRows, jobId: number) {
    this.#catalog = catalog;
    this.#jobId = jobId;
  }

  /** Rows so far. */
  get count(): number {
    return this.#count;
  }

  /** Takes a row; it may be written later. */
  add(file: Omit<CatalogFile, "jobId">): void {
    this.#count++;
    this.#waiting.push(file);
    if (this.#waiting.length >= transactionRows) this.flush();
  }

  /** Enters an object that a plugin wants back before a restore. */
  addObject(object: RestoreObject): void {
    addRestoreObject(this.#catalog, this.#jobId, object);
  }

  /** Makes all rows so far visible. */
  flush(): void {
    const files = this.#waiting;
    if (files.length === 0) return;
    this.#waiting = [];
    const catalog = this.#catalog;
    if (catalog.addFiles(this.#jobId, files)) return;
    catalog.transaction(() => {
      let at = 0;
      while (at < files.length) {
        const rows = files.length - at < statementRows ? 1 : statementRows;
        const values: SqlValue[] = [];
        for (const end = at + rows; at < end; at++) this.#push(values, files[at]);
        catalog.run(rows === 1 ? insertRow : insertRows, ...values);
      }
    });
  }

  #push(values: SqlValue[], file: Omit<CatalogFile, "jobId"> | undefined): void {
    if (file === undefined) return;
    const { fileIndex, path, deltaSeq, lstat, digest } = file;
    const { folder, name } = splitPath(path);
    const pathId = this.#catalog.pathId(folder);
    values.push(fileIndex, this.#jobId, pathId, deltaSeq, lstat, digest);
    values.push(name.isWellFormed() ? name : encodeText(name));
  }
}
