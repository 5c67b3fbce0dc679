/**
 * Files that were changed in the very second in which a job looks at them. Times are kept as whole
 * seconds, so that a change after that look, in the same second, could not be told by a later job.
 *
 * @module
 */
import { FileType, ModeType } from "../../../storage/volume/mod.ts";
import type { FoundFile } from "../fileset/mod.ts";
import { isSystemError, type Platform } from "../platform/mod.ts";

/** The clock of a file system may be so many milliseconds behind. */
const clockStep = 20;

/**
 * Waits once a job: at the first such file until its second is over. Files that were there when the job
 * began are not in doubt from then on; those that are changed while it runs are later than its begin.
 */
export class YoungFiles {
  readonly #platform: Platform;
  readonly #now: () => number;
  #hasWaited = false;

  /** Waits for nothing if no later job compares times; `now` is the time in milliseconds. */
  constructor(platform: Platform, isAccurate: boolean, now: () => number = Date.now) {
    this.#platform = platform;
    this.#now = now;
    this.#hasWaited = !isAccurate;
  }

  /** The file as it is to be saved: one that was changed just now is looked at again after its second. */
  *settled(file: FoundFile): Generator<"polls", FoundFile, undefined> {
    const { stat } = file;
    if (this.#hasWaited || stat === undefined) return file;
    const over = (stat.ctime + 1) * 1000 + clockStep;
    const left = over - this.#now();
    // A clock that is ahead of ours is somebody else's, and is not waited for.
    if (left <= 0 || left > 1000 + clockStep) return file;
    this.#hasWaited = true;
    while (this.#now() < over) yield "polls";
    return this.#again(file);
  }

  #again(file: FoundFile): FoundFile {
    try {
      const stat = this.#platform.lstat(file.path);
      const isSame = stat.ino === file.stat?.ino &&
        (stat.mode & ModeType.mask) === (file.stat.mode & ModeType.mask);
      if (!isSame) return file;
      const isFilled = file.type === FileType.emptyFile && stat.size > 0;
      return { ...file, stat, type: isFilled ? FileType.regularFile : file.type };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return file; // gone: who opens it says so
    }
  }
}
