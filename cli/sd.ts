/** `roost sd`: the storage daemon. @module */
import { StorageDaemon, storageOptions } from "../daemon/storage/mod.ts";
import { runDaemon } from "./run_daemon.ts";

/** Runs the storage daemon in the foreground until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon(
    "storage",
    args,
    (configuration, onProblem) =>
      new StorageDaemon({ ...storageOptions(configuration), onProblem }).start(),
  );
}
