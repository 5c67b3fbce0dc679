/** Empty catalogs in PostgreSQL, as many as a test wants. @module */
import { createCatalog, type PostgresOptions } from "../../storage/catalog/mod.ts";
import { hasPostgres, PostgresServer } from "./postgres.ts";

/** A database with the tables in it, of which others are copies. */
const TEMPLATE = "template_catalog";

/** Starts a server that {@linkcode emptyCatalog} makes catalogs in. */
export async function startCatalogServer(): Promise<PostgresServer> {
  const server = await PostgresServer.start();
  try {
    createCatalog(server.options(TEMPLATE), undefined, () => {});
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** How a new and empty catalog is opened. */
export function emptyCatalog(server: PostgresServer): PostgresOptions {
  return server.options(server.createDatabase(`TEMPLATE ${TEMPLATE}`));
}

/** One server for all tests of a file. */
export class SharedPostgres {
  #server: PostgresServer | undefined;
  #isWanted = false;

  /** Lets the server run while the tests of the file do; none where there is none to be started. */
  want(): void {
    if (this.#isWanted || !hasPostgres) return;
    this.#isWanted = true;
    Deno.test.beforeAll(async () => {
      this.#server = await startCatalogServer();
    });
    Deno.test.afterAll(async () => await this.#server?.[Symbol.asyncDispose]());
  }

  /** How a new and empty catalog is opened; within tests only. */
  emptyCatalog(): PostgresOptions {
    if (this.#server === undefined) throw new Error("the server was not started");
    return emptyCatalog(this.#server);
  }
}
