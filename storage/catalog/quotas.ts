import type { CatalogQueries } from "./rows.ts";
import { catalogTime } from "./times.ts";

/** What is kept of a client's soft quota. */
export interface QuotaRow {
  /** When the soft quota was first exceeded, UNIX seconds; 0 if it is not. */
  readonly graceTime: number;
  /** Bytes that were used when the grace period ended; 0 before that. */
  readonly quotaLimit: number;
}

/** The quota row of a client, which is made if there is none. */
export function quotaOf(catalog: CatalogQueries, clientId: number): QuotaRow {
  const row = catalog.one("SELECT GraceTime, QuotaLimit FROM Quota WHERE ClientId = ?", clientId);
  if (row === undefined) catalog.run("INSERT INTO Quota (ClientId) VALUES (?)", clientId);
  return { graceTime: Number(row?.GraceTime ?? 0), quotaLimit: Number(row?.QuotaLimit ?? 0) };
}

/** Changes the quota row of a client. */
export function setQuota(catalog: CatalogQueries, clientId: number, row: QuotaRow): void {
  catalog.run(
    "UPDATE Quota SET GraceTime = ?, QuotaLimit = ? WHERE ClientId = ?",
    row.graceTime,
    row.quotaLimit,
    clientId,
  );
}

/** Which jobs count for a quota. */
export interface QuotaScope {
  /** The client. */
  readonly clientId: number;
  /** The job that asks, which does not count. */
  readonly exceptJobId: number;
  /** UNIX seconds after which a job must have been scheduled. */
  readonly since: number;
  /** Whether jobs that failed count. */
  readonly includeFailed: boolean;
}

/** The sum of the bytes that jobs of a client have written. */
export function usedBytes(catalog: CatalogQueries, scope: QuotaScope): number {
  const failed = scope.includeFailed ? "" : "AND JobStatus NOT IN ('E', 'f', 'A')";
  const row = catalog.one(
    `SELECT coalesce(sum(JobBytes), 0) AS Bytes FROM Job
     WHERE ClientId = ? AND JobId <> ? AND SchedTime > ? ${failed}`,
    scope.clientId,
    scope.exceptJobId,
    catalogTime(scope.since),
  );
  return Number(row?.Bytes ?? 0);
}
