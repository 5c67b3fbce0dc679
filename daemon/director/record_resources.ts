import type { DirectorCatalog } from "./director_catalog.ts";
import type { CatalogResource, DirectorConfiguration } from "./resources.ts";

/** Brings pools, clients, storages and counters of a configuration into their catalogs (1.3). */
export function recordResources(
  configuration: DirectorConfiguration,
  catalogOf: (resource: CatalogResource) => DirectorCatalog,
): void {
  for (const resource of configuration.all("Catalog")) {
    const catalog = catalogOf(resource);
    const isOwn = (wanted: CatalogResource | undefined) =>
      wanted === undefined || wanted.name === resource.name;
    const pools = configuration.all("Pool").filter((pool) => isOwn(pool.catalog));
    for (const pool of pools) catalog.pool(pool);
    for (const pool of pools) catalog.linkPool(pool);
    for (const client of configuration.all("Client")) {
      if (isOwn(client.catalog)) catalog.client(client);
    }
    for (const storage of configuration.all("Storage")) catalog.storage(storage);
    for (const counter of configuration.all("Counter")) {
      if (counter.catalog?.name === resource.name) catalog.counter(counter);
    }
  }
}
