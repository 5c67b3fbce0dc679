/** `roost all`: the three daemons in one process. @module */
import { ConfigurationError, loadConfiguration } from "../daemon/config/mod.ts";
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import { obeySystemLibraries } from "../daemon/system_libraries.ts";
import { StorageDaemon, storageOptions } from "../daemon/storage/mod.ts";
import { startDirector } from "./dir.ts";
import { type RunningDaemon, Signals } from "./daemon/mod.ts";

/**
 * Starts storage daemon, file daemon and director of an installation.
 *
 * @throws ConfigurationError, or Error if a port cannot be opened; none is left running then
 */
export async function startAll(
  folder: string,
  onProblem: (text: string) => void,
): Promise<RunningDaemon> {
  const storage = loadConfiguration("storage", folder);
  const file = loadConfiguration("file", folder);
  const director = loadConfiguration("director", folder);
  for (const { warnings } of [storage, file, director]) {
    for (const text of warnings) onProblem(`warning: ${text}`);
  }
  for (
    const own of [storage.first("Storage"), file.first("Client"), director.first("Director")]
  ) obeySystemLibraries(own);
  const running: RunningDaemon[] = [];
  const stop = async (): Promise<void> => {
    // The director first: it reports the jobs that it ends.
    for (const daemon of running.toReversed()) await daemon.stop();
  };
  try {
    running.push(await new StorageDaemon({ ...storageOptions(storage), onProblem }).start());
    running.push(await new FileDaemon({ ...fileOptions(file), onProblem }).start());
    const leading = await startDirector(director, onProblem);
    running.push(leading);
    return { stop, reload: () => leading.reload?.() };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs the three daemons in the foreground until SIGTERM or SIGINT. */
export async function main(args: readonly string[]): Promise<number> {
  const at = args.findIndex((word) => word === "-c" || word === "--config");
  const folder = at < 0 ? undefined : args[at + 1];
  if (folder === undefined) {
    console.error("Usage: roost all -c FOLDER");
    return 41;
  }
  const complain = (text: string): void => console.error(`roost all: ${text}`);
  try {
    const signals = new Signals();
    const running = await startAll(folder, complain);
    await signals.untilTold(running);
    await running.stop();
    return 0;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return error instanceof ConfigurationError ? 42 : 1;
  }
}
