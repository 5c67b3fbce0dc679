/**
 * Which volume a job writes to next (catalog-and-jobs.md 18), how volumes are recycled, pruned and
 * purged (18.5, 20.4, 20.5) and made (19).
 *
 * @module
 */
import { withCommas } from "./formats.ts";
import {
  expandLabelFormat,
  isPlainFormat,
  isVolumeName,
  LabelFormatError,
  plainVolumeName,
  type Variables,
} from "./label_format.ts";
import type { DirectorCatalog, MediaRecord } from "./director_catalog.ts";
import type { PoolResource, StorageResource } from "./resources.ts";

/** For whom a volume is looked for. */
export interface VolumeSeeker {
  readonly catalog: DirectorCatalog;
  readonly pool: PoolResource;
  readonly poolId: number;
  readonly storage: StorageResource;
  readonly storageId: number;
  /** Whether volumes may be made, taken from the Scratch pool or purged: not for a mere look. */
  readonly mayCreate: boolean;
  /** `Prune Volumes` of the job. */
  readonly pruneVolumes: boolean;
  readonly variables: Variables;
  /** Job messages. */
  info(text: string): void;
  error(text: string): void;
  /** UNIX seconds. */
  now(): number;
}

const MAX_ROUNDS = 200;
const MAX_NAMES = 99;

/** The `index`-th best volume (from 1) to append to; `undefined` if there is none (18.1). */
export function findVolume(
  seeker: VolumeSeeker,
  index: number,
  unwanted: ReadonlySet<string>,
): MediaRecord | undefined {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = (seeker.storage.autoChanger && findExisting(seeker, index, unwanted, true)) ||
      findExisting(seeker, index, unwanted, false) ||
      (seeker.mayCreate ? obtain(seeker, unwanted) : undefined);
    if (found === undefined || found.volStatus !== "Append") return found;
    if (!expire(seeker, found)) return found;
  }
  seeker.error("We seem to be looping trying to find the next volume. I give up.");
  return undefined;
}

function findExisting(
  seeker: VolumeSeeker,
  index: number,
  unwanted: ReadonlySet<string>,
  inChanger: boolean,
): MediaRecord | undefined {
  const { catalog } = seeker;
  const candidates = () =>
    catalog.media({ poolId: seeker.poolId, mediaType: seeker.storage.mediaType })
      .filter((media) =>
        media.enabled === 1 && !unwanted.has(media.volumeName) &&
        (!inChanger || (media.inChanger && media.storageId === seeker.storageId))
      );
  const all = candidates();
  const appendable = [
    ...all.filter((media) => media.volStatus === "Append").sort(newestFirst),
    ...all.filter((media) => media.volStatus === "Unlabeled").sort(newestFirst),
  ];
  const nth = appendable[index - 1];
  if (nth !== undefined) return nth;
  const usable = [
    ...appendable,
    ...all.filter((media) => media.volStatus === "Recycle" && media.recycle).sort(oldestFirst),
  ];
  if (usable[index - 1] !== undefined) return usable[index - 1];
  const purged = all.filter(isPurged).sort(oldestFirst)[0];
  if (purged !== undefined) return recycleVolume(seeker, purged);
  if (!seeker.mayCreate || !(seeker.pruneVolumes || seeker.pool.autoPrune)) return undefined;
  pruneForSpace(seeker, inChanger);
  const pruned = candidates().filter(isPurged).sort(oldestFirst)[0];
  return pruned && recycleVolume(seeker, pruned);
}

const isPurged = (media: MediaRecord): boolean => media.volStatus === "Purged" && media.recycle;

/** Most recently written first, never written ones last, then by MediaId. */
function newestFirst(a: MediaRecord, b: MediaRecord): number {
  return b.lastWritten - a.lastWritten || a.mediaId - b.mediaId;
}

function oldestFirst(a: MediaRecord, b: MediaRecord): number {
  return a.lastWritten - b.lastWritten || a.mediaId - b.mediaId;
}

