/**
 * Volumes that may only be appended to for a time (`Append Only Period`): whoever commands the director,
 * what was written stays. What counts is the period of the device, or the one that the volume's own label
 * bears since it was labelled for a pool that has one; the file's time of change; and this daemon's clock.
 * Nothing that a director says now.
 *
 * @module
 */
import { messageOf } from "../../bytes/mod.ts";
import { DeviceError } from "../../storage/device/mod.ts";
import { readVolumeLabel } from "../../storage/mod.ts";
import { VolumeError } from "../../storage/volume/mod.ts";
import { dateAndTime } from "./numbers.ts";
import type { StorageDevice } from "./storage_device.ts";

/** Where a volume is, and what its device wants. */
export type ProtectedPlace = Pick<StorageDevice, "settings" | "volumes">;

/**
 * Why a volume may not be overwritten, truncated or given another name now, or undefined. A volume that
 * holds nothing but its label may.
 */
export function whyProtected(
  { settings, volumes }: ProtectedPlace,
  volumeName: string,
  now: number,
): string | undefined {
  try {
    const volume = volumes.open(volumeName, "read");
    try {
      const label = labelOf(volume);
      const size = volume.size();
      if (size === 0 || size === label?.blockLength) return undefined;
      const period = Math.max(settings.appendOnlyPeriod, label?.label.appendOnlyPeriod ?? 0);
      const until = volume.modifiedAt() + period;
      return period > 0 && until > now
        ? `Volume "${volumeName}" is append only until ${dateAndTime(until)}`
        : undefined;
    } finally {
      volume.close();
    }
  } catch (error) {
    if (error instanceof DeviceError && error.code === "ENOENT") return undefined;
    if (settings.appendOnlyPeriod === 0) return undefined; // who wants to write will hear of it
    const why = messageOf(error);
    return `Volume "${volumeName}" cannot be read, and its device is append only: ${why}`;
  }
}

/** Seconds in which the volume is not to be overwritten after its last write; 0 for none. */
export function appendOnlyPeriod(
  { settings, volumes }: ProtectedPlace,
  volumeName: string,
): number {
  if (volumes.isStream) return 0;
  const volume = volumes.open(volumeName, "read");
  try {
    return Math.max(settings.appendOnlyPeriod, labelOf(volume)?.label.appendOnlyPeriod ?? 0);
  } finally {
    volume.close();
  }
}

/** The volume's label; undefined if there is none. */
function labelOf(volume: Parameters<typeof readVolumeLabel>[0]) {
  try {
    return readVolumeLabel(volume);
  } catch (error) {
    if (error instanceof VolumeError) return undefined;
    throw error;
  }
}
