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
}

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
    return drive >= 0 ? members[drive] : members.find((member) => member.autoSelect);
  }
}
