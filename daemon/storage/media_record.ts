/**
 * What the catalog knows of a volume (storage-daemon.md 4.5.1).
 *
 * @module
 */

/** A volume's catalog record as the director sends it; the counters are kept up to date here. */
export interface MediaRecord {
  volumeName: string;
  jobs: number;
  /** High half of the end address on file devices. */
  files: number;
  blocks: number;
  /** Size of the volume in bytes. */
  bytes: number;
  mounts: number;
  errors: number;
  writes: number;
  /** Size at which the volume is full, 0 for none. */
  maximumBytes: number;
  /** `Append`, `Full`, `Used`, `Recycle`, ... */
  status: string;
  slot: number;
  maximumJobs: number;
  maximumFiles: number;
  inChanger: boolean;
  /** Microseconds spent reading and writing. */
  readTime: number;
  writeTime: number;
  mediaId: number;
  /** 0 for the device's own. */
  minimumBlockSize: number;
  maximumBlockSize: number;
  /** Seconds in which a volume that is labelled now is not to be overwritten, 0 for none. */
  appendOnlyPeriod: number;
  /** UNIX seconds; not in the director's answer, sent after labelling. */
  firstWritten: number;
  /** Said by directors of Bacula only, and told them again. */
  enabled?: number | undefined;
  recycle?: number | undefined;
}

/**
 * Takes over what the director decides from its answer to an update; the counters stay ours, for
 * other jobs may have written since the update was sent.
 */
export function adoptDecisions(mine: MediaRecord, answer: MediaRecord): void {
  mine.status = answer.status;
  mine.slot = answer.slot;
  mine.inChanger = answer.inChanger;
  mine.maximumBytes = answer.maximumBytes;
  mine.maximumJobs = answer.maximumJobs;
  mine.maximumFiles = answer.maximumFiles;
  mine.minimumBlockSize = answer.minimumBlockSize;
  mine.maximumBlockSize = answer.maximumBlockSize;
  mine.mediaId = answer.mediaId;
  mine.enabled = answer.enabled;
  mine.recycle = answer.recycle;
}
