import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { type CatalogFile, splitPath, type SqlRow, type SqlValue } from "../rows.ts";
import { CatalogError, type SqlStore } from "../store.ts";
import type { Column, PostgresConnection } from "./connection.ts";
import { ConnectionError, SilenceError } from "./errors.ts";
import {
  ATTEMPTS,
  checkVersion,
  connect,
  failure,
  PAUSE_MS,
  type PostgresOptions,
} from "./opening.ts";
import { translate, type Translation } from "./dialect.ts";
import { serialKeys } from "./schema.ts";

const BEGIN = "BEGIN";
/** Rows that are fetched at once where there may be many. */
const pieceRows = 500;
/** Spare connections for long reads that are kept. */
const mostSpares = 1;

/** The catalog's store in a PostgreSQL database (catalog-and-jobs.md 1.1). */
export class PostgresStore implements SqlStore {
  readonly dialect = "postgresql";
  readonly #options: PostgresOptions;
  readonly #translations = new Map<string, Translation>();
  readonly #spares: PostgresConnection[] = [];
  #connection: PostgresConnection | undefined;
  /** When to connect again after that has failed, by the monotonic clock; 0 if it has not. */
  #awayUntil = 0;
  /** Whether a transaction was begun and has not ended: the connection that it is on cannot be replaced. */
  #hasBegun = false;
  #isClosed = false;

