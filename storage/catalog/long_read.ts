/**
 * Reads of the catalog that may take long: described so that they can be sent to a thread, and their rows
 * in pieces.
 *
 * @module
 */
import { type LostBaseFiles, lostBaseFiles } from "./base_files.ts";
import type { CatalogFiles } from "./catalog_files.ts";
import type { CatalogFile, SqlRow, SqlValue } from "./rows.ts";
import { CatalogError } from "./store.ts";

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
  | "currentFiles"
  | "currentIndexes"
  | "deletedFiles"
  | "unmarkedFiles"
  | "all"
  | "iterate"
  | "userRows"
>;

/** Rows of a piece, and bytes of a user's rows after which it is as many as there are. */
const pieceRows = 1_000;
const pieceBytes = 1 << 20;
/** Bytes of the largest row of a user: pieces go to another process as one message. */
const rowBytesLimit = 64 << 20;
/** Bytes of a value that is no text, and what each takes besides. */
const valueBytes = 16;

/** About how many bytes a row takes. */
export function rowBytes(row: SqlRow): number {
  let bytes = 0;
  for (const value of Object.values(row)) {
    bytes += valueBytes;
    if (typeof value === "string" || value instanceof Uint8Array) bytes += value.length;
  }
  return bytes;
}

/** A row of a user's query with its bytes. @throws CatalogError if there are too many */
function userRowBytes(row: SqlRow): number {
  const bytes = rowBytes(row);
  if (bytes <= rowBytesLimit) return bytes;
  throw new CatalogError(
    `a row of ${bytes} bytes is too large, ${rowBytesLimit} is the limit: use substr() or length()`,
  );
}

/** The rows of a read in pieces of up to a thousand. @throws CatalogError if the catalog cannot be read */
export function* readLong(
  catalog: LongReadSource,
  read: LongRead,
): Generator<LongReadRows[LongRead["kind"]][]> {
  let piece: LongReadRows[LongRead["kind"]][] = [];
  let bytes = 0;
  for (const row of rowsOf(catalog, read)) {
    piece.push(row);
    if (read.kind === "userQuery") bytes += userRowBytes(row as SqlRow);
    if (piece.length < pieceRows && bytes < pieceBytes) continue;
    yield piece;
    piece = [];
    bytes = 0;
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
      return catalog.iterate(read.sql, ...read.values);
    case "userQuery":
      return catalog.userRows(read.sql);
  }
}
