/**
 * When a device is free, and why it is not (storage-daemon.md 5.3, 5.4).
 *
 * @module
 */
import type { Candidate } from "./candidate.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** Jobs that write on a device or will. */
export function users({ device }: Candidate): number {
  return device.writers.size + device.reservations.size;
}

/** Why the device cannot take one more writer (storage-daemon.md 5.3, 5.4), or undefined. */
export function whyNotAppend({ device, wish }: Candidate, job: StorageJob): string | undefined {
  const id = `JobId=${job.jobId}`;
  const { maximumConcurrentJobs } = device.settings;
  const users = device.writers.size + device.reservations.size;
  if (!device.isEnabled) return disabled(id, device);
  if (device.isUnmounted) {
    return `3604 ${id} device ${device.printName} is BLOCKED due to user unmount.`;
  }
  if (device.reader !== undefined) return `3603 ${id} device ${device.printName} is busy reading.`;
  if (device.blocked === "labelling") {
    return `3602 ${id} device ${device.printName} is busy (already reading/writing).`;
  }
  if (maximumConcurrentJobs > 0 && users >= maximumConcurrentJobs) {
    return `3609 ${id} Max concurrent jobs exceeded on drive ${device.printName}.`;
  }
  if (users > 0 && (device.poolName !== wish.poolName || device.poolType !== wish.poolType)) {
    return `3608 ${id} wants Pool="${wish.poolName}" but have Pool="${device.poolName}" ` +
      `nreserve=${device.reservations.size} on drive ${device.printName}.`;
  }
  return undefined;
}

function disabled(id: string, { printName }: StorageDevice): string {
  return `${id} device ${printName} is disabled by user command.`;
}

/** Why the device cannot be read by the job, or undefined. */
export function whyNotRead(device: StorageDevice, job: StorageJob): string | undefined {
  const id = `JobId=${job.jobId}`;
  if (!device.isEnabled) return disabled(id, device);
  if (device.isUnmounted) {
    return `3601 ${id} device ${device.printName} is BLOCKED due to user unmount.`;
  }
  if (device.isBusy || device.blocked === "labelling") {
    return `3602 ${id} device ${device.printName} is busy (already reading/writing).`;
  }
  return undefined;
}
