/** Tables as the console draws them (console.md 8). @module */
import { decodeText } from "../../../bytes/mod.ts";
import { withCommas } from "../report/formats.ts";

/** A value of a cell. */
export type Cell = string | number | bigint | null | Uint8Array;
/** A row by column name; columns whose name begins with `_` are for filters and not shown. */
export type Row = Readonly<Record<string, Cell>>;
/** Rows, all with the same columns. */
export type Rows = readonly Row[];

/** What of a table is shown. */
export interface TableOptions {
  /** Rows for which this does not hold count for the widths but are not shown. */
  readonly isShown?: (row: Row) => boolean;
  /** No commas, everything on the left (`gui on`). */
  readonly isPlain?: boolean;
  /** Neither frame nor headings, as in API mode 1. */
  readonly isBare?: boolean;
  /** What stands for NULL; nothing if not given. */
  readonly nullText?: string;
}

/** Widest column that the frame is drawn for. */
const maxWidth = 100;
/** Narrowest column, as if there were a NULL. */
const minWidth = 4;

const isNumber = (value: Cell | undefined): boolean =>
  typeof value === "number" || typeof value === "bigint";

/** A value as text, without commas. */
export function cellText(value: Cell | undefined, nullText = ""): string {
  if (value === null || value === undefined) return nullText;
  return value instanceof Uint8Array ? decodeText(value) : String(value);
}

/** The columns that are shown. */
export function shownColumns(rows: Rows): string[] {
  return Object.keys(rows[0] ?? {}).filter((name) => !name.startsWith("_"));
}

function textOf(column: string, value: Cell | undefined, options: TableOptions): string {
  const text = cellText(value, options.nullText);
  const hasCommas = isNumber(value) && options.isPlain !== true && column !== "jobid" &&
    /^\d+$/.test(text);
  return hasCommas ? withCommas(BigInt(text)) : text;
}

/** A table with a frame, for `list`. */
export function horizontalTable(rows: Rows, options: TableOptions = {}): string {
  if (rows.length === 0) return options.isBare === true ? "" : "No results to list.\n";
  const columns = shownColumns(rows).map((name) => {
    let width = Math.max(minWidth, name.length);
    for (const row of rows) width = Math.max(width, textOf(name, row[name], options).length);
    return { name, width: Math.min(maxWidth, width) };
  });
  const shown = rows.filter(options.isShown ?? (() => true));
  const first = options.isBare === true ? "" : "|";
  const line = (cell: (column: { name: string; width: number }) => string): string =>
    `${first}${columns.map((column) => ` ${cell(column)} |`).join("")}\n`;
  const body = shown.map((row) =>
    line(({ name, width }) => {
      const text = textOf(name, row[name], options);
      const isRight = isNumber(row[name]) && options.isPlain !== true;
      return isRight ? text.padStart(width) : text.padEnd(width);
    })
  ).join("");
  if (options.isBare === true) return body;
  if (shown.length === 0) return "No results to list.\n";
  const dashes = columns.map(({ width }) => "-".repeat(Math.min(maxWidth, width + 2)));
  const rule = `+${dashes.join("+")}+\n`;
  return rule + line(({ name, width }) => name.padEnd(width)) + rule + body + rule;
}

/** A record a paragraph, for `llist`. */
export function verticalTable(rows: Rows, options: TableOptions = {}): string {
  const shown = rows.filter(options.isShown ?? (() => true));
  if (shown.length === 0) return options.isBare === true ? "" : "No results to list.\n";
  const columns = shownColumns(rows);
  const width = Math.max(...columns.map((name) => name.length));
  return shown.map((row) =>
    columns.map((name) => ` ${name.padStart(width)}: ${textOf(name, row[name], options)}\n`)
      .join("") + "\n"
  ).join("");
}

/** Every value behind a blank, for texts that bring their own line ends. */
export function rawTable(rows: Rows, options: TableOptions = {}): string {
  const columns = shownColumns(rows);
  return rows.filter(options.isShown ?? (() => true)).map((row) =>
    columns.map((name) => ` ${cellText(row[name], "NULL")}`).join("")
  ).join("");
}
