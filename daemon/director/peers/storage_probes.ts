/**
 * How a storage daemon is to be spoken to:
 *
 * - `current`: Bareos from 15.2 on, and ours;
 * - `old`: Bareos before that, whose session ends at commands that came later (storage-daemon.md 16);
 * - `bacula`: Bacula, which has its own hello, fields and lists (bacula.md 10).
 */
export type StorageFlavour = "current" | "old" | "bacula";

/**
 * What the director has found out about its storages since the configuration was loaded: a wrong
 * hello costs the time that the other end waits after it, and a message about security in its log.
 */
export class StorageProbes {
  readonly #flavours = new Map<string, StorageFlavour>();

  /** The flavour of the storage of this name; `undefined` if it was not reached yet. */
  flavourOf(storage: string): StorageFlavour | undefined {
    return this.#flavours.get(storage);
  }

  /** Keeps the flavour of a storage that was reached. */
  remember(storage: string, flavour: StorageFlavour): void {
    this.#flavours.set(storage, flavour);
  }
}
