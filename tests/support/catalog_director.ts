/**
 * A director in this process whose catalog a test has filled, and consoles to it: what consoles see of a
 * catalog, without a job having to run.
 *
 * @module
 */
import { parseConfiguration } from "../../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../../daemon/director/mod.ts";
import { ConsoleSession, dial, passwordKey } from "../../protocol/mod.ts";
import { Catalog } from "../../storage/catalog/mod.ts";
import { freePort } from "./free_port.ts";
import { join } from "./paths.ts";

/** What a scene begins with. */
export interface CatalogDirectorOptions {
  /** Resources besides the Director, the Catalog and the Messages `Standard`. */
  readonly resources: string;
  /** Statements that fill the catalog, which has the rows of the resources already. */
  readonly statements?: string;
  /** Further directives of the Director. */
  readonly director?: string;
  /** Directives of the Messages resource `Standard`; what goes where. */
  readonly messages?: string;
}

/** A director with a catalog. Dispose of it with `await using`. */
export class CatalogDirector implements AsyncDisposable {
  readonly #stop: () => Promise<void>;
  readonly #sessions: ConsoleSession[] = [];

  private constructor(
    /** Working directory and catalog. */
    readonly folder: string,
    readonly port: number,
    stop: () => Promise<void>,
  ) {
    this.#stop = stop;
  }

  static async start(options: CatalogDirectorOptions): Promise<CatalogDirector> {
    const folder = await Deno.makeTempDir({ prefix: "roost-catalog-" });
    const port = freePort();
    const configuration = parseConfiguration(
      "director",
      `Director { Name = test-dir; Address = 127.0.0.1; Port = ${port}; Password = secret
  Messages = Standard; Working Directory = "${folder}"; TLS Enable = no
  ${options.director ?? ""} }
Catalog { Name = Main; DbName = catalog; DbUser = x }
Messages { Name = Standard; ${options.messages ?? "Catalog = all"} }
${options.resources.replaceAll("FOLDER", folder)}`,
    );
    const path = join(folder, "catalog.db");
    const catalog = Catalog.open(path);
    try {
      for (const pool of configuration.all("Pool")) catalog.pool(pool);
      for (const client of configuration.all("Client")) catalog.client(client);
      for (const storage of configuration.all("Storage")) catalog.storage(storage);
      for (const statement of (options.statements ?? "").split(/;\n/)) {
        if (statement.trim() !== "") catalog.run(statement);
      }
    } finally {
      catalog.close();
    }
    const director = await new DirectorDaemon({
      configuration,
      openCatalog: () => Catalog.open(path),
      serveConsole,
    }).start();
    return new CatalogDirector(folder, port, () => director.stop());
  }

  /** Logs in; as the default console if no name is given. */
  async login(name?: string, password = "secret"): Promise<ConsoleSession> {
    const connection = await dial({ address: "127.0.0.1", port: this.port, who: "Director" });
    const session = await ConsoleSession.login(connection, {
      ...(name !== undefined && { name }),
      key: passwordKey(password),
      version: "26.0.0",
      protocolVersion: "26.0.0",
    });
    this.#sessions.push(session);
    return session;
  }

  /** Values of the catalog: rows of a query, their columns joined by `|`. */
  rows(query: string): string[] {
    const catalog = Catalog.open(join(this.folder, "catalog.db"));
    try {
      return catalog.all(query).map((row) => Object.values(row).join("|"));
    } finally {
      catalog.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session.close();
    await this.#stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}
