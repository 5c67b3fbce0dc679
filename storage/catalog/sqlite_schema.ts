/** The catalog's tables in SQLite, made of their description (catalog-and-jobs.md 2). @module */
import { indexes, jobHisto, statusRowsSql, tables, uniqueIndexes } from "./tables.ts";

/** What the columns of the description are in SQLite: types, then constraints that a file of ours has besides. */
const words: readonly (readonly [RegExp, string])[] = [
  // the number of a job, volume or path that is gone is not given again, as in PostgreSQL
  [/^(?:JobId|MediaId|PathId) SERIAL PRIMARY KEY\b/, "$& AUTOINCREMENT"],
  [/\b(?:BIGSERIAL|SERIAL|SMALLINT|BIGINT)\b/g, "INTEGER"],
  [/\bNUMERIC\(20\)/g, "NUMERIC"],
  [/\bCHAR\(1\)/g, "TEXT"],
  [/\bTIMESTAMP WITHOUT TIME ZONE\b/g, "TEXT"],
  [/\bBYTEA\b/g, "BLOB"],
  [/\bPoolType TEXT\b/, "$& NOT NULL"],
];

function createTable([name, description]: readonly [string, string]): string {
  let columns = description;
  for (const [theirs, ours] of words) columns = columns.replace(theirs, ours);
  const options = name === "PathVisibility" ? " WITHOUT ROWID" : "";
  return `CREATE TABLE IF NOT EXISTS ${name} (${columns})${options};`;
}

const { pool_name_idx, ...plain } = indexes;
// with FileId, so that base files are found without their table
const ours = Object.entries({ ...plain, basefiles_jobid_idx: "BaseFiles (JobId, FileId)" });
const createIndex = ([name, on]: readonly [string, string]): string =>
  `CREATE INDEX IF NOT EXISTS ${name} ON ${on};`;
const ofFile = ours.filter(([, on]) => on.startsWith("File "));

/**
 * Statements that make the indexes of File, where they are missing: who enters very many files into an
 * empty catalog makes them last.
 */
export const fileIndexes: string = ofFile.map(createIndex).join("\n");
/** Statements that take them away. */
export const dropFileIndexes: string = ofFile.map(([name]) => `DROP INDEX IF EXISTS ${name};`)
  .join("\n");

/** Columns that an older catalog of the same version may lack: table, column, definition. */
export const addedColumns = [
  ["File", "Fhinfo", "NUMERIC NOT NULL DEFAULT 0"],
  ["File", "Fhnode", "NUMERIC NOT NULL DEFAULT 0"],
] as const;

/** Statements that make what a catalog lacks: all, or what an older one of the same version does not have. */
export const schema: string = [
  ...Object.entries({ ...tables, JobHisto: jobHisto }).map(createTable),
  ...ours.map(createIndex),
  statusRowsSql,
].join("\n");

/** Statements for a new catalog alone: one with rows may have doubles, which `dbcheck` finds. */
export const uniqueSchema: string = Object.entries({ ...uniqueIndexes, pool_name_idx })
  .map(([name, on]) => `CREATE UNIQUE INDEX ${name} ON ${on};`).join("\n");
