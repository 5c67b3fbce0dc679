/** `query`, `sqlquery` and `.sql` (console.md 19). @module */
import { readFileSync } from "node:fs";
import { messageOf } from "../../../bytes/mod.ts";
import { rowBytes } from "../../../storage/catalog/mod.ts";
import { systemReason } from "../../system_reason.ts";
import type { SqlCatalog, SqlRow } from "../director_catalog.ts";
import { userQuery } from "../long_reads.ts";
import { CommandFailed } from "./command.ts";
import { DialogueEnded } from "./dialogue.ts";
import { jsonRow } from "./list_query.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { cellText, horizontalTable, shownColumns, verticalTable } from "./table.ts";

/** An entry of a query file. */
export interface SavedQuery {
  /** The item of the menu. */
  readonly title: string;
  /** Questions; `%1` stands for the answer to the first. */
  readonly prompts: readonly string[];
  /** Statements; one that begins with `!` is shown vertically. */
  readonly statements: readonly string[];
}

/** Reads a query file. */
export function parseQueries(text: string): SavedQuery[] {
  const found: { title: string; prompts: string[]; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const last = found.at(-1);
    if (line.startsWith(":")) found.push({ title: line.slice(1).trim(), prompts: [], lines: [] });
    else if (line.startsWith("*")) last?.prompts.push(line.slice(1).trim());
    else last?.lines.push(line);
  }
  return found.map(({ title, prompts, lines }) => ({
    title,
    prompts,
    statements: splitStatements(lines.join("\n")),
  }));
}

/** Cuts at semicolons outside of quotes. */
export function splitStatements(text: string): string[] {
  return [...text.matchAll(/(?:'(?:[^']|'')*'|[^';])+/g)].map(([part]) => part.trim())
    .filter((part) => part !== "");
}

const mostPrompts = 9;

/** Rows, and bytes of them, of an answer that goes out only when all are there. */
const mostRows = 1_000_000;
const mostBytes = 128 << 20;

/** Rows that are held until all are there: those of a table, whose widths are known only then, or of a document. */
class HeldRows<Row> {
  readonly all: Row[] = [];
  readonly #failure: string;
  #bytes = 0;

  /** None so far of this query; `hint` says what to do where there are too many. */
  constructor(sql: string, what: string, hint: string) {
    this.#failure =
      `Query failed: ${sql}. ERR=${what} has up to ${mostRows} rows and ${mostBytes} bytes: ${hint}`;
  }

  /** Takes a row, in the form in which it is held. @throws CommandFailed if there are too many */
  add(row: SqlRow, held: Row): void {
    this.#bytes += rowBytes(row);
    this.all.push(held);
    if (this.all.length > mostRows || this.#bytes > mostBytes) {
      throw new CommandFailed(this.#failure);
    }
  }
}

/** `query`: a statement of the query file. */
export const query: CommandHandler = async (session, args) => {
  const path = session.director.resource.queryFile;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CommandFailed(`Could not open ${path}: ERR=${systemReason(cause)}`);
  }
  const queries = parseQueries(text);
  const at = await session.dialogue.choose({
    header: "Available queries:",
    what: "",
    prompt: "Choose a query",
    items: queries.map(({ title }) => title),
  });
  const chosen = queries[at];
  if (chosen === undefined || chosen.statements.length === 0) {
    throw new CommandFailed("Could not find query.");
  }
  if (chosen.prompts.length > mostPrompts) {
    throw new CommandFailed("Too many prompts in query, max is 9.");
  }
  const answers: string[] = [];
  for (const prompt of chosen.prompts) answers.push(await session.ask(`${prompt} `));
  const catalog = await session.catalog(args, "list");
  for (const statement of chosen.statements) {
    const filled = statement.replace(/%([1-9])/g, (_all, digit: string) => {
      const answer = answers[Number(digit) - 1];
      if (answer === undefined) session.tell("warning", `Warning prompt ${digit} missing.`);
      return (answer ?? "").replaceAll("'", "''");
    });
    const isVertical = filled.startsWith("!");
    const rows = await queried(session, catalog, isVertical ? filled.slice(1) : filled);
    session.print(
      isVertical
        ? verticalTable(rows, { nullText: "NULL" })
        : horizontalTable(rows, { nullText: "NULL", isPlain: session.isGui }),
    );
  }
  return true;
};

