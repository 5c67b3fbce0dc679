/** Starts our file daemon for a script. @module */
import { loadConfiguration } from "../../daemon/config/mod.ts";
import { FileDaemon, fileOptions } from "../../daemon/file/mod.ts";
import { fixture } from "./paths.ts";

/** A daemon that listens. */
export interface StartedDaemon {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/**
 * Starts a file daemon `rec-fd` on a free port that knows director `rec-dir` with password `fd-pw`
 * (`config/rec-fd.conf` of the recordings).
 */
export const startFileDaemon: ((workingDirectory: string) => Promise<StartedDaemon>) | undefined = (
  workingDirectory,
) => {
  const configuration = loadConfiguration("file", fixture("config/rec-fd.conf"));
  const options = fileOptions(configuration);
  return new FileDaemon({
    ...options,
    settings: { ...options.settings, workingDirectory },
    addresses: [{ host: "127.0.0.1", port: 0 }],
  }).start();
};
