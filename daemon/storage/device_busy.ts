import { storageToDirector as say } from "../../protocol/mod.ts";
import type { StorageDevice } from "./storage_device.ts";

/** Why an operator may not have the device now, or undefined (storage-daemon.md 3.13). */
export function busyText(found: StorageDevice): string | undefined {
  const device = `"${found.printName}"`;
  switch (found.blocked) {
    case "unmounted":
      return say.busyUnmounted.format({ device });
    case "unmounted while waiting for sysop":
      return say.busyUnmountedWaiting.format({ device });
    case "waiting for sysop":
      return say.busyWaiting.format({ device });
    case "acquiring":
      return say.busyInitializing.format({ device });
    case "labelling":
      return say.busyLabeling.format({ device });
    case "none":
  }
  if (found.reader !== undefined) return say.busyReading.format({ device });
  if (found.isWriting) {
    const { writers, reservations } = found;
    return say.busyWriting.format({ device, writers: writers.size, reserved: reservations.size });
  }
  return undefined;
}