/** A volume from elsewhere: the Scratch pool, a new one, the oldest one. */
function obtain(seeker: VolumeSeeker, unwanted: ReadonlySet<string>): MediaRecord | undefined {
  return fromScratch(seeker, unwanted) ?? createVolume(seeker) ?? recycleOldest(seeker, unwanted);
}

function fromScratch(
  seeker: VolumeSeeker,
  unwanted: ReadonlySet<string>,
): MediaRecord | undefined {
  const { catalog, pool, poolId } = seeker;
  const scratchId = catalog.poolIdByName(pool.scratchPool?.name ?? "Scratch");
  if (scratchId === undefined || scratchId === poolId || isFull(seeker)) return undefined;
  const candidates = catalog.media({
    poolId: scratchId,
    mediaType: seeker.storage.mediaType,
    statuses: ["Append", "Unlabeled", "Recycle", "Purged"],
  }).filter((media) => media.enabled === 1 && !unwanted.has(media.volumeName));
  const rank = (media: MediaRecord) => SCRATCH_ORDER.indexOf(media.volStatus);
  const media = candidates.sort((a, b) => rank(a) - rank(b) || oldestFirst(a, b))[0];
  if (media === undefined) return undefined;
  catalog.updateMedia(media.mediaId, {
    poolId,
    ...poolDefaults(seeker),
    recyclePoolId: media.recyclePoolId,
  });
  seeker.info(`Using Volume "${media.volumeName}" from 'Scratch' pool.`);
  const moved = catalog.mediaByName(media.volumeName);
  return moved && moved.volStatus === "Purged" ? recycleVolume(seeker, moved) : moved;
}

const SCRATCH_ORDER = ["Append", "Unlabeled", "Recycle", "Purged"];

/** What a volume takes from its pool when it comes into it (18.4). */
export function poolDefaults(
  seeker: Pick<VolumeSeeker, "pool" | "catalog">,
): Partial<MediaRecord> {
  const { pool, catalog } = seeker;
  return {
    recycle: pool.recycle,
    volRetention: pool.volumeRetention,
    volUseDuration: pool.volumeUseDuration,
    maxVolJobs: pool.maximumVolumeJobs,
    maxVolFiles: pool.maximumVolumeFiles,
    maxVolBytes: pool.maximumVolumeBytes,
    minBlockSize: pool.minimumBlockSize,
    maxBlockSize: pool.maximumBlockSize,
    recyclePoolId: pool.recyclePool ? catalog.poolIdByName(pool.recyclePool.name) ?? 0 : 0,
  };
}

function isFull({ catalog, pool, poolId }: VolumeSeeker): boolean {
  return pool.maximumVolumes > 0 && catalog.volumeCount(poolId) >= pool.maximumVolumes;
}

/** Makes a volume by the pool's Label Format; `undefined` if it has none or is full (19.1). */
export function createVolume(seeker: VolumeSeeker): MediaRecord | undefined {
  const { catalog, pool, poolId } = seeker;
  const format = pool.labelFormat;
  if (format === "" || format === "*" || isFull(seeker)) return undefined;
  const volumeName = newVolumeName(seeker, format);
  if (volumeName === undefined) return undefined;
  const media = catalog.createMedia({
    volumeName,
    poolId,
    mediaType: seeker.storage.mediaType,
    volStatus: "Unlabeled",
    enabled: 1,
    storageId: seeker.storageId,
    ...poolDefaults(seeker),
  });
  seeker.info(`Created new Volume "${volumeName}" in catalog.`);
  return media;
}

function newVolumeName(seeker: VolumeSeeker, format: string): string | undefined {
  const { catalog } = seeker;
  if (isPlainFormat(format)) {
    const first = catalog.largestMediaId() + 1;
    for (let n = first; n < first + MAX_NAMES; n++) {
      const name = plainVolumeName(format, n);
      if (catalog.mediaByName(name) === undefined) return name;
    }
    seeker.error("Too many failures. Giving up creating Volume name.");
    return undefined;
  }
  let name: string;
  try {
    name = expandLabelFormat(format, seeker.variables);
  } catch (error) {
    if (!(error instanceof LabelFormatError)) throw error;
    seeker.error(`Cannot expand expression "${format}": ERR=${error.message}`);
    return undefined;
  }
  if (!isVolumeName(name)) {
    seeker.error(`Illegal character in Volume name "${name}"`);
    return undefined;
  }
  if (catalog.mediaByName(name) !== undefined) {
    seeker.error(`Cannot create Volume "${name}": it is in the catalog already`);
    return undefined;
  }
  return name;
}

