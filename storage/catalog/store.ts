/** What keeps a catalog's rows: SQLite or PostgreSQL. @module */
import type { CatalogFile, SqlRow, SqlValue } from "./rows.ts";

/** The catalog cannot be used. */
export class CatalogError extends Error {
  /** The class, for logs. */
  override readonly name: string = "CatalogError";
}

/** A statement changes rows where it may only read. */
export class ReadOnlyError extends CatalogError {}

/**
 * A database that takes the catalog's queries, which are written once for all of them, in SQLite's words;
 * others translate what they call differently. All calls are synchronous.
 */
export interface SqlStore {
  /** Which database it is. */
  readonly dialect: "sqlite" | "postgresql";
  /** All rows of a query; `?` stands for a value. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[];
  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  /** The rows of a query one after the other, for many: memory does not grow with their number. */
  iterate(sql: string, ...values: readonly SqlValue[]): IterableIterator<SqlRow>;
  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** Runs statements without values, such as those that make tables. */
  execute(sql: string): void;
  /** Begins a transaction. */
  begin(): void;
  /** Ends the transaction with its changes. */
  commit(): void;
  /** Ends the transaction, if there is one, without its changes. */
  rollBack(): void;
  /** Whether rows that were seen may have been changed by others since this was last asked. */
  hasForeignChanges(): boolean;
  /** Whether there is a table of this name. */
  hasTable(name: string): boolean;
  /** All rows of a query in the database's own words, which users wrote. */
  userQuery(sql: string): SqlRow[];
  /** The same, one row after the other where the store was opened to read only and the query gives rows. */
  userRows(sql: string): Iterable<SqlRow>;
  /** Enters files of a job, all of them or none, where there is a way that is faster than row by row. */
  addFiles?(jobId: number, files: readonly Omit<CatalogFile, "jobId">[]): void;
  /** Enters rows of a table, texts as bytes; the values of a row stand in the order of the columns. */
  addRows(
    table: string,
    columns: readonly { readonly name: string; readonly type: string }[],
    rows: readonly (readonly SqlValue[])[],
  ): void;
  /** Told that rows of a table got numbers that the database did not choose, which it has to know. */
  keysWereGiven?(table: string): void;
  /** Closes it. */
  close(): void;
}
