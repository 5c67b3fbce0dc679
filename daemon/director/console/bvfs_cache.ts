/** The cache of the browsing commands: which folders a job has, and what lies above them (console.md 22.1). @module */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { filesOfJobs } from "../../../storage/catalog/mod.ts";
import type { SqlCatalog } from "../director_catalog.ts";
import { othersTurn } from "./others_turn.ts";

/** Paths entered at once. */
const pageSize = 1_000;

/** The folder above a path; of `/` and `C:/` the top, which is empty, above which is nothing. */
export function parentOf(path: string): string | undefined {
  if (path === "") return undefined;
  const end = path.endsWith("/") ? path.slice(0, -1) : path;
  return end.slice(0, end.lastIndexOf("/") + 1);
}

/**
 * Makes the cache of these jobs where there is none; jobs that are not browsed are left out. Others have
 * their turn between two pages.
 */
export async function updateCache(
  catalog: SqlCatalog,
  jobIds: readonly number[] | undefined,
): Promise<void> {
  const jobs = catalog.all(
    `SELECT JobId AS id FROM Job WHERE HasCache <> 1 AND Type IN ('B', 'A', 'a')
     AND JobStatus IN ('T', 'W', 'f', 'A') ${
      jobIds === undefined ? "" : `AND JobId IN (${jobIds.join(", ") || "0"})`
    } ORDER BY JobId`,
  );
  for (const { id } of jobs) await updateJob(catalog, Number(id));
}

async function updateJob(catalog: SqlCatalog, jobId: number): Promise<void> {
  const { table, owner } = filesOfJobs(catalog, [jobId]);
  catalog.run("UPDATE Job SET HasCache = -1 WHERE JobId = ?", jobId);
  for (let last = 0;;) {
    const rows = catalog.all(
      `SELECT DISTINCT File.PathId AS id, CAST(Path.Path AS BLOB) AS path FROM ${table}
       JOIN Path ON Path.PathId = File.PathId
       WHERE File.${owner} = ? AND File.PathId > ? ORDER BY File.PathId LIMIT ${pageSize}`,
      jobId,
      last,
    );
    // Of this page alone: between two pages paths may be pruned.
    const known = new Map<string, number>();
    catalog.transaction(() => {
      for (const { id, path } of rows) {
        enter(catalog, jobId, Number(id), decodeText(path as Uint8Array), known);
      }
    });
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageSize) break;
    last = Number(end.id);
    await othersTurn();
  }
  // A cache that was cleared meanwhile lacks what was entered before.
  catalog.run("UPDATE Job SET HasCache = 1 WHERE JobId = ? AND HasCache = -1", jobId);
}

/** Enters a path and all above it. */
function enter(
  catalog: SqlCatalog,
  jobId: number,
  pathId: number,
  path: string,
  known: Map<string, number>,
): void {
  let id = pathId;
  for (let name: string | undefined = path; name !== undefined;) {
    const added = catalog.all(
      "INSERT INTO PathVisibility (PathId, JobId) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING PathId",
      id,
      jobId,
    );
    const parent = parentOf(name);
    if (parent === undefined) return;
    const parentId = idOf(catalog, parent, known);
    catalog.run(
      "INSERT INTO PathHierarchy (PathId, PPathId) VALUES (?, ?) ON CONFLICT DO NOTHING",
      id,
      parentId,
    );
    // What is above a path that was there already is there too.
    if (added.length === 0) return;
    name = parent;
    id = parentId;
  }
}

/** The number of a path, which is made if there is none; `known` remembers it. */
function idOf(catalog: SqlCatalog, path: string, known: Map<string, number>): number {
  const cached = known.get(path);
  if (cached !== undefined) return cached;
  const bytes = encodeText(path);
  const row = catalog.one("SELECT PathId AS id FROM Path WHERE Path = CAST(? AS TEXT)", bytes);
  const id = row === undefined
    ? catalog.run("INSERT INTO Path (Path) VALUES (CAST(? AS TEXT))", bytes)
    : Number(row.id);
  known.set(path, id);
  return id;
}

/** Forgets the cache of all jobs. */
export function clearCache(catalog: SqlCatalog): void {
  catalog.transaction(() => {
    catalog.run("DELETE FROM PathHierarchy");
    catalog.run("DELETE FROM PathVisibility");
    catalog.run("UPDATE Job SET HasCache = 0");
  });
}
