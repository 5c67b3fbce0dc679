/** Which jobs and files a restore takes (console.md 12.2, catalog-and-jobs.md 14.1). @module */
import { catalogSeconds, catalogTime } from "../report/formats.ts";
import { encodeText } from "../../../bytes/mod.ts";
import { filesOfJobs } from "../../../storage/catalog/mod.ts";
import { decodeStat } from "../../../storage/volume/mod.ts";
import type { SqlCatalog, SqlRow, SqlValue } from "../director_catalog.ts";
import { CommandFailed } from "./command.ts";

/** Completes a short date with the smallest values: `2026-05` is `2026-05-01 00:00:00`. */
export function completeDate(text: string): string | undefined {
  const match =
    /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?)?)?$/
      .exec(text.trim());
  if (match === null) return undefined;
  const [, year, month = "1", day = "1", hour = "0", minute = "0", second = "0"] = match;
  const two = (part: string): string => part.padStart(2, "0");
  const date = `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
  return catalogSeconds(date) === 0 || catalogTime(catalogSeconds(date)) !== date
    ? undefined
    : date;
}

/** Whose state is looked for. */
export interface StateWish {
  readonly clientId: number;
  readonly fileSet: string;
  /** Catalog time; jobs must have started before it. */
  readonly before: string;
  /** Only backups on volumes of this pool. */
  readonly poolId: number | undefined;
  /** Archives in place of backups. */
  readonly isArchive: boolean;
}

/** Jobs on volumes of a pool. */
const inPool =
  "Job.JobId IN (SELECT JobMedia.JobId FROM JobMedia JOIN Media ON Media.MediaId = JobMedia.MediaId WHERE Media.PoolId = ? AND Media.Enabled = 1)";

const newest = "ORDER BY Job.JobTDate DESC, Job.JobId DESC LIMIT 1";

/** The type of the jobs that a wish looks for. */
const typeOf = ({ isArchive }: Pick<StateWish, "isArchive">): string => isArchive ? "A" : "B";

/** The date that a state is before in which a job that began at `start` is the last. */
export function justAfter(start: string): string {
  return catalogTime(catalogSeconds(start) + 1);
}

/** The jobs of the state before a date, oldest first. @throws CommandFailed if there is no full one */
export function jobsOfState(catalog: SqlCatalog, wish: StateWish): number[] {
  const find = (
    level: string,
    after: SqlRow | undefined,
    order: string,
    type = typeOf(wish),
  ): SqlRow[] => {
    const values: SqlValue[] = [wish.clientId, level, wish.before, wish.fileSet];
    const terms = [
      "Job.ClientId = ? AND Job.Level = ? AND Job.StartTime < ? AND FileSet.FileSet = ?",
      `Job.Type = '${type}' AND Job.JobStatus IN ('T', 'W')`,
    ];
    if (after !== undefined) {
      // Jobs of one second follow one another by their JobId.
      terms.push("(Job.JobTDate > ? OR (Job.JobTDate = ? AND Job.JobId > ?))");
      values.push(Number(after.tdate), Number(after.tdate), Number(after.id));
    }
    if (wish.poolId !== undefined) {
      terms.push(inPool);
      values.push(wish.poolId);
    }
    return catalog.all(
      `SELECT Job.JobId AS id, Job.JobTDate AS tdate FROM Job JOIN FileSet ON FileSet.FileSetId = Job.FileSetId
       WHERE ${terms.join(" AND ")} ${order}`,
      ...values,
    );
  };
  const onVolume = (row: SqlRow | undefined): boolean =>
    row !== undefined && catalog.one(
        `SELECT 1 AS n FROM JobMedia JOIN Media ON Media.MediaId = JobMedia.MediaId
       WHERE JobMedia.JobId = ? AND Media.Enabled = 1 LIMIT 1`,
        Number(row.id),
      ) !== undefined;
  const [full] = find("F", undefined, newest);
  if (full === undefined || !onVolume(full)) {
    const [what, other, hint] = wish.isArchive
      ? ["Full backup archive", "backup", "Try normal restore <...> instead."]
      : ["Full backup", "backup archive", "Try restore archive <...> instead."];
    const [suitable] = find("F", undefined, newest, wish.isArchive ? "B" : "A");
    throw new CommandFailed(
      `No ${what} before ${wish.before} found.` +
        (onVolume(suitable) ? `\nA suitable full ${other} was found. ${hint}` : ""),
    );
  }
  const [differential] = find("D", full, newest).filter(onVolume);
  const incrementals = find("I", differential ?? full, "ORDER BY Job.JobTDate, Job.JobId")
    .filter(onVolume);
  const found = [full, ...(differential === undefined ? [] : [differential]), ...incrementals];
  return found.map(({ id }) => Number(id));
}

/** The rows that tell the user what was selected. */
export function tableOfJobs(catalog: SqlCatalog, jobIds: readonly number[]): SqlRow[] {
  return catalog.all(
    `SELECT DISTINCT Job.JobId AS jobid, Job.Level AS level, Job.JobFiles AS jobfiles, Job.JobBytes AS jobbytes,
       Job.StartTime AS starttime, Media.VolumeName AS volumename
     FROM Job JOIN JobMedia ON JobMedia.JobId = Job.JobId JOIN Media ON Media.MediaId = JobMedia.MediaId
     WHERE Job.JobId IN (${jobIds.join(", ")}) ORDER BY Job.StartTime, Job.JobId`,
  );
}

/** A file of a job. */
export interface FilePlace {
  readonly jobId: number;
  readonly fileIndex: number;
  /** Of another name of a file: where the first one lies, which has the data; 0 or absent for none. */
  readonly firstIndex?: number;
}

function placeOf({ jobId, fileIndex, lstat }: SqlRow): FilePlace {
  const { linkFileIndex } = decodeStat(String(lstat));
  return { jobId: Number(jobId), fileIndex: Number(fileIndex), firstIndex: linkFileIndex };
}

/** The newest version of a file of a client up to a date. */
export function findFile(
  catalog: SqlCatalog,
  path: string,
  of: Omit<StateWish, "fileSet"> & { readonly jobIds: readonly number[] },
): FilePlace | undefined {
  const slash = path.lastIndexOf("/") + 1;
  const { table, owner } = filesOfJobs(catalog, of.jobIds);
  const jobs = of.jobIds.length > 0
    ? `Job.JobId IN (${of.jobIds.join(", ")})`
    : `Job.ClientId = ? AND Job.StartTime <= ? AND Job.JobStatus IN ('T', 'W') AND Job.Type = '${
      typeOf(of)
    }'${of.poolId === undefined ? "" : ` AND ${inPool}`}`;
  const values = of.jobIds.length > 0
    ? []
    : [of.clientId, of.before, ...(of.poolId === undefined ? [] : [of.poolId])];
  const row = catalog.one(
    `SELECT File.JobId AS jobId, File.FileIndex AS fileIndex, File.LStat AS lstat FROM ${table}
     JOIN Path ON Path.PathId = File.PathId JOIN Job ON Job.JobId = File.${owner}
     WHERE Path.Path = CAST(? AS TEXT) AND File.Name = CAST(? AS TEXT) AND File.FileIndex > 0 AND ${jobs}
     ORDER BY Job.StartTime DESC, Job.JobId DESC LIMIT 1`,
    encodeText(path.slice(0, slash)),
    encodeText(path.slice(slash)),
    ...values,
  );
  return row && placeOf(row);
}

