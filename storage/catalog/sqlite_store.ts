/** The catalog's store in one SQLite file. @module */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf } from "../../bytes/mod.ts";
import type { SqlRow, SqlValue } from "./rows.ts";
import { addedColumns, schema, uniqueSchema } from "./sqlite_schema.ts";
import { sqlFunctions } from "./sql_functions.ts";
import { CatalogError, ReadOnlyError, type SqlStore } from "./store.ts";
import { schemaVersion } from "./tables.ts";

const READER_PRAGMAS =
  "PRAGMA busy_timeout = 10000; PRAGMA temp_store = FILE; PRAGMA cache_size = -8000;";
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${READER_PRAGMAS}`;

/** Names what only the row behind the last one of a user has. */
const endName = "end of rows";

/** Makes the file of a new catalog, readable by its owner alone: names of files tell much. */
function makePrivate(path: string): void {
  if (path === "" || path.startsWith(":") || existsSync(path)) return;
  closeSync(openSync(path, "a", 0o600));
}

/** A file that SQLite keeps; `:memory:` and the empty name are databases that go when closed. */
export class SqliteStore implements SqlStore {
  readonly dialect = "sqlite";
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #dataVersion = 0;

  /**
   * Opens a catalog, which is made if there is none, or one that is there to read it only (`isReader`).
   * @throws CatalogError if that cannot be done
   */
  constructor(path: string, { isReader = false }: { readonly isReader?: boolean } = {}) {
    try {
      if (!isReader) makePrivate(path);
      this.#database = new DatabaseSync(path, { readOnly: isReader });
      this.#database.exec(isReader ? READER_PRAGMAS : PRAGMAS);
      if (!isReader) {
        this.#checkSchema(path);
        this.#addColumns();
        this.#database.exec(schema);
      }
      for (const [name, body] of Object.entries(sqlFunctions)) {
        this.#database.function(name, { deterministic: true, varargs: true }, body);
      }
    } catch (cause) {
      if (cause instanceof CatalogError) throw cause;
      const why = messageOf(cause);
      throw new CatalogError(`Cannot open the catalog ${path}: ${why}`, { cause });
    }
  }

  #checkSchema(path: string): void {
    const has = this.one(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'Version'",
    );
    if (has === undefined) {
      this.#database.exec(
        `BEGIN; ${schema} ${uniqueSchema} INSERT INTO Version VALUES (${schemaVersion}); COMMIT;`,
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

  /** Closes the file, if that has not been done. */
  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#statement(sql).all(...values) as SqlRow[];
  }

  /** All rows of a query that a user wrote. @throws ReadOnlyError if it changes what is open to read only */
  userQuery(sql: string): SqlRow[] {
    try {
      return this.#prepare(sql).all() as SqlRow[];
    } catch (cause) {
      throw isReadOnly(cause) ? new ReadOnlyError(messageOf(cause), { cause }) : cause;
    }
  }

  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#statement(sql).get(...values) as SqlRow | undefined;
  }

  /**
   * The rows of a query one after the other, for many. Its columns must have names that differ.
   *
   * The runtime's iterator ends where a row cannot be read as it ends behind the last one: a damaged file
   * would seem to have fewer rows. So a row of our own stands behind the last one.
   * @throws CatalogError if a row cannot be read
   */
  *iterate(sql: string, ...values: readonly SqlValue[]): Generator<SqlRow, undefined> {
    const names = this.#prepare(sql).columns().map(({ name }) => `"${name}"`);
    // LIMIT -1 is no limit, but keeps the order of the rows.
    const statement = this.#prepare(
      `SELECT q.*, 0 AS IsEnd FROM (${sql} LIMIT -1) AS q
       UNION ALL SELECT ${names.map(() => "NULL").join(", ")}, 1`,
    );
    for (const row of statement.iterate(...values) as IterableIterator<SqlRow>) {
      if (row.IsEnd === 1) return;
      yield row;
    }
    throw this.#whyBroken(sql, names, values);
  }

  /**
   * The rows of a query that a user wrote, one after the other; what cannot be a part of another query, such
   * as PRAGMA, has few.
   * @throws ReadOnlyError if it changes what is open to read only, CatalogError if a row cannot be read
   */
  *userRows(sql: string): Generator<SqlRow, undefined> {
    const alone = sql.replace(/[\s;]+$/, "");
    const names = this.#prepare(alone).columns().map(({ name }) => name);
    const inner = `SELECT * FROM (\n${alone}\n) LIMIT -1`;
    const statement = names.length === 0 ? undefined : this.#partOf(
      `SELECT q.*, 0 AS "${endName}" FROM (${inner}) AS q
       UNION ALL SELECT ${names.map(() => "NULL").join(", ")}, 1`,
    );
    // Of columns with the same name here each has one of its own.
    const unique = statement?.columns().slice(0, -1).map(({ name }) => name) ?? [];
    if (statement === undefined || unique.includes(endName)) return yield* this.userQuery(sql);
    for (const row of statement.iterate() as IterableIterator<SqlRow>) {
      if (row[endName] === 1) return;
      yield Object.fromEntries(names.map((name, at) => [name, row[unique[at] ?? ""] ?? null]));
    }
    throw this.#whyBroken(inner, unique.map((name) => `"${name.replaceAll('"', '""')}"`));
  }

  /** A query that has a user's as a part; undefined if that cannot be one. */
  #partOf(sql: string): StatementSync | undefined {
    try {
      return this.#prepare(sql);
    } catch {
      return undefined; // alone it could be prepared
    }
  }

  /** What is wrong with a row of a query that could not be read to its end. */
  #whyBroken(
    sql: string,
    names: readonly string[],
    values: readonly SqlValue[] = [],
  ): CatalogError {
    const looks = names.map((name) => `max(${name})`).join(", ");
    try {
      this.#prepare(`SELECT ${looks} FROM (${sql})`).get(...values);
      return new CatalogError("Cannot read the catalog: it ended before its last row");
    } catch (cause) {
      return new CatalogError(`Cannot read the catalog: ${messageOf(cause)}`, { cause });
    }
  }

  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** Runs statements without values. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Enters rows of a table, texts as bytes. */
  addRows(
    table: string,
    columns: readonly { readonly name: string; readonly type: string }[],
    rows: readonly (readonly SqlValue[])[],
  ): void {
    const places = columns.map(({ type }) => type === "BYTEA" ? "?" : "CAST(? AS TEXT)");
    const names = columns.map(({ name }) => name);
    const sql = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${places.join(", ")})`;
    for (const row of rows) this.run(sql, ...row);
  }

  /** Begins a transaction, as the only one that writes. */
  begin(): void {
    this.#database.exec("BEGIN IMMEDIATE");
  }

  /** Ends the transaction with its changes. */
  commit(): void {
    this.#database.exec("COMMIT");
  }

  /** Ends the transaction without its changes. SQLite itself has where, for example, the disk is full. */
  rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  /** Whether another program has changed the file since this was last asked. */
  hasForeignChanges(): boolean {
    const version = Number(this.one("PRAGMA data_version")?.data_version);
    const isOther = version !== this.#dataVersion;
    this.#dataVersion = version;
    return isOther;
  }

  /** Whether there is a table of this name. */
  hasTable(name: string): boolean {
    return this.one("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name) !==
      undefined;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#prepare(sql);
      if (this.#statements.size > 200) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A statement for one use. @throws CatalogError if the database does not understand it */
  #prepare(sql: string): StatementSync {
    try {
      return this.#database.prepare(sql);
    } catch (cause) {
      const Refusal = isReadOnly(cause) ? ReadOnlyError : CatalogError;
      throw new Refusal(`Cannot query the catalog: ${messageOf(cause)}`, { cause });
    }
  }
}

/** Primary result code of SQLite, the lower byte of each that says more of it. */
const SQLITE_READONLY = 8;

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && "errcode" in error &&
    (Number(error.errcode) & 0xff) === SQLITE_READONLY;
}
