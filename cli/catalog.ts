/** `roost catalog`: makes a catalog, brings it up to date, copies it (catalog-and-jobs.md 1.2). @module */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigurationError, loadConfiguration } from "../daemon/config/mod.ts";
import {
  Catalog,
  CatalogError,
  copyCatalog,
  createCatalog,
  type SqlStore,
  upgradeCatalog,
} from "../storage/catalog/mod.ts";
import {
  type CatalogResource,
  catalogResource,
  openStore,
  placeOfCatalog,
} from "./catalog_place.ts";
import { describeStatuses, ownStatuses } from "./exit_statuses.ts";
import {
  commonOptions,
  describeOptions,
  type Manual,
  type OptionTable,
  usageText,
} from "./manual.ts";
import { dumpCatalog, removeDump } from "./dump_catalog.ts";

const options = {
  config: commonOptions.config,
  catalog: {
    ...{ type: "string", short: "C", value: "NAME" },
    text: "the Catalog resource; the first one if not given (NAME alone means the same)",
  },
  to: {
    ...{ type: "string", value: "NAME|FILE" },
    text:
      "copy: the Catalog resource whose catalog takes the rows; dump: the file, which only its " +
      "owner may read",
  },
  remove: { type: "boolean", default: false, text: "dump: remove the file" },
  "if-missing": {
    ...{ type: "boolean", default: false },
    text:
      "create: good also if there is the catalog already, and its role may use it; with --admin it may then",
  },
  admin: {
    ...{ type: "string", value: "ROLE" },
    text:
      "a role that does it for the catalog's own, which create makes too if there is none; its " +
      "password, if it needs one, is in the environment's PGPASSWORD",
  },
  help: commonOptions.help,
} as const satisfies OptionTable;

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: [
    "create [--if-missing] [options]",
    "upgrade [options]",
    "copy --to NAME [options]",
    "dump [--to FILE | --remove] [options]",
  ],
  about: `create makes the tables, and the database if the role may.

upgrade brings the tables of an older Bareos up to date; make a dump before.

copy copies all rows into the empty catalog of another resource, of whatever kind.

dump writes the catalog into a file, also while the director runs: of SQLite a copy of its file, of
PostgreSQL what pg_dump writes. Without --to it is <working directory>/<DbName>.sql, which --remove
removes. Jobs back it up so (docs/catalog.md).`,
  options: describeOptions(options),
  statuses: describeStatuses(ownStatuses),
};
const usage = usageText("roost catalog", manual);

interface Options {
  readonly action: string;
  readonly config: string | undefined;
  readonly catalog: string | undefined;
  readonly admin: string | undefined;
  readonly to: string | undefined;
  readonly remove: boolean;
  readonly mayExist: boolean;
}

/** Runs `catalog` with the words of its command line; the result is the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.some((word) => word === "--help" || word === "-h")) {
    console.log(usage);
    return 0;
  }
  const options = parse(args);
  if (options === undefined) {
    console.error(usage);
    return ownStatuses.badCommandLine;
  }
  try {
    await carryOut(options);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof CatalogError)) throw error;
    console.error(`roost catalog: ${error.message}`);
    return 1;
  }
}

function parse(args: readonly string[]): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
    });
    const [action = "", name, ...more] = positionals;
    const { config, catalog = name, admin, to, remove, "if-missing": mayExist } = values;
    const isKnown = ["create", "upgrade", "copy", "dump"].includes(action);
    if (!isKnown || more.length > 0 || name !== undefined && catalog !== name) return undefined;
    const takes = { to: action === "copy" || action === "dump", remove: action === "dump" };
    if (action === "copy" && to === undefined || mayExist && action !== "create") return undefined;
    if (!takes.to && to !== undefined || remove && (!takes.remove || to !== undefined)) {
      return undefined;
    }
    return { action, config, catalog, admin, to, remove, mayExist };
  } catch {
    return undefined;
  }
}

async function carryOut(options: Options): Promise<void> {
  const { action, config, catalog, admin, to } = options;
  const configuration = loadConfiguration("director", config);
  const resource = catalogResource(configuration, catalog);
  const place = placeOfCatalog(configuration, resource);
  const tell = (text: string): void => console.log(text);
  if (action === "dump") {
    const { workingDirectory } = configuration.first("Director");
    const file = to ?? join(workingDirectory, `${resource.dbName}.sql`);
    if (options.remove) removeDump(file);
    else await dumpCatalog(place, file);
    return tell(`${options.remove ? "Removed" : "The catalog is dumped into"} ${file}`);
  }
  if (to !== undefined) {
    using stores = new DisposableStack();
    const open = (each: CatalogResource): SqlStore =>
      stores.adopt(openStore(configuration, each), (store) => store.close());
    const source = open(resource);
    return copyCatalog(source, open(catalogResource(configuration, to)), tell);
  }
  if (place.driver === "sqlite3") {
    // Opening it does both.
    Catalog.open(place.path).close();
    return tell(`The catalog is in ${place.path}`);
  }
  const administrator = admin === undefined
    ? undefined
    : { user: admin, password: Deno.env.get("PGPASSWORD") ?? "" };
  // With an administrator the environment's password is that one's, and nothing to give to the role.
  const own = administrator === undefined
    ? place.options
    : { ...place.options, password: resource.dbPassword.clear };
  if (action === "upgrade") upgradeCatalog(own, administrator, tell);
  else createCatalog(own, administrator, tell, options.mayExist);
}