  /**
   * Opens a catalog.
   * @throws CatalogError if there is no server, it does not let us in, or the database is no catalog of
   * this version
   */
  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#connection = connect(options, options.attempts ?? ATTEMPTS);
    try {
      checkVersion(this.#connection, options);
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [this.#connection, ...this.#spares.splice(0)]) connection?.close();
    this.#connection = undefined;
  }

  /** All rows of a query. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#query(this.#translation(sql), values);
  }

  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.all(sql, ...values)[0];
  }

  /** All rows of a query that a user wrote; the columns are in small letters. */
  userQuery(sql: string): SqlRow[] {
    const isInside = this.#live().isInTransaction;
    const rows = this.#query({ sql, names: new Map(), givesKey: false }, []);
    if (isInside || this.#connection?.isInTransaction !== true) return rows;
    // What the director does next must not depend on when a user ends it.
    this.execute("ROLLBACK");
    throw new CatalogError("Cannot begin a transaction: each query is one of its own");
  }

  /** The same, in pieces where the catalog was opened to read only: nothing else is asked meanwhile. */
  *userRows(sql: string): Generator<SqlRow, undefined> {
    try {
      const connection = this.#live();
      if (this.#options.isReader !== true || !connection.givesRows(sql)) {
        return yield* this.userQuery(sql);
      }
      connection.run("BEGIN READ ONLY");
      const names = namesOf({ names: new Map() });
      for (const piece of connection.pieces(sql, [], names, pieceRows)) yield* piece;
      connection.run("COMMIT");
    } catch (error) {
      throw failure(error, this.#options);
    }
  }

  /** Changes rows; the number of the last one that was inserted. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    const translation = this.#translation(sql);
    const row = this.#query(translation, values).at(-1);
    return translation.givesKey && row !== undefined ? Number(Object.values(row)[0]) : 0;
  }

  /**
   * The rows of a query one after the other: inside of a transaction by it, else by a connection of their
   * own, which sees the state of the beginning.
   */
  *iterate(sql: string, ...values: readonly SqlValue[]): Generator<SqlRow, undefined> {
    const translation = this.#translation(sql);
    const names = namesOf(translation);
    const isInside = this.#connection?.isInTransaction === true;
    const connection = isInside ? this.#live() : this.#spare();
    let isOver = false;
    try {
      for (const piece of connection.pieces(translation.sql, values, names, pieceRows)) {
        yield* piece;
      }
      if (!isInside) connection.run("COMMIT");
      isOver = true;
    } catch (error) {
      throw failure(error, this.#options);
    } finally {
      if (!isInside) this.#giveBack(connection, isOver);
    }
  }

  /** A connection for a long read, whose transaction has begun. */
  #spare(): PostgresConnection {
    for (;;) {
      const spare = this.#spares.pop();
      const connection = spare ?? connect(this.#options, 1);
      try {
        connection.run("BEGIN READ ONLY");
        return connection;
      } catch (error) {
        connection.close();
        // one that lay here may be of a server that has restarted
        if (spare === undefined || !(error instanceof ConnectionError)) {
          throw failure(error, this.#options);
        }
      }
    }
  }

  /** Keeps a connection; one whose rows were not all wanted goes. */
  #giveBack(connection: PostgresConnection, isClean: boolean): void {
    if (isClean && this.#spares.length < mostSpares) this.#spares.push(connection);
    else connection.close();
  }

  /** Begins a transaction. */
  begin(): void {
    this.execute(BEGIN);
    this.#hasBegun = true;
  }

  /** Ends the transaction with its changes. */
  commit(): void {
    // A transaction in which a statement failed is rolled back by COMMIT, which is no error for the server.
    if (this.#connection?.hasFailed === true) {
      throw new CatalogError("Cannot change the catalog: a statement of the transaction failed");
    }
    this.execute("COMMIT");
    this.#hasBegun = false;
  }

  /** Ends the transaction without its changes; a lost connection has done so. */
  rollBack(): void {
    const connection = this.#connection;
    this.#hasBegun = false;
    if (connection?.isInTransaction !== true) return;
    try {
      if (!connection.isLost) return connection.run("ROLLBACK");
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw failure(error, this.#options);
    }
    connection.close();
    this.#connection = undefined;
  }

  /** Others may always have changed rows. */
  hasForeignChanges(): boolean {
    return true;
  }

  /** Whether there is a table of this name. */
  hasTable(name: string): boolean {
    return this.one(
      "SELECT 1 AS n FROM pg_tables WHERE tablename = ? AND schemaname = ANY (current_schemas(false))",
      name.toLowerCase(),
    ) !== undefined;
  }

  /**
   * Enters files of a job by COPY, in the transaction that is open. Path is locked against other writers
   * meanwhile, as a Bareos director locks it, so that each path has one row (3.5).
   */
  addFiles(jobId: number, files: readonly Omit<CatalogFile, "jobId">[]): void {
    // The row of the job that ends well is written to the disk after these, and takes them with it.
    this.execute(
      "SET LOCAL synchronous_commit = off; LOCK TABLE Path IN SHARE ROW EXCLUSIVE MODE",
    );
    const rows = files.map((file) => ({ ...file, ...splitPath(file.path) }));
    const ids = this.#pathIds([...new Set(rows.map(({ folder }) => folder))]);
    const lines = rows.map(({ folder, name, fileIndex, deltaSeq, lstat, digest }) =>
      [fileIndex, jobId, ids.get(folder), deltaSeq, lstat, digest, name]
        .map((value) => escapeField(String(value))).join("\t") + "\n"
    );
    this.#copy("File (FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name)", lines);
  }

  /** Enters rows of a table by COPY, texts as bytes. */
  addRows(
    table: string,
    columns: readonly { readonly name: string; readonly type: string }[],
    rows: readonly (readonly SqlValue[])[],
  ): void {
    const field = (value: SqlValue, type: string): string => {
      if (value === null) return "\\N";
      const text = value instanceof Uint8Array
        ? type === "BYTEA" ? `\\x${value.toHex()}` : decodeText(value)
        : String(value);
      // SQLite may have an empty text where there is no time
      return text === "" && type === "TIMESTAMP" ? "\\N" : escapeField(text);
    };
    const lines = rows.map((row) =>
      columns.map(({ type }, at) => field(row[at] ?? null, type)).join("\t") + "\n"
    );
    this.#copy(`${table} (${columns.map(({ name }) => name).join(", ")})`, lines);
  }

  #copy(into: string, lines: readonly string[]): void {
    const bytes = encodeText(lines.join(""));
    this.#with((connection) => connection.copyIn(`COPY ${into} FROM STDIN`, bytes), false);
  }

  /** Lets the next number of a table be one more than its largest, if it is not beyond that already. */
  keysWereGiven(table: string): void {
    const key = serialKeys.get(table.toLowerCase());
    if (key === undefined) return;
    const sequence = `pg_get_serial_sequence('${table.toLowerCase()}', '${key.toLowerCase()}')`;
    this.all(
      `SELECT setval(${sequence}, greatest(coalesce(max(${key}), 0) + 1, nextval(${sequence})), false)
       FROM ${table}`,
    );
  }

  /** The numbers of paths, which are made if they are missing. */
  #pathIds(paths: readonly string[]): ReadonlyMap<string, number> {
    const ids = new Map<string, number>();
    const take = (rows: readonly SqlRow[]): void => {
      for (const { PathId, Path } of rows) ids.set(String(Path), Number(PathId));
    };
    take(
      this.all("SELECT PathId, Path FROM Path WHERE Path = ANY (CAST(? AS TEXT[]))", list(paths)),
    );
    const missing = paths.filter((path) => !ids.has(path));
    if (missing.length > 0) {
      take(this.all(
        "INSERT INTO Path (Path) SELECT unnest(CAST(? AS TEXT[])) RETURNING PathId, Path",
        list(missing),
      ));
    }
    return ids;
  }

  #translation(sql: string): Translation {
    let translation = this.#translations.get(sql);
    if (translation === undefined) {
      translation = translate(sql);
      if (this.#translations.size >= 500) this.#translations.clear();
      this.#translations.set(sql, translation);
    }
    return translation;
  }

  #query(translation: Translation, values: readonly SqlValue[]): SqlRow[] {
    return this.#with(
      (connection) => connection.query(translation.sql, values, namesOf(translation)),
      /^\s*SELECT\b/i.test(translation.sql),
    );
  }

  /** Runs statements without values, in words that both databases know. */
  execute(sql: string): void {
    this.#with((connection) => connection.run(sql), sql === BEGIN);
  }

  /** Does work that, if it `changesNothing`, is done again where the server goes away meanwhile. */
  #with<T>(work: (connection: PostgresConnection) => T, changesNothing: boolean): T {
    const connection = this.#live();
    const isAlone = !connection.isInTransaction;
    try {
      return work(connection);
    } catch (error) {
      // A server that was silent for so long would be so again.
      const isAgain = changesNothing && isAlone && error instanceof ConnectionError &&
        !(error instanceof SilenceError) && this.#options.reconnects;
      if (!isAgain) throw failure(error, this.#options);
    }
    try {
      return work(this.#live());
    } catch (error) {
      throw failure(error, this.#options);
    }
  }

  /** The connection, made anew if it was lost; a transaction that was open is lost with it. */
  #live(): PostgresConnection {
    const connection = this.#connection;
    if (connection !== undefined && !connection.isLost) return connection;
    if (this.#isClosed) throw failure(new ConnectionError("it is closed"), this.#options);
    if (this.#hasBegun) {
      throw failure(new ConnectionError("the connection was lost"), this.#options);
    }
    connection?.close();
    if (!this.#options.reconnects) {
      throw failure(
        new ConnectionError("the connection was lost, and Reconnect = no"),
        this.#options,
      );
    }
    // Where all attempts have failed, others do not wait as long again, and not one after the other.
    if (performance.now() < this.#awayUntil) {
      throw failure(new ConnectionError("the server is away"), this.#options);
    }
    const attempts = this.#awayUntil > 0 ? 1 : this.#options.attempts ?? ATTEMPTS;
    this.#connection = undefined;
    try {
      this.#connection = connect(this.#options, attempts);
    } catch (error) {
      this.#awayUntil = performance.now() + (this.#options.pauseMs ?? PAUSE_MS);
      throw error;
    }
    this.#awayUntil = 0;
    return this.#connection;
  }
}

function namesOf(
  { names }: Pick<Translation, "names">,
): (columns: readonly Column[]) => readonly string[] {
  return (columns) => columns.map(({ name }) => names.get(name) ?? name);
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/** A field of a line of COPY. */
function escapeField(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);
}

/** Texts as an array of PostgreSQL. */
function list(texts: readonly string[]): Uint8Array {
  return encodeText(`{${texts.map((text) => `"${text.replace(/[\\"]/g, "\\$&")}"`).join(",")}}`);
}
