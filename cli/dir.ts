/** `roost dir`: the director. @module */
import { join } from "node:path";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../daemon/director/mod.ts";
import { Catalog } from "../storage/catalog/mod.ts";
import { runDaemon, type StartDaemon } from "./run_daemon.ts";

/** Starts a director with its catalog embedded below its working directory. */
export const startDirector: StartDaemon<"director"> = (configuration, onProblem) => {
  const { workingDirectory } = configuration.first("Director");
  return new DirectorDaemon({
    configuration,
    openCatalog: ({ dbName }) => Catalog.open(join(workingDirectory, `${dbName}.db`)),
    readConfiguration: () => loadConfiguration("director", placeOf(configuration)),
    serveConsole,
    onProblem,
  }).start();
};

/** Where a configuration is loaded from again: its file, or the folder that holds its folders. */
function placeOf({ path, folder }: { readonly path: string; readonly folder: string }): string {
  return Deno.statSync(path).isDirectory ? folder : path;
}

/** Runs the director in the foreground until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon("director", args, startDirector);
}
