import type { MediaRecord } from "./media_record.ts";
import { unlessAborted } from "./mutex.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import { readLabel } from "./volume_file.ts";

/**
 * Gets a volume into the drive that a device is, if it is one of a changer that moves volumes. False if
 * an operator has to help: the volume is in no slot, or the changer has failed. A job that is aborted does not
 * wait for the changer, whose command is ended; the next one who wants the changer asks it where its volumes are.
 */
export async function loadVolume(
  device: StorageDevice,
  { slot, inChanger, volumeName }: Pick<MediaRecord, "slot" | "inChanger" | "volumeName">,
  { log, name, identity, aborted }: Pick<StorageJob, "log" | "name" | "identity" | "aborted">,
): Promise<boolean> {
  const { drive, volumes } = device;
  if (drive === undefined || !drive.changer.isReal) return true;
  if (inChanger && slot > 0) {
    const context = { job: name, client: identity.clientName, volume: volumeName, aborted };
    return await unlessAborted(drive.load(slot, log, context), aborted);
  }
  // perhaps somebody has put it in by hand
  return readLabel(volumes, volumeName).kind === "label";
}
