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
import { playTranscript } from "./console_transcript.ts";

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
  /** Opens the catalog, an empty one at first; one of SQLite in the folder if not given. */
  readonly open?: () => Catalog;
}

/** A director with a catalog. Dispose of it with `await using`. */
export class CatalogDirector implements AsyncDisposable {
  readonly #stop: () => Promise<void>;
  readonly #sessions: ConsoleSession[] = [];

  private constructor(
    /** Working directory. */
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
    const open = options.open ?? (() => Catalog.open(join(folder, "catalog.db")));
    const catalog = open();
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
      openCatalog: open,
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session.close();
    await this.#stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** What all transcripts of a file begin with. */
export interface TranscriptScene extends CatalogDirectorOptions {
  /** Replaces what differs from run to run. */
  readonly mask?: (text: string) => string;
}

/** Registers a test for each transcript. */
export function transcriptTests(names: readonly string[], scene: TranscriptScene): void {
  const play = async (name: string, options: CatalogDirectorOptions): Promise<void> => {
    await using director = await CatalogDirector.start(options);
    await playTranscript(name, await director.login(), scene.mask);
  };
  for (const name of names) {
    Deno.test(`the answers of ${name} are those of its transcript`, () => play(name, scene));
  }
}
