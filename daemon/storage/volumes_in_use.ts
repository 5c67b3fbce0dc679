import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** A volume that a device has, or will have, for writing. */
export interface ReservedVolume {
  readonly name: string;
  device: StorageDevice;
}

/** A volume that a job reads. */
export interface VolumeBeingRead {
  readonly name: string;
  readonly device: StorageDevice;
  readonly job: StorageJob;
}

/**
 * The volumes in use in this daemon: each is written through one device at a time, and none is
 * written while it is read (storage-daemon.md 5.3). Volumes of different media types are different
 * volumes, whatever their names.
 */
export class VolumesInUse {
  readonly #reserved: Map<string, ReservedVolume> = new Map();
  readonly #read: Set<VolumeBeingRead> = new Set();

  /** Volumes that devices have for writing. */
  get reserved(): Iterable<ReservedVolume> {
    return this.#reserved.values();
  }

  /** Volumes being read. */
  get read(): Iterable<VolumeBeingRead> {
    return this.#read;
  }

  /** The device that has the volume for writing. */
  holderOf(mediaType: string, name: string): StorageDevice | undefined {
    return this.#reserved.get(keyOf(mediaType, name))?.device;
  }

  /** The volume that the device has for writing. */
  heldBy(device: StorageDevice): string | undefined {
    for (const volume of this.#reserved.values()) {
      if (volume.device === device) return volume.name;
    }
    return undefined;
  }

  /** Whether a job reads the volume, other than `job`. */
  isRead(mediaType: string, name: string, job?: StorageJob): boolean {
    for (const volume of this.#read) {
      if (
        volume.name === name && volume.device.settings.mediaType === mediaType &&
        volume.job !== job
      ) return true;
    }
    return false;
  }

  /** Whether the volume is being read, or a device that has it for writing is busy. */
  isTaken(mediaType: string, name: string): boolean {
    return this.holderOf(mediaType, name)?.isBusy === true || this.isRead(mediaType, name);
  }

  /**
   * Gives the volume to `device` for writing, in place of what the device had. False if it is being
   * read or another device is busy with it; an idle one gives it up.
   */
  reserve(device: StorageDevice, name: string): boolean {
    const { mediaType } = device.settings;
    const key = keyOf(mediaType, name);
    const holder = this.#reserved.get(key)?.device;
    if (holder === device) return true;
    if (this.isTaken(mediaType, name)) return false;
    this.releaseDevice(device);
    this.#reserved.set(key, { name, device });
    return true;
  }

  /** Takes the device's volume from the list. */
  releaseDevice(device: StorageDevice): void {
    for (const [key, volume] of this.#reserved) {
      if (volume.device === device) this.#reserved.delete(key);
    }
  }

  /** Enters a volume as being read; false if it is being written, or read and may not be twice. */
  beginRead(volume: VolumeBeingRead, isSharedAllowed: boolean): boolean {
    const { mediaType } = volume.device.settings;
    const holder = this.holderOf(mediaType, volume.name);
    if (holder !== undefined) {
      if (holder.isWriting) return false;
      this.releaseDevice(holder);
    }
    if (!isSharedAllowed && this.isRead(mediaType, volume.name, volume.job)) return false;
    this.#read.add(volume);
    return true;
  }

  /** The job does not read the volume any more. */
  endRead(volume: VolumeBeingRead): void {
    this.#read.delete(volume);
  }
}

function keyOf(mediaType: string, name: string): string {
  return `${mediaType}\0${name}`;
}
