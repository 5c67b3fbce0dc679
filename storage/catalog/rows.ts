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
  readonly fileIndex: number;
  /** Path and name; a directory ends in `/`. */
  readonly path: string;
  readonly lstat: string;
  /** Unpadded base 64, or `0`. */
  readonly digest: string;
  readonly deltaSeq: number;
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
  readonly jobId: number;
  readonly job: string;
  readonly name: string;
  readonly type: string;
  readonly level: string;
  readonly jobStatus: string;
  readonly clientId: number;
  readonly fileSetId: number;
  readonly poolId: number;
  readonly schedTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly jobTDate: number;
  readonly volSessionId: number;
  readonly volSessionTime: number;
  readonly jobFiles: number;
  readonly jobBytes: number;
  readonly priorJobId: number;
  readonly purgedFiles: boolean;
}

/** A row of Media; times are UNIX seconds. */
export interface MediaRow {
  readonly mediaId: number;
  readonly volumeName: string;
  readonly slot: number;
  readonly poolId: number;
  readonly mediaType: string;
  readonly labelType: number;
  readonly firstWritten: number;
  readonly lastWritten: number;
  readonly labelDate: number;
  readonly volJobs: number;
  readonly volFiles: number;
  readonly volBlocks: number;
  readonly volMounts: number;
  readonly volErrors: number;
  readonly volWrites: number;
  readonly volBytes: number;
  readonly volCapacityBytes: number;
  readonly volStatus: string;
  readonly enabled: number;
  readonly recycle: boolean;
  readonly volRetention: number;
  readonly volUseDuration: number;
  readonly maxVolJobs: number;
  readonly maxVolFiles: number;
  readonly maxVolBytes: number;
  readonly inChanger: boolean;
  readonly storageId: number;
  readonly volReadTime: number;
  readonly volWriteTime: number;
  readonly endFile: number;
  readonly endBlock: number;
  readonly recycleCount: number;
  readonly minBlockSize: number;
  readonly maxBlockSize: number;
  readonly scratchPoolId: number;
  readonly recyclePoolId: number;
  readonly actionOnPurge: number;
  readonly encryptionKey: string;
}

/** A piece of a job on a volume. */
export interface JobMediaRow {
  readonly jobId: number;
  readonly mediaId: number;
  readonly volumeName: string;
  readonly mediaType: string;
  readonly slot: number;
  readonly storageId: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly startFile: number;
  readonly endFile: number;
  readonly startBlock: number;
  readonly endBlock: number;
}

/** A member of a record as its column takes it. */
export function toColumn(name: string, value: unknown): SqlValue {
  if (timeColumns.has(name)) return Number(value) === 0 ? null : catalogTime(Number(value));
  if (typeof value === "boolean") return Number(value);
  return value as SqlValue;
}

/** A row as a record: members by the columns' names, times as UNIX seconds, flags as booleans. */
export function toRecord<T>(row: SqlRow | undefined): T | undefined {
  if (row === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      const key = column.charAt(0).toLowerCase() + column.slice(1);
      if (timeColumns.has(key)) return [key, catalogSeconds(value as string | null)];
      if (flagColumns.has(key)) return [key, Number(value) !== 0];
      if (textColumns.has(key)) return [key, value ?? ""];
      return [key, value];
    }),
  ) as T;
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

/** An expression that ranks JobIds by their place in the list: later jobs win. */
export function rankOf(jobIds: readonly number[]): string {
  return `CASE JobId ${jobIds.map((jobId, at) => `WHEN ${jobId} THEN ${at}`).join(" ")} END`;
}
