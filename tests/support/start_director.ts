/** Starts our director for a script. @module */
import { parseConfiguration } from "../../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../../daemon/director/mod.ts";
import { Catalog } from "../../storage/catalog/mod.ts";
import { freePort } from "./free_port.ts";
import { fixture } from "./paths.ts";
import type { StartedDaemon } from "./start_file_daemon.ts";

/** What a director of a script is started with. */
export interface DirectorPlace {
  /** Empty folder for its catalog and logs. */
  readonly workingDirectory: string;
  /** Port of client `rec-fd`, password `fd-pw`. */
  readonly filePort: number;
  /** Port of client `denied-fd`, which refuses backups; password `fd-pw`. */
  readonly deniedPort: number;
  /** Port of the storage daemon of `File1`, password `sd1-pw`. */
  readonly storagePort: number;
  /** Port of the storage daemon of `File2`, password `sd2-pw`; none is needed where it is not used. */
  readonly secondPort?: number;
}

/**
 * Starts director `rec-dir` as `config/dir.conf` of the recordings describes it, with a fresh catalog,
 * on a free port; the default console's password is `console-pw`.
 */
export const startDirector: ((place: DirectorPlace) => Promise<StartedDaemon>) | undefined = (
  place,
) => {
  const text = Deno.readTextFileSync(fixture("config/dir.conf"))
    .replace(/Port = 9501/, `Port = ${freePort()}`)
    .replaceAll("/srv/sample/log/", `${place.workingDirectory}/`);
  const configuration = parseConfiguration("director", text);
  for (const client of configuration.all("Client")) {
    if (client.name === "rec-fd") Object.assign(client, { port: place.filePort });
    if (client.name === "denied-fd") Object.assign(client, { port: place.deniedPort });
  }
  for (const storage of configuration.all("Storage")) {
    const isSecond = storage.name === "File2";
    Object.assign(storage, { port: isSecond ? place.secondPort ?? 1 : place.storagePort });
  }
  Object.assign(configuration.first("Director"), { workingDirectory: place.workingDirectory });
  return new DirectorDaemon({
    configuration,
    openCatalog: () => Catalog.open(`${place.workingDirectory}/catalog.db`),
    serveConsole,
  }).start();
};
