import type { CatalogClient } from "./catalog_client.ts";
import type { DeviceSet } from "./device_set.ts";
import type { MountedForReading } from "./mount_read.ts";

/** A volume while a job reads it, from its mounting to the update of its catalog record. */
export class MediaUse {
  readonly #mounted: MountedForReading;
  readonly #parts: MediaUseParts;
  #readMicros = 0;

  /** The use of a volume that was mounted. */
  constructor(mounted: MountedForReading, parts: MediaUseParts) {
    this.#mounted = mounted;
    this.#parts = parts;
  }

  /** Bytes of the largest block by the catalog; 0 if it does not say. */
  get blockSize(): number {
    return this.#mounted.record?.maximumBlockSize ?? 0;
  }

  /** Adds time spent reading, in milliseconds. */
  countRead(milliseconds: number): void {
    this.#readMicros += Math.round(milliseconds * 1000);
  }

  /**
   * The job does not need the volume any more. The catalog hears of it before another job may write there,
   * whose figures would be overwritten.
   */
  async end(): Promise<void> {
    const { devices, catalog, now } = this.#parts;
    const { use, record } = this.#mounted;
    try {
      if (record !== undefined) {
        record.readTime += this.#readMicros;
        await catalog.updateMedia(record, now());
      }
    } finally {
      devices.volumes.endRead(use);
      devices.released.notify();
      await use.device.volumes.forget?.(use.name);
    }
  }
}

/** What a {@linkcode MediaUse} works with. */
export interface MediaUseParts {
  readonly devices: DeviceSet;
  readonly catalog: CatalogClient;
  /** UNIX seconds. */
  now(): number;
}
