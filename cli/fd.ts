/** `roost fd`: the file daemon. @module */
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import { daemonOptionsOf, endedJobsFile, runDaemon } from "./daemon/mod.ts";
import { daemonStatuses, describeStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options]"],
  about:
    "Runs the file daemon, which reads and writes the files of the machine it is on. Called by the name of " +
    "Bareos' program it goes to the background, unless -f is given. SIGTERM ends it.",
  options: daemonOptionsOf("file"),
  statuses: describeStatuses(daemonStatuses),
};

/** Runs the file daemon until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon({
    program: "file",
    own: (configuration) => configuration.first("Client"),
    test: (configuration) => void fileOptions(configuration),
    start: (configuration, onProblem, { backupOnly, restoreOnly } = {}) =>
      new FileDaemon({
        ...fileOptions(configuration, { backupOnly, restoreOnly }),
        endedJobsFile: endedJobsFile("fd", configuration.first("Client")),
        onProblem,
      }).start(),
  }, args);
}
