import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { DeviceError } from "./device_error.ts";
import { FileDevice } from "./file_device.ts";

/** Makes a medium's file system usable, and takes it away. Doing either twice is fine. */
export interface Mounter {
  /** @throws Error telling why it cannot be */
  attach(): Promise<void>;
  /** @throws Error telling why it cannot be */
  detach(): Promise<void>;
}

/** What a {@linkcode MountedDevice} is made of. */
export interface MountedDeviceOptions {
  /** Name of the Device resource. */
  readonly name: string;
  /** The Archive Device: what is mounted. */
  readonly source: string;
  /** The folder where the volumes are, once it is mounted. */
  readonly mountPoint: string;
  readonly mounter: Mounter;
}

/** A folder of volumes on a medium that has to be mounted first (`Requires Mount`), such as a disk. */
export class MountedDevice implements Device {
  readonly printName: string;
  readonly #files: FileDevice;
  readonly #mounter: Mounter;

  /** Nothing is mounted before it is needed. */
  constructor({ name, source, mountPoint, mounter }: MountedDeviceOptions) {
    this.#files = new FileDevice(mountPoint, name);
    this.printName = `"${name}" (${source})`;
    this.#mounter = mounter;
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    return this.#files.open(volume, mode);
  }

  list(): string[] {
    return this.#files.list();
  }

  /** Mounts the medium. @throws {DeviceError} */
  async prepare(volume: string): Promise<void> {
    try {
      await this.#mounter.attach();
    } catch (cause) {
      throw new DeviceError("mount the medium", { volume, device: this.printName }, cause);
    }
  }

  attach(): Promise<void> {
    return this.#mounter.attach();
  }

  detach(): Promise<void> {
    return this.#mounter.detach();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  async remove(volume: string): Promise<void> {
    await this.prepare(volume);
    await this.#files.remove(volume);
  }
}
