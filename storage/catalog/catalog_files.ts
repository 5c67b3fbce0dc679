import { decodeText, encodeText } from "../../bytes/mod.ts";
import { baseJobsOf, rowsWithBase } from "./base_files.ts";
import { CatalogJobs } from "./catalog_jobs.ts";
import { CatalogFileMarks } from "./file_marks.ts";
import { CatalogFileWriter } from "./file_writer.ts";
import { jobsOfSessions, type RestoreObject, restoreObjects } from "./restore_objects.ts";
import { type CatalogFile, fileOf, rankOf, splitPath } from "./rows.ts";
import { dropFileIndexes, fileIndexes } from "./sqlite_schema.ts";

/** An entry of a folder in a tree of several jobs. */
export interface TreeEntry {
  /** The last component; a folder ends in `/`. */
  readonly name: string;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
  /** The file itself; a folder that was not saved as such has none. */
  readonly file: CatalogFile | undefined;
}

const pathCacheLimit = 50_000;

/** A job, or the cache of the browsing commands, may use a path again that was found unused. */
const deletePath = `DELETE FROM Path WHERE PathId = ?
  AND NOT EXISTS (SELECT 1 FROM File WHERE File.PathId = Path.PathId)
  AND NOT EXISTS (SELECT 1 FROM PathHierarchy WHERE PPathId = Path.PathId OR PathHierarchy.PathId = Path.PathId)`;

/** Files of jobs: rows that go in, and the state that several jobs make up. */
export class CatalogFiles extends CatalogJobs {
  readonly #paths = new Map<string, number>();

  /**
   * Runs work that enters files of very many jobs. A catalog that is empty so far gets the indexes of its
   * files after it, in a fraction of the time; if the program dies before, the next one that opens it makes them.
   */
  fillFiles(work: () => void): void {
    // A PostgreSQL catalog may be another director's too: its indexes stay.
    const isOurs = this.dialect === "sqlite";
    if (!isOurs || this.one("SELECT 1 FROM Job LIMIT 1") !== undefined) return work();
    this.execute(dropFileIndexes);
    try {
      work();
    } finally {
      this.execute(fileIndexes);
    }
  }

  /** A path that is remembered may be gone. */
  protected override forgetRows(): void {
    this.#paths.clear();
  }

  /**
   * Newest version of each file over these jobs and the base jobs that they use, oldest job first. What
   * was deleted, whose FileIndex is 0, is left out unless asked for.
   */
  *currentFiles(of: readonly number[], withDeleted = false): Generator<CatalogFile> {
    const jobIds = this.#withFiles(of);
    if (jobIds.length === 0) return;
    const bases = this.#withFiles(baseJobsOf(this, jobIds));
    const rows = this.iterate(
      `SELECT CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, f.JobId, f.LStat, f.Md5, f.DeltaSeq
       ${newest(jobIds, bases)} JOIN Path AS p ON p.PathId = f.PathId
       WHERE newest.Rank = 1 ${withDeleted ? "" : "AND f.FileIndex > 0"}
       ORDER BY ${rankOf([...bases, ...jobIds])}, f.FileIndex`,
    );
    for (const row of rows) yield fileOf(row);
  }

