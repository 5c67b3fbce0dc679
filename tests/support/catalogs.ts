/** Tests of the catalog, each once over every database that can hold one. @module */
import { Catalog, createCatalog, PostgresStore } from "../../storage/catalog/mod.ts";
import { hasPostgres, PostgresServer } from "./postgres.ts";

/** Opens an empty catalog, or again the one that was opened by this name in the same test. */
export type OpenCatalog = (name?: string) => Catalog;

/** A database with the tables in it, of which others are copies. */
const TEMPLATE = "template_catalog";

/**
 * Registers a test for SQLite and one for PostgreSQL, which is ignored where there is no server to be
 * started. The catalogs are closed and removed at the end. One server serves all tests of a file.
 */
export const catalogTest: (name: string, body: (open: OpenCatalog) => void) => void = (() => {
  let server: PostgresServer | undefined;
  let isRegistered = false;
  const register = (): void => {
    if (isRegistered || !hasPostgres) return;
    isRegistered = true;
    Deno.test.beforeAll(async () => {
      server = await PostgresServer.start();
      createCatalog(server.options(TEMPLATE), undefined, () => {});
    });
    Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());
  };
  const openPostgres = (): (_: string) => Catalog => {
    const names = new Map<string, string>();
    return (name) => {
      if (server === undefined) throw new Error("the server was not started");
      const database = names.get(name) ?? server.createDatabase(`TEMPLATE ${TEMPLATE}`);
      names.set(name, database);
      return new Catalog(new PostgresStore(server.options(database)));
    };
  };
  return (name, body) => {
    register();
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