/** `Purge Oldest Volume` and `Recycle Oldest Volume` (18.1 step 7). */
function recycleOldest(
  seeker: VolumeSeeker,
  unwanted: ReadonlySet<string>,
): MediaRecord | undefined {
  const { catalog, pool } = seeker;
  if (!pool.purgeOldestVolume && !pool.recycleOldestVolume) return undefined;
  const oldest = catalog.media({
    poolId: seeker.poolId,
    mediaType: seeker.storage.mediaType,
    statuses: ["Full", "Recycle", "Purged", "Used", "Append", "Unlabeled"],
  }).filter((media) => media.enabled === 1 && !unwanted.has(media.volumeName))
    .sort(oldestFirst)[0];
  if (oldest === undefined) return undefined;
  if (pool.purgeOldestVolume) {
    seeker.info(`Purging oldest volume "${oldest.volumeName}"`);
    catalog.deleteJobs(catalog.jobsOnVolume(oldest.mediaId).map(({ jobId }) => jobId));
    markPurged(seeker, oldest);
  } else {
    seeker.info(`Pruning oldest volume "${oldest.volumeName}"`);
    if (!pruneVolume(seeker, oldest)) return undefined;
  }
  const purged = catalog.mediaByName(oldest.volumeName);
  return purged && purged.poolId === seeker.poolId ? recycleVolume(seeker, purged) : undefined;
}

/** Takes a purged volume into use again: the storage daemon will overwrite it (18.5). */
export function recycleVolume(
  seeker: Pick<VolumeSeeker, "catalog" | "info">,
  media: MediaRecord,
): MediaRecord | undefined {
  seeker.catalog.updateMedia(media.mediaId, {
    volStatus: "Recycle",
    volJobs: 0,
    volFiles: 0,
    volBlocks: 0,
    volErrors: 0,
    volBytes: 1,
    firstWritten: 0,
    recycleCount: media.recycleCount + 1,
  });
  seeker.info(`Recycled volume "${media.volumeName}"`);
  return seeker.catalog.mediaByName(media.volumeName);
}

/** Prunes volumes until one is usable here (20.4). */
function pruneForSpace(seeker: VolumeSeeker, inChanger: boolean): void {
  const { catalog, pool, poolId } = seeker;
  const scratch = [
    catalog.poolIdByName("Scratch"),
    pool.scratchPool && catalog.poolIdByName(pool.scratchPool.name),
  ].filter((id) => id !== undefined);
  const candidates = catalog.media({
    mediaType: seeker.storage.mediaType,
    statuses: ["Full", "Used"],
  }).filter((media) =>
    media.enabled !== 2 &&
    (media.poolId === poolId || media.recyclePoolId === poolId ||
      (media.recyclePoolId > 0 && scratch.includes(media.recyclePoolId))) &&
    (!inChanger || (media.inChanger && media.storageId === seeker.storageId))
  ).sort(oldestFirst);
  for (const media of candidates) {
    if (!pruneVolume(seeker, media)) continue;
    const after = catalog.mediaByName(media.volumeName);
    if (after?.recycle && after.poolId === poolId && after.enabled === 1) return;
  }
}

/** What pruning and purging of volumes needs. */
export type VolumePruner = Pick<VolumeSeeker, "catalog" | "info" | "now">;

/** Deletes the jobs on a volume that are old enough; `true` if the volume is empty now. */
export function pruneVolume(pruner: VolumePruner, media: MediaRecord): boolean {
  const { catalog } = pruner;
  const limit = pruner.now() - media.volRetention;
  const jobs = catalog.jobsOnVolume(media.mediaId);
  const old = jobs.filter(({ jobTDate }) => jobTDate > 0 && jobTDate < limit);
  catalog.deleteJobs(old.map(({ jobId }) => jobId));
  if (old.length < jobs.length) return false;
  return markPurged(pruner, media);
}

