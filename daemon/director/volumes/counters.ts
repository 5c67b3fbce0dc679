import type { DirectorCatalog } from "../director_catalog.ts";
import type { CatalogResource, CounterResource } from "../resources.ts";

/** The Counter resources and their values (catalog-and-jobs.md 19.2). */
export class Counters {
  readonly #catalogOf: (resource: CatalogResource) => DirectorCatalog;
  readonly #values = new Map<string, number>();
  #counters: ReadonlyMap<string, CounterResource> = new Map();

  /** Counters whose values are kept in their catalogs, those without one until the daemon ends. */
  constructor(catalogOf: (resource: CatalogResource) => DirectorCatalog) {
    this.#catalogOf = catalogOf;
  }

  /** Takes the counters of a configuration; known ones keep their values. */
  configure(counters: readonly CounterResource[]): void {
    this.#counters = new Map(counters.map((counter) => [counter.name, counter]));
  }

  /** The value of a counter, which goes up afterwards if `increment`; `undefined` if there is none. */
  take(name: string, increment: boolean): number | undefined {
    const counter = this.#counters.get(name);
    if (counter === undefined) return undefined;
    const { minimum, maximum, catalog } = counter;
    const value = catalog === undefined
      ? this.#values.get(name) ?? minimum
      : this.#catalogOf(catalog).counter(counter);
    if (!increment) return value;
    const next = value >= maximum ? minimum : value + 1;
    if (catalog === undefined) this.#values.set(name, next);
    else this.#catalogOf(catalog).setCounter(name, next);
    return value;
  }
}
