/** `roost sd`: the storage daemon. @module */
import { StorageDaemon, storageOptions } from "../daemon/storage/mod.ts";
import { daemonOptionsOf, endedJobsFile, runDaemon } from "./daemon/mod.ts";
import { daemonStatuses, describeStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options]"],
  about:
    "Runs the storage daemon, which writes and reads volumes. Called by the name of Bareos' program it goes " +
    "to the background, unless -f is given. SIGTERM ends it.",
  options: daemonOptionsOf("storage"),
  statuses: describeStatuses(daemonStatuses),
};

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
