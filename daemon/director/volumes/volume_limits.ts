/** The limits of a volume: bytes, jobs, files and time (catalog-and-jobs.md 18.2). @module */
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import { withCommas } from "../report/formats.ts";

/** What the limits of a volume need. */
export interface VolumeWatcher {
  readonly catalog: DirectorCatalog;
  /** Job messages. */
  info(text: string): void;
  /** UNIX seconds. */
  now(): number;
}

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
