/** `roost dir`: the director. @module */
import { existsSync } from "node:fs";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../daemon/director/mod.ts";
import { openCatalog, openForDirector, placeOfCatalog } from "./catalog_place.ts";
import {
  checkWorkingDirectory,
  daemonOptionsOf,
  endedJobsFile,
  runDaemon,
  type StartDaemon,
} from "./daemon/mod.ts";
import { daemonStatuses, describeStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";

/** Starts a director with the catalogs of its configuration. */
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
    openCatalog: (resource) => openForDirector(configuration, resource),
    readConfiguration: () => loadConfiguration("director", placeOf(configuration)),
    serveConsole,
    endedJobsFile: endedJobsFile("dir", configuration.first("Director")),
    onProblem,
  });
  const running = await director.start();
  if (job !== undefined) director.run({ job, trigger: "User" });
  return running;
};

/** Where a configuration is loaded from again: its file, or the folder that holds its folders. */
function placeOf({ path, folder }: { readonly path: string; readonly folder: string }): string {
  return Deno.statSync(path).isDirectory ? folder : path;
}

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options]"],
  about:
    "Runs the director: it keeps the catalog, starts jobs by their schedules, and serves consoles. Called by " +
    "the name of Bareos' program it goes to the background, unless -f is given. SIGHUP reads the " +
    "configuration again, SIGTERM ends it.",
  options: daemonOptionsOf("director"),
  statuses: describeStatuses(daemonStatuses),
};

/** Runs the director until SIGTERM or SIGINT. */
export function main(args: readonly string[]): Promise<number> {
  return runDaemon({
    program: "director",
    own: (configuration) => configuration.first("Director"),
    start: startDirector,
    test: (configuration) => {
      for (const resource of configuration.all("Catalog")) {
        const place = placeOfCatalog(configuration, resource);
        const isThere = place.driver !== "sqlite3" || existsSync(place.path);
        // A catalog is made at the first start, by the user of the daemon: a test leaves nothing behind.
        if (isThere) openCatalog(configuration, resource).close();
        else checkWorkingDirectory(configuration.first("Director").workingDirectory);
      }
    },
  }, args);
}
