import { type Changer, type ChangerDrive, VirtualChanger } from "./changer.ts";
import { Drive } from "./drive.ts";
import { FOLDER_CHANGER, FolderChanger } from "./folder_changer.ts";
import { Mutex } from "./mutex.ts";
import { ScriptChanger } from "./script_changer.ts";
import { StorageDevice } from "./storage_device.ts";
import type { DeviceSettings } from "./storage_device.ts";
import { VolumesInUse } from "./volumes_in_use.ts";
import { Wakeup } from "./wakeup.ts";

/** An Autochanger resource: a name for several devices. */
export interface ChangerSettings {
  /** Name of the resource. */
  readonly name: string;
  /** Names of its drives, in order. */
  readonly devices: readonly string[];
  /** `Changer Device`. */
  readonly changerDevice?: string;
  /** `Changer Command`; empty for a virtual changer, {@linkcode FOLDER_CHANGER} for the built-in one. */
  readonly changerCommand?: string;
}

/** Milliseconds a changer's command may take if its drives do not say. */
const CHANGER_WAIT_MS = 300_000;

/** All devices of the daemon, by name and by changer, and the volumes that are in use on them. */
export class DeviceSet {
  readonly devices: readonly StorageDevice[];
  readonly changers: readonly ChangerSettings[];
  readonly volumes: VolumesInUse = new VolumesInUse();
  /** Wakes jobs that wait for a device whenever one becomes more free than it was. */
  readonly released: Wakeup = new Wakeup();
  readonly #byName: ReadonlyMap<string, StorageDevice>;

  /** Devices and changers in configuration order. */
  constructor(devices: readonly DeviceSettings[], changers: readonly ChangerSettings[] = []) {
    this.devices = devices.map((settings) => new StorageDevice(settings));
    this.changers = changers;
    this.#byName = new Map(this.devices.map((device) => [device.name, device]));
    for (const changer of changers) this.#connect(changer);
  }

  /** Makes the devices of a changer its drives. */
  #connect({ name, changerDevice = "", changerCommand = "" }: ChangerSettings): void {
    const members = this.changer(name) ?? [];
    const places = members.map(({ settings }, at) => ({
      index: settings.driveIndex || at,
      path: settings.archiveDevice,
    }));
    const waits = members.map(({ settings }) => settings.maximumChangerWait * 1000);
    const changer = makeChanger(changerDevice, changerCommand, places, Math.max(0, ...waits));
    const lock = new Mutex();
    const drives: Drive[] = [];
    members.forEach((device, at) => {
      const place = places[at];
      if (place === undefined) return;
      const drive = new Drive(changer, place, lock, drives);
      drive.isBusy = () => device.isBusy;
      device.drive = drive;
      drives.push(drive);
    });
  }

  /** The Device resource of that name. */
  device(name: string): StorageDevice | undefined {
    return this.#byName.get(name);
  }

  /** The members of the Autochanger of that name, in configuration order. */
  changer(name: string): readonly StorageDevice[] | undefined {
    const changer = this.changers.find((each) => each.name === name);
    return changer?.devices.flatMap((member) => this.#byName.get(member) ?? []);
  }

  /** A device by its own name, or the first auto-selected drive of a changer of that name. */
  find(name: string, drive: number): StorageDevice | undefined {
    const members = this.changer(name);
    if (members === undefined) return this.device(name);
    return drive >= 0
      ? members.find((member) => member.drive?.place.index === drive)
      : members.find((member) => member.autoSelect);
  }
}

function makeChanger(
  device: string,
  command: string,
  drives: readonly ChangerDrive[],
  waitMs: number,
): Changer {
  if (command === "") return new VirtualChanger();
  if (command === FOLDER_CHANGER) return new FolderChanger(device, drives);
  return new ScriptChanger({ command, device, timeoutMs: waitMs || CHANGER_WAIT_MS });
}
