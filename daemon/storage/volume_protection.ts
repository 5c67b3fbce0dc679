/**
 * Volumes that may only be appended to for a time (`Append Only Period`): whoever commands the director,
 * what was written stays. What counts is the volume itself and this daemon's clock, never what a director
 * says.
 *
 * @module
 */
import { DeviceError } from "../../storage/device/mod.ts";
import { readVolumeLabel } from "../../storage/mod.ts";
import { VolumeError } from "../../storage/volume/mod.ts";
import { dateAndTime } from "./numbers.ts";
import type { StorageDevice } from "./storage_device.ts";

/**
 * Why a volume may not be overwritten, truncated or given another name now, or undefined. A volume that
 * holds nothing but its label may.
 */
export function whyProtected(
  { settings, volumes }: Pick<StorageDevice, "settings" | "volumes">,
  volumeName: string,
  now: number,
): string | undefined {
  const { appendOnlyPeriod } = settings;
  if (appendOnlyPeriod === 0) return undefined;
  try {
    const volume = volumes.open(volumeName, "read");
    try {
      const size = volume.size();
      if (size === 0 || size === labelLength(volume)) return undefined;
      const until = volume.modifiedAt() + appendOnlyPeriod;
      return until > now
        ? `Volume "${volumeName}" is append only until ${dateAndTime(until)}`
        : undefined;
    } finally {
      volume.close();
    }
  } catch (error) {
    if (error instanceof DeviceError && error.code === "ENOENT") return undefined;
    const why = error instanceof Error ? error.message : String(error);
    return `Volume "${volumeName}" cannot be read, and its device is append only: ${why}`;
  }
}

/** Bytes of the block with the label; undefined if there is none. */
function labelLength(volume: Parameters<typeof readVolumeLabel>[0]): number | undefined {
  try {
    return readVolumeLabel(volume).blockLength;
  } catch (error) {
    if (error instanceof VolumeError) return undefined;
    throw error;
  }
}
