/** The columns of lists against those of the reference (catalog-and-jobs.md 26.2). */
import { deepEqual, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { fromFileUrl } from "../../../tests/support/paths.ts";
import {
  clientsTable,
  jobsTable,
  jobVolumesTable,
  type ListTable,
  mediaTable,
  poolsTable,
  simpleTables,
} from "./list_tables.ts";

const reference = fromFileUrl(
  new URL("../../../../shared/spec/catalog-and-jobs.md", import.meta.url),
);
const ignore = !existsSync(reference);
const text = ignore ? "" : Deno.readTextFileSync(reference);

/** What the reference says of a command. */
function rowOf(command: string): string {
  const section = text.slice(text.indexOf("### 26.2 "), text.indexOf("## 27"));
  const row = section.split("\n").find((line) => line.startsWith(`| \`${command}\` |`));
  ok(row, command);
  return row.split("|")[2]?.trim() ?? "";
}

/** A comma separated list of columns at the beginning of a text, notes in brackets left out. */
const listed = (cell: string): string[] =>
  cell.replace(/\[[^\]]*\]|\([^)]*\)/g, "").split(/[.;:]/)[0]?.split(/,/)
    .map((word) => word.trim()).filter((word) => /^[a-z0-9]+$/.test(word)) ??
    [];

/** Names of the columns of a table; those with a `_` are not shown. */
const shown = (columns: string | undefined): string[] =>
  [...(columns ?? "").matchAll(/ AS (\w+)(?=,|$)/g)].map(([, name = ""]) => name)
    .filter((name) => !name.startsWith("_"));

/** What stands behind `llist` in a cell: all columns, or more of them behind a `+`. */
function longOf(cell: string): string[] {
  const long = /`llist`:? ?([^)]*)/.exec(cell)?.[1] ?? "";
  return long.startsWith("+") ? [...listed(cell), ...listed(long.slice(1))] : listed(long);
}

const table = (name: string): ListTable => {
  const found = simpleTables[name];
  ok(found, name);
  return found;
};

Deno.test({
  name: "lists have the columns of the reference",
  ignore,
  fn() {
    const short: readonly (readonly [string, ListTable])[] = [
      ["list jobs", jobsTable],
      ["list pools", poolsTable],
      ["list clients", clientsTable],
      ["list volumes", mediaTable],
      ["list volumes jobid=", jobVolumesTable],
      ["list jobmedia", table("jobmedia")],
      ["list joblog", table("joblog")],
      ["list filesets", table("filesets")],
      ["list storages", table("storages")],
      ["list jobstats", table("jobstatistics")],
    ];
    for (const [command, { columns }] of short) {
      deepEqual(shown(columns), listed(rowOf(command)), command);
    }
  },
});

Deno.test({
  name: "long lists have the columns of the reference",
  ignore,
  fn() {
    deepEqual(shown(jobsTable.longColumns), listed(rowOf("llist jobs")));
    const long: readonly (readonly [string, ListTable])[] = [
      ["list pools", poolsTable],
      ["list clients", clientsTable],
      ["list volumes", mediaTable],
      ["list volumes jobid=", jobVolumesTable],
      ["list jobmedia", table("jobmedia")],
    ];
    for (const [command, { longColumns }] of long) {
      deepEqual(shown(longColumns).sort(), longOf(rowOf(command)).sort(), command);
    }
  },
});
