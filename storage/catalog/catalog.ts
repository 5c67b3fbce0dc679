/**
 * The catalog in one SQLite file (catalog-and-jobs.md 1 to 4). Calls are
 * synchronous; rows of files go in by the thousand in one transaction.
 *
 * Names and paths are bytes on disk: they are written as bytes and read as bytes,
 * so that a name which is not UTF-8 survives.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { decodeText, encodeText } from "../../bytes/mod.ts";
import { CatalogFileWriter } from "./file_writer.ts";
import { currentJobs, type StateWish } from "./job_chains.ts";
import { quotaOf, type QuotaRow, type QuotaScope, setQuota, usedBytes } from "./quotas.ts";
import { deleteJobs, jobsWithPrunableFiles, prunableJobs, purgeFiles } from "./retention.ts";
import {
  type CatalogFile,
  type CatalogQueries,
  fileOf,
  type JobMediaRow,
  type JobRow,
  type MediaRow,
  rankOf,
  type SqlRow,
  type SqlValue,
  toColumn,
  toRecord,
} from "./rows.ts";
import { addedTables, schema, schemaVersion } from "./schema.ts";
import { catalogTime } from "./times.ts";

/** The catalog cannot be used. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
}

/** A job with data on a volume. */
export interface JobOnVolume {
  readonly jobId: number;
  /** UNIX seconds. */
  readonly jobTDate: number;
  readonly jobStatus: string;
}

/** An entry of a folder in a tree of several jobs. */
export interface TreeEntry {
  /** The last component; a folder ends in `/`. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** The file itself; a folder that was not saved as such has none. */
  readonly file: CatalogFile | undefined;
}

/** The kinds of volume labels by their number (2.2). */
const labelTypes: readonly string[] = ["bareos", "ansi", "ibm"];

/** The number of a kind of labels; Bareos' own if the pool names none. */
export function labelTypeNumber(word: string): number {
  return Math.max(0, labelTypes.indexOf(word.toLowerCase()));
}

const pathCacheLimit = 50_000;

/** An open catalog. */
export class Catalog implements CatalogQueries {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #paths = new Map<string, number>();
  #isChanging = false;
  #dataVersion = 0;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Opens a catalog, which is made if there is none. @throws CatalogError if that cannot be done */
  static open(path: string): Catalog {
    try {
      const database = new DatabaseSync(path);
      database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000; PRAGMA temp_store = FILE; PRAGMA cache_size = -32000;",
      );
      const catalog = new Catalog(database);
      catalog.#checkSchema(path);
      database.exec(addedTables);
      return catalog;
    } catch (cause) {
      if (cause instanceof CatalogError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CatalogError(`Cannot open the catalog ${path}: ${why}`, { cause });
    }
  }

