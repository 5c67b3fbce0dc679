/**
 * Devices: places that hold volumes, behind one small interface ({@linkcode Device},
 * {@linkcode MountedVolume}). {@linkcode FileDevice} is a folder of files (volume.md 2),
 * {@linkcode DedupableDevice} one of folders whose data is aligned (16.3),
 * {@linkcode ObjectDevice} keeps volumes in an object store behind a cache, {@linkcode StreamDevice}
 * is a pipe or nothing at all, {@linkcode MemoryDevice} serves tests. Bytes go in and come out; what they mean is known to
 * `storage/volume`. What the system refuses becomes a {@linkcode DeviceError} that names the volume,
 * the address and the reason.
 *
 * @module
 */
export type { Addressing, Device, MountedVolume, OpenMode } from "./device.ts";
export {
  DedupableDevice,
  defaultDedupableBlockSize,
  isVolume as isDedupableVolume,
} from "./dedupable_device.ts";
export { DeviceError, type DeviceErrorPlace } from "./device_error.ts";
export { ObjectDevice, type ObjectDeviceOptions } from "./object_device.ts";
export { type ObjectStore, ObjectStoreError, type StoredObject } from "./object_store.ts";
export { S3Store, type S3StoreOptions } from "./s3_store.ts";
export { MountedDevice, type MountedDeviceOptions, type Mounter } from "./mounted_device.ts";
export { StreamDevice, type StreamDeviceOptions } from "./stream_device.ts";
export { FileDevice, isVolumeName } from "./file_device.ts";
export { MemoryDevice, type MemoryDeviceLimits } from "./memory_device.ts";
