/** A query of `list` with its filters, and how its rows are shown (console.md 7.2, 8, 9). @module */
import type { JsonValue } from "../../config/mod.ts";
import { catalogTime } from "../report/formats.ts";
import { JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import type { SqlCatalog, SqlValue } from "../director_catalog.ts";
import { type Arguments, rowId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { type ListTable, statusWords } from "./list_tables.ts";
import type { ConsoleSession } from "./session.ts";
import {
  cellText,
  horizontalTable,
  rawTable,
  type Row,
  type Rows,
  shownColumns,
  verticalTable,
} from "./table.ts";

/** What a lister works with. */
export interface Listing {
  readonly session: ConsoleSession;
  readonly args: Arguments;
  readonly catalog: SqlCatalog;
  readonly isLong: boolean;
}

/** Conditions and the value that stands for their `?`; undefined for those without. */
export type Conditions = readonly (readonly [term: string, value: SqlValue | undefined])[];

/** How rows appear. */
export interface ShowOptions {
  /** The member of the result; the table's own if not given. */
  readonly key?: string;
  /** The member of the result that the key is inside of. */
  readonly inside?: string;
  /** One record, whose columns are members. */
  readonly asObject?: boolean;
  /** No rows are `{}` in JSON, and no text. */
  readonly emptyAsObject?: boolean;
  /** Values are printed as they are. */
  readonly isRaw?: boolean;
  readonly isShown?: (row: Row) => boolean;
}

/** Conditions of the keywords of a table that the line has. */
export function filtersOf(args: Arguments, table: ListTable): [string, SqlValue][] {
  return Object.entries(table.filters ?? {}).flatMap(([keyword, term]): [string, SqlValue][] => {
    const value = args.filled(keyword);
    if (value === undefined) return [];
    const isNumber = keyword.endsWith("id") && keyword !== "ujobid";
    return [[term, isNumber ? rowId(value) : value]];
  });
}

/** Conditions of `jobstatus=`, `joblevel=`, `jobtype=`, `days=`, `hours=`, `last`. */
export function jobFilters(args: Arguments, isBackups = false): [string, SqlValue | undefined][] {
  const conditions: [string, SqlValue | undefined][] = [];
  const oneOf = (column: string, letters: readonly string[]): void => {
    const texts = letters.map((letter) => `'${letter.replaceAll("'", "''")}'`);
    conditions.push([`${column} IN (${texts.join(", ")})`, undefined]);
  };
  const status = args.value("jobstatus");
  if (status !== undefined) oneOf("Job.JobStatus", letters(status, statusWords, "jobstatus"));
  const level = args.value("joblevel", "level");
  if (level !== undefined) oneOf("Job.Level", letters(level, levelWords(), "joblevel"));
  const type = args.value("jobtype");
  if (type !== undefined) oneOf("Job.Type", letters(type, typeWords(), "jobtype"));
  const now = Math.floor(Date.now() / 1000);
  const days = args.number("days", 0);
  const hours = args.number("hours", 0);
  if (days > 0) {
    conditions.push(["Job.SchedTime > ?", catalogTime(Math.max(0, now - days * 86_400))]);
  }
  if (hours > 0) {
    conditions.push(["Job.SchedTime > ?", catalogTime(Math.max(0, now - hours * 3600))]);
  }
  if (!isBackups && args.has("last")) {
    conditions.push(["Job.JobId IN (SELECT max(JobId) FROM Job GROUP BY Name)", undefined]);
  }
  return conditions;
}

/** Letters, or words that stand for them, separated by commas. */
function letters(
  text: string,
  words: Readonly<Record<string, string>>,
  keyword: string,
): string[] {
  return text.split(",").map((part) => {
    const letter = words[part.toLowerCase()] ?? (/^[A-Za-z]$/.test(part) ? part : undefined);
    if (letter === undefined) throw new CommandFailed(`invalid ${keyword} parameter`);
    return letter;
  });
}

const levelWords = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(JOB_LEVELS).map(([letter, { keyword }]) => [keyword.toLowerCase(), letter]),
  );

const typeWords = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [..."BMVRUIDACcgSO"].map((letter) => [
      jobTypeText(letter).toLowerCase().replaceAll(" ", ""),
      letter,
    ]),
  );

const DISTINCT = "DISTINCT ";

/** What is to be different in each row, of a table of one such column. */
function distinctColumn(columns: string): string | undefined {
  return columns.startsWith(DISTINCT) ? columns.slice(DISTINCT.length).split(" AS ")[0] : undefined;
}

/** A query that is ready to be put. */
export class ListQuery {
  readonly #listing: Listing;
  readonly #table: ListTable;
  readonly #conditions: Conditions;
  readonly #order: string | undefined;

  /** A query of a table; `order` in place of the table's own. */
  constructor(listing: Listing, table: ListTable, conditions: Conditions, order?: string) {
    this.#listing = listing;
    this.#table = table;
    this.#conditions = conditions;
    this.#order = order;
  }

  /** The rows that the console may see. */
  rows(): Row[] {
    return this.#put().filter(this.#filter()[0]);
  }

