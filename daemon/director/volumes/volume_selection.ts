/**
 * Which volume a job writes to next (catalog-and-jobs.md 18.1), and how volumes are made (19).
 *
 * @module
 */
import { labelTypeNumber } from "../../../storage/catalog/mod.ts";
import {
  expandLabelFormat,
  isPlainFormat,
  isVolumeName,
  LabelFormatError,
  plainVolumeName,
  type Variables,
} from "./label_format.ts";
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import type { PoolResource, StorageResource } from "../resources.ts";
import { expire } from "./volume_limits.ts";
import {
  oldestFirst,
  pruneForSpace,
  pruneVolume,
  purgeVolume,
  recycleVolume,
} from "./volume_recycling.ts";

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
    catalog.media({
      poolId: seeker.poolId,
      mediaType: seeker.storage.mediaType,
      statuses: ["Append", "Unlabeled", "Recycle", "Purged"], // of a large pool, most are full
    }).filter((media) =>
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
    labelType: labelTypeNumber(pool.labelType),
    actionOnPurge: pool.actionOnPurge.toLowerCase() === "truncate" ? 1 : 0,
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
  const isRecycled = oldest.volStatus === "Recycle" || oldest.volStatus === "Purged";
  if (pool.purgeOldestVolume) {
    seeker.info(`Purging oldest volume "${oldest.volumeName}"`);
    if (!purgeVolume(seeker, oldest)) return undefined;
  } else {
    seeker.info(`Pruning oldest volume "${oldest.volumeName}"`);
    if (!pruneVolume(seeker, oldest) && !isRecycled) return undefined;
  }
  const purged = catalog.mediaByName(oldest.volumeName);
  return purged && purged.poolId === seeker.poolId ? recycleVolume(seeker, purged) : undefined;
}
