import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type CatalogQueries, type SqlRow, type SqlValue, toColumn } from "./rows.ts";
import { addedColumns, addedTables, schema, schemaVersion } from "./schema.ts";
import { sqlFunctions } from "./sql_functions.ts";

/** The catalog cannot be used. */
export class CatalogError extends Error {
  /** The class, for logs. */
  override readonly name = "CatalogError";
}

const PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; " +
  "PRAGMA busy_timeout = 10000; PRAGMA temp_store = FILE; PRAGMA cache_size = -8000;";

/** The database of a catalog: queries and transactions. */
export class CatalogDatabase implements CatalogQueries {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isChanging = false;
  #dataVersion = 0;

  /** Opens a catalog, which is made if there is none. @throws CatalogError if that cannot be done */
  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path);
      this.#database.exec(PRAGMAS);
      this.#checkSchema(path);
      this.#addColumns();
      this.#database.exec(addedTables);
      for (const [name, body] of Object.entries(sqlFunctions)) {
        this.#database.function(name, { deterministic: true, varargs: true }, body);
      }
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

  #addColumns(): void {
    for (const [table, column, definition] of addedColumns) {
      const has = this.one("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", table, column);
      if (has === undefined) {
        this.#database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`);
      }
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

  /** The rows of a query one after the other, for many. */
  iterate(sql: string): IterableIterator<SqlRow> {
    return this.#database.prepare(sql).iterate() as IterableIterator<SqlRow>;
  }

  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** Runs statements without values, such as those that make tables. */
  protected execute(sql: string): void {
    this.#database.exec(sql);
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
      this.#rollBack();
      throw error;
    } finally {
      this.#isChanging = false;
    }
  }

  /** SQLite itself has rolled back where, for example, the disk is full. */
  #rollBack(): void {
    this.forgetRows();
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  /** Told that rows which were seen may be gone: a transaction failed, or another program changed them. */
  protected forgetRows(): void {}

  #forgetForeignChanges(): void {
    const version = Number(this.one("PRAGMA data_version")?.data_version);
    if (version !== this.#dataVersion) this.forgetRows();
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