  #checkSchema(path: string): void {
    const has = this.one(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'Version'",
    );
    if (has === undefined) {
      this.#database.exec(
        `BEGIN; ${schema} INSERT INTO Version VALUES (${schemaVersion}); COMMIT;`,
      );
      return;
    }
    const version = Number(this.one("SELECT VersionId FROM Version")?.VersionId);
    if (version !== schemaVersion) {
      throw new CatalogError(
        `Cannot use the catalog ${path}: it has version ${version}, this program needs ${schemaVersion}`,
      );
    }
  }

  /** Closes the file. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#statement(sql).all(...values) as SqlRow[];
  }

  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#statement(sql).get(...values) as SqlRow | undefined;
  }

  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** Does several changes as one; inside of another one, as a part of it. */
  transaction<T>(work: () => T): T {
    if (this.#isChanging) return work();
    this.#database.exec("BEGIN IMMEDIATE");
    this.#isChanging = true;
    this.#forgetForeignChanges();
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      this.#paths.clear(); // rows of paths that were new are gone
      throw error;
    } finally {
      this.#isChanging = false;
    }
  }

  /** What another program has changed meanwhile may have been a path that is remembered here. */
  #forgetForeignChanges(): void {
    const version = Number(this.one("PRAGMA data_version")?.data_version);
    if (version !== this.#dataVersion) this.#paths.clear();
    this.#dataVersion = version;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      try {
        statement = this.#database.prepare(sql);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CatalogError(`Cannot query the catalog: ${why}`, { cause });
      }
      if (this.#statements.size > 200) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Marks jobs that a director left behind, waiting or running, as failed (1.3). */
  failLeftovers(): void {
    this.run(
      `UPDATE Job SET JobStatus = 'f', StartTime = SchedTime, EndTime = SchedTime
       WHERE JobStatus = 'C' OR (JobStatus = 't' AND StartTime IS NULL)`,
    );
    this.run(
      `UPDATE Job SET JobStatus = 'f', EndTime = StartTime
       WHERE JobStatus NOT IN ('T', 'W', 'E', 'e', 'f', 'A', 'D', 'I')`,
    );
  }

  /** Finds or makes the row of a Client and takes its retentions over. */
  client(
    client: {
      readonly name: string;
      readonly autoPrune: boolean;
      readonly fileRetention: number;
      readonly jobRetention: number;
    },
  ): { readonly clientId: number; readonly uname: string } {
    const values = [Number(client.autoPrune), client.fileRetention, client.jobRetention];
    const row = this.one("SELECT ClientId, UName FROM Client WHERE Name = ?", client.name);
    if (row === undefined) {
      const clientId = this.run(
        "INSERT INTO Client (AutoPrune, FileRetention, JobRetention, Name, UName) VALUES (?, ?, ?, ?, '')",
        ...values,
        client.name,
      );
      return { clientId, uname: "" };
    }
    const clientId = Number(row.ClientId);
    this.run(
      "UPDATE Client SET AutoPrune = ?, FileRetention = ?, JobRetention = ? WHERE ClientId = ?",
      ...values,
      clientId,
    );
    return { clientId, uname: String(row.UName) };
  }

  /** Keeps what a client says it is. */
  setClientUname(clientId: number, uname: string): void {
    this.run("UPDATE Client SET UName = ? WHERE ClientId = ?", uname, clientId);
  }

  /** Finds or makes the row of a Pool and takes its settings over. */
  pool(
    pool: {
      readonly name: string;
      readonly poolType: string;
      readonly labelFormat: string;
      readonly maximumVolumes: number;
      readonly volumeRetention: number;
      readonly volumeUseDuration: number;
      readonly maximumVolumeJobs: number;
      readonly maximumVolumeFiles: number;
      readonly maximumVolumeBytes: number;
      readonly autoPrune: boolean;
      readonly recycle: boolean;
      readonly minimumBlockSize: number;
      readonly maximumBlockSize: number;
      readonly catalogFiles: boolean;
      readonly actionOnPurge: string;
      readonly labelType: string;
    },
  ): number {
    const columns: Readonly<Record<string, SqlValue>> = {
      PoolType: pool.poolType,
      LabelFormat: pool.labelFormat || "*",
      LabelType: labelTypeNumber(pool.labelType),
      UseCatalog: Number(pool.catalogFiles),
      ActionOnPurge: Number(pool.actionOnPurge.toLowerCase() === "truncate"),
      MaxVols: pool.maximumVolumes,
      VolRetention: pool.volumeRetention,
      VolUseDuration: pool.volumeUseDuration,
      MaxVolJobs: pool.maximumVolumeJobs,
      MaxVolFiles: pool.maximumVolumeFiles,
      MaxVolBytes: pool.maximumVolumeBytes,
      AutoPrune: Number(pool.autoPrune),
      Recycle: Number(pool.recycle),
      MinBlockSize: pool.minimumBlockSize,
      MaxBlockSize: pool.maximumBlockSize,
    };
    const names = Object.keys(columns);
    const id = this.poolIdByName(pool.name);
    if (id !== undefined) {
      this.run(
        `UPDATE Pool SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE PoolId = ?`,
        ...Object.values(columns),
        id,
      );
      this.#countVolumes();
      return id;
    }
    return this.run(
      `INSERT INTO Pool (Name, ${names.join(", ")}) VALUES (?${", ?".repeat(names.length)})`,
      pool.name,
      ...Object.values(columns),
    );
  }

  /** Sets RecyclePoolId and ScratchPoolId of a Pool whose rows exist. */
  linkPool(
    pool: {
      readonly name: string;
      readonly recyclePool: { readonly name: string } | undefined;
      readonly scratchPool: { readonly name: string } | undefined;
    },
  ): void {
    const id = (other: { readonly name: string } | undefined): number =>
      other === undefined ? 0 : this.poolIdByName(other.name) ?? 0;
    this.run(
      "UPDATE Pool SET RecyclePoolId = ?, ScratchPoolId = ? WHERE Name = ?",
      id(pool.recyclePool),
      id(pool.scratchPool),
      pool.name,
    );
  }

  /** The PoolId of a name. */
  poolIdByName(name: string): number | undefined {
    const row = this.one("SELECT PoolId FROM Pool WHERE Name = ?", name);
    return row === undefined ? undefined : Number(row.PoolId);
  }

  /** Volumes in a pool. */
  volumeCount(poolId: number): number {
    return Number(this.one("SELECT count(*) AS n FROM Media WHERE PoolId = ?", poolId)?.n ?? 0);
  }

  /** Whether a pool may hold one more volume. */
  hasRoom(poolId: number): boolean {
    const limit = Number(this.one("SELECT MaxVols FROM Pool WHERE PoolId = ?", poolId)?.MaxVols);
    return limit === 0 || this.volumeCount(poolId) < limit;
  }

  /** Finds or makes the row of a Storage. */
  storage(
    storage: { readonly name: string; readonly autoChanger: boolean; readonly mediaType?: string },
  ): number {
    if (storage.mediaType !== undefined) this.mediaType(storage.mediaType);
    const row = this.one("SELECT StorageId FROM Storage WHERE Name = ?", storage.name);
    if (row !== undefined) return Number(row.StorageId);
    return this.run(
      "INSERT INTO Storage (Name, AutoChanger) VALUES (?, ?)",
      storage.name,
      Number(storage.autoChanger),
    );
  }

  /** Finds or makes the row of a MediaType. */
  mediaType(name: string): number {
    const row = this.one("SELECT MediaTypeId FROM MediaType WHERE MediaType = ?", name);
    if (row !== undefined) return Number(row.MediaTypeId);
    return this.run("INSERT INTO MediaType (MediaType) VALUES (?)", name);
  }

  /** The name of a Storage. */
  storageName(storageId: number): string | undefined {
    const row = this.one("SELECT Name FROM Storage WHERE StorageId = ?", storageId);
    return row === undefined ? undefined : String(row.Name);
  }

  /** Finds or makes the row of a FileSet with this digest (6.1). */
  fileSet(
    name: string,
    digest: string,
    text: string,
    ignoreChanges: boolean,
  ): { readonly fileSetId: number; readonly createTime: string } {
    const row = ignoreChanges
      ? this.one(
        "SELECT FileSetId, CreateTime FROM FileSet WHERE FileSet = ? ORDER BY CreateTime DESC LIMIT 1",
        name,
      )
      : this.one(
        "SELECT FileSetId, CreateTime FROM FileSet WHERE FileSet = ? AND MD5 = ? ORDER BY CreateTime DESC LIMIT 1",
        name,
        digest,
      );
    if (row !== undefined) {
      const fileSetId = Number(row.FileSetId);
      this.run("UPDATE FileSet SET FileSetText = ? WHERE FileSetId = ?", text, fileSetId);
      return { fileSetId, createTime: String(row.CreateTime) };
    }
    const createTime = catalogTime(Math.floor(Date.now() / 1000));
    const fileSetId = this.run(
      "INSERT INTO FileSet (FileSet, MD5, FileSetText, CreateTime) VALUES (?, ?, ?, ?)",
      name,
      digest,
      text,
      createTime,
    );
    return { fileSetId, createTime };
  }

  /** Makes the row of a new job. */
  createJob(
    job: {
      readonly job: string;
      readonly name: string;
      readonly type: string;
      readonly level: string;
      readonly schedTime: number;
      readonly clientId: number;
      readonly comment: string;
    },
  ): number {
    return this.run(
      "INSERT INTO Job (Job, Name, Type, Level, JobStatus, SchedTime, JobTDate, ClientId, Comment) VALUES (?, ?, ?, ?, 'C', ?, ?, ?, ?)",
      job.job,
      job.name,
      job.type,
      job.level,
      catalogTime(job.schedTime),
      job.schedTime,
      job.clientId,
      job.comment,
    );
  }

  /** Changes columns of a job. */
  updateJob(jobId: number, changes: object): void {
    this.#update("Job", "JobId", jobId, changes);
  }

  #update(table: string, key: string, id: number, changes: object): void {
    const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (entries.length === 0) return;
    const columns = entries.map(([name]) => `${name.charAt(0).toUpperCase()}${name.slice(1)} = ?`);
    this.run(
      `UPDATE ${table} SET ${columns.join(", ")} WHERE ${key} = ?`,
      ...entries.map(([name, value]) => toColumn(name, value)),
      id,
    );
  }

  /** A job by its id. */
  job(jobId: number): JobRow | undefined {
    return toRecord<JobRow>(this.one("SELECT * FROM Job WHERE JobId = ?", jobId));
  }

  /** The newest job by start time. */
  newestJob(
    filter: {
      readonly name?: string;
      readonly type: string;
      readonly levels?: readonly string[];
      readonly clientId?: number;
      readonly fileSetId?: number;
      readonly isGood: boolean;
    },
  ): JobRow | undefined {
    const terms = ["Type = ?", `JobStatus ${filter.isGood ? "IN" : "NOT IN"} ('T', 'W')`];
    const values: SqlValue[] = [filter.type];
    const add = (term: string, ...more: readonly SqlValue[]): void => {
      terms.push(term);
      values.push(...more);
    };
    if (filter.name !== undefined) add("Name = ?", filter.name);
    if (filter.clientId !== undefined) add("ClientId = ?", filter.clientId);
    if (filter.fileSetId !== undefined) add("FileSetId = ?", filter.fileSetId);
    if (filter.levels !== undefined) {
      add(`Level IN (${filter.levels.map(() => "?").join(", ")})`, ...filter.levels);
    }
    return toRecord<JobRow>(
      this.one(
        `SELECT * FROM Job WHERE ${
          terms.join(" AND ")
        } ORDER BY StartTime DESC, JobId DESC LIMIT 1`,
        ...values,
      ),
    );
  }

  /** The jobs that make up a client's state (12.1), oldest first. */
  currentJobs(of: StateWish): number[] {
    return currentJobs(this, of);
  }

  /**
   * Newest version of each file over these jobs, oldest job first. What was deleted, whose FileIndex
   * is 0, is left out unless asked for.
   */
  *currentFiles(jobIds: readonly number[], withDeleted = false): Generator<CatalogFile> {
    if (jobIds.length === 0) return;
    const rows = this.#database.prepare(
      `SELECT CAST(p.Path AS BLOB) AS Path, CAST(f.Name AS BLOB) AS Name, f.FileIndex, f.JobId, f.LStat, f.Md5, f.DeltaSeq FROM (
         SELECT FileId, row_number() OVER (PARTITION BY PathId, Name ORDER BY ${
        rankOf(jobIds)
      } DESC, FileId DESC) AS Rank
         FROM File WHERE JobId IN (${jobIds.join(", ")})) AS newest
       JOIN File AS f ON f.FileId = newest.FileId JOIN Path AS p ON p.PathId = f.PathId
       WHERE newest.Rank = 1 ${withDeleted ? "" : "AND f.FileIndex > 0"}
       ORDER BY ${rankOf(jobIds)}, f.FileIndex`,
    ).iterate() as IterableIterator<SqlRow>;
    for (const row of rows) yield fileOf(row);
  }

  /** Enters the files that are deleted after these jobs, oldest first, as deleted in job `to` (15.1). */
  copyDeletions(jobIds: readonly number[], to: number): void {
    if (jobIds.length === 0) return;
    this.run(
      `INSERT INTO File (FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name)
       SELECT 0, ?, f.PathId, f.DeltaSeq, f.LStat, f.Md5, f.Name FROM (
         SELECT FileId, row_number() OVER (PARTITION BY PathId, Name ORDER BY ${
        rankOf(jobIds)
      } DESC, FileId DESC) AS Rank
         FROM File WHERE JobId IN (${jobIds.join(", ")})) AS newest
       JOIN File AS f ON f.FileId = newest.FileId WHERE newest.Rank = 1 AND f.FileIndex = 0`,
      to,
    );
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

  /** Takes the files of a job while it runs. */
  fileWriter(jobId: number): CatalogFileWriter {
    return new CatalogFileWriter(this, jobId);
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

  /** Adds a line to a job's log. */
  log(jobId: number, seconds: number, text: string): void {
    this.run(
      "INSERT INTO Log (JobId, Time, LogText) VALUES (?, ?, CAST(? AS TEXT))",
      jobId,
      catalogTime(seconds),
      encodeText(text),
    );
  }

  /** Gives a job a copy of another one's log. */
  copyLog(from: number, to: number): void {
    this.run(
      "INSERT INTO Log (JobId, Time, LogText) SELECT ?, Time, LogText FROM Log WHERE JobId = ? ORDER BY LogId",
      to,
      from,
    );
  }

  /** Gives a job the log of another one, which has none then. */
  moveLog(from: number, to: number): void {
    this.run("UPDATE Log SET JobId = ? WHERE JobId = ?", to, from);
  }

  /** The digest of a FileSet's record, empty if there is none. */
  fileSetDigest(fileSetId: number): string {
    return String(this.one("SELECT MD5 FROM FileSet WHERE FileSetId = ?", fileSetId)?.MD5 ?? "");
  }

  /** Volumes with these properties, in the order of their rows. */
  media(
    filter: {
      readonly poolId?: number;
      readonly mediaType?: string;
      readonly statuses?: readonly string[];
    },
  ): MediaRow[] {
    const terms = ["1 = 1"];
    const values: SqlValue[] = [];
    if (filter.poolId !== undefined) {
      terms.push("PoolId = ?");
      values.push(filter.poolId);
    }
    if (filter.mediaType !== undefined) {
      terms.push("MediaType = ?");
      values.push(filter.mediaType);
    }
    if (filter.statuses !== undefined) {
      terms.push(`VolStatus IN (${filter.statuses.map(() => "?").join(", ")})`);
      values.push(...filter.statuses);
    }
    return this.all(`SELECT * FROM Media WHERE ${terms.join(" AND ")} ORDER BY MediaId`, ...values)
      .map((row) => toRecord<MediaRow>(row) as MediaRow);
  }

  /** A volume by its name. */
  mediaByName(volumeName: string): MediaRow | undefined {
    return toRecord<MediaRow>(this.one("SELECT * FROM Media WHERE VolumeName = ?", volumeName));
  }

  /** Makes the row of a new volume. */
  createMedia(media: Pick<MediaRow, "volumeName"> & Partial<MediaRow>): MediaRow {
    const entries = Object.entries(media).filter(([, value]) => value !== undefined);
    this.run(
      `INSERT INTO Media (${
        entries.map(([name]) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`).join(", ")
      }) VALUES (${entries.map(() => "?").join(", ")})`,
      ...entries.map(([name, value]) => toColumn(name, value)),
    );
    this.#countVolumes();
    return this.mediaByName(media.volumeName) as MediaRow;
  }

  /** Changes columns of a volume. */
  updateMedia(mediaId: number, changes: object): void {
    this.#update("Media", "MediaId", mediaId, changes);
    if ("poolId" in changes) this.#countVolumes();
  }

  /** A slot holds one volume: every other one that was in it is in none (18.4). */
  freeSlot(slot: number, storageId: number, exceptMediaId: number): void {
    this.run(
      `UPDATE Media SET InChanger = 0, Slot = 0
       WHERE Slot = ? AND StorageId = ? AND MediaId <> ?`,
      slot,
      storageId,
      exceptMediaId,
    );
  }

  /** Brings the pools' numbers of volumes up to date; a limit below its number grows (2.2). */
  #countVolumes(): void {
    this.run(
      "UPDATE Pool SET NumVols = (SELECT count(*) FROM Media WHERE Media.PoolId = Pool.PoolId)",
    );
    this.run("UPDATE Pool SET MaxVols = NumVols WHERE MaxVols > 0 AND MaxVols < NumVols");
  }

  /** The largest MediaId of all pools. */
  largestMediaId(): number {
    return Number(this.one("SELECT max(MediaId) AS n FROM Media")?.n ?? 0);
  }

  /** Adds a piece of a job on a volume. */
  addJobMedia(
    piece: {
      readonly jobId: number;
      readonly mediaId: number;
      readonly firstIndex: number;
      readonly lastIndex: number;
      readonly startFile: number;
      readonly endFile: number;
      readonly startBlock: number;
      readonly endBlock: number;
    },
  ): void {
    this.run(
      `INSERT INTO JobMedia (JobId, MediaId, FirstIndex, LastIndex, StartFile, EndFile, StartBlock, EndBlock, VolIndex)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT count(*) + 1 FROM JobMedia WHERE JobId = ?))`,
      piece.jobId,
      piece.mediaId,
      piece.firstIndex,
      piece.lastIndex,
      piece.startFile,
      piece.endFile,
      piece.startBlock,
      piece.endBlock,
      piece.jobId,
    );
    if (piece.firstIndex === 0) return; // a placeholder: where the volume ends is not known yet
    this.run(
      "UPDATE Media SET EndFile = ?, EndBlock = ? WHERE MediaId = ?",
      piece.endFile,
      piece.endBlock,
      piece.mediaId,
    );
  }

  /** Forgets the placeholders of a job. */
  deleteNullJobMedia(jobId: number): void {
    this.run("DELETE FROM JobMedia WHERE JobId = ? AND FirstIndex = 0 AND LastIndex = 0", jobId);
  }

  /** The pieces of a job in their order, placeholders left out. */
  jobMedia(jobId: number): JobMediaRow[] {
    return this.all(
      `SELECT JobMedia.*, Media.VolumeName, Media.MediaType, Media.Slot, Media.StorageId FROM JobMedia JOIN Media USING (MediaId)
       WHERE JobId = ? AND NOT (FirstIndex = 0 AND LastIndex = 0) ORDER BY VolIndex, JobMediaId`,
      jobId,
    ).map((row) => toRecord<JobMediaRow>(row) as JobMediaRow);
  }

  /** Jobs with a piece, placeholders included, on a volume. */
  jobsOnVolume(mediaId: number): JobOnVolume[] {
    return this.all(
      `SELECT DISTINCT Job.JobId, JobTDate, JobStatus FROM JobMedia JOIN Job USING (JobId)
       WHERE MediaId = ?`,
      mediaId,
    ).map(({ JobId, JobTDate, JobStatus }) => ({
      jobId: Number(JobId),
      jobTDate: Number(JobTDate),
      jobStatus: String(JobStatus),
    }));
  }

  /** Deletes jobs with all that belongs to them; copies take the place of originals (16.5). */
  deleteJobs(jobIds: readonly number[]): void {
    deleteJobs(this, jobIds);
  }

  /** Makes the copies of a job the copies of another one. */
  adoptCopies(of: number, by: number): void {
    this.run("UPDATE Job SET PriorJobId = ? WHERE PriorJobId = ? AND Type = 'C'", by, of);
  }

  /** Deletes the File rows of jobs. */
  purgeFiles(jobIds: readonly number[]): void {
    purgeFiles(this, jobIds);
  }

  /**
   * Ended jobs of a client older than `before` which themselves, or whose files (`withFiles`), may be
   * pruned (20.3).
   */
  prunableJobs(
    clientId: number,
    before: number,
    withFiles: boolean,
  ): number[] {
    return withFiles
      ? jobsWithPrunableFiles(this, clientId, before)
      : prunableJobs(this, clientId, before);
  }

  /** What is kept of a client's soft quota (21). */
  quota(clientId: number): QuotaRow {
    return quotaOf(this, clientId);
  }

  /** Changes what is kept of a client's soft quota. */
  setQuota(clientId: number, row: QuotaRow): void {
    setQuota(this, clientId, row);
  }

  /** The sum of the bytes that jobs of a client have written. */
  usedBytes(scope: QuotaScope): number {
    return usedBytes(this, scope);
  }

  /** A counter's value, made with its minimum if there is none. */
  counter(
    counter: { readonly name: string; readonly minimum: number; readonly maximum: number },
  ): number {
    const row = this.one("SELECT CurrentValue FROM Counters WHERE Counter = ?", counter.name);
    if (row !== undefined) return Number(row.CurrentValue);
    this.run(
      "INSERT INTO Counters (Counter, MinValue, MaxValue, CurrentValue) VALUES (?, ?, ?, ?)",
      counter.name,
      counter.minimum,
      counter.maximum,
      counter.minimum,
    );
    return counter.minimum;
  }

  /** Sets a counter. */
  setCounter(name: string, value: number): void {
    this.run("UPDATE Counters SET CurrentValue = ? WHERE Counter = ?", value, name);
  }
}
