/** `roost all`: the three daemons in one process. @module */
import { parseArgs } from "node:util";
import { messageOf } from "../bytes/mod.ts";
import { ConfigurationError, loadConfiguration } from "../daemon/config/mod.ts";
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import { obeySystemLibraries } from "../daemon/system_libraries.ts";
import { StorageDaemon, storageOptions } from "../daemon/storage/mod.ts";
import { startDirector } from "./dir.ts";
import { daemonStatuses, describeStatuses } from "./exit_statuses.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";
import { checkWorkingDirectory, endedJobsFile, type RunningDaemon, Signals } from "./daemon/mod.ts";

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
  ) {
    checkWorkingDirectory(own.workingDirectory);
    obeySystemLibraries(own);
  }
  const running: RunningDaemon[] = [];
  const stop = async (): Promise<void> => {
    // The director first: it reports the jobs that it ends.
    for (const daemon of running.toReversed()) await daemon.stop();
  };
  try {
    running.push(
      await new StorageDaemon({
        ...storageOptions(storage),
        endedJobsFile: endedJobsFile("sd", storage.first("Storage")),
        onProblem,
      }).start(),
    );
    running.push(
      await new FileDaemon({
        ...fileOptions(file),
        endedJobsFile: endedJobsFile("fd", file.first("Client")),
        onProblem,
      }).start(),
    );
    const leading = await startDirector(director, onProblem);
    running.push(leading);
    return { stop, reload: () => leading.reload?.() };
  } catch (error) {
    await stop();
    throw error;
  }
}

const options = {
  config: {
    ...{ type: "string", short: "c", value: "FOLDER" },
    text: "holds bareos-dir.d, bareos-sd.d and bareos-fd.d, or files of these names",
  },
  "test-config": {
    ...{ type: "boolean", short: "t" },
    text: "reads the three configurations, says what is wrong with them, and ends",
  },
  help: commonOptions.help,
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["-c FOLDER [-t]"],
  about: "Runs director, storage daemon and file daemon in one process, in the foreground, until " +
    "SIGTERM. SIGHUP reads the director's configuration again.",
  options: describeOptions(options),
  statuses: describeStatuses(daemonStatuses),
};
const usage = usageText("roost all", manual);

/** Runs the three daemons in the foreground until SIGTERM or SIGINT. */
export async function main(args: readonly string[]): Promise<number> {
  const complain = (text: string): void => console.error(`roost all: ${text}`);
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    complain(`${messageOf(error)}\n\n${usage}`);
    return daemonStatuses.badCommandLine;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { config } = values;
  if (config === undefined) {
    console.error(usage);
    return daemonStatuses.badCommandLine;
  }
  try {
    if (values["test-config"]) {
      for (const program of ["storage", "file", "director"] as const) {
        for (const text of loadConfiguration(program, config).warnings) {
          complain(`warning: ${text}`);
        }
      }
      return 0;
    }
    const signals = new Signals();
    const running = await startAll(config, complain);
    await signals.untilTold(running);
    await running.stop();
    return 0;
  } catch (error) {
    complain(messageOf(error));
    return error instanceof ConfigurationError ? daemonStatuses.badConfiguration : 1;
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options,
  }).values;
}
