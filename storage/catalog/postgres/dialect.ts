/**
 * The catalog's queries in PostgreSQL's words. They are written in what SQLite and PostgreSQL have in
 * common, and where that is not enough in SQLite's words; what those are called here is in one table.
 * Members of rows are spelled as the query or the schema spells them, since PostgreSQL itself folds
 * names to small letters.
 *
 * @module
 */
import { canonicalNames, serialKeys } from "./schema.ts";

/** How a call of a function is written, or `undefined` if that is as it is. */
type Rewrite = (...words: readonly string[]) => string | undefined;

/** What SQLite calls differently: functions by their name in small letters. */
const functions: Readonly<Record<string, Rewrite>> = {
  // Texts of a database of SQL_ASCII are converted to it unchanged; a cast would read backslashes as escapes.
  cast: (what = "") => {
    const text = / AS BLOB$/i.exec(what);
    return text === null ? undefined : `convert_to(${what.slice(0, text.index)}, 'SQL_ASCII')`;
  },
  char: (code) => code === "1114111" ? "E'\\377'" : undefined,
  datetime: (...words) => words.join() === "'now','localtime'" ? "LOCALTIMESTAMP(0)" : undefined,
  json_each: (list) => `json_array_elements_text(CAST(${list} AS json))`,
  // These leave NULLs out, where SQLite's give NULL: a query looks before whether a value may be NULL.
  max: (...words) => words.length > 1 ? `greatest(${words.join(", ")})` : undefined,
  min: (...words) => words.length > 1 ? `least(${words.join(", ")})` : undefined,
  // of our own in SQLite
  clock_text: (seconds) => `to_char(make_interval(secs => ${seconds}), 'HH24:MI:SS')`,
  strftime: (format, time) =>
    format === "'%s'" ? `CAST(extract(epoch FROM ${time}) AS BIGINT)` : undefined,
};

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
  const translated = rewriteCalls(sql).replace(
    // texts and quoted names stay
    /'(?:[^']|'')*'|"[^"]*"|\?/g,
    (word) => word === "?" ? `$${++count}` : word,
  );
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

/** Writes the calls of functions in the table anew, those in their values too. */
function rewriteCalls(sql: string): string {
  const call = /'(?:[^']|'')*'|"[^"]*"|\b([A-Za-z_]\w*)\(/g;
  let written = "";
  let at = 0;
  for (let found = call.exec(sql); found !== null; found = call.exec(sql)) {
    const rewrite = functions[(found[1] ?? "").toLowerCase()];
    if (rewrite === undefined) continue;
    const { words, end } = valuesAt(sql, call.lastIndex);
    const rewritten = rewrite(...words.map(rewriteCalls));
    // what is inside of a call that stays is looked at in its turn
    if (rewritten === undefined) continue;
    written += sql.slice(at, found.index) + rewritten;
    at = call.lastIndex = end;
  }
  return written + sql.slice(at);
}

/** The values of a call, whose parenthesis opens before `start`, and where it is over. */
function valuesAt(sql: string, start: number): { readonly words: string[]; readonly end: number } {
  const words: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < sql.length; at++) {
    const letter = sql[at] ?? "";
    if (letter === "'" || letter === '"') { // a doubled one begins the next text
      const closing = sql.indexOf(letter, at + 1);
      if (closing < 0) break;
      at = closing;
    } else if (letter === "(") depth++;
    else if (letter === ")" && depth > 0) depth--;
    else if (letter === ")" || (letter === "," && depth === 0)) {
      words.push(sql.slice(from, at).trim());
      from = at + 1;
      if (letter === ")") return { words, end: at + 1 };
    }
  }
  return { words, end: sql.length };
}

/** Types of a cast, which no member is named after. */
const types: ReadonlySet<string> = new Set(["TEXT", "BLOB", "INTEGER", "BIGINT"]);

/** How the members of rows are spelled: by an alias, else as the query writes the column, else the schema. */
function spellings(sql: string): ReadonlyMap<string, string> {
  const names = new Map(canonicalNames);
  const words = sql.replace(/'(?:[^']|'')*'/g, "''");
  for (const pattern of [/\b([A-Za-z]\w*)/g, /\bAS\s+"?(\w+)/gi]) {
    for (const [, name = ""] of words.matchAll(pattern)) {
      if (!types.has(name)) names.set(name.toLowerCase(), name);
    }
  }
  return names;
}
