/**
 * The devices among which a job's is chosen (storage-daemon.md 5.1).
 *
 * @module
 */
import type { Candidate, StorageWish } from "./candidate.ts";
import type { DeviceSet } from "./device_set.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** The devices that suit the wishes, in the order of the wishes; with `byMediaType` any of the media type. */
export function suitableDevices(
  devices: DeviceSet,
  wishes: readonly StorageWish[],
  { direction, byMediaType }: {
    readonly direction: "append" | "read";
    readonly byMediaType: boolean;
  },
): Candidate[] {
  const found: Map<StorageDevice, StorageWish> = new Map();
  const offer = (device: StorageDevice | undefined, wish: StorageWish): void => {
    if (device === undefined || found.has(device)) return;
    const { mediaType, accessMode } = device.settings;
    const mayAccess = accessMode !== (direction === "append" ? "readonly" : "writeonly");
    if (mediaType === wish.mediaType && mayAccess) found.set(device, wish);
  };
  for (const wish of wishes) {
    for (const name of wish.devices) {
      for (const member of devices.changer(name) ?? []) {
        if (member.autoSelect) offer(member, wish);
      }
      offer(devices.device(name), wish);
      if (byMediaType) {
        for (const device of devices.devices) offer(device, wish);
      }
    }
  }
  return [...found].map(([device, wish]) => ({ device, wish }));
}

/**
 * The devices that are there at all; a job is warned of the others. Where the medium can be taken out, or a
 * changer moves it, that is somebody else's business.
 */
export function presentDevices(
  devices: DeviceSet,
  job: StorageJob,
  candidates: readonly Candidate[],
): Candidate[] {
  return candidates.filter(({ device }) => {
    const { drive, name, settings } = device;
    const comesLater = settings.removableMedia || drive?.changer.isReal === true;
    if (comesLater || device.exists()) return true;
    const changer = devices.changers.find(({ devices }) => devices.includes(name));
    const where = changer === undefined ? "" : ` in changer "${changer.name}"`;
    job.log.warning(
      `\n     Device "${name}"${where} requested by DIR could not be opened or does not exist.\n`,
    );
    return false;
  });
}
