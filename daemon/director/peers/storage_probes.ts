import type { ClientMode } from "./client_mode.ts";

/**
 * How a storage daemon is to be spoken to:
 *
 * - `current`: Bareos from 15.2 on, and ours;
 * - `old`: Bareos before that, whose session ends at commands that came later (storage-daemon.md 16);
 * - `bacula`: Bacula, which has its own hello, fields and lists (bacula.md 10).
 */
export type StorageFlavour = "current" | "old" | "bacula";

/** How a storage daemon is reached. */
export interface StorageWay {
  readonly flavour: StorageFlavour;
  /** Under TLS at once, or in the clear; TLS may then follow the challenge. */
  readonly mode: ClientMode;
}

/**
 * What the director has found out about its storages since the configuration was loaded: a wrong
 * hello costs the time that the other end waits after it, and a message about security in its log.
 */
export class StorageProbes {
  readonly #ways = new Map<string, StorageWay>();

  /** How the storage of this name was reached; `undefined` if it was not yet. */
  wayTo(storage: string): StorageWay | undefined {
    return this.#ways.get(storage);
  }

  /**
   * How a client that is reached in `mode` can speak to a storage: where either of the two begins in the
   * clear, so does the connection between them (wire.md 7.4).
   */
  dataMode(storage: string, mode: ClientMode): ClientMode {
    return this.wayTo(storage)?.mode === "cleartext" ? "cleartext" : mode;
  }

  /** Keeps how a storage was reached. */
  remember(storage: string, { flavour, mode }: StorageWay): void {
    this.#ways.set(storage, { flavour, mode });
  }

  /** A storage that was reached turned out to be an old one. */
  rememberOld(storage: string): void {
    const mode = this.wayTo(storage)?.mode ?? "cleartext";
    this.remember(storage, { flavour: "old", mode });
  }
}
