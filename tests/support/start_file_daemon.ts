/** Starts our file daemon for a script. @module */

/** A daemon that listens. */
export interface StartedDaemon {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/**
 * Starts a file daemon `rec-fd` on a free port that knows director `rec-dir` with password `fd-pw`
 * (`config/rec-fd.conf` of the recordings); `undefined` until there is one.
 */
export const startFileDaemon: ((workingDirectory: string) => Promise<StartedDaemon>) | undefined =
  undefined;
