/** What the role of a catalog needs on its tables, where another role made them. @module */
import { messageOf } from "../../../bytes/mod.ts";
import { CatalogError } from "../store.ts";
import { tableColumns } from "../tables.ts";
import type { PostgresConnection } from "./connection.ts";
import { placeOf, type PostgresOptions } from "./opening.ts";

/** Rights by the kind of what they are for, as the system tables name it, and how the server is asked for them. */
const rights = {
  r: { what: "TABLE", has: "has_table_privilege", words: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  S: { what: "SEQUENCE", has: "has_sequence_privilege", words: ["SELECT", "UPDATE", "USAGE"] },
} as const;

type Kind = keyof typeof rights;

/** A table of the catalog, or a sequence that numbers its rows. */
interface Relation {
  readonly kind: Kind;
  /** With its schema, as statements have it. */
  readonly name: string;
}

/** What the role needs and may not use. */
function missing(connection: PostgresConnection, role: string): Relation[] {
  const names = [...tableColumns.keys()].map((name) => `'${name.toLowerCase()}'`).join(", ");
  const lacks = Object.entries(rights).map(([kind, { has, words }]) =>
    `WHEN '${kind}' THEN NOT (${
      words.map((word) => `${has}($1::name, oid, '${word}')`).join(" AND ")
    })`
  );
  // A sequence is its table's by a dependency; other tables and sequences are somebody else's business.
  return connection.query(
    `WITH own AS (
       SELECT oid, relkind FROM pg_class WHERE relkind IN ('r', 'p') AND relname IN (${names})
         AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('version'))
     ), needed AS (
       SELECT oid, 'r' AS kind FROM own
       UNION SELECT s.oid, 'S' FROM pg_class s JOIN pg_depend d ON d.objid = s.oid
         JOIN own ON own.oid = d.refobjid
         WHERE s.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
     )
     SELECT kind, oid::regclass::text AS name FROM needed
     WHERE CASE kind ${lacks.join(" ")} END ORDER BY kind DESC, 2`,
    [role],
    () => ["kind", "name"],
  ).map(({ kind, name }) => ({ kind: kind === "S" ? "S" : "r", name: String(name) }));
}

/**
 * Sees to it that the catalog's role may use its tables: where it may not, an administrator's connection
 * gives it the rights.
 * @param tell told if rights were given
 * @throws CatalogError if rights are missing in the end
 */
export function ensurePrivileges(
  connection: PostgresConnection,
  options: PostgresOptions,
  isAdministrator: boolean,
  tell: (text: string) => void,
): void {
  const { user } = options;
  const lacking = missing(connection, user);
  if (lacking.length === 0) return;
  const why = `the role ${user} may not use ${lacking.map(({ name }) => name).join(", ")}`;
  if (!isAdministrator) {
    throw new CatalogError(
      `Cannot use ${placeOf(options)}: ${why}. ` +
        "roost catalog create --if-missing --admin ROLE gives it the rights, as who owns the tables or a superuser",
    );
  }
  const role = `"${user.replaceAll('"', '""')}"`;
  const grants = lacking.map(({ kind, name }) => {
    const { what, words } = rights[kind];
    return `GRANT ${words.join(", ")} ON ${what} ${name} TO ${role};`;
  });
  try {
    connection.run(`BEGIN; ${grants.join(" ")} COMMIT;`);
  } catch (cause) {
    throw new CatalogError(
      `Cannot give rights in ${placeOf(options)}: ${messageOf(cause)}; ${why}`,
      { cause },
    );
  }
  // A grant of who has nothing to give is a warning only.
  if (missing(connection, user).length > 0) {
    throw new CatalogError(`Cannot give rights in ${placeOf(options)}: ${why}`);
  }
  tell(`Gave the role ${user} the rights on the tables`);
}
