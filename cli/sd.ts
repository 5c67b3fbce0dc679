/** `roost sd`: the storage daemon. @module */
import { StorageDaemon, storageOptions } from "../daemon/storage/mod.ts";
import { endedJobsFile, runDaemon } from "./daemon/mod.ts";

/** Runs the storage daemon until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon({
    program: "storage",
    own: (configuration) => configuration.first("Storage"),
    start: (configuration, onProblem) =>
      new StorageDaemon({
        ...storageOptions(configuration),
        endedJobsFile: endedJobsFile("sd", configuration.first("Storage")),
        onProblem,
      }).start(),
  }, args);
}
