/** Starts our director for a script. @module */
import type { StartedDaemon } from "./start_file_daemon.ts";

/** What a director of a script is started with. */
export interface DirectorPlace {
  /** Empty folder for its catalog and logs. */
  readonly workingDirectory: string;
  /** Port of client `rec-fd`, password `fd-pw`. */
  readonly filePort: number;
  /** Port of the storage daemon of `File1`, password `sd1-pw`. */
  readonly storagePort: number;
}

/**
 * Starts director `rec-dir` as `config/dir.conf` of the recordings describes it, with a fresh catalog,
 * on a free port; the default console's password is `console-pw`. `undefined` until there is one.
 */
export const startDirector: ((place: DirectorPlace) => Promise<StartedDaemon>) | undefined =
  undefined;
