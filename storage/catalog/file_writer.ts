import { encodeText } from "../../bytes/mod.ts";
import { addRestoreObject, type RestoreObject } from "./restore_objects.ts";
import type { CatalogFile, CatalogQueries } from "./rows.ts";

/** Rows that go in as one transaction. */
const transactionRows = 1_000;

/** Where the rows go. */
export interface FileRows extends CatalogQueries {
  /** The PathId of a path, which is made if there is none. */
  pathId(path: string): number;
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
    catalog.transaction(() => {
      for (const file of files) {
        // Without a separator, all of the name is its path (catalog-and-jobs.md 3.1).
        const slash = file.path.lastIndexOf("/") + 1 || file.path.length;
        catalog.run(
          "INSERT INTO File (FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name) VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))",
          file.fileIndex,
          this.#jobId,
          catalog.pathId(file.path.slice(0, slash)),
          file.deltaSeq,
          file.lstat,
          file.digest,
          encodeText(file.path.slice(slash)),
        );
      }
    });
  }
}
