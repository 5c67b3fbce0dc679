/**
 * How volumes become free again: recycled, pruned and purged (catalog-and-jobs.md 18.5, 20.4, 20.5).
 *
 * @module
 */
import { isJobFinal } from "../jobs/job_states.ts";
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import type { PoolResource, StorageResource } from "../resources.ts";

/** What pruning and purging of volumes needs. */
export interface VolumePruner {
  readonly catalog: DirectorCatalog;
  /** Job messages. */
  info(text: string): void;
  /** UNIX seconds. */
  now(): number;
}

/** Takes a purged volume into use again: the storage daemon will overwrite it (18.5). */
export function recycleVolume(
  { catalog, info }: Pick<VolumePruner, "catalog" | "info">,
  media: MediaRecord,
): MediaRecord | undefined {
  catalog.updateMedia(media.mediaId, {
    volStatus: "Recycle",
    volJobs: 0,
    volFiles: 0,
    volBlocks: 0,
    volErrors: 0,
    volBytes: 1,
    firstWritten: 0,
    recycleCount: media.recycleCount + 1,
  });
  info(`Recycled volume "${media.volumeName}"`);
  return catalog.mediaByName(media.volumeName);
}

/** Where room is needed. */
export interface RoomWish extends VolumePruner {
  readonly pool: PoolResource;
  readonly poolId: number;
  readonly storage: StorageResource;
  readonly storageId: number;
}

/** Prunes volumes until one is usable here (20.4). */
export function pruneForSpace(wish: RoomWish, inChanger: boolean): void {
  const { catalog, pool, poolId } = wish;
  const scratch = [
    catalog.poolIdByName("Scratch"),
    pool.scratchPool && catalog.poolIdByName(pool.scratchPool.name),
  ].filter((id) => id !== undefined);
  const candidates = catalog.media({
    mediaType: wish.storage.mediaType,
    statuses: ["Full", "Used"],
  }).filter((media) =>
    media.enabled !== ARCHIVED &&
    (media.poolId === poolId || media.recyclePoolId === poolId ||
      (media.recyclePoolId > 0 && scratch.includes(media.recyclePoolId))) &&
    (!inChanger || (media.inChanger && media.storageId === wish.storageId))
  ).sort(oldestFirst);
  for (const media of candidates) {
    if (!pruneVolume(wish, media)) continue;
    const after = catalog.mediaByName(media.volumeName);
    if (after?.recycle && after.poolId === poolId && after.enabled === 1) return;
  }
}

const ARCHIVED = 2;

/** By the time of the last write, then by MediaId. */
export function oldestFirst(a: MediaRecord, b: MediaRecord): number {
  return a.lastWritten - b.lastWritten || a.mediaId - b.mediaId;
}

/**
 * Deletes the jobs on a volume that are older than its retention; `true` if it is purged now. A job
 * that still runs stays, whatever its age.
 */
export function pruneVolume(pruner: VolumePruner, media: MediaRecord): boolean {
  const { catalog } = pruner;
  const limit = pruner.now() - media.volRetention;
  const jobs = catalog.jobsOnVolume(media.mediaId);
  const old = jobs.filter(({ jobTDate, jobStatus }) => jobTDate < limit && isJobFinal(jobStatus));
  if (old.length > 0) {
    const ids = old.map(({ jobId }) => jobId);
    pruner.info(
      `Volume "${media.volumeName}" has Volume Retention of ${media.volRetention} sec. and has ` +
        `${ids.length} jobs that will be pruned`,
    );
    pruner.info(`Purging the following ${ids.length} JobIds: ${ids.join(",")}`);
    catalog.deleteJobs(ids);
  }
  if (old.length < jobs.length) return false;
  return markPurged(pruner, media, jobs.length === 0 ? "empty" : "pruned");
}

/** Deletes all ended jobs on a volume regardless of retention; `true` if it is purged now (20.5). */
export function purgeVolume(pruner: VolumePruner, media: MediaRecord): boolean {
  const jobs = pruner.catalog.jobsOnVolume(media.mediaId);
  const ended = jobs.filter(({ jobStatus }) => isJobFinal(jobStatus));
  pruner.catalog.deleteJobs(ended.map(({ jobId }) => jobId));
  if (ended.length < jobs.length) return false;
  return markPurged(pruner, media, "forced");
}

/** Why a volume holds no jobs any more. */
export type PurgeReason = "empty" | "pruned" | "forced";

/**
 * Marks an empty volume as purged and moves it to its Recycle Pool if there is room (20.5).
 * @returns `false` for a volume that was never written, unless that is forced
 */
function markPurged(
  { catalog, info }: Pick<VolumePruner, "catalog" | "info">,
  media: MediaRecord,
  why: PurgeReason,
): boolean {
  // A recycled volume has lost the time of its first write, but it was written.
  const wasWritten = media.lastWritten > 0 && (media.firstWritten > 0 || media.recycleCount > 0);
  if (!wasWritten && why !== "forced") return false;
  const { recyclePoolId, volumeName } = media;
  const moves = recyclePoolId > 0 && catalog.hasRoom(recyclePoolId);
  catalog.updateMedia(media.mediaId, {
    volStatus: "Purged",
    ...(moves && { poolId: recyclePoolId }),
  });
  info(`There are no more Jobs associated with Volume "${volumeName}". Marking it purged.`);
  if (why === "pruned") info(`All records pruned from Volume "${volumeName}"; marking it "Purged"`);
  return true;
}
