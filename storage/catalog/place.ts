/** Where a catalog is, and how it is opened there. @module */
import { type PostgresOptions, PostgresStore } from "./postgres/mod.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { CatalogError, type SqlStore } from "./store.ts";

/** Where a catalog is. It can be sent to a thread. */
export type CatalogPlace =
  | { readonly driver: "sqlite3"; readonly path: string }
  | { readonly driver: "postgresql"; readonly options: PostgresOptions };

/** Opens what keeps a catalog. @throws CatalogError if that cannot be done */
export function openStore(place: CatalogPlace): SqlStore {
  return place.driver === "sqlite3"
    ? new SqliteStore(place.path)
    : new PostgresStore(place.options);
}

/** Opens it to read only, besides others who may change it. @throws CatalogError if that cannot be done */
export function openReader(place: CatalogPlace): SqlStore {
  if (place.driver === "sqlite3") return new SqliteStore(place.path, { isReader: true });
  const store = new PostgresStore({ ...place.options, attempts: 1, isReader: true });
  store.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
  endWithReader(store);
  return store;
}

/** A server from 14 on that can looks every few seconds whether who asked is still there, and ends the query. */
function endWithReader(store: SqlStore): void {
  const setting = "client_connection_check_interval";
  try {
    store.all(
      `SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = '${setting}'`,
    );
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error; // its system has no way to find out
  }
}
