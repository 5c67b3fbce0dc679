/** Dumps of catalogs, which jobs back up. @module */
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../bytes/mod.ts";
import { CatalogError } from "../storage/catalog/mod.ts";
import type { CatalogPlace } from "../storage/catalog/mod.ts";

/**
 * Writes a catalog as it is at one moment into a file that only its owner may read: a copy of SQLite's
 * file, or the SQL that `pg_dump` writes. A former dump is replaced when the new one is complete.
 *
 * @throws CatalogError if that cannot be done
 */
export async function dumpCatalog(place: CatalogPlace, file: string): Promise<void> {
  const fresh = `${file}.${Deno.pid}.new`;
  try {
    // Made before anything is written, so that nobody else ever reads it.
    (await Deno.open(fresh, { write: true, createNew: true, mode: 0o600 })).close();
    if (place.driver === "sqlite3") dumpSqlite(place.path, fresh);
    else await dumpPostgres(place.options, fresh);
    await Deno.rename(fresh, file);
  } catch (cause) {
    await Deno.remove(fresh).catch(() => {}); // it may not have been made
    const why = messageOf(cause);
    throw new CatalogError(`Cannot dump the catalog into ${file}: ${why}`, { cause });
  }
}

/** Removes a dump, if there is one. @throws CatalogError if that cannot be done */
export function removeDump(file: string): void {
  try {
    Deno.removeSync(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return;
    throw new CatalogError(`Cannot remove ${file}: ${cause}`, { cause });
  }
}

function dumpSqlite(path: string, file: string): void {
  using database = new DatabaseSync(path, { readOnly: true });
  database.exec("PRAGMA busy_timeout = 60000");
  database.prepare("VACUUM INTO ?").run(file);
}

async function dumpPostgres(
  { target, database, user, password }: Extract<CatalogPlace, { driver: "postgresql" }>["options"],
  file: string,
): Promise<void> {
  const [, folder = "", port = ""] = target.transport === "unix"
    ? /^(.*)\/\.s\.PGSQL\.(\d+)$/.exec(target.path) ?? []
    : ["", target.hostname, String(target.port)];
  const args = ["--no-password", "-h", folder, "-p", port, "-U", user, "-f", file, database];
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command("pg_dump", {
      args,
      env: password === "" ? {} : { PGPASSWORD: password },
      stdin: "null",
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("there is no program pg_dump: install PostgreSQL's client programs", {
      cause: error,
    });
  }
  if (!result.success) throw new Error(new TextDecoder().decode(result.stderr).trim());
}