  /** Those of jobs whose files are not being deleted. */
  #withFiles(jobIds: readonly number[]): number[] {
    return jobIds.filter((jobId) => !this.unswept.has(jobId));
  }

  /**
   * The parts of a file that are needed to make its newest version, oldest first, where plugins save
   * what has changed (12.2). They count down to the whole file, part 0; if one of them is missing,
   * what there is up to the gap.
   */
  deltaParts(jobIds: readonly number[], path: string): CatalogFile[] {
    const { folder, name } = splitPath(path);
    const versions = this.all(
      `SELECT CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, f.JobId, f.LStat, f.Md5, f.DeltaSeq
       FROM Path AS p JOIN File AS f ON f.PathId = p.PathId
       WHERE p.Path = CAST(? AS TEXT) AND f.Name = CAST(? AS TEXT) AND f.JobId IN (${
        jobIds.join(", ")
      }) ORDER BY ${rankOf(jobIds)}, f.FileId`,
      encodeText(folder),
      encodeText(name),
    ).map(fileOf);
    let parts: CatalogFile[] = [];
    for (const version of versions) {
      if (version.fileIndex === 0) parts = [];
      else if (version.deltaSeq === 0) parts = [version];
      else if (version.deltaSeq === parts.length) parts.push(version);
    }
    return parts;
  }

  /**
   * Where these files lie in their jobs, in the same order and without what is deleted; the path only of
   * those that consist of parts.
   */
  *currentIndexes(
    of: readonly number[],
  ): Generator<Pick<CatalogFile, "jobId" | "fileIndex" | "lstat" | "deltaSeq" | "path">> {
    const jobIds = this.#withFiles(of);
    if (jobIds.length === 0) return;
    const bases = this.#withFiles(baseJobsOf(this, jobIds));
    const rows = this.iterate(
      `SELECT f.FileIndex, f.JobId, f.LStat, f.DeltaSeq,
         CASE WHEN f.DeltaSeq > 0 THEN
           CAST((SELECT p.Path FROM Path AS p WHERE p.PathId = f.PathId) || f.Name AS BLOB) END AS Path
       ${newest(jobIds, bases)}
       WHERE newest.Rank = 1 AND f.FileIndex > 0
       ORDER BY ${rankOf([...bases, ...jobIds])}, f.FileIndex`,
    );
    for (const { JobId, FileIndex, LStat, DeltaSeq, Path } of rows) {
      yield {
        jobId: Number(JobId),
        fileIndex: Number(FileIndex),
        lstat: String(LStat),
        deltaSeq: Number(DeltaSeq),
        path: Path instanceof Uint8Array ? decodeText(Path) : "",
      };
    }
  }

  /** The files that are deleted after these jobs, oldest first. */
  *deletedFiles(jobIds: readonly number[]): Generator<CatalogFile> {
    if (jobIds.length === 0) return;
    const rows = this.iterate(
      `SELECT CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, f.JobId,
         f.LStat, f.Md5, f.DeltaSeq ${newest(jobIds)} JOIN Path AS p ON p.PathId = f.PathId
       WHERE newest.Rank = 1 AND f.FileIndex = 0`,
    );
    for (const row of rows) yield fileOf(row);
  }

  /** What lies directly in a folder (`/` at its end; empty for the top) over these jobs. */
  children(jobIds: readonly number[], folder: string): TreeEntry[] {
    const entries = new Map<string, TreeEntry>();
    const path = encodeText(folder);
    for (
      const row of this.all(
        `SELECT CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, f.JobId, f.LStat, f.Md5, f.DeltaSeq
         FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
         WHERE p.Path = CAST(? AS TEXT) AND f.JobId IN (${jobIds.join(", ")}) AND f.Name <> ''
         ORDER BY ${rankOf(jobIds)}, f.FileId`,
        path,
      )
    ) {
      const file = fileOf(row);
      const name = file.path.slice(folder.length);
      if (file.fileIndex > 0) entries.set(name, { name, isDirectory: false, file });
      else entries.delete(name);
    }
    // Folders: every path below this one, cut at its first slash.
    const upper = path.slice();
    const end = new Uint8Array([...upper, 0xff]);
    for (
      const row of this.all(
        `SELECT DISTINCT CAST(p.Path AS BLOB) AS Path FROM Path AS p WHERE p.Path > CAST(? AS TEXT) AND p.Path < CAST(? AS TEXT)
         AND EXISTS (SELECT 1 FROM File AS f WHERE f.PathId = p.PathId AND f.JobId IN (${
          jobIds.join(", ")
        }))`,
        path,
        end,
      )
    ) {
      const below = decodeText(row.Path as Uint8Array).slice(folder.length);
      const slash = below.indexOf("/");
      const name = below.slice(0, slash + 1);
      if (slash < 0 || entries.has(name)) continue;
      const file = this.#directory(jobIds, folder + name);
      entries.set(name, { name, isDirectory: true, file });
    }
    return [...entries.values()];
  }

  #directory(jobIds: readonly number[], path: string): CatalogFile | undefined {
    const row = this.all(
      `SELECT CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, f.JobId, f.LStat, f.Md5, f.DeltaSeq
       FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE p.Path = CAST(? AS TEXT) AND f.Name = '' AND f.JobId IN (${jobIds.join(", ")})
       ORDER BY ${rankOf(jobIds)} DESC, f.FileId DESC LIMIT 1`,
      encodeText(path),
    )[0];
    return row === undefined || Number(row.FileIndex) === 0 ? undefined : fileOf(row);
  }

  /** The files of a job that job `markId` has not marked as seen, in their order. */
  unmarkedFiles(jobId: number, markId: number): Iterable<CatalogFile> {
    return this.fileMarks(jobId, markId).missing();
  }

  /** The files of a job, to look them up and mark them as seen by job `markId`. */
  fileMarks(jobId: number, markId: number): CatalogFileMarks {
    return new CatalogFileMarks(this, jobId, markId);
  }

  /** The restore objects of a type of some jobs, in the order in which they came. */
  restoreObjects(
    jobIds: readonly number[],
    type: number,
  ): Generator<RestoreObject & { readonly jobId: number }> {
    return restoreObjects(this, jobIds, type);
  }

  /** The jobs of sessions of storage daemons. */
  jobsOfSessions(sessions: readonly { readonly id: number; readonly time: number }[]): number[] {
    return jobsOfSessions(this, sessions);
  }

  /** Takes the files of a job while it runs. */
  fileWriter(jobId: number): CatalogFileWriter {
    return new CatalogFileWriter(this, jobId);
  }

  /** Deletes those of these paths that nothing uses any more. */
  deletePaths(pathIds: readonly number[]): void {
    this.transaction(() => {
      for (const pathId of pathIds) this.run(deletePath, pathId);
    });
    this.forgetRows();
  }

  /** The PathId of a path, which is made if there is none. */
  pathId(path: string): number {
    const cached = this.#paths.get(path);
    if (cached !== undefined) return cached;
    const bytes = encodeText(path);
    const row = this.one("SELECT PathId FROM Path WHERE Path = CAST(? AS TEXT)", bytes);
    const id = row === undefined
      ? this.run("INSERT INTO Path (Path) VALUES (CAST(? AS TEXT))", bytes)
      : Number(row.PathId);
    if (this.#paths.size >= pathCacheLimit) this.#paths.clear();
    this.#paths.set(path, id);
    return id;
  }
}

/**
 * Rows `f` of these jobs, oldest first, and of base jobs that they use; that of each name with
 * `newest.Rank` 1 is its newest.
 */
function newest(jobIds: readonly number[], baseJobIds: readonly number[] = []): string {
  if (baseJobIds.length > 0) {
    return `FROM (
      SELECT FileId, row_number() OVER (PARTITION BY PathId, Name ORDER BY ${
      rankOf(jobIds, "OwnerId")
    } DESC, FileId DESC) AS Rank
      FROM ${rowsWithBase(jobIds, baseJobIds)} AS state) AS newest
    JOIN File AS f ON f.FileId = newest.FileId`;
  }
  return `FROM (
      SELECT FileId, row_number() OVER (PARTITION BY PathId, Name ORDER BY ${
    rankOf(jobIds)
  } DESC, FileId DESC) AS Rank
      FROM File WHERE JobId IN (${jobIds.join(", ")})) AS newest
    JOIN File AS f ON f.FileId = newest.FileId`;
}
