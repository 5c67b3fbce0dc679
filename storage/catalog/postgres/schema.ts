/** The catalog's tables in PostgreSQL, and its functions for reports (catalog-and-jobs.md 2). @module */
import { statNames } from "../sql_functions.ts";
import {
  indexes,
  quotedList,
  schemaVersion,
  statusRowsSql,
  tableColumns,
  type TableName,
  tables,
  uniqueIndexes,
} from "../tables.ts";

/** The statement that makes a table. */
export function createTable(name: TableName): string {
  return `CREATE TABLE ${name} (\n  ${tables[name].replace(/\n {4}/g, "\n  ")});`;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Functions for reports (2.4). */
export const functionsSql: string = `
CREATE OR REPLACE FUNCTION bareos_frombase64(field text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
  result bigint := 0;
  isNegative boolean := field LIKE '-%';
BEGIN
  FOR at IN (CASE WHEN isNegative THEN 2 ELSE 1 END)..length(field) LOOP
    result := (result << 6) + strpos('${alphabet}', substr(field, at, 1)) - 1;
  END LOOP;
  RETURN CASE WHEN isNegative THEN -result ELSE result END;
END $body$;
CREATE OR REPLACE FUNCTION decode_lstat(lstat text,
  wanted text[] DEFAULT ARRAY[${quotedList(statNames)}],
  ${statNames.map((name) => `OUT ${name} bigint`).join(", ")})
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
  words text[] := string_to_array(lstat, ' ');
BEGIN
${
  statNames.map((name, at) =>
    `  IF '${name}' = ANY (wanted) THEN ${name} := bareos_frombase64(words[${at + 1}]); END IF;`
  ).join("\n")
}
END $body$;
`;

/** Statements that make an empty catalog. */
export const schemaSql: string = [
  ...Object.keys(tables).map((name) => createTable(name as TableName)),
  "CREATE TABLE JobHisto (LIKE Job);",
  ...Object.entries(indexes).map(([name, on]) => `CREATE INDEX ${name} ON ${on};`),
  ...Object.entries(uniqueIndexes).map(([name, on]) => `CREATE UNIQUE INDEX ${name} ON ${on};`),
  "ALTER TABLE Path ALTER COLUMN Path SET STATISTICS 1000;",
  functionsSql,
  statusRowsSql,
  `INSERT INTO Version (VersionId) VALUES (${schemaVersion});`,
].join("\n");

/** Names of columns as the schema spells them, by their small letters. */
export const canonicalNames: ReadonlyMap<string, string> = new Map(
  [...tableColumns.values()].flat().map(({ name }) => [name.toLowerCase(), name] as const)
    .reverse(),
);

/** The column that numbers a table's rows, by the table's name in small letters. */
export const serialKeys: ReadonlyMap<string, string> = new Map(
  Object.entries(tables).flatMap(([table, columns]) => {
    const key = /^(\w+) (?:BIG)?SERIAL/.exec(columns)?.[1];
    return key === undefined ? [] : [[table.toLowerCase(), key] as const];
  }),
);
