import { PackedFiles } from "./packed_files.ts";
import { addRestoreObject, type RestoreObject } from "./restore_objects.ts";
import type { CatalogFile, CatalogQueries } from "./rows.ts";

/** Rows that go in as one transaction, and bytes of text after which it is as many as there are. */
const transactionRows = 1_000;
const transactionBytes = 2 ** 20;
/** Rows of one statement: a call costs about as much as a row does. */
const statementRows = 200;

const columns = 7;
const insertRow = insertOf(1);
const insertRows = insertOf(statementRows);

/** A name comes as text, or as bytes if it is more than ASCII. */
function insertOf(rows: number): string {
  const row = "(?, ?, ?, ?, ?, ?, CAST(? AS TEXT))";
  return "INSERT INTO File (FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name) VALUES " +
    Array.from({ length: rows }, () => row).join(", ");
}

/** Where the rows go. */
export interface FileRows extends CatalogQueries {
  /** The PathId of a path, which is made if there is none. */
  pathId(path: string): number;
  /** Whether {@linkcode addFiles} is faster than row by row. */
  readonly takesFiles: boolean;
  /** Enters files of a job at once. */
  addFiles(jobId: number, files: readonly Omit<CatalogFile, "jobId">[]): void;
}

/** Takes the files of one job; rows go in by the thousand. */
export class CatalogFileWriter {
  readonly #catalog: FileRows;
  readonly #jobId: number;
  readonly #waiting = new PackedFiles();
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
    this.#next();
    this.#waiting.addFile(file);
  }

  /** Takes a row as bytes, of which nothing is kept; its digest may follow. It may be written later. */
  addBytes(fileIndex: number, deltaSeq: number, path: Uint8Array, lstat: Uint8Array): void {
    this.#next();
    this.#waiting.add(fileIndex, deltaSeq, path, lstat);
  }

  /** The digest of the row that came last by {@linkcode addBytes}; without one, none follows. */
  addDigest(digest: Uint8Array | undefined): void {
    if (digest === undefined) this.#waiting.close();
    else this.#waiting.digest(digest);
  }

  /** Enters an object that a plugin wants back before a restore. */
  addObject(object: RestoreObject): void {
    addRestoreObject(this.#catalog, this.#jobId, object);
  }

  /** Makes all rows so far visible, but for one whose digest may still follow. */
  flush(): void {
    const files = this.#waiting;
    const putBack = files.takeOpen();
    const catalog = this.#catalog;
    try {
      if (files.count === 0) return;
      if (catalog.takesFiles) catalog.addFiles(this.#jobId, files.files());
      else catalog.transaction(() => this.#insert());
    } finally {
      files.clear();
      putBack?.();
    }
  }

  /** Makes room for one more row. */
  #next(): void {
    this.#count++;
    this.#waiting.close();
    const { count, length } = this.#waiting;
    if (count >= transactionRows || length >= transactionBytes) this.flush();
  }

  #insert(): void {
    const catalog = this.#catalog;
    const values = this.#waiting.values(this.#jobId, (folder) => catalog.pathId(folder));
    const step = statementRows * columns;
    let at = 0;
    for (; at + step <= values.length; at += step) {
      catalog.run(insertRows, ...values.slice(at, at + step));
    }
    for (; at < values.length; at += columns) {
      catalog.run(insertRow, ...values.slice(at, at + columns));
    }
  }
}
