/**
 * What can be wrong with a catalog, and how it is put right (catalog-and-jobs.md 25): one entry a check,
 * each a query that finds rows and a change that mends one.
 *
 * @module
 */
import { decodeText, encodeText } from "../../bytes/mod.ts";
import { deleteJobs } from "./retention.ts";
import type { CatalogQueries, SqlRow, SqlValue } from "./rows.ts";

/** Names of the configuration: what bears one of them is no orphan. */
export interface ConfiguredNames {
  /** Client resources. */
  readonly clients: readonly string[];
  /** Storage resources. */
  readonly storages: readonly string[];
}

/** One check. */
export interface CatalogCheck {
  /** What is looked for, as in `orphaned File records`. */
  readonly title: string;
  /** Finds rows; their first column is the id. Names that it needs are its values, as JSON lists. */
  readonly find: string;
  /** What the query needs of the configuration. */
  readonly values?: (names: ConfiguredNames) => readonly SqlValue[];
  /** Puts a row right. */
  mend(catalog: CatalogQueries, row: SqlRow): void;
}

/** A check whose rows are deleted. */
function orphans(title: string, table: string, key: string, find: string): CatalogCheck {
  return {
    title,
    find,
    mend: (catalog, row) =>
      void catalog.run(`DELETE FROM ${table} WHERE ${key} = ?`, row[key] ?? null),
  };
}

/** A check whose jobs are deleted with all that is theirs. */
function jobs(title: string, find: string): CatalogCheck {
  return { title, find, mend: (catalog, row) => deleteJobs(catalog, [Number(row.JobId)]) };
}

/** The checks in the order of their numbers, which begin with 3. */
export const catalogChecks: readonly CatalogCheck[] = [
  {
    title: "bad Filename records",
    find: "SELECT FileId, CAST(Name AS BLOB) AS Text FROM File WHERE Name LIKE '%/'",
    mend: (catalog, row) =>
      void catalog.run(
        "UPDATE File SET Name = CAST(? AS TEXT) WHERE FileId = ?",
        encodeText(textOf(row).replace(/\/+$/, "")),
        row.FileId ?? null,
      ),
  },
  {
    title: "bad Path records",
    find:
      "SELECT PathId, CAST(Path AS BLOB) AS Text FROM Path WHERE Path <> '' AND Path NOT LIKE '%/'",
    mend: mendPath,
  },
  {
    title: "duplicate Path records",
    find: `SELECT other.PathId, first.PathId AS Kept, CAST(other.Path AS BLOB) AS Text
           FROM Path AS other JOIN Path AS first ON first.Path = other.Path
           WHERE first.PathId < other.PathId
           AND NOT EXISTS (SELECT 1 FROM Path WHERE Path = first.Path AND PathId < first.PathId)`,
    mend: (catalog, row) => replacePath(catalog, row.PathId ?? null, row.Kept ?? null),
  },
  orphans(
    "orphaned JobMedia records",
    "JobMedia",
    "JobMediaId",
    `SELECT JobMediaId FROM JobMedia WHERE NOT EXISTS (SELECT 1 FROM Job WHERE Job.JobId = JobMedia.JobId)
     OR NOT EXISTS (SELECT 1 FROM Media WHERE Media.MediaId = JobMedia.MediaId)`,
  ),
  orphans(
    "orphaned File records",
    "File",
    "FileId",
    "SELECT FileId, JobId FROM File WHERE NOT EXISTS (SELECT 1 FROM Job WHERE Job.JobId = File.JobId)",
  ),
  orphans(
    "orphaned Path records",
    "Path",
    "PathId",
    // by joins, which PostgreSQL does in one pass: NOT IN it would look up row by row, where File is large
    `SELECT Path.PathId, CAST(Path.Path AS BLOB) AS Text FROM Path
     LEFT JOIN (SELECT DISTINCT PathId AS Id FROM File) AS used ON used.Id = Path.PathId
     LEFT JOIN (SELECT DISTINCT PPathId AS Id FROM PathHierarchy) AS above ON above.Id = Path.PathId
     WHERE used.Id IS NULL AND above.Id IS NULL`,
  ),
  orphans(
    "orphaned FileSet records",
    "FileSet",
    "FileSetId",
    `SELECT FileSetId, FileSet AS Name FROM FileSet
     WHERE FileSetId NOT IN (SELECT FileSetId FROM Job WHERE FileSetId IS NOT NULL)`,
  ),
  {
    ...orphans(
      "orphaned Client records",
      "Client",
      "ClientId",
      `SELECT ClientId, Name FROM Client
       WHERE ClientId NOT IN (SELECT ClientId FROM Job WHERE ClientId IS NOT NULL)
       AND Name NOT IN (SELECT value FROM json_each(?))`,
    ),
    values: ({ clients }) => [JSON.stringify(clients)],
  },
  jobs(
    "orphaned Job records",
    `SELECT JobId, Job AS Name FROM Job
     WHERE ClientId NOT IN (SELECT ClientId FROM Client) AND ClientId <> 0`,
  ),
  {
    ...orphans(
      "orphaned Storage records",
      "Storage",
      "StorageId",
      `SELECT StorageId, Name FROM Storage
       WHERE StorageId NOT IN (SELECT StorageId FROM Media WHERE StorageId IS NOT NULL)
       AND StorageId NOT IN (SELECT StorageId FROM Device)
       AND Name NOT IN (SELECT value FROM json_each(?))`,
    ),
    values: ({ storages }) => [JSON.stringify(storages)],
  },
  jobs("Admin records", "SELECT JobId, Job AS Name FROM Job WHERE Type = 'D'"),
  jobs("Restore records", "SELECT JobId, Job AS Name FROM Job WHERE Type = 'R'"),
];