/** The files directly in a directory, and the directory itself, over jobs. */
export function filesOfDirectory(
  catalog: SqlCatalog,
  path: string,
  jobIds: readonly number[],
): FilePlace[] {
  const folder = path.endsWith("/") ? path : `${path}/`;
  const { table, owner } = filesOfJobs(catalog, jobIds);
  return catalog.all(
    `SELECT File.JobId AS jobId, File.FileIndex AS fileIndex, File.LStat AS lstat FROM ${table} JOIN Path ON Path.PathId = File.PathId
     WHERE Path.Path = CAST(? AS TEXT) AND File.FileIndex > 0 AND File.${owner} IN (${
      jobIds.join(", ") || "0"
    })`,
    encodeText(folder),
  ).map(placeOf);
}

/** What `.bvfs_restore` prepared under a name. @throws CommandFailed if there is nothing */
export function filesOfTable(catalog: SqlCatalog, name: string): FilePlace[] {
  const known = /^b2\d{1,18}$/.test(name) &&
    catalog.hasTable(name);
  if (!known) throw new CommandFailed(`No table found: ${name}`);
  return catalog.all(`SELECT JobId AS jobId, FileIndex AS fileIndex FROM ${name}`)
    .map(({ jobId, fileIndex }) => ({ jobId: Number(jobId), fileIndex: Number(fileIndex) }));
}

/** Copies that exist of jobs: each original's JobId and that of its oldest copy. */
export function copiesOf(catalog: SqlCatalog, jobIds: readonly number[]): Map<number, number> {
  const rows = catalog.all(
    `SELECT PriorJobId AS original, min(JobId) AS copy FROM Job
     WHERE Type = 'C' AND PriorJobId IN (${jobIds.join(", ") || "0"}) GROUP BY PriorJobId`,
  );
  return new Map(rows.map(({ original, copy }) => [Number(original), Number(copy)]));
}
