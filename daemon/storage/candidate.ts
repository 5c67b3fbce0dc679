/**
 * What a job asks for, and what it may get.
 *
 * @module
 */
import type { StorageDevice } from "./storage_device.ts";

/** One storage of `use storage=` with its devices (storage-daemon.md 3.3). */
export interface StorageWish {
  readonly storage: string;
  readonly mediaType: string;
  readonly poolName: string;
  readonly poolType: string;
  readonly devices: readonly string[];
}

/** A device with the wish that named it. */
export interface Candidate {
  readonly device: StorageDevice;
  readonly wish: StorageWish;
}

/** What a job was given for writing. */
export interface AppendReservation extends Candidate {
  /** The volume picked for it; none if the director had none to offer. */
  readonly volumeName: string | undefined;
}
