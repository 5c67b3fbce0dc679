/**
 * A director in this process whose catalog a test has filled, and consoles to it: what consoles see of a
 * catalog, without a job having to run.
 *
 * @module
 */
import { parseConfiguration } from "../../daemon/config/mod.ts";
import { DirectorDaemon, serveConsole } from "../../daemon/director/mod.ts";
import { Catalog, PostgresStore } from "../../storage/catalog/mod.ts";
import { freePort } from "./free_port.ts";
import { join } from "./paths.ts";
import { playTranscript } from "./console_transcript.ts";
import { hasPostgres } from "./postgres.ts";
import { emptyCatalog, startCatalogServer } from "./postgres_catalogs.ts";
import { enterResources, ServedDirector } from "./served_director.ts";

/** What a scene begins with. */
export interface CatalogDirectorOptions {
  /** Resources besides the Director, the Catalog and the Messages `Standard`. */
  readonly resources: string;
  /** Statements that fill the catalog, which has the rows of the resources already. */
  readonly statements?: string;
  /** Further files of its folder, which directives call FOLDER: their content by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Further directives of the Director. */
  readonly director?: string;
  /** Directives of the Messages resource `Standard`; what goes where. */
  readonly messages?: string;
  /** Opens the catalog, an empty one at first; one of SQLite in the folder if not given. */
  readonly open?: () => Catalog;
  /** Called when the statements are done. */
  readonly afterFill?: (catalog: Catalog) => void;
}

/** A director with a catalog. Dispose of it with `await using`. */
export class CatalogDirector extends ServedDirector {
  static async start(options: CatalogDirectorOptions): Promise<CatalogDirector> {
    const folder = await Deno.makeTempDir({ prefix: "roost-catalog-" });
    const port = freePort();
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const configuration = parseConfiguration(
      "director",
      `Director { Name = test-dir; Address = 127.0.0.1; Port = ${port}; Password = secret
  Messages = Standard; Working Directory = "${folder}"; TLS Enable = no
  ${(options.director ?? "").replaceAll("FOLDER", folder)} }
Catalog { Name = Main; DbName = catalog; DbUser = x }
Messages { Name = Standard; ${options.messages ?? "Catalog = all"} }
${options.resources.replaceAll("FOLDER", folder)}`,
    );
    const open = options.open ?? (() => Catalog.open(join(folder, "catalog.db")));
    const catalog = open();
    try {
      enterResources(catalog, configuration);
      for (const statement of (options.statements ?? "").split(/;\n/)) {
        if (statement.trim() !== "") catalog.run(statement);
      }
      options.afterFill?.(catalog);
    } finally {
      catalog.close();
    }
    const director = await new DirectorDaemon({
      configuration,
      openCatalog: open,
      serveConsole,
    }).start();
    return new CatalogDirector({ folder, port, stop: () => director.stop() });
  }
}

/** Lets PostgreSQL go on counting behind the ids that the statements gave. */
function countOn(catalog: Catalog): void {
  for (const table of ["Job", "Media", "Pool", "Client", "Storage", "File", "Path", "Log"]) {
    const [name, key] = [table.toLowerCase(), `${table}Id`.toLowerCase()];
    catalog.one(
      `SELECT setval(pg_get_serial_sequence('${name}', '${key}'), coalesce(max(${key}), 1)) FROM ${name}`,
    );
  }
}

/** What all transcripts of a file begin with. */
export interface TranscriptScene extends CatalogDirectorOptions {
  /** Replaces what differs from run to run. */
  readonly mask?: (text: string) => string;
  /** Logs in as this Console resource; its password is `own`. */
  readonly console?: string;
}

/**
 * Registers a test for each transcript, over SQLite, and one more for all of them over PostgreSQL,
 * which must answer the same; it is ignored where there is no server to be started.
 */
export function transcriptTests(names: readonly string[], scene: TranscriptScene): void {
  const play = async (name: string, options: CatalogDirectorOptions): Promise<void> => {
    await using director = await CatalogDirector.start(options);
    await playTranscript(
      name,
      await (scene.console === undefined ? director.login() : director.login(scene.console, "own")),
      scene.mask,
    );
  };
  for (const name of names) {
    Deno.test(`the answers of ${name} are those of its transcript`, () => play(name, scene));
  }
  Deno.test({
    name: `a catalog in PostgreSQL gives the answers of ${names.join(", ")} too`,
    ignore: !hasPostgres,
    async fn() {
      await using server = await startCatalogServer();
      for (const name of names) {
        const options = emptyCatalog(server);
        const open = (): Catalog => new Catalog(new PostgresStore(options));
        await play(name, { ...scene, open, afterFill: countOn });
      }
    },
  });
}
