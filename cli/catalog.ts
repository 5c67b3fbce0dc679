/** `roost catalog`: makes a catalog, brings it up to date, copies it (catalog-and-jobs.md 1.2). @module */
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

const usage = `Usage: roost catalog create [options]
       roost catalog upgrade [options]
       roost catalog copy --to NAME [options]

create   makes the tables, and the database if the role may
upgrade  brings the tables of an older Bareos up to date; make a dump before
copy     copies all rows into the empty catalog of another resource, of whatever kind

  -c PATH       configuration of the director: a file or a folder
  -C NAME       the Catalog resource; the first one if not given
  --to NAME     copy: the Catalog resource whose catalog takes the rows
  --admin ROLE  a role that does it for the catalog's own, which create makes too if there is none;
                its password, if it needs one, is in the environment's PGPASSWORD`;

interface Options {
  readonly action: string;
  readonly config: string | undefined;
  readonly catalog: string | undefined;
  readonly admin: string | undefined;
  readonly to: string | undefined;
}

/** Runs `catalog` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  const options = parse(args);
  if (options === undefined) {
    console.error(usage);
    return Promise.resolve(41);
  }
  try {
    carryOut(options);
    return Promise.resolve(0);
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof CatalogError)) throw error;
    console.error(`roost catalog: ${error.message}`);
    return Promise.resolve(1);
  }
}

function parse(args: readonly string[]): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        config: { type: "string", short: "c" },
        catalog: { type: "string", short: "C" },
        admin: { type: "string" },
        to: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
    const [action = ""] = positionals;
    const isKnown = ["create", "upgrade", "copy"].includes(action);
    if (!isKnown || values.help || positionals.length > 1) return undefined;
    const { config, catalog, admin, to } = values;
    if ((action === "copy") !== (to !== undefined)) return undefined;
    return { action, config, catalog, admin, to };
  } catch {
    return undefined;
  }
}

function carryOut({ action, config, catalog, admin, to }: Options): void {
  const configuration = loadConfiguration("director", config);
  const resource = catalogResource(configuration, catalog);
  const place = placeOfCatalog(configuration, resource);
  const tell = (text: string): void => console.log(text);
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
  const carry = action === "upgrade" ? upgradeCatalog : createCatalog;
  carry(place.options, administrator, tell);
}
