/** Rows of the catalog as records, and back. @module */
import { decodeText } from "../../bytes/mod.ts";
import { catalogSeconds, catalogTime } from "./times.ts";

/** A value as SQLite gives and takes it. */
export type SqlValue = string | number | bigint | null | Uint8Array;
/** A row by column names. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What the parts of the catalog ask of the database. */
export interface CatalogQueries {
  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[];
  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** Does several changes as one. */
  transaction<T>(work: () => T): T;
}

/** One file of a job. */
export interface CatalogFile {
  /** Number of the file in its job, from 1; 0 if it was deleted. */
  readonly fileIndex: number;
  /** Path and name; a directory ends in `/`. */
  readonly path: string;
  /** The file's attributes, encoded (3.2). */
  readonly lstat: string;
  /** Unpadded base 64, or `0`. */
  readonly digest: string;
  /** Number in a chain of deltas; 0 for a whole file. */
  readonly deltaSeq: number;
  /** The job. */
  readonly jobId: number;
}

/** Columns that hold times, which callers see as UNIX seconds. */
const timeColumns: ReadonlySet<string> = new Set([
  "schedTime",
  "startTime",
  "endTime",
  "realEndTime",
  "firstWritten",
  "lastWritten",
  "labelDate",
]);
/** Columns that hold 0 and 1, which callers see as booleans. */
const flagColumns: ReadonlySet<string> = new Set(["purgedFiles", "recycle", "inChanger"]);

/** Columns that may hold NULL, which callers see as empty text. */
const textColumns: ReadonlySet<string> = new Set(["encryptionKey", "comment"]);

/** A row of Job; times are UNIX seconds. */
export interface JobRow {
  /** The job. */
  readonly jobId: number;
  /** Unique job name. */
  readonly job: string;
  /** Name of the Job resource. */
  readonly name: string;
  /** Letter of the type (5.2). */
  readonly type: string;
  /** Letter of the level (5.3). */
  readonly level: string;
  /** Letter of the status (5.4). */
  readonly jobStatus: string;
  /** The client. */
  readonly clientId: number;
  /** The version of the file set. */
  readonly fileSetId: number;
  /** The pool. */
  readonly poolId: number;
  /** When it was to start. */
  readonly schedTime: number;
  /** When it started, or the job that it stands for. */
  readonly startTime: number;
  /** When it ended, or the job that it stands for. */
  readonly endTime: number;
  /** Time by which retention counts. */
  readonly jobTDate: number;
  /** Session at the storage daemon, with its time the key into volumes. */
  readonly volSessionId: number;
  /** When that storage daemon was started. */
  readonly volSessionTime: number;
  /** Files saved. */
  readonly jobFiles: number;
  /** Bytes saved. */
  readonly jobBytes: number;
  /** The original of a copy or migration; 0 for none. */
  readonly priorJobId: number;
  /** Whether its File rows are gone. */
  readonly purgedFiles: boolean;
}

/** A row of Media; times are UNIX seconds. */
export interface MediaRow {
  /** The volume. */
  readonly mediaId: number;
  /** Name of the volume. */
  readonly volumeName: string;
  /** Slot of a changer; 0 for none. */
  readonly slot: number;
  /** The pool. */
  readonly poolId: number;
  /** Media Type of the storages that take it. */
  readonly mediaType: string;
  /** 0 Bareos, 1 ANSI, 2 IBM. */
  readonly labelType: number;
  /** First write since it was made or recycled; 0 for none. */
  readonly firstWritten: number;
  /** Last write; 0 for none. */
  readonly lastWritten: number;
  /** When it was labelled; 0 for never. */
  readonly labelDate: number;
  /** Jobs written. */
  readonly volJobs: number;
  /** Files of the volume, not of jobs. */
  readonly volFiles: number;
  /** Blocks written. */
  readonly volBlocks: number;
  /** Times mounted. */
  readonly volMounts: number;
  /** Errors met. */
  readonly volErrors: number;
  /** Writes made. */
  readonly volWrites: number;
  /** Bytes used. */
  readonly volBytes: number;
  /** Never written. */
  readonly volCapacityBytes: number;
  /** Status (18.7). */
  readonly volStatus: string;
  /** 0 no, 1 yes, 2 archived. */
  readonly enabled: number;
  /** Whether it may be recycled by itself. */
  readonly recycle: boolean;
  /** Seconds that its jobs are kept. */
  readonly volRetention: number;
  /** Seconds from the first write in which it is written to; 0 for no limit. */
  readonly volUseDuration: number;
  /** Most jobs; 0 for no limit. */
  readonly maxVolJobs: number;
  /** Most files; 0 for no limit. */
  readonly maxVolFiles: number;
  /** Most bytes; 0 for no limit. */
  readonly maxVolBytes: number;
  /** Whether it is in a changer. */
  readonly inChanger: boolean;
  /** The storage that wrote it last. */
  readonly storageId: number;
  /** Microseconds of reading. */
  readonly volReadTime: number;
  /** Microseconds of writing. */
  readonly volWriteTime: number;
  /** End of the data: tape file, or upper half of the address. */
  readonly endFile: number;
  /** End of the data: tape block, or lower half of the address. */
  readonly endBlock: number;
  /** Times it was recycled. */
  readonly recycleCount: number;
  /** Smallest block in bytes; 0 for the device's. */
  readonly minBlockSize: number;
  /** Largest block in bytes; 0 for the device's. */
  readonly maxBlockSize: number;
  /** Pool to take it from; 0 for none. */
  readonly scratchPoolId: number;
  /** Pool that it moves to when purged; 0 for none. */
  readonly recyclePoolId: number;
  /** Bit 0: truncate it when purged. */
  readonly actionOnPurge: number;
  /** Wrapped key of a tape; empty for none. */
  readonly encryptionKey: string;
}

