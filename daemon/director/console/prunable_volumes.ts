/** Volumes that could be pruned now, without touching them (console.md 9, 16.2). @module */
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import { oldestFirst } from "../volumes/volume_recycling.ts";

/** A job on such a volume. */
export interface PrunableJob {
  readonly jobId: number;
  readonly name: string;
  /** Catalog time. */
  readonly startTime: string;
  readonly bytes: number;
}

/** A volume all of whose jobs are older than its retention. */
export interface PrunableVolume {
  readonly media: MediaRecord;
  readonly jobs: readonly PrunableJob[];
}

const archived = 2;

/** The prunable volumes of a pool, oldest data first. @param now UNIX seconds */
export function prunableVolumes(
  catalog: DirectorCatalog,
  poolId: number,
  now: number,
): PrunableVolume[] {
  return catalog.media({ poolId, statuses: ["Full", "Used"] })
    .filter(({ enabled }) => enabled !== archived)
    .toSorted(oldestFirst)
    .flatMap((media) => {
      const jobs = catalog.jobsOnVolume(media.mediaId);
      if (jobs.some(({ jobTDate }) => jobTDate >= now - media.volRetention)) return [];
      return [{ media, jobs: jobs.map(({ jobId }) => factsOf(catalog, jobId)) }];
    });
}

function factsOf(catalog: DirectorCatalog, jobId: number): PrunableJob {
  const row = catalog.one(
    "SELECT Name AS name, StartTime AS start, JobBytes AS bytes FROM Job WHERE JobId = ?",
    jobId,
  );
  return {
    jobId,
    name: String(row?.name ?? ""),
    startTime: String(row?.start ?? ""),
    bytes: Number(row?.bytes ?? 0),
  };
}
