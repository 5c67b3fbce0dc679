import { type CatalogQueries, type SqlRow, type SqlValue } from "./rows.ts";
import { catalogTime } from "./times.ts";

/** Whose state is wanted, and as of when. */
export interface StateWish {
  /** The client. */
  readonly clientId: number;
  /** The version of the FileSet that the Full must have; any of the name if not given. */
  readonly fileSetId?: number | undefined;
  /** Name of the FileSet. */
  readonly fileSetName: string;
  /** `D`: only the Full; any other: what came after it, too. */
  readonly level: string;
  /** UNIX seconds up to which a job must have started. */
  readonly before: number;
}

/**
 * The jobs that make up a client's state (catalog-and-jobs.md 12.1), oldest first: the last Full, the
 * last Differential after it that has files, the Incrementals after that.
 *
 * Two deviations, since a restore must lose nothing. A job that started in the second in which the one
 * before it ended belongs to the chain if its JobId is the higher one: small jobs follow one another
 * within a second. And what was migrated, or copied and promoted, counts as its original, whose times
 * it has, not by its own JobId.
 */
export function currentJobs(catalog: CatalogQueries, of: StateWish): number[] {
  const full = find(catalog, of, "F").at(-1);
  if (full === undefined) return [];
  if (of.level === "D") return [Number(full.JobId)];
  const differential = find(catalog, of, "D", full).at(-1);
  const base = differential ?? full;
  const jobs = [full, ...(differential ? [differential] : []), ...find(catalog, of, "I", base)];
  return jobs.toSorted(byAge).map(({ JobId }) => Number(JobId));
}

/** The JobId by which a job stands in its chain. */
const PLACE = "CASE WHEN PriorJobId = 0 THEN JobId ELSE PriorJobId END";

/** Good backups of a level after the end of `after`, oldest first. */
function find(catalog: CatalogQueries, of: StateWish, level: string, after?: SqlRow): SqlRow[] {
  const terms = [
    "Type = 'B'",
    "JobStatus IN ('T', 'W')",
    "Level = ?",
    "ClientId = ?",
    "StartTime <= ?",
  ];
  const values: SqlValue[] = [level, of.clientId, catalogTime(of.before)];
  if (level === "F" && of.fileSetId !== undefined) {
    terms.push("FileSetId = ?");
    values.push(of.fileSetId);
  } else {
    terms.push("FileSetId IN (SELECT FileSetId FROM FileSet WHERE FileSet = ?)");
    values.push(of.fileSetName);
  }
  if (level === "D") terms.push("JobFiles > 0");
  if (after !== undefined) {
    terms.push(`(StartTime > ? OR (StartTime = ? AND ${PLACE} > ?))`);
    const end = String(after.EndTime ?? after.StartTime ?? catalogTime(0));
    values.push(end, end, Number(after.Place));
  }
  return catalog.all(
    `SELECT JobId, StartTime, EndTime, JobTDate, ${PLACE} AS Place FROM Job
     WHERE ${terms.join(" AND ")} ORDER BY StartTime, Place`,
    ...values,
  );
}

function byAge(a: SqlRow, b: SqlRow): number {
  return Number(a.JobTDate) - Number(b.JobTDate) || Number(a.Place) - Number(b.Place);
}