  #put(isLimited = true): Row[] {
    const { args, catalog, isLong } = this.#listing;
    const { columns, longColumns, order } = this.#table;
    const limit = args.number("limit", 0);
    const offset = args.number("offset", 0);
    const end = isLimited && limit > 0
      ? ` LIMIT ${limit}${offset > 0 ? ` OFFSET ${offset}` : ""}`
      : "";
    const direction = args.has("reverse") ? " DESC" : "";
    const [where, values] = this.#where();
    const sorted = this.#order ?? order.split(", ").map((term) => term + direction).join(", ");
    const shown = (isLong ? longColumns : undefined) ?? columns;
    const { from } = this.#table;
    const single = distinctColumn(shown);
    if (single !== undefined) {
      return catalog.all(
        `SELECT ${
          shown.slice(DISTINCT.length)
        } FROM ${from}${where} GROUP BY ${single} ORDER BY min(${
          this.#order ?? order
        })${direction}${end}`,
        ...values,
      );
    }
    return catalog.all(
      `SELECT ${shown} FROM ${from}${where} ORDER BY ${sorted}${end}`,
      ...values,
    );
  }

  /** Puts the query and shows its rows. */
  show(options: ShowOptions = {}): void {
    const { args } = this.#listing;
    const { key, isRaw } = this.#table;
    const limit = args.number("limit", 0);
    const offset = args.number("offset", 0);
    const rows = this.#put();
    const [isShown, isFiltered] = this.#filter();
    const shown = rows.filter(isShown);
    const { session } = this.#listing;
    if (limit > 0 || isFiltered) {
      session.output.put("meta", {
        range: {
          ...(limit > 0 && { limit }),
          ...(limit > 0 && offset > 0 && { offset }),
          filtered: rows.length - shown.length,
        },
      });
    }
    ListQuery.showRows(this.#listing, options.key ?? key, rows, {
      ...options,
      isShown,
      ...(isRaw === true && { isRaw }),
    });
  }

  /** Shows how many rows there are that the console may see and wants to see. */
  showCount(): void {
    const { catalog } = this.#listing;
    const [isShown, isFiltered] = this.#filter();
    if (isFiltered) {
      const count = this.#put(false).filter(isShown).length;
      return ListQuery.showRows(this.#listing, this.#table.key, [{ count }]);
    }
    const [where, values] = this.#where();
    const single = distinctColumn(this.#table.columns);
    const distinct = single === undefined ? "count(*)" : `count(DISTINCT ${single})`;
    const row = catalog.one(
      `SELECT ${distinct} AS count FROM ${this.#table.from}${where}`,
      ...values,
    );
    ListQuery.showRows(this.#listing, this.#table.key, [{ count: row?.count ?? 0 }]);
  }

  #where(): [string, SqlValue[]] {
    const terms = this.#conditions.map(([term]) => term);
    if (this.#table.where !== undefined) terms.push(this.#table.where);
    const values = this.#conditions.flatMap(([, value]) => value === undefined ? [] : [value]);
    return [terms.length === 0 ? "" : ` WHERE ${terms.join(" AND ")}`, values];
  }

  /** Which rows the console may see and wants to see, and whether any could be left out. */
  #filter(): [(row: Row) => boolean, boolean] {
    const { session, args } = this.#listing;
    const { access = {}, resource } = this.#table;
    const checks: ((row: Row) => boolean)[] = [];
    if (!session.access.isDefault) {
      for (const [column, kind] of Object.entries(access)) {
        if (session.access.isUnrestricted(kind)) continue;
        checks.push((row) => {
          if (!(column in row)) return true;
          const name = row[column];
          return name !== null && session.access.allows(kind, cellText(name));
        });
      }
    }
    if (resource !== undefined && args.has("current", "enabled", "disabled")) {
      const [column, type] = resource;
      const resources = new Map(
        session.director.configuration.all(type as "Job")
          .map((each) => [each.name, (each as { enabled?: boolean }).enabled !== false]),
      );
      checks.push((row) => {
        const isEnabled = resources.get(cellText(row[column]));
        if (args.has("current") && isEnabled === undefined) return false;
        if (args.has("enabled") && isEnabled !== true) return false;
        return !(args.has("disabled") && isEnabled !== false);
      });
    }
    return [(row) => checks.every((check) => check(row)), checks.length > 0];
  }

  /** Shows rows that were found, as text and as JSON. */
  static showRows(
    { session, isLong }: Pick<Listing, "session" | "isLong">,
    key: string,
    rows: Rows,
    options: ShowOptions = {},
  ): void {
    const { output } = session;
    const shown = rows.filter(options.isShown ?? (() => true));
    const isEmpty = shown.length === 0;
    if (output.api === 2) {
      const nullText = options.isRaw === true ? "NULL" : "";
      const objects = shown.map((row) => jsonRow(row, nullText));
      const value: JsonValue = options.asObject === true
        ? objects[0] ?? {}
        : isEmpty && options.emptyAsObject === true
        ? {}
        : objects;
      if (options.inside === undefined) output.put(key, value);
      else output.merge(options.inside, { [key]: value });
      return;
    }
    if (isEmpty && options.emptyAsObject === true) return;
    const format = {
      isPlain: session.isGui,
      isBare: output.api === 1,
      ...(options.isShown !== undefined && { isShown: options.isShown }),
    };
    if (isLong) output.print(verticalTable(rows, format));
    else if (options.isRaw === true) output.print(rawTable(rows, format));
    else output.print(horizontalTable(rows, format));
  }
}

/** A row of the catalog in JSON: every value is a text. */
export function jsonRow(row: Row, nullText = ""): { [key: string]: string } {
  return Object.fromEntries(
    shownColumns([row]).map((column) => [column, cellText(row[column], nullText)]),
  );
}