/** The number of the first check in the menu. */
export const firstCheck = 3;

/** Rows that are looked at in one pass. */
const passRows = 300_000;

/**
 * Makes one check, and mends what it finds if `mends`.
 * @param tell told each row, as `FileId=3 JobId=7`
 * @returns the number of rows found
 */
export function runCheck(
  catalog: CatalogQueries,
  check: CatalogCheck,
  names: ConfiguredNames,
  mends: boolean,
  tell: (row: string) => void = () => {},
): number {
  const values = check.values?.(names) ?? [];
  for (let found = 0;;) {
    const rows = catalog.all(`${check.find} ORDER BY 1 LIMIT ${passRows}`, ...values);
    rows.forEach((row) => tell(describe(row)));
    found += rows.length;
    if (!mends || rows.length === 0) return found;
    catalog.transaction(() => rows.forEach((row) => check.mend(catalog, row)));
    if (rows.length < passRows) return found;
  }
}

function describe(row: SqlRow): string {
  return Object.entries(row).map(([name, value]) =>
    `${name}=${value instanceof Uint8Array ? decodeText(value) : value}`
  ).join(" ");
}

function textOf(row: SqlRow): string {
  return row.Text instanceof Uint8Array ? decodeText(row.Text) : "";
}

/** Blanks at the end go, the separator comes; a path that is there already takes the files. */
function mendPath(catalog: CatalogQueries, row: SqlRow): void {
  const path = encodeText(`${textOf(row).replace(/ +$/, "")}/`);
  const other = catalog.one("SELECT PathId FROM Path WHERE Path = CAST(? AS TEXT)", path);
  if (other !== undefined) return replacePath(catalog, row.PathId ?? null, other.PathId ?? null);
  catalog.run("UPDATE Path SET Path = CAST(? AS TEXT) WHERE PathId = ?", path, row.PathId ?? null);
}

function replacePath(catalog: CatalogQueries, from: SqlValue, to: SqlValue): void {
  catalog.transaction(() => {
    catalog.run("UPDATE File SET PathId = ? WHERE PathId = ?", to, from);
    catalog.run("DELETE FROM Path WHERE PathId = ?", from);
  });
}
