/**
 * `roost dbcheck`: looks for what is wrong in a catalog and mends it, as `bareos-dbcheck` does
 * (catalog-and-jobs.md 25). Without `-b` a menu asks what to do.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline/promises";
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  type ProgramResources,
} from "../daemon/config/mod.ts";
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
import { catalogResource, openCatalog, placeOfCatalog } from "./catalog_place.ts";

const usage = `Usage: dbcheck [options]
  -c PATH   configuration of the director: a file or a folder
  -C NAME   the Catalog resource; the first one if not given
  -b        check everything without asking
  -f        mend what is wrong
  -v        show each record that is wrong
  -B        show where the catalog is, and end
  -d LEVEL  accepted
  --help    this help; --version tells the version
Do not mend a catalog while its director runs jobs.`;

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
  const options = parse(args);
  if (options === undefined) {
    console.error(usage);
    return 1;
  }
  try {
    const configuration = loadConfiguration("director", options.path);
    const resource = catalogResource(configuration, options.catalog);
    if (options.flags.has("-B")) {
      describePlace(placeOfCatalog(configuration, resource)).forEach((line) => console.log(line));
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

/** Options with a value. */
const valued: Readonly<Record<string, string>> = {
  "-c": "-c",
  "--config": "-c",
  "-C": "-C",
  "--catalog": "-C",
  "-d": "-d",
};

function parse(args: readonly string[]): Options | undefined {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const value = args[at + 1];
    if (["-b", "-f", "-v", "-B"].includes(word)) flags.add(word);
    else if (valued[word] !== undefined && value !== undefined) {
      values.set(valued[word], value);
      at++;
    } else return undefined;
  }
  return { path: values.get("-c"), catalog: values.get("-C"), flags };
}

type DirectorConfiguration = Configuration<ProgramResources["director"]>;

/** Where the catalog is, for scripts, the password left out. */
function describePlace(place: CatalogPlace): string[] {
  if (place.driver === "sqlite3") return [`db_name=${place.path}`, "db_driver=sqlite3"];
  const { database, user, target } = place.options;
  const server = target.transport === "tcp"
    ? [`db_address=${target.hostname}`, `db_port=${target.port}`]
    : [`db_socket=${target.path}`];
  return [`db_name=${database}`, "db_driver=postgresql", `db_user=${user}`, ...server];
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
