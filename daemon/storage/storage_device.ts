import type { Device } from "../../storage/device/mod.ts";
import type { FlateSettings } from "./auto_flate.ts";
import type { AppendVolume } from "./append_volume.ts";
import type { Drive } from "./drive.ts";
import { Mutex } from "./mutex.ts";
import { openDevice } from "./open_device.ts";
import { Wakeup } from "./wakeup.ts";

/** The directives of a Device resource that count here; the configuration's resource fits. */
export interface DeviceSettings extends FlateSettings {
  /** Name of the resource. */
  readonly name: string;
  /** What the director must ask for. */
  readonly mediaType: string;
  /** Folder of the volumes, or of their cache. */
  readonly archiveDevice: string;
  /** `file`, `s3` for volumes in an object store, `fifo`, `null`; empty: what the path is. */
  readonly deviceType: string;
  /** `key=value,...` for devices that need more (see {@linkcode openDevice}). */
  readonly deviceOptions: string;
  /** Label blank volumes unasked. */
  readonly labelMedia: boolean;
  /** A volume may be elsewhere: an operator is asked for it. */
  readonly removableMedia: boolean;
  /** A volume stays in the device after use. */
  readonly alwaysOpen: boolean;
  /** An autochanger may choose the drive. */
  readonly autoSelect: boolean;
  /** Blocks have checksums. */
  readonly blockChecksum: boolean;
  /** Restores may go straight to a place. */
  readonly blockPositioning: boolean;
  /** Jobs that may write at once, 0 for no limit. */
  readonly maximumConcurrentJobs: number;
  /** Bytes. */
  readonly maximumBlockSize: number;
  /** Bytes of the block that holds the label. */
  readonly labelBlockSize: number;
  /** Bytes after which a JobMedia record is made, 0 for never. */
  readonly maximumFileSize: number;
  /** Bytes at which a volume is full, 0 for no limit. */
  readonly maximumVolumeSize: number;
  /** Seconds. */
  readonly volumePollInterval: number;
  /** `readwrite`, `readonly` or `writeonly`. */
  readonly accessMode: string;
  /** Number of the drive in its autochanger. */
  readonly driveIndex: number;
  /** Seconds to wait for a program at the other end of a pipe, or for a command that mounts. */
  readonly maximumOpenWait: number;
  /** Whether the Archive Device is mounted on a folder, where the volumes are then, by commands. */
  readonly requiresMount: boolean;
  readonly mountPoint: string;
  readonly mountCommand: string;
  readonly unmountCommand: string;
  /** Seconds that a command of the changer may take. */
  readonly maximumChangerWait: number;
  /** Seconds after its last write in which no volume is overwritten or truncated; 0 for none. */
  readonly appendOnlyPeriod: number;
  /** Folder of data spool files, and of what is read from a pipe. */
  readonly spoolDirectory: string;
  /** Bytes that all jobs on the device may spool, and a single one; 0 for no limit. */
  readonly maximumSpoolSize: number;
  readonly maximumJobSpoolSize: number;
  /** Whether statistics take the device in; yes if not given. */
  readonly collectStatistics?: boolean | undefined;
}

/** Why a device does not do what is asked (storage-daemon.md 14.4). */
export type BlockedState =
  | "none"
  | "unmounted"
  | "waiting for sysop"
  | "acquiring"
  | "labelling"
  | "unmounted while waiting for sysop";

/** A job, as far as a device knows it. */
export interface DeviceUser {
  readonly jobId: number;
}

/** What an operator is asked for. */
export interface OperatorRequest {
  readonly kind: "create" | "mount for append" | "mount for reading";
  readonly volumeName: string;
  readonly poolName: string;
  readonly mediaType: string;
}

/** A volume left in a device. */
export interface LoadedVolume {
  readonly name: string;
  readonly poolName: string;
}

/** A volume that a job reads on a device. */
export interface ReadVolume {
  readonly name: string;
  readonly poolName: string;
  readonly job: DeviceUser;
  /** For the status output. */
  bytes: number;
  blocks: number;
  position: number;
}

/**
 * A device and who uses it. Reservations and the list of writers change only between awaits, so
 * that a check and the step that depends on it are one.
 */
export class StorageDevice {
  readonly settings: DeviceSettings;
  /** Where the volumes are. */
  readonly volumes: Device;
  /** Serialises mounting, labelling and changes of volume. */
  readonly lock: Mutex = new Mutex();
  /** Wakes who waits for a volume on this device: `mount`, `label`. */
  readonly attention: Wakeup = new Wakeup();
  /** The device as a drive of an autochanger, if it is one. */
  drive: Drive | undefined;
  /** Held by the job that writes its spooled data. */
  readonly despooling: Mutex = new Mutex();
  /** Bytes in the spool files of all jobs on the device. */
  spooledBytes = 0;
  blocked: BlockedState = "none";
  /** Whether an autochanger may choose this drive; `setdevice` changes it. */
  autoSelect: boolean;
  /** Whether jobs may use the device; `disable` of a director of Bacula changes it. */
  isEnabled = true;
  /** Jobs that have reserved the device for writing and have not begun. */
  readonly reservations: Set<DeviceUser> = new Set();
  /** Jobs that write. */
  readonly writers: Set<DeviceUser> = new Set();
  /** The job that has the device for reading. */
  reader: DeviceUser | undefined;
  /** Pool of the jobs that write or will. */
  poolName = "";
  poolType = "";
  /** The volume that is open for writing. */
  appending: AppendVolume | undefined;
  /** What an operator is asked for while the device is `waiting for sysop`. */
  wanted: OperatorRequest | undefined;
  /** The volume that stays in the device although nobody uses it (`Always Open`). */
  loaded: LoadedVolume | undefined;
  /** The volume that is being read. */
  reading: ReadVolume | undefined;

  /** A device nobody uses yet. */
  constructor(settings: DeviceSettings) {
    this.settings = settings;
    this.volumes = openDevice(settings);
    this.autoSelect = settings.autoSelect;
  }

  /** The resource's name. */
  get name(): string {
    return this.settings.name;
  }

  /** How messages call the device: `"<name>" (<archive device>)`. */
  get printName(): string {
    return this.volumes.printName;
  }

  /** Whether any job writes, will write, or reads. */
  get isBusy(): boolean {
    return this.isWriting || this.reader !== undefined;
  }

  /** Whether any job writes or will write. */
  get isWriting(): boolean {
    return this.writers.size + this.reservations.size > 0;
  }

  /** Whether an operator has unmounted the device. */
  get isUnmounted(): boolean {
    return this.blocked === "unmounted" || this.blocked === "unmounted while waiting for sysop";
  }

  /** Closes the volume that was written on; with `Always Open` it stays in the device. */
  unload(): void {
    const { appending } = this;
    if (appending === undefined) return;
    appending.close();
    this.appending = undefined;
    this.loaded = this.settings.alwaysOpen
      ? { name: appending.name, poolName: this.poolName }
      : undefined;
  }

  /** Whether the Archive Device is there. */
  exists(): boolean {
    try {
      Deno.statSync(this.settings.archiveDevice);
      return true;
    } catch {
      return false; // whatever the reason: it cannot be used
    }
  }

  /** The path of a volume's file. */
  pathOf(volumeName: string): string {
    const { archiveDevice, mountPoint, requiresMount } = this.settings;
    const folder = requiresMount && mountPoint !== "" ? mountPoint : archiveDevice;
    return folder.endsWith("/") ? folder + volumeName : `${folder}/${volumeName}`;
  }
}
