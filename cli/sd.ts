/** `roost sd`: the storage daemon. @module */
import { ConfigurationError, loadConfiguration } from "../daemon/config/mod.ts";
import { StorageDaemon, storageOptions } from "../daemon/storage/mod.ts";

const USAGE = `Usage: roost sd [-c <file or folder>] [-t]

  -c <path>  the configuration
  -t         test the configuration and end`;

/** Runs the storage daemon in the foreground until SIGTERM or SIGINT. */
export async function main(args: readonly string[]): Promise<number> {
  const path = optionValue(args, "-c");
  if (args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const configuration = loadConfiguration("storage", path);
    for (const warning of configuration.warnings) console.error(`roost sd: ${warning}`);
    if (args.includes("-t")) return 0;
    const running = await new StorageDaemon({
      ...storageOptions(configuration),
      onProblem: (text) => console.error(`roost sd: ${text}`),
    }).start();
    await untilTold();
    await running.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function optionValue(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, resolve);
  });
}
