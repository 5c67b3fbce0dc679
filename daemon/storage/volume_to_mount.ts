import type { StorageWish } from "./candidate.ts";
import type { CatalogClient } from "./catalog_client.ts";
import type { DeviceSet } from "./device_set.ts";
import type { MediaRecord } from "./media_record.ts";
import { OfferedVolumes } from "./offered_volumes.ts";
import type { StorageDevice } from "./storage_device.ts";

/** For which device a volume is looked for, and where. */
export interface VolumeSearch {
  readonly device: StorageDevice;
  readonly wish: StorageWish;
  readonly catalog: CatalogClient;
  readonly devices: DeviceSet;
}

/**
 * The volume that a job is to write on: the one reserved on the device if the director still approves, else one
 * that it picks, which is reserved then; `unfit` ones are not offered. Undefined if there is none.
 */
export async function volumeToMount(
  { device, devices, catalog, wish }: VolumeSearch,
  unfit: Set<string>,
): Promise<MediaRecord | undefined> {
  const { volumes } = devices;
  const reserved = volumes.heldBy(device);
  if (reserved !== undefined) {
    const answer = await catalog.getVolume(reserved, true);
    if (answer.refusal === undefined) return answer.record;
    volumes.releaseDevice(device);
  }
  const offered = new OfferedVolumes({
    find: (index, unwanted) => catalog.findMedia(index, wish, unwanted),
    most: devices.devices.length + 2,
    isTaken: (name) => volumes.isTaken(wish.mediaType, name),
    unfit,
  });
  for (;;) {
    const found = await offered.next();
    if (found === "none" || found === "over") return undefined;
    const name = found.volumeName;
    if (!volumes.reserve(device, name)) {
      offered.passOver(name);
      continue;
    }
    const answer = await catalog.getVolume(name, true);
    if (answer.refusal === undefined) return answer.record;
    volumes.releaseDevice(device);
    offered.refuse(name);
  }
}
