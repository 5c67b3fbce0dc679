/**
 * The storage daemon: volumes on devices, served to directors and file daemons.
 *
 * A director's connection is a {@linkcode DirectorSession}: commands from tables (`job_commands`,
 * `device_commands`, `status_commands`) on a job or a device. `run` waits for the file daemon and
 * serves it (`file_session`): a backup flows through an `append_session` (frames -> records ->
 * blocks -> `appender` -> `append_volume`, attributes back to the director), a restore through a
 * `read_session` the other way. A copy reads through the same `record_source` as a restore and writes
 * through the same `append_session` as a backup: both here in `copy_within`, or with a daemon between
 * them, `replica_sender` on the one side and `replica_session` on the other.
 *
 * `reservation` decides who gets which device, `mount_append` and `mount_read` get volumes into them,
 * with a `drive`'s changer if there is one; `spooling_writer` lets blocks wait in a file;
 * `auto_flate` compresses and decompresses on the way; `volume_protection` keeps volumes from being overwritten; `catalog_client` asks the director's catalog.
 *
 * It implements storage-daemon.md 2 to 10, 13 and 14.
 *
 * @module
 */
export {
  type DirectorSettings,
  type RunningStorageDaemon,
  StorageDaemon,
  type StorageDaemonOptions,
} from "./storage_daemon.ts";
export { DeviceConfigurationError, type DeviceWish, openDevice } from "./open_device.ts";
export { storageOptions } from "./storage_options.ts";
export type { StorageSettings } from "./storage_context.ts";
export type { DeviceSettings } from "./storage_device.ts";
export type { ChangerSettings } from "./device_set.ts";
export type { ListenAddress } from "../listener.ts";
