/** Tables as the console draws them (console.md 8). @module */
import { withCommas } from "../formats.ts";

/** A value of a cell. */
export type Cell = string | number | bigint | null | Uint8Array;
/** Rows by column name, all with the same columns. */
export type Rows = readonly Readonly<Record<string, Cell>>[];

/** Widest column that the frame is drawn for. */
const maxWidth = 100;

const isNumber = (value: Cell | undefined): boolean =>
  typeof value === "number" || typeof value === "bigint";

function textOf(column: string, value: Cell | undefined): string {
  if (value === null || value === undefined) return "NULL";
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return isNumber(value) && column !== "jobid" ? withCommas(value as number) : String(value);
}

/** A table with a frame, for `list`. */
export function horizontalTable(rows: Rows): string {
  const [first] = rows;
  if (first === undefined) return "No results to list.\n";
  const columns = Object.keys(first).map((name) => ({
    name,
    width: Math.min(
      maxWidth,
      Math.max(4, name.length, ...rows.map((row) => textOf(name, row[name]).length)),
    ),
  }));
  const rule = `+${columns.map(({ width }) => "-".repeat(width + 2)).join("+")}+\n`;
  const line = (cell: (column: { name: string; width: number }) => string): string =>
    `|${columns.map((column) => ` ${cell(column)} |`).join("")}\n`;
  return rule + line(({ name, width }) => name.padEnd(width)) + rule +
    rows.map((row) =>
      line(({ name, width }) => {
        const text = textOf(name, row[name]);
        return isNumber(row[name]) ? text.padStart(width) : text.padEnd(width);
      })
    ).join("") + rule;
}

/** A record a paragraph, for `llist`. */
export function verticalTable(rows: Rows): string {
  const [first] = rows;
  if (first === undefined) return "No results to list.\n";
  const width = Math.max(...Object.keys(first).map((name) => name.length));
  return rows.map((row) =>
    Object.keys(row).map((name) => ` ${name.padStart(width)}: ${textOf(name, row[name])}\n`)
      .join("") + "\n"
  ).join("");
}
