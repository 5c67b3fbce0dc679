/** `roost dir`: the director. @module */
import { join } from "node:path";
import {
  type Configuration,
  loadConfiguration,
  type ProgramResources,
} from "../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../daemon/director/mod.ts";
import { Catalog } from "../storage/catalog/mod.ts";
import { runDaemon, type StartDaemon } from "./daemon/mod.ts";

/** Starts a director with its catalog embedded below its working directory. */
export const startDirector: StartDaemon<"director"> = async (
  configuration,
  onProblem,
  { runJob } = {},
) => {
  const job = runJob === undefined ? undefined : configuration.get("Job", runJob);
  if (runJob !== undefined && job === undefined) {
    throw new Error(`Cannot run job "${runJob}": there is no Job resource of that name`);
  }
  const director = new DirectorDaemon({
    configuration,
    openCatalog: ({ dbName }) => openCatalog(configuration, dbName),
    readConfiguration: () => loadConfiguration("director", placeOf(configuration)),
    serveConsole,
    onProblem,
  });
  const running = await director.start();
  if (job !== undefined) director.run({ job, trigger: "User" });
  return running;
};

function openCatalog(
  configuration: Configuration<ProgramResources["director"]>,
  dbName: string,
): Catalog {
  return Catalog.open(join(configuration.first("Director").workingDirectory, `${dbName}.db`));
}

/** Where a configuration is loaded from again: its file, or the folder that holds its folders. */
function placeOf({ path, folder }: { readonly path: string; readonly folder: string }): string {
  return Deno.statSync(path).isDirectory ? folder : path;
}

/** Runs the director until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon({
    program: "director",
    workingDirectory: (configuration) => configuration.first("Director").workingDirectory,
    start: startDirector,
    test: (configuration) => {
      for (const { dbName } of configuration.all("Catalog")) {
        openCatalog(configuration, dbName).close();
      }
    },
  }, args);
}
