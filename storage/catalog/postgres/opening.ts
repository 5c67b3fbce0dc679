/** From a Catalog resource to a connection that may be used (catalog-and-jobs.md 1.1). @module */
import { messageOf } from "../../../bytes/mod.ts";
import { schemaVersion } from "../tables.ts";
import { CatalogError, ReadOnlyError } from "../store.ts";
import { type PostgresAddress, PostgresConnection } from "./connection.ts";
import { ConnectionError, StatementError } from "./errors.ts";

/** How a catalog in PostgreSQL is opened. */
export interface PostgresOptions extends PostgresAddress {
  /** Name of the Catalog resource, for messages. */
  readonly resource: string;
  /** Whether to connect again when the server has closed the connection. */
  readonly reconnects: boolean;
  /** Whether it is opened to read only. */
  readonly isReader?: boolean;
  /** Attempts to connect; 6 if not given. */
  readonly attempts?: number;
  /** Milliseconds between them; 5000 if not given. */
  readonly pauseMs?: number;
}

/** Attempts to connect. */
export const ATTEMPTS = 6;
/** Milliseconds between them. */
export const PAUSE_MS = 5000;

/** SQLSTATE of a statement that changes rows in a transaction that only reads. */
const READ_ONLY = "25006";

/** Connects, in as many attempts. @throws CatalogError */
export function connect(options: PostgresOptions, attempts: number): PostgresConnection {
  for (let attempt = 1;; attempt++) {
    try {
      const connection = new PostgresConnection(options);
      try {
        checkEncoding(connection, options);
        takeTimeZone(connection);
      } catch (error) {
        connection.close();
        throw error;
      }
      return connection;
    } catch (error) {
      if (!isPassing(error) || attempt >= attempts) throw refusal(error, options);
      pause(options.pauseMs ?? PAUSE_MS);
    }
  }
}

/** Whether a server may let us in later: it starts, ends, or has too many connections. */
function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  const code = (error as Partial<StatementError>).code ?? "";
  return code.startsWith("57P") || code.startsWith("53");
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/**
 * What the server calls now is then the director's local time, which its tables have. A server that does not
 * know the zone keeps its own.
 */
function takeTimeZone(connection: PostgresConnection): void {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  try {
    connection.query("SELECT set_config('TimeZone', $1, false)", [timeZone], () => ["zone"]);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
  }
}

function checkEncoding(connection: PostgresConnection, { database }: PostgresOptions): void {
  const encoding = connection.serverSetting("server_encoding") ?? "unknown";
  if (encoding === "SQL_ASCII") return;
  throw new CatalogError(
    `Encoding error for database "${database}". Wanted SQL_ASCII, got ${encoding}`,
  );
}

/** Whether a database is a catalog of our version. @throws CatalogError if it is none, or of another one */
export function checkVersion(connection: PostgresConnection, options: PostgresOptions): void {
  const { database } = options;
  let version: number;
  try {
    version = versionOf(connection);
  } catch (cause) {
    throw new CatalogError(
      `Cannot use ${placeOf(options)}: ${
        messageOf(cause)
      }. If it is new, "roost catalog create" makes the tables`,
      { cause },
    );
  }
  if (version === schemaVersion) return;
  throw new CatalogError(
    `Version error for database "${database}". Wanted ${schemaVersion}, got ${version}` +
      (version < schemaVersion ? `: "roost catalog upgrade" brings it up to date` : ""),
  );
}

/** The version of the schema of a database. @throws CatalogError if there is none */
export function versionOf(connection: PostgresConnection): number {
  const [row] = connection.query("SELECT VersionId FROM version", [], () => ["version"]);
  if (row === undefined) throw new CatalogError("its table version is empty");
  return Number(row.version);
}

/** Which database is meant, for messages. */
export function placeOf({ resource, database, user, target }: PostgresOptions): string {
  const server = target.transport === "unix" ? target.path : `${target.hostname}:${target.port}`;
  return `Catalog "${resource}" (database ${database} of user ${user} at ${server})`;
}

/** Why a database cannot be opened. */
export function refusal(cause: unknown, options: PostgresOptions): CatalogError {
  return new CatalogError(`Cannot open ${placeOf(options)}: ${messageOf(cause)}`, { cause });
}

/** An error of a connection or of a statement as one of the catalog. */
export function failure(cause: unknown, options: PostgresOptions): unknown {
  if (cause instanceof ConnectionError) {
    return new CatalogError(
      `Lost ${
        placeOf(options)
      }: ${cause.message}; what was being done may be missing in the catalog`,
      { cause },
    );
  }
  if (!(cause instanceof CatalogError)) return cause;
  const isReadOnly = cause instanceof StatementError && cause.code === READ_ONLY;
  return new (isReadOnly ? ReadOnlyError : CatalogError)(
    `Cannot query the catalog: ${cause.message}`,
    { cause },
  );
}
