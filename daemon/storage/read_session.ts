import { type Connection, storageToFile } from "../../protocol/mod.ts";
import type { CatalogClient } from "./catalog_client.ts";
import type { Candidate } from "./candidate.ts";
import type { DeviceSet } from "./device_set.ts";
import type { Reservations } from "./reservation.ts";
import type { StorageJob } from "./storage_job.ts";

/** What a {@linkcode ReadSession} works with. */
export interface ReadSessionParts {
  readonly devices: DeviceSet;
  readonly reservations: Reservations;
  readonly catalog: CatalogClient;
  /** The device of `use storage`. */
  readonly reservation: Candidate | undefined;
  /** Several jobs may read one volume (`File Device Concurrent Read`). */
  readonly isSharedReadAllowed: boolean;
  readonly heartbeatMs: number;
  /** UNIX seconds. */
  now(): number;
}

/** A restore's data on its way from volumes to a file daemon (storage-daemon.md 6.3). */
export class ReadSession {
  readonly #job: StorageJob;
  readonly #parts: ReadSessionParts;

  /** A session of `job`. */
  constructor(job: StorageJob, parts: ReadSessionParts) {
    this.#job = job;
    this.#parts = parts;
  }

  /** Sends every record that the bootstrap selects. */
  async send(connection: Connection): Promise<void> {
    this.#job.log.fatal("This storage daemon does not read volumes yet.\n");
    await connection.send(storageToFile.readError.format({}));
  }

  /** Gives the device back. */
  release(): Promise<void> {
    const { reservation, reservations } = this.#parts;
    if (reservation !== undefined) reservations.release(this.#job, reservation.device);
    return Promise.resolve();
  }

  /** The end of the session. */
  finish(): Promise<void> {
    return this.release();
  }
}
