import type { MediaRecord } from "../director_catalog.ts";
import { expire } from "./volume_limits.ts";
import { pruneVolume, recycleVolume } from "./volume_recycling.ts";
import type { VolumeSeeker } from "./volume_selection.ts";

const WRONG_STATUS = "but should be Append, Purged or Recycle";
const NOT_RECYCLED = `${WRONG_STATUS} (cannot automatically recycle current volume, as it still ` +
  "contains unpruned data or the Volume Retention time has not expired.)";

/**
 * Why a volume may not be written to; `undefined` if it may, after it was recycled if need be
 * (catalog-and-jobs.md 18.3, storage-daemon.md 4.5.3).
 */
export function unfitForWriting(seeker: VolumeSeeker, media: MediaRecord): string | undefined {
  if (media.poolId !== seeker.poolId) return "not in Pool";
  if (media.mediaType !== seeker.storage.mediaType) return "not correct MediaType";
  const isExpired = expire(seeker, media);
  const status = seeker.catalog.mediaByName(media.volumeName)?.volStatus ?? media.volStatus;
  if (status === "Append" || status === "Unlabeled" || status === "Recycle") return undefined;
  if (status === "Purged") {
    return recycleCurrent(seeker, media) ? undefined : "and recycling of current volume failed";
  }
  if (!media.recycle) return "volume has recycling disabled";
  const isOld = media.lastWritten + media.volRetention - 60 < seeker.now();
  const mayRecycle = status === "Full" || status === "Used";
  if (isOld && seeker.pool.recycleCurrentVolume && mayRecycle) {
    if (pruneVolume(seeker, media) && recycleCurrent(seeker, media)) return undefined;
    return NOT_RECYCLED;
  }
  return isExpired ? "volume has expired" : WRONG_STATUS;
}

function recycleCurrent(seeker: VolumeSeeker, media: MediaRecord): boolean {
  if (recycleVolume(seeker, media) === undefined) return false;
  seeker.info(`Recycled current volume "${media.volumeName}"`);
  return true;
}
