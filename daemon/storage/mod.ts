/**
 * The storage daemon: volumes on devices, served to directors and file daemons.
 *
 * A director's connection is a {@linkcode DirectorSession}: commands from tables (`job_commands`,
 * `device_commands`, `status_commands`) on a job or a device. `run` waits for the file daemon and
 * serves it (`file_session`): a backup flows through an `append_session` (frames -> records ->
 * blocks -> `appender` -> `append_volume`, attributes back to the director), a restore through a
 * `read_session` the other way. `reservation` decides who gets which device, `mount_append` and
 * `mount_read` get volumes into them, `catalog_client` asks the director's catalog.
 *
 * It implements storage-daemon.md 2 to 6, 9.2, 10, 13 and 14.
 *
 * @module
 */
export {
  type DirectorSettings,
  type RunningStorageDaemon,
  StorageDaemon,
  type StorageDaemonOptions,
} from "./storage_daemon.ts";
export { storageOptions } from "./storage_options.ts";
export type { StorageSettings } from "./storage_context.ts";
export type { DeviceSettings } from "./storage_device.ts";
export type { ChangerSettings } from "./device_set.ts";
export type { ListenAddress } from "../listener.ts";
