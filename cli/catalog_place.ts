/**
 * Where the catalog of a Catalog resource is: in a file of the director's working directory, or in a
 * PostgreSQL database (configuration.md 6.4). `DbDriver` says which; a configuration of Bareos, which
 * knows only PostgreSQL by now, leaves it out, as older ones of ours did, whose file exists then.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Configuration, ProgramResources } from "../daemon/config/mod.ts";
import {
  Catalog,
  CatalogError,
  type CatalogPlace,
  openStore as openStoreAt,
  type SocketTarget,
  type SqlStore,
} from "../storage/catalog/mod.ts";
import {
  type Environment,
  environmentPassword,
  type PasswordOwner,
  processEnvironment,
} from "./server_environment.ts";

/** A Catalog resource. */
export type CatalogResource = ProgramResources["director"]["Catalog"];

/** Drivers by what a configuration calls them. */
const drivers: Readonly<Record<string, CatalogPlace["driver"]>> = {
  sqlite: "sqlite3",
  sqlite3: "sqlite3",
  postgresql: "postgresql",
  postgres: "postgresql",
};

/** The driver of a name. @throws CatalogError if there is none */
export function driverOf(name: string, where: string): CatalogPlace["driver"] {
  const driver = drivers[name.toLowerCase()];
  if (driver !== undefined) return driver;
  throw new CatalogError(
    `Cannot open ${where}: there is no driver ${name}. There are sqlite3 and postgresql`,
  );
}

/** Folders in which a server on this machine has its socket: Debian's, then its makers'. */
const socketFolders = ["/var/run/postgresql", "/tmp"];
const defaultPort = 5432;

/** The place of a server: an address, or a folder with its socket; what is not given, the environment tells. */
export function serverTarget(
  given: {
    readonly address: string | undefined;
    readonly port: number | undefined;
    readonly socket: string | undefined;
  },
  environment: Environment = processEnvironment,
): SocketTarget {
  const { socket } = given;
  const address = given.address || socket ? given.address : environment("PGHOST");
  const number = given.port || Number(environment("PGPORT")) || defaultPort;
  const name = `.s.PGSQL.${number}`;
  const folder = socket || (address?.startsWith("/") ? address : "");
  if (folder) return { transport: "unix", path: join(folder, name) };
  if (address) return { transport: "tcp", hostname: address, port: number };
  const found = socketFolders.find((each) => existsSync(join(each, name))) ?? socketFolders[0] ??
    "";
  return { transport: "unix", path: join(found, name) };
}

/** What has been warned of: a program asks for the password of one role more than once. */
const warned = new Set<string>();

/** The password that this process's environment has for a role. */
export function serverPassword(owner: PasswordOwner): string {
  return environmentPassword(owner, processEnvironment, (text) => {
    if (!warned.has(text)) console.error(text);
    warned.add(text);
  });
}

/** Where the catalog of a resource is. @throws CatalogError if its driver is unknown */
export function placeOfCatalog(
  configuration: Configuration<ProgramResources["director"]>,
  resource: CatalogResource,
): CatalogPlace {
  const path = join(
    configuration.first("Director").workingDirectory,
    `${resource.dbName}.db`,
  );
  const driver = resource.dbDriver
    ? driverOf(resource.dbDriver, `Catalog "${resource.name}"`)
    : existsSync(path)
    ? "sqlite3"
    : "postgresql";
  if (driver === "sqlite3") return { driver, path };
  const { dbAddress, dbPort, dbSocket } = resource;
  const target = serverTarget({ address: dbAddress, port: dbPort, socket: dbSocket });
  const owner = { target, database: resource.dbName, user: resource.dbUser };
  const password = resource.dbPassword.clear || serverPassword(owner);
  const { name, reconnect: reconnects } = resource;
  return { driver, options: { resource: name, ...owner, password, reconnects } };
}

/** The Catalog resource of a name, or the first one. @throws CatalogError if there is none */
export function catalogResource(
  configuration: Configuration<ProgramResources["director"]>,
  name: string | undefined,
): CatalogResource {
  const resource = name === undefined
    ? configuration.first("Catalog")
    : configuration.get("Catalog", name);
  if (resource === undefined) {
    throw new CatalogError(`Cannot open the catalog: there is no Catalog resource "${name}"`);
  }
  return resource;
}

/**
 * Opens the catalog of a resource for a director, which waits only so long for a server that says nothing.
 * @throws CatalogError if that cannot be done
 */
export function openForDirector(
  configuration: Configuration<ProgramResources["director"]>,
  resource: CatalogResource,
): Catalog {
  const place = placeOfCatalog(configuration, resource);
  const { answerTimeout } = resource;
  if (place.driver === "sqlite3" || answerTimeout === 0) return openAt(place, resource);
  const options = { ...place.options, answerMs: answerTimeout * 1000 };
  return openAt({ driver: "postgresql", options }, resource);
}

/** Opens the catalog of a resource. @throws CatalogError if that cannot be done */
export function openCatalog(
  configuration: Configuration<ProgramResources["director"]>,
  resource: CatalogResource,
): Catalog {
  return openAt(placeOfCatalog(configuration, resource), resource);
}

function openAt(place: CatalogPlace, resource: CatalogResource): Catalog {
  return new Catalog(storeAt(place, resource), place);
}

/** Opens what keeps the catalog of a resource. @throws CatalogError if that cannot be done */
export function openStore(
  configuration: Configuration<ProgramResources["director"]>,
  resource: CatalogResource,
): SqlStore {
  return storeAt(placeOfCatalog(configuration, resource), resource);
}

function storeAt(place: CatalogPlace, resource: CatalogResource): SqlStore {
  try {
    return openStoreAt(place);
  } catch (error) {
    const isChosen = place.driver === "sqlite3" || resource.dbDriver;
    if (!(error instanceof CatalogError) || isChosen) throw error;
    throw new CatalogError(
      `${error.message}. Without a DbDriver the catalog is in PostgreSQL; DbDriver = sqlite3 keeps it in a file`,
      { cause: error },
    );
  }
}
