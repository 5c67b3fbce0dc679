/** `roost fd`: the file daemon. @module */
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import { runDaemon } from "./run_daemon.ts";

/** Runs the file daemon in the foreground until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon(
    "file",
    args,
    (configuration, onProblem) =>
      new FileDaemon({ ...fileOptions(configuration), onProblem }).start(),
  );
}
