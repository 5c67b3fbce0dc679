/**
 * Reads of the catalog that may take long: described so that they can be sent to a thread, and their rows
 * in pieces.
 *
 * @module
 */
import { type LostBaseFiles, lostBaseFiles } from "./base_files.ts";
import type { CatalogFiles } from "./catalog_files.ts";
import type { CatalogFile, SqlRow, SqlValue } from "./rows.ts";

/** Where a file lies in its job, its attributes, and its path if it consists of parts. */
export type CatalogFilePlace = Pick<
  CatalogFile,
  "jobId" | "fileIndex" | "lstat" | "deltaSeq" | "path"
>;

/** What can be read, and a row of each. */
export interface LongReadRows {
  /** Newest version of each file over jobs. */
  readonly currentFiles: CatalogFile;
  /** Where these lie. */
  readonly currentIndexes: CatalogFilePlace;
  /** Files whose newest version over jobs is that they are gone. */
  readonly deletedFiles: CatalogFile;
  /** Files of a job that another one has not marked as seen. */
  readonly unmarkedFiles: CatalogFile;
  /** Base jobs that have lost files. */
  readonly lostBaseFiles: LostBaseFiles;
  /** Rows of a query of ours. */
  readonly query: SqlRow;
  /** Rows of a query that a user wrote. */
  readonly userQuery: SqlRow;
}

/** What is to be read. */
export type LongRead =
  | {
    readonly kind: "currentFiles";
    readonly jobIds: readonly number[];
    /** Deleted ones, of FileIndex 0, too. */
    readonly withDeleted: boolean;
  }
  | { readonly kind: "currentIndexes"; readonly jobIds: readonly number[] }
  | { readonly kind: "deletedFiles"; readonly jobIds: readonly number[] }
  | { readonly kind: "unmarkedFiles"; readonly jobId: number; readonly markId: number }
  | { readonly kind: "lostBaseFiles"; readonly jobIds: readonly number[] }
  | { readonly kind: "query"; readonly sql: string; readonly values: readonly SqlValue[] }
  | { readonly kind: "userQuery"; readonly sql: string };

/** What a read needs of a catalog. */
export type LongReadSource = Pick<
  CatalogFiles,
  "currentFiles" | "currentIndexes" | "deletedFiles" | "unmarkedFiles" | "all" | "userQuery"
>;

/** Rows of a piece. */
const pieceRows = 1_000;

/** The rows of a read in pieces of up to a thousand. */
export function* readLong(
  catalog: LongReadSource,
  read: LongRead,
): Generator<LongReadRows[LongRead["kind"]][]> {
  let piece: LongReadRows[LongRead["kind"]][] = [];
  for (const row of rowsOf(catalog, read)) {
    piece.push(row);
    if (piece.length < pieceRows) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function rowsOf(
  catalog: LongReadSource,
  read: LongRead,
): Iterable<LongReadRows[LongRead["kind"]]> {
  switch (read.kind) {
    case "currentFiles":
      return catalog.currentFiles(read.jobIds, read.withDeleted);
    case "currentIndexes":
      return catalog.currentIndexes(read.jobIds);
    case "deletedFiles":
      return catalog.deletedFiles(read.jobIds);
    case "unmarkedFiles":
      return catalog.unmarkedFiles(read.jobId, read.markId);
    case "lostBaseFiles":
      return lostBaseFiles(catalog, read.jobIds);
    case "query":
      return catalog.all(read.sql, ...read.values);
    case "userQuery":
      return catalog.userQuery(read.sql);
  }
}