/** Marks an empty volume as purged and moves it to its Recycle Pool (20.5). */
export function markPurged(pruner: VolumePruner, media: MediaRecord): boolean {
  if (media.firstWritten === 0 || media.lastWritten === 0) return false;
  const { catalog } = pruner;
  catalog.updateMedia(media.mediaId, {
    volStatus: "Purged",
    ...(media.recyclePoolId > 0 && { poolId: media.recyclePoolId }),
  });
  pruner.info(`All records pruned from Volume "${media.volumeName}"; marking it "Purged"`);
  return true;
}

/** What the limits of a volume need. */
export type VolumeWatcher = Pick<VolumeSeeker, "catalog" | "info" | "now">;

/** Marks a volume whose limits are reached; `true` if it was (18.2). */
export function expire(watcher: VolumeWatcher, media: MediaRecord): boolean {
  const reached = limitReached(media, watcher.now());
  if (reached === undefined) return false;
  watcher.info(
    `${reached.why} exceeded. Marking Volume "${media.volumeName}" as ${reached.status}.`,
  );
  watcher.catalog.updateMedia(media.mediaId, { volStatus: reached.status });
  return true;
}

/** Which limit of a volume is reached, and the status that it gets. */
export function limitReached(
  media: MediaRecord,
  now: number,
): { readonly status: "Full" | "Used"; readonly why: string } | undefined {
  if (media.volStatus !== "Append" || media.volJobs === 0) return undefined;
  if (media.maxVolBytes > 0 && media.volBytes >= media.maxVolBytes) {
    return { status: "Full", why: `Max Volume bytes=${withCommas(media.maxVolBytes)}` };
  }
  if (media.maxVolJobs > 0 && media.volJobs >= media.maxVolJobs) {
    return { status: "Used", why: `Max Volume jobs=${withCommas(media.maxVolJobs)}` };
  }
  if (media.maxVolFiles > 0 && media.volFiles >= media.maxVolFiles) {
    return { status: "Used", why: `Max Volume files=${withCommas(media.maxVolFiles)}` };
  }
  const age = now - media.firstWritten;
  if (media.volUseDuration > 0 && media.firstWritten > 0 && media.volUseDuration <= age) {
    const why = `Max configured use duration=${withCommas(media.volUseDuration)} sec.`;
    return { status: "Used", why };
  }
  return undefined;
}

/** Why a volume may not be written to; `undefined` if it may (18.3, storage-daemon.md 4.5.3). */
export function unfitForWriting(seeker: VolumeSeeker, media: MediaRecord): string | undefined {
  if (media.poolId !== seeker.poolId) return "not in Pool";
  if (media.mediaType !== seeker.storage.mediaType) return "not correct MediaType";
  const isExpired = expire(seeker, media);
  const status = seeker.catalog.mediaByName(media.volumeName)?.volStatus ?? media.volStatus;
  if (status === "Append" || status === "Unlabeled" || status === "Recycle") return undefined;
  if (status === "Purged") {
    seeker.info(`Recycled current volume "${media.volumeName}"`);
    return recycleVolume(seeker, media) === undefined
      ? "and recycling of current volume failed"
      : undefined;
  }
  if (isExpired) return "volume has expired";
  if (!media.recycle) return "volume has recycling disabled";
  const isOld = media.lastWritten + media.volRetention - 60 < seeker.now();
  const mayRecycle = status === "Full" || status === "Used";
  if (isOld && seeker.pool.recycleCurrentVolume && mayRecycle) {
    if (pruneVolume(seeker, media)) {
      recycleVolume(seeker, media);
      seeker.info(`Recycled current volume "${media.volumeName}"`);
      return undefined;
    }
    return "but should be Append, Purged or Recycle (cannot automatically recycle current volume, " +
      "as it still contains unpruned data or the Volume Retention time has not expired.)";
  }
  return "but should be Append, Purged or Recycle";
}