/** A piece of a job on a volume. */
export interface JobMediaRow {
  /** The job. */
  readonly jobId: number;
  /** The volume. */
  readonly mediaId: number;
  /** Name of the volume. */
  readonly volumeName: string;
  /** Media Type of the storages that take it. */
  readonly mediaType: string;
  /** Slot of a changer; 0 for none. */
  readonly slot: number;
  /** The storage that wrote it last. */
  readonly storageId: number;
  /** FileIndex of the first file in this piece. */
  readonly firstIndex: number;
  /** FileIndex of the last file in this piece. */
  readonly lastIndex: number;
  /** Begin: tape file, or upper half of the address. */
  readonly startFile: number;
  /** End of the data: tape file, or upper half of the address. */
  readonly endFile: number;
  /** Begin: tape block, or lower half of the address. */
  readonly startBlock: number;
  /** End of the data: tape block, or lower half of the address. */
  readonly endBlock: number;
}

/** A member of a record as its column takes it. */
export function toColumn(name: string, value: unknown): SqlValue {
  if (timeColumns.has(name)) return Number(value) === 0 ? null : catalogTime(Number(value));
  if (typeof value === "boolean") return Number(value);
  return value as SqlValue;
}

/** What becomes of a column: the member's name, and how its value is read. */
interface Member {
  readonly key: string;
  readonly read: (value: SqlValue) => unknown;
}

/** The members of columns that were seen: a row of Media has fifty, and a job asks for one a dozen times. */
const members = new Map<string, Member>();

function memberOf(column: string): Member {
  const key = column.charAt(0).toLowerCase() + column.slice(1);
  const read = timeColumns.has(key)
    ? (value: SqlValue) => catalogSeconds(value as string | null)
    : flagColumns.has(key)
    ? (value: SqlValue) => Number(value) !== 0
    : textColumns.has(key)
    ? (value: SqlValue) => value ?? ""
    : (value: SqlValue) => value;
  const member = { key, read };
  members.set(column, member);
  return member;
}

/** A row as a record: members by the columns' names, times as UNIX seconds, flags as booleans. */
export function toRecord<T>(row: SqlRow | undefined): T | undefined {
  if (row === undefined) return undefined;
  const record: Record<string, unknown> = {};
  for (const column in row) {
    const { key, read } = members.get(column) ?? memberOf(column);
    record[key] = read(row[column] as SqlValue);
  }
  return record as T;
}

/**
 * What of a name is in Path, up to its last separator, and what in File. Without a separator, all of the name
 * is its path (catalog-and-jobs.md 3.1).
 */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf("/") + 1 || path.length;
  return { folder: path.slice(0, slash), name: path.slice(slash) };
}

/** The file of a row of File joined with Path. */
export function fileOf(row: SqlRow): CatalogFile {
  return {
    fileIndex: Number(row.FileIndex),
    path: decodeText(row.Path as Uint8Array) + decodeText(row.Name as Uint8Array),
    lstat: String(row.LStat),
    digest: String(row.Md5),
    deltaSeq: Number(row.DeltaSeq),
    jobId: Number(row.JobId),
  };
}

/** An expression that ranks the JobIds of a column by their place in the list: later jobs win. */
export function rankOf(jobIds: readonly number[], column = "JobId"): string {
  if (jobIds.length === 0) return "0";
  return `CASE ${column} ${jobIds.map((jobId, at) => `WHEN ${jobId} THEN ${at}`).join(" ")} END`;
}
