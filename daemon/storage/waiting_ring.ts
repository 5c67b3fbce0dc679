/**
 * Jobs that wait for each other's devices: two virtual fulls, each of which reads from the device that the
 * other wants to write to, would wait for ever.
 *
 * @module
 */
import type { DeviceUser, StorageDevice } from "./storage_device.ts";

/** What a job waits for: any of these devices. */
export interface DeviceWait {
  readonly devices: readonly StorageDevice[];
  /** Whether a device could be had at present as far as other jobs are concerned. */
  isFree(device: StorageDevice): boolean;
}

/**
 * The jobs for which `job` waits, directly or because they wait in turn, if every one of them waits; none if
 * one can go on, or waits for something else than jobs.
 */
export function ringOf(
  job: DeviceUser,
  waiting: ReadonlyMap<DeviceUser, DeviceWait>,
): ReadonlySet<DeviceUser> {
  const ring = new Set<DeviceUser>([job]);
  for (const each of ring) { // which grows meanwhile
    const wait = waiting.get(each);
    if (wait === undefined) return new Set();
    for (const device of wait.devices) {
      if (wait.isFree(device)) return new Set();
      const holders = holdersOf(device);
      if (holders.length === 0) return new Set(); // unmounted or disabled: an operator's business
      for (const holder of holders) ring.add(holder);
    }
  }
  return ring;
}

function holdersOf({ reader, reservations, writers }: StorageDevice): DeviceUser[] {
  return [...(reader === undefined ? [] : [reader]), ...reservations, ...writers];
}
