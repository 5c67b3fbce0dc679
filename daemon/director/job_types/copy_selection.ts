/**
 * Which jobs a copy or migration takes (catalog-and-jobs.md 16.2): the Selection Types.
 *
 * @module
 */
import { messageOf } from "../../../bytes/mod.ts";
import { posixRegExp } from "../../../storage/volume/mod.ts";
import type { DirectorCatalog } from "../director_catalog.ts";
import { userQueryAll } from "../long_reads.ts";
import { catalogTime } from "../report/formats.ts";
import { JobFailure } from "../jobs/job_failure.ts";
import type { JobResource, PoolResource } from "../resources.ts";

/** What a selection looks at. */
export interface CopySelection {
  readonly job: JobResource;
  readonly catalog: DirectorCatalog;
  readonly pool: PoolResource;
  readonly poolId: number;
  /** UNIX seconds. */
  readonly now: number;
  /** Ends the selection early. */
  readonly abort?: AbortSignal;
}

type Selector = (selection: CopySelection) => number[] | Promise<number[]>;

const GOOD = "Job.JobStatus IN ('T', 'W')";
const BACKUPS = `Job.Type IN ('B', 'C') AND ${GOOD}`;
const FULL_VOLUMES = "Media.VolStatus IN ('Full', 'Used', 'Error') AND Media.Enabled = 1";

/** By Selection Type in small letters. */
const SELECTORS: Readonly<Record<string, Selector>> = {
  job: (selection) =>
    named(
      selection,
      "SELECT DISTINCT Name AS name FROM Job WHERE PoolId = ?",
      (names) =>
        `SELECT JobId AS id FROM Job WHERE PoolId = ? AND Name IN (${names}) ORDER BY StartTime, JobId`,
    ),
  client: (selection) =>
    named(
      selection,
      `SELECT DISTINCT Client.Name AS name FROM Client JOIN Job USING (ClientId)
       WHERE Job.PoolId = ?`,
      (names) =>
        `SELECT JobId AS id FROM Job JOIN Client USING (ClientId)
         WHERE Job.PoolId = ? AND Client.Name IN (${names}) AND ${BACKUPS}
         ORDER BY Job.StartTime, JobId`,
    ),
  volume: (selection) =>
    named(
      selection,
      `SELECT VolumeName AS name FROM Media WHERE PoolId = ? AND ${FULL_VOLUMES}`,
      (names) =>
        `SELECT DISTINCT Job.JobId AS id, Job.StartTime FROM Job JOIN JobMedia USING (JobId)
         JOIN Media USING (MediaId)
         WHERE Media.PoolId = ? AND Media.VolumeName IN (${names}) AND ${BACKUPS}
         ORDER BY Job.StartTime, Job.JobId`,
    ),
  smallestvolume: (selection) => ofOneVolume(selection, "Media.VolBytes"),
  oldestvolume: (selection) => ofOneVolume(selection, "Media.LastWritten"),
  sqlquery: async ({ job, catalog, abort }) => {
    const sql = job.selectionPattern;
    if (sql === "") throw new JobFailure("No Migration SQL selection pattern.");
    return ids(await userQueryAll(catalog, sql, abort && { abort }));
  },
  pooloccupancy: poolOccupancy,
  pooltime: ({ catalog, pool, poolId, now }) =>
    ids(catalog.all(
      `SELECT DISTINCT Job.JobId AS id, Job.StartTime FROM Job JOIN JobMedia USING (JobId)
       JOIN Media USING (MediaId)
       WHERE Media.PoolId = ? AND ${BACKUPS} AND Job.RealEndTime <= ?
       ORDER BY Job.StartTime, Job.JobId`,
      poolId,
      catalogTime(now - pool.migrationTime),
    )),
  pooluncopiedjobs: ({ job, catalog, poolId }) => {
    if (job.type !== "c") {
      throw new JobFailure("Selection Type 'pooluncopiedjobs' only applies to Copy Jobs");
    }
    return ids(catalog.all(
      `SELECT JobId AS id FROM Job WHERE PoolId = ? AND Type IN ('B', 'A') AND ${GOOD}
       AND JobBytes > 0 AND JobId NOT IN (
         SELECT PriorJobId FROM Job WHERE Type IN ('B', 'C') AND ${GOOD} AND PriorJobId <> 0)
       ORDER BY StartTime, JobId`,
      poolId,
    ));
  },
};

