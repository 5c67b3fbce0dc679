import {
  type CatalogFile,
  type CatalogQueries,
  type SqlRow,
  type SqlValue,
  toColumn,
} from "./rows.ts";
import type { CatalogPlace } from "./place.ts";
import type { SqlStore } from "./store.ts";

/** The database of a catalog: queries and transactions. */
export class CatalogDatabase implements CatalogQueries {
  /** Where others find the same catalog; nothing if only this program can open it. */
  readonly place: CatalogPlace | undefined;
  readonly #store: SqlStore;
  #isChanging = false;

  /** A catalog in an open store, and the place that it was opened at. */
  constructor(store: SqlStore, place?: CatalogPlace) {
    this.#store = store;
    this.place = place;
  }

  /** Which database holds it. */
  get dialect(): SqlStore["dialect"] {
    return this.#store.dialect;
  }

  /** Closes the store. */
  close(): void {
    this.#store.close();
  }

  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#store.all(sql, ...values);
  }

  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#store.one(sql, ...values);
  }

  /** The rows of a query one after the other, for many. */
  iterate(sql: string, ...values: readonly SqlValue[]): IterableIterator<SqlRow> {
    return this.#store.iterate(sql, ...values);
  }

  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#store.run(sql, ...values);
  }

  /** All rows of a query that a user wrote, in the words of the database. */
  userQuery(sql: string): SqlRow[] {
    try {
      return this.#store.userQuery(sql);
    } finally {
      this.forgetRows(); // it may have deleted any
    }
  }

  /** The same, one after the other where the catalog was opened to read only. */
  *userRows(sql: string): Generator<SqlRow, undefined> {
    try {
      yield* this.#store.userRows(sql);
    } finally {
      this.forgetRows();
    }
  }

  /** Whether there is a table of this name. */
  hasTable(name: string): boolean {
    return this.#store.hasTable(name);
  }

  /** Whether the store has a way to enter files that is faster than row by row. */
  get takesFiles(): boolean {
    return this.#store.addFiles !== undefined;
  }

  /** Enters files of a job at once, where the store can. */
  addFiles(jobId: number, files: readonly Omit<CatalogFile, "jobId">[]): void {
    this.transaction(() => this.#store.addFiles?.(jobId, files));
  }

  /** Told that rows of a table got numbers that the database did not choose: it goes on behind them. */
  protected keysWereGiven(table: string): void {
    this.#store.keysWereGiven?.(table);
  }

  /** Runs statements without values, such as those that make tables. */
  protected execute(sql: string): void {
    this.#store.execute(sql);
  }

  /** Does several changes as one; inside of another one, as a part of it. */
  transaction<T>(work: () => T): T {
    if (this.#isChanging) return work();
    this.#store.begin();
    this.#isChanging = true;
    try {
      if (this.#store.hasForeignChanges()) this.forgetRows();
      const result = work();
      this.#store.commit();
      return result;
    } catch (error) {
      this.forgetRows();
      this.#store.rollBack();
      throw error;
    } finally {
      this.#isChanging = false;
    }
  }

  /** Told that rows which were seen may be gone: a transaction failed, or a user or another program changed them. */
  protected forgetRows(): void {}

  /** Changes columns of a row; members are named as columns, with a small first letter. */
  protected update(table: string, key: string, id: number, changes: object): void {
    const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (entries.length === 0) return;
    const columns = entries.map(([name]) => `${name.charAt(0).toUpperCase()}${name.slice(1)} = ?`);
    this.run(
      `UPDATE ${table} SET ${columns.join(", ")} WHERE ${key} = ?`,
      ...entries.map(([name, value]) => toColumn(name, value)),
      id,
    );
  }
}
