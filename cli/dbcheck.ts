/**
 * `roost dbcheck`: looks for what is wrong in a catalog and mends it, as `bareos-dbcheck` does
 * (catalog-and-jobs.md 25). Without `-b` a menu asks what to do.
 *
 * @module
 */
import { dirname } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  type ProgramResources,
} from "../daemon/config/mod.ts";
import { messageOf } from "../bytes/mod.ts";
import { VERSION } from "../daemon/version.ts";
import {
  type Catalog,
  catalogChecks,
  CatalogError,
  type CatalogPlace,
  type ConfiguredNames,
  firstCheck,
  runCheck,
} from "../storage/catalog/mod.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";
import { catalogResource, openCatalog, placeOfCatalog } from "./catalog_place.ts";

const options = {
  config: commonOptions.config,
  catalog: {
    ...{ type: "string", short: "C", value: "NAME" },
    text: "the Catalog resource; the first one if not given",
  },
  batch: { type: "boolean", short: "b", text: "check everything without asking" },
  fix: { type: "boolean", short: "f", text: "mend what is wrong" },
  verbose: { type: "boolean", short: "v", text: "show each record that is wrong" },
  showcatalog: {
    ...{ type: "boolean", short: "B" },
    text: "show where the catalog is, without its password, and end",
  },
  "debug-level": { type: "string", short: "d", value: "LEVEL", text: "accepted" },
  "debug-timestamps": { type: "boolean", text: "accepted" },
  dt: { type: "boolean" },
  help: { type: "boolean", short: "h", text: "this help" },
  version: { type: "boolean", text: "the version" },
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options]"],
  about: "Looks for what is wrong in a catalog, and mends it. Without -b a menu asks what to do.",
  options: describeOptions(options),
  notes: "Do not mend a catalog while its director runs jobs.",
};
const usage = usageText("dbcheck", manual);

interface Options {
  readonly path: string | undefined;
  readonly catalog: string | undefined;
  readonly flags: ReadonlySet<string>;
}

/** Runs `dbcheck` with the words of its command line; the result is the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.some((word) => ["--help", "-h", "-?"].includes(word))) {
    console.log(usage);
    return 0;
  }
  if (args.includes("--version")) {
    console.log(VERSION);
    return 0;
  }
  let options: Options;
  try {
    options = parse(args);
  } catch (error) {
    console.error(`roost dbcheck: ${messageOf(error)}\n\n${usage}`);
    return 1;
  }
  try {
    const configuration = loadConfiguration("director", options.path);
    const resource = catalogResource(configuration, options.catalog);
    if (options.flags.has("-B")) {
      const { workingDirectory } = configuration.first("Director");
      const place = placeOfCatalog(configuration, resource);
      console.log(describePlace(resource.name, workingDirectory, place).join("\n"));
      return 0;
    }
    const catalog = openCatalog(configuration, resource);
    try {
      const session = new CheckSession(catalog, configuration, options.flags);
      if (options.flags.has("-b")) session.checkAll();
      else await session.serveMenu();
    } finally {
      catalog.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof CatalogError)) throw error;
    console.error(`roost dbcheck: ${error.message}`);
    return 1;
  }
}

/** @throws Error if the words cannot be understood */
function parse(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: args.map((word) => word === "-dt" ? "--debug-timestamps" : word),
    options,
    allowPositionals: true,
  });
  if (positionals.length > 0) {
    throw new Error(
      `the catalog is that of a Catalog resource (-c PATH -C NAME), not of words as "${
        positionals[0]
      }"`,
    );
  }
  const { config, catalog, batch, fix, verbose, showcatalog } = values;
  const given = { "-b": batch, "-f": fix, "-v": verbose, "-B": showcatalog };
  const flags = Object.entries(given).flatMap(([flag, isGiven]) => isGiven === true ? [flag] : []);
  return { path: config, catalog, flags: new Set(flags) };
}

type DirectorConfiguration = Configuration<ProgramResources["director"]>;

/** Where the catalog is, for scripts: the lines of Bacula's dbcheck, but for the password, which is left out. */
function describePlace(
  catalog: string,
  workingDirectory: string,
  place: CatalogPlace,
): string[] {
  const target = place.driver === "sqlite3" ? undefined : place.options.target;
  const isTcp = target?.transport === "tcp";
  return [
    `catalog=${catalog}`,
    `db_name=${place.driver === "sqlite3" ? place.path : place.options.database}`,
    `db_driver=${place.driver}`,
    `db_user=${place.driver === "sqlite3" ? "" : place.options.user}`,
    "db_password=",
    `db_address=${isTcp ? target.hostname : ""}`,
    `db_port=${isTcp ? target.port : target?.path.match(/\d+$/)?.[0] ?? 0}`,
    `db_socket=${target === undefined || isTcp ? "" : dirname(target.path)}`,
    `db_type=${place.driver === "sqlite3" ? "SQLite3" : "PostgreSQL"}`,
    `working_dir=${workingDirectory}`,
  ];
}

/** The checks of one catalog, and how they are made. */
class CheckSession {
  readonly #catalog: Catalog;
  readonly #names: ConfiguredNames;
  #mends: boolean;
  #isVerbose: boolean;

  constructor(
    catalog: Catalog,
    configuration: DirectorConfiguration,
    flags: ReadonlySet<string>,
  ) {
    this.#catalog = catalog;
    this.#names = {
      clients: configuration.all("Client").map(({ name }) => name),
      storages: configuration.all("Storage").map(({ name }) => name),
    };
    this.#mends = flags.has("-f");
    this.#isVerbose = flags.has("-v");
  }

  checkAll(): void {
    for (const at of catalogChecks.keys()) this.#check(at);
  }

  /** Asks until the answer is 0 or the end of the input. */
  async serveMenu(): Promise<void> {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    try {
      lines.setPrompt("Select function number: ");
      this.#showMenu();
      lines.prompt();
      for await (const line of lines) {
        if (line.trim() === "0") return;
        this.#choose(Number(line));
        lines.prompt();
      }
    } finally {
      lines.close();
    }
  }

  #showMenu(): void {
    const all = firstCheck + catalogChecks.length;
    console.log([
      `Hello, this is the database check/correct program. Modify database is ${
        this.#mends ? "ON" : "OFF"
      }. Verbose is ${this.#isVerbose ? "ON" : "OFF"}.`,
      "     1) Toggle modify database flag",
      "     2) Toggle verbose flag",
      ...catalogChecks.map(({ title }, at) =>
        `${String(at + firstCheck).padStart(6)}) Check for ${title}`
      ),
      `${String(all).padStart(6)}) All (3-${all - 1})`,
      "     0) Quit",
    ].join("\n"));
  }

  #choose(number: number): void {
    if (number === 1) this.#mends = !this.#mends;
    else if (number === 2) this.#isVerbose = !this.#isVerbose;
    else if (number === firstCheck + catalogChecks.length) this.checkAll();
    else if (catalogChecks[number - firstCheck] !== undefined) {
      return this.#check(number - firstCheck);
    }
    this.#showMenu();
  }

  #check(at: number): void {
    const check = catalogChecks[at];
    if (check === undefined) return;
    console.log(`Checking for ${check.title}.`);
    const tell = this.#isVerbose ? (row: string) => console.log(`  ${row}`) : undefined;
    const found = runCheck(this.#catalog, check, this.#names, this.#mends, tell);
    const mended = this.#mends && found > 0 ? ` Mended ${found}.` : "";
    console.log(`Found ${found} ${check.title}.${mended}`);
  }
}