/**
 * The JobIds that the job's Selection Type selects, each once, in the order in which they are copied.
 * @throws {JobFailure} if the directives do not say what to select
 */
export async function selectJobs(selection: CopySelection): Promise<number[]> {
  const { selectionType } = selection.job;
  const select = SELECTORS[selectionType.toLowerCase()];
  if (select === undefined) throw new JobFailure(`Unknown ${selectionType} Selection Type.`);
  return [...new Set(await select(selection))];
}

/** Jobs of the names that the Selection Pattern fits. */
function named(
  { job, catalog, poolId }: CopySelection,
  sqlOfNames: string,
  sqlOfJobs: (names: string) => string,
): number[] {
  const pattern = patternOf(job);
  const names = catalog.all(sqlOfNames, poolId).map(({ name }) => String(name))
    .filter((name) => pattern.test(name));
  if (names.length === 0) return [];
  return ids(catalog.all(sqlOfJobs(names.map(() => "?").join(", ")), poolId, ...names));
}

function patternOf(job: JobResource): RegExp {
  const { selectionPattern } = job;
  if (selectionPattern === "") {
    throw new JobFailure(`No Migration ${job.selectionType} selection pattern specified.`);
  }
  try {
    return posixRegExp(selectionPattern);
  } catch (cause) {
    const why = messageOf(cause);
    throw new JobFailure(`Could not compile regex pattern "${selectionPattern}" ERR=${why}`, {
      cause,
    });
  }
}

/** Jobs on the volume with the smallest value of a column. */
function ofOneVolume({ catalog, poolId }: CopySelection, column: string): number[] {
  const [volume] = catalog.all(
    `SELECT MediaId AS id FROM Media WHERE PoolId = ? AND ${FULL_VOLUMES}
     AND MediaId IN (SELECT MediaId FROM JobMedia) ORDER BY ${column} NULLS FIRST, MediaId LIMIT 1`,
    poolId,
  );
  return volume === undefined ? [] : jobsOn(catalog, Number(volume.id)).map(({ id }) => id);
}

/** Oldest volumes first until the pool holds no more than `Migration Low Bytes`. */
function poolOccupancy({ catalog, pool, poolId }: CopySelection): number[] {
  const [sum] = catalog.all(
    `SELECT coalesce(sum(JobBytes), 0) AS bytes FROM Job WHERE ${BACKUPS} AND JobId IN (
       SELECT JobId FROM JobMedia JOIN Media USING (MediaId) WHERE Media.PoolId = ?
       AND Media.VolStatus IN ('Full', 'Used', 'Error', 'Append') AND Media.Enabled = 1)`,
    poolId,
  );
  let held = Number(sum?.bytes ?? 0);
  if (held === 0 || held < pool.migrationHighBytes) return [];
  const chosen: number[] = [];
  const volumes = catalog.all(
    `SELECT MediaId AS id FROM Media WHERE PoolId = ? AND ${FULL_VOLUMES}
     ORDER BY LastWritten NULLS FIRST, MediaId`,
    poolId,
  );
  for (const volume of volumes) {
    for (const { id, bytes } of jobsOn(catalog, Number(volume.id))) {
      if (held <= pool.migrationLowBytes) return chosen;
      if (chosen.includes(id)) continue;
      chosen.push(id);
      held -= bytes;
    }
  }
  return chosen;
}

function jobsOn(catalog: DirectorCatalog, mediaId: number): { id: number; bytes: number }[] {
  return catalog.all(
    `SELECT DISTINCT Job.JobId AS id, Job.JobBytes AS bytes, Job.StartTime FROM Job
     JOIN JobMedia USING (JobId) WHERE JobMedia.MediaId = ? AND ${BACKUPS}
     ORDER BY Job.StartTime, Job.JobId`,
    mediaId,
  ).map(({ id, bytes }) => ({ id: Number(id), bytes: Number(bytes) }));
}

/** The first column of rows, as far as it holds JobIds. */
function ids(rows: readonly Readonly<Record<string, unknown>>[]): number[] {
  return rows.map((row) => Number(Object.values(row)[0])).filter((id) =>
    Number.isSafeInteger(id) && id > 0
  );
}
