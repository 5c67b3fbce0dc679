/** Running one daemon in the foreground, as `roost dir`, `roost sd` and `roost fd` do. @module */
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  type ProgramName,
  type ProgramResources,
} from "../daemon/config/mod.ts";

/** A daemon that runs. */
export interface RunningDaemon {
  /** Ends the jobs and closes everything. */
  stop(): Promise<void>;
  /** Reads the configuration anew. */
  reload?(): Promise<void> | void;
}

/** Makes and starts a daemon. */
export type StartDaemon<P extends ProgramName> = (
  configuration: Configuration<ProgramResources[P]>,
  onProblem: (text: string) => void,
) => Promise<RunningDaemon>;

const names: Readonly<Record<ProgramName, string>> = {
  director: "dir",
  storage: "sd",
  file: "fd",
  console: "console",
};

/** Options that take a value, and whether we do something with it. */
const valueOptions: Readonly<Record<string, "config" | "ignored">> = {
  "-c": "config",
  "--config": "config",
  "-d": "ignored",
  "-g": "ignored",
  "-p": "ignored",
  "-u": "ignored",
};

const commandLineStatus = 41;
const configurationStatus = 42;

/** Runs a daemon until SIGTERM or SIGINT; SIGHUP reloads where that is possible. */
export async function runDaemon<P extends ProgramName>(
  program: P,
  args: readonly string[],
  start: StartDaemon<P>,
): Promise<number> {
  const name = `roost ${names[program]}`;
  const complain = (text: string): void => console.error(`${name}: ${text}`);
  let path: string | undefined;
  let isTest = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    const use = valueOptions[word];
    if (use !== undefined) {
      const value = args[++at];
      if (value === undefined) {
        complain(`${word} needs a value`);
        return commandLineStatus;
      }
      if (use === "config") path = value;
    } else if (word === "-t" || word === "--test-config") isTest = true;
    else if (word === "-h" || word === "--help" || word === "-?") {
      console.log(usage(name));
      return 0;
    } else if (!["-f", "-m", "-s", "-v", "--foreground"].includes(word)) {
      complain(`there is no option ${word}\n${usage(name)}`);
      return commandLineStatus;
    }
  }
  try {
    const configuration = loadConfiguration(program, path);
    for (const warning of configuration.warnings) complain(`warning: ${warning}`);
    if (isTest) return 0;
    const running = await start(configuration, complain);
    const onHangup = (): void => void running.reload?.();
    Deno.addSignalListener("SIGHUP", onHangup);
    await untilTold();
    Deno.removeSignalListener("SIGHUP", onHangup);
    await running.stop();
    return 0;
  } catch (error) {
    if (error instanceof ConfigurationError) {
      console.error(error.message);
      return configurationStatus;
    }
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function usage(name: string): string {
  return `Usage: ${name} [options]

  -c PATH   the configuration, a file or a folder
  -t        test the configuration and end
  -f        stay in the foreground (always so in this version)
  -h        this text`;
}

/** Resolves at the first signal that asks to end. */
export function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, resolve);
  });
}
