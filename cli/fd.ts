/** `roost fd`: the file daemon. @module */
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import { endedJobsFile, runDaemon } from "./daemon/mod.ts";

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