/** A query that was ended because its console has had enough. */
class QueryEnded extends CommandFailed {}

/**
 * The rows of a statement. The statement ends with its console: one of a user need not end by itself.
 * @throws CommandFailed with the database's words, or if there are more rows than a table can have
 */
export async function queried(
  session: ConsoleSession,
  catalog: SqlCatalog,
  sql: string,
): Promise<SqlRow[]> {
  return await session.unlessGone(async (hungUp) => {
    const rows = new HeldRows<SqlRow>(sql, "a table", "say LIMIT, or use .sql");
    for await (const piece of queriedPieces(catalog, sql, hungUp)) {
      for (const row of piece) rows.add(row, row);
    }
    return rows.all;
  });
}

/**
 * The rows of a statement in pieces, columns in small letters as PostgreSQL names them.
 * @throws CommandFailed with the database's words
 */
async function* queriedPieces(
  catalog: SqlCatalog,
  sql: string,
  hungUp: AbortSignal | undefined,
): AsyncGenerator<SqlRow[]> {
  try {
    const options = hungUp === undefined ? {} : { abort: hungUp };
    for await (const rows of userQuery(catalog, sql, options)) {
      yield rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
      );
    }
  } catch (cause) {
    const why = messageOf(cause).replace(/^Cannot query the catalog: /, "");
    const Failure = hungUp?.aborted === true ? QueryEnded : CommandFailed;
    throw new Failure(`Query failed: ${sql}. ERR=${why}`);
  }
}

/** `sqlquery`: statements that the user types. */
export const sqlquery: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  session.print(
    "Entering SQL query mode.\nTerminate each query with a semicolon.\nTerminate query mode with a blank line.\n",
  );
  for (let isOver = false; !isOver;) {
    const statement = await askStatement(session);
    if (statement === undefined) break;
    try {
      session.print(
        horizontalTable(await queried(session, catalog, statement), {
          nullText: "NULL",
          isPlain: session.isGui,
        }),
      );
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      session.print(`${error.message}\n`);
      isOver = error instanceof QueryEnded; // the next line is no SQL, but quit
    }
  }
  session.print("End query mode.\n");
  return true;
};

/** Lines up to a semicolon; undefined at a blank line. */
async function askStatement(session: ConsoleSession): Promise<string | undefined> {
  let text = "";
  let prompt = "Enter SQL query: ";
  for (;;) {
    let line: string;
    try {
      line = await session.ask(prompt);
    } catch (error) {
      if (error instanceof DialogueEnded) return undefined;
      throw error;
    }
    if (line.trim() === "") return undefined;
    text += `${line}\n`;
    if (line.trimEnd().endsWith(";")) return text.trim().replace(/;$/, "");
    prompt = "Add to SQL query: ";
  }
}

/** `.sql`: one statement for programs. */
export const dotSql: CommandHandler = async (session, args) => {
  const sql = args.filled("query");
  if (sql === undefined) throw new CommandFailed("query keyword not found.");
  const catalog = await session.catalog(args, "list");
  const hint = "say LIMIT, or use another API mode, which gives row by row";
  const held = new HeldRows<ReturnType<typeof jsonRow>>(sql, "an answer in API mode 2", hint);
  await session.unlessGone(async (hungUp) => {
    for await (const rows of queriedPieces(catalog, sql, hungUp)) {
      for (const row of rows) {
        if (session.output.api === 2) held.add(row, jsonRow(row));
        else {
          session.print(`${shownColumns([row]).map((name) => cellText(row[name])).join("\t")}\n`);
        }
      }
      await session.flush();
    }
  });
  session.output.put("query", held.all);
};
