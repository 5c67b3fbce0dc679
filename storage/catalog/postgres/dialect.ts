/**
 * The catalog's queries in PostgreSQL's words. They are written in what SQLite and PostgreSQL have in
 * common; what differs is in the table here. Names of members are as the query or the schema spells
 * them, since PostgreSQL itself folds them to small letters.
 *
 * @module
 */
import { canonicalNames, serialKeys } from "./schema.ts";

/** What SQLite calls differently: a pattern outside of quotes, what stands for it. */
const differences: readonly (readonly [RegExp, string])[] = [
  [/\bjson_each\(/gi, "json_array_elements_text("],
];

/** A query in PostgreSQL's words. */
export interface Translation {
  /** The statement, with `$1` for the first value. */
  readonly sql: string;
  /** Spellings of the columns that differ from small letters, by the name in small letters. */
  readonly names: ReadonlyMap<string, string>;
  /** Whether its result is the number of the row that it inserts. */
  readonly givesKey: boolean;
}

/** Translates a query of the catalog. */
export function translate(sql: string): Translation {
  let count = 0;
  const translated = outsideQuotes(castsToBytes(sql), (part) => {
    for (const [pattern, replacement] of differences) part = part.replace(pattern, replacement);
    return part.replace(/\?/g, () => `$${++count}`);
  });
  const key = keyOfInsert(sql);
  return {
    sql: key === undefined ? translated : `${translated} RETURNING ${key}`,
    names: spellings(sql),
    givesKey: key !== undefined,
  };
}

/** The column that a row of VALUES gets by itself. */
function keyOfInsert(sql: string): string | undefined {
  const table = /^\s*INSERT\s+INTO\s+(\w+)\s*\([^()]*\)\s*VALUES\b/i.exec(sql)?.[1];
  if (table === undefined || /\bRETURNING\b/i.test(sql)) return undefined;
  return serialKeys.get(table.toLowerCase());
}

/** Changes what is not a text or a quoted name. */
function outsideQuotes(sql: string, change: (part: string) => string): string {
  return sql.split(/('(?:[^']|'')*'|"[^"]*")/).map((part, at) => at % 2 === 0 ? change(part) : part)
    .join("");
}

/**
 * `CAST(x AS BLOB)`, a text as its bytes: PostgreSQL's own cast would read backslashes as escapes.
 * Texts of a database of SQL_ASCII are converted to it unchanged.
 */
function castsToBytes(sql: string): string {
  const end = / AS BLOB\)/i.exec(sql);
  if (end === null) return sql;
  let depth = 1;
  let at = end.index - 1;
  for (; at >= 0; at--) {
    if (sql[at] === ")") depth++;
    else if (sql[at] === "(" && --depth === 0) break;
  }
  const inner = sql.slice(at + 1, end.index);
  const before = sql.slice(0, at - "CAST".length);
  return castsToBytes(
    `${before}convert_to(${inner}, 'SQL_ASCII')${sql.slice(end.index + end[0].length)}`,
  );
}

/** How the members of rows are spelled: as the query names them, else as the schema has the column. */
function spellings(sql: string): ReadonlyMap<string, string> {
  const names = new Map(canonicalNames);
  for (const [, name = ""] of sql.matchAll(/\bAS\s+"?(\w+)/gi)) {
    names.set(name.toLowerCase(), name);
  }
  return names;
}
