/** A catalog with rows that large jobs have left behind. */
export interface SweptCatalog {
  /** Deletes a piece of them; whether there may be more. */
  sweep(): boolean;
}

/**
 * Deletes what large jobs have left in the catalogs when they were pruned or purged, piece by piece:
 * connections and timers have their turn between two pieces.
 */
export class CatalogSweeper {
  readonly #catalogs: () => Iterable<SweptCatalog>;
  readonly #onError: (error: unknown) => void;
  #next: ReturnType<typeof setTimeout> | undefined;

  /** A sweeper that has nothing to do until {@linkcode look}. */
  constructor(catalogs: () => Iterable<SweptCatalog>, onError: (error: unknown) => void) {
    this.#catalogs = catalogs;
    this.#onError = onError;
  }

  /** Begins to sweep, if there is something and it is not being swept already. */
  look(): void {
    if (this.#next === undefined) this.#sweep();
  }

  #sweep(): void {
    this.#next = undefined;
    try {
      const isMore = [...this.#catalogs()].map((catalog) => catalog.sweep()).includes(true);
      if (isMore) this.#next = setTimeout(() => this.#sweep(), 0);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Sweeps no more; a catalog that is closed does the rest by itself. */
  stop(): void {
    clearTimeout(this.#next);
    this.#next = undefined;
  }
}
