/** Making a catalog in PostgreSQL, and bringing one up to date. @module */
import { messageOf } from "../../../bytes/mod.ts";
import { schemaVersion } from "../tables.ts";
import { CatalogError } from "../store.ts";
import { scramVerifier } from "./authentication.ts";
import { PostgresConnection } from "./connection.ts";
import { StatementError } from "./errors.ts";
import { ensurePrivileges } from "./privileges.ts";
import { schemaSql } from "./schema.ts";
import { connect, placeOf, type PostgresOptions, refusal, versionOf } from "./opening.ts";
import { upgradeSteps } from "./upgrades.ts";

/** Who makes a catalog, if its own role may not. */
export interface Administrator {
  /** A role that may make roles and databases. */
  readonly user: string;
  /** Its password; empty where the server does not ask for one. */
  readonly password: string;
}

/** Database in which every server lets others be made. */
const MAINTENANCE = "postgres";
/** No database of that name. */
const NO_DATABASE = "3D000";

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Makes the tables of a catalog, and the database if there is none; with an administrator also the role,
 * to which all belongs then. If there may be a catalog already (`mayExist`), the role has the rights on its
 * tables in the end.
 * @param tell told each thing that was made
 * @throws CatalogError if there is a catalog already or something cannot be made
 */
export function createCatalog(
  options: PostgresOptions,
  administrator: Administrator | undefined,
  tell: (text: string) => void,
  mayExist = false,
): void {
  const { database, user } = options;
  const as = administrator === undefined ? options : { ...options, ...administrator };
  if (administrator !== undefined) createRole(as, options, tell);
  if (!hasDatabase(as)) {
    createDatabase(as, options);
    tell(`Made the database ${database}`);
  }
  const connection = connect(as, 1);
  try {
    if (hasVersion(connection)) {
      if (mayExist) ensurePrivileges(connection, options, administrator !== undefined, tell);
      const version = versionOf(connection);
      const found = `there is a catalog of version ${version} already`;
      if (mayExist && version === schemaVersion) return tell(`In ${placeOf(options)} ${found}`);
      throw new CatalogError(`Cannot make the tables of ${placeOf(options)}: ${found}`);
    }
    if (administrator !== undefined) connection.run(`SET ROLE ${identifier(user)}`);
    try {
      connection.run(`BEGIN; ${schemaSql} COMMIT;`);
    } catch (cause) {
      throw new CatalogError(
        `Cannot make the tables of ${placeOf(options)}: ${messageOf(cause)}`,
        { cause },
      );
    }
    tell(`Made the tables of version ${schemaVersion}`);
  } finally {
    connection.close();
  }
}

function hasVersion(connection: PostgresConnection): boolean {
  return connection.query("SELECT to_regclass('version') IS NOT NULL", [], () => ["has"])[0]
    ?.has ===
    1;
}

function hasDatabase(options: PostgresOptions): boolean {
  try {
    new PostgresConnection(options).close();
    return true;
  } catch (error) {
    if (error instanceof StatementError && error.code === NO_DATABASE) return false;
    throw refusal(error, options);
  }
}

/** A connection to the database of the server's administrators, whatever its encoding. @throws CatalogError */
function connectMaintenance(as: PostgresOptions): PostgresConnection {
  const options = { ...as, database: MAINTENANCE };
  try {
    return new PostgresConnection(options);
  } catch (error) {
    throw refusal(error, options);
  }
}

function createRole(
  as: PostgresOptions,
  { user, password }: PostgresOptions,
  tell: (text: string) => void,
): void {
  const connection = connectMaintenance(as);
  try {
    const found = connection.query(
      "SELECT 1 FROM pg_roles WHERE rolname = $1",
      [user],
      () => ["n"],
    );
    if (found.length > 0) return;
    connection.run(
      `CREATE ROLE ${identifier(user)} LOGIN` +
        (password === "" ? "" : ` PASSWORD ${literal(scramVerifier(password))}`),
    );
    tell(`Made the role ${user}`);
  } catch (cause) {
    throw new CatalogError(`Cannot make the role ${user}: ${messageOf(cause)}`, { cause });
  } finally {
    connection.close();
  }
}

function createDatabase(as: PostgresOptions, { database, user }: PostgresOptions): void {
  const owner = as.user === user ? "" : ` OWNER ${identifier(user)}`;
  try {
    const connection = connectMaintenance(as);
    try {
      // Names are bytes, in no encoding; their order is that of the bytes.
      connection.run(
        `CREATE DATABASE ${
          identifier(database)
        }${owner} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
      );
    } finally {
      connection.close();
    }
  } catch (cause) {
    throw new CatalogError(
      `Cannot make the database ${database}: ${
        messageOf(cause)
      }. As an administrator of the server: ` +
        `createuser ${user}; createdb -E SQL_ASCII --locale=C -T template0 -O ${user} ${database}`,
      { cause },
    );
  }
}

/**
 * Brings an older catalog up to date. With an administrator it is done in the name of the tables' owner, and
 * the catalog's own role may use what is new.
 * @param tell told each step
 * @throws CatalogError if its version is unknown or a step fails, which leaves the catalog as it was before
 */
export function upgradeCatalog(
  options: PostgresOptions,
  administrator: Administrator | undefined,
  tell: (text: string) => void,
): void {
  const as = administrator === undefined ? options : { ...options, ...administrator };
  const connection = connect(as, 1);
  try {
    if (administrator !== undefined) becomeOwner(connection, options);
    for (;;) {
      const version = currentVersion(connection, options);
      if (version === schemaVersion) {
        tell(`The catalog has version ${version}`);
        return;
      }
      const step = upgradeSteps.find(({ from }) => from === version);
      if (step === undefined) {
        throw new CatalogError(
          `Cannot upgrade ${
            placeOf(options)
          }: there is no step from version ${version}. There are those from ${
            upgradeSteps.map(({ from }) => from).join(", ")
          }`,
        );
      }
      try {
        const grant = administrator === undefined ? "" : grantsTo(identifier(options.user));
        connection.run(
          `BEGIN; ${step.sql} ${grant} UPDATE version SET VersionId = ${step.to}; COMMIT;`,
        );
      } catch (cause) {
        throw new CatalogError(
          `Cannot upgrade ${placeOf(options)} from version ${version} to ${step.to}: ${
            messageOf(cause)
          }`,
          { cause },
        );
      }
      tell(`Upgraded from version ${version} to ${step.to}`);
    }
  } finally {
    connection.close();
  }
}

function becomeOwner(connection: PostgresConnection, options: PostgresOptions): void {
  const [table] = connection.query(
    "SELECT tableowner FROM pg_tables WHERE tablename = 'job' AND schemaname = ANY (current_schemas(false))",
    [],
    () => ["owner"],
  );
  if (table === undefined) {
    throw new CatalogError(`Cannot upgrade ${placeOf(options)}: it has no table Job`);
  }
  connection.run(`SET ROLE ${identifier(String(table.owner))}`);
}

const grantsTo = (role: string): string =>
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
GRANT SELECT, UPDATE, USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role};`;

function currentVersion(connection: PostgresConnection, options: PostgresOptions): number {
  try {
    return versionOf(connection);
  } catch (cause) {
    throw new CatalogError(`Cannot upgrade ${placeOf(options)}: ${messageOf(cause)}`, { cause });
  }
}
