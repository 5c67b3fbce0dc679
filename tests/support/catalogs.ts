/** Tests of the catalog, each once over every database that can hold one. @module */
import { Catalog, type PostgresOptions, PostgresStore } from "../../storage/catalog/mod.ts";
import { hasPostgres } from "./postgres.ts";
import { SharedPostgres } from "./postgres_catalogs.ts";

/** Opens an empty catalog, or again the one that was opened by this name in the same test. */
export type OpenCatalog = (name?: string) => Catalog;

/**
 * Registers a test for SQLite and one for PostgreSQL, which is ignored where there is no server to be
 * started. The catalogs are closed and removed at the end. One server serves all tests of a file.
 */
export const catalogTest: (name: string, body: (open: OpenCatalog) => void) => void = (() => {
  const shared = new SharedPostgres();
  const openPostgres = (): (_: string) => Catalog => {
    const opened = new Map<string, PostgresOptions>();
    return (name) => {
      const options = opened.get(name) ?? shared.emptyCatalog();
      opened.set(name, options);
      return new Catalog(new PostgresStore(options));
    };
  };
  return (name, body) => {
    shared.want();
    Deno.test(`${name} (SQLite)`, () => {
      const folder = Deno.makeTempDirSync({ prefix: "roost-catalog-" });
      try {
        withCatalogs((place) => Catalog.open(`${folder}/${place}.db`), body);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    });
    Deno.test({
      name: `${name} (PostgreSQL)`,
      ignore: !hasPostgres,
      fn: () => withCatalogs(openPostgres(), body),
    });
  };
})();

function withCatalogs(open: (place: string) => Catalog, body: (open: OpenCatalog) => void): void {
  const opened: Catalog[] = [];
  let count = 0;
  try {
    body((name) => {
      const catalog = open(name ?? `catalog${++count}`);
      opened.push(catalog);
      return catalog;
    });
  } finally {
    for (const catalog of opened) catalog.close();
  }
}
