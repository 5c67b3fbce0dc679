import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { DeviceError } from "./device_error.ts";
import { configFile, DedupableVolume } from "./dedupable_volume.ts";
import { isVolumeName } from "./file_device.ts";

/** Bytes of a block of the aligned file where `Device Options` say nothing. */
export const defaultDedupableBlockSize = 4096;

/**
 * A folder with a folder for each volume, in which the contents of files lie in whole blocks of the
 * file system, so that one that finds equal blocks keeps them once (volume.md 16.3).
 */
export class DedupableDevice implements Device {
  readonly printName: string;
  readonly #folder: string;
  readonly #blockSize: number;

  /**
   * The device of a folder, which need not be there yet.
   * @param folder the Archive Device
   * @param name name of the Device resource, for messages
   * @param blockSize bytes that data of new volumes is aligned to
   */
  constructor(folder: string, name: string = folder, blockSize = defaultDedupableBlockSize) {
    this.#folder = folder;
    this.#blockSize = blockSize;
    this.printName = `"${name}" (${folder})`;
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    const place = { volume, device: this.printName };
    try {
      return new DedupableVolume({
        name: volume,
        devicePrintName: this.printName,
        folder: this.#pathOf(volume),
        mode,
        blockSize: this.#blockSize,
      });
    } catch (cause) {
      throw new DeviceError(`open for ${mode}`, place, cause);
    }
  }

  list(): string[] {
    return [...Deno.readDirSync(this.#folder)]
      .filter(({ isDirectory, name }) => isDirectory && isVolume(`${this.#folder}/${name}`))
      .map(({ name }) => name).sort();
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  async remove(volume: string): Promise<void> {
    const place = { volume, device: this.printName };
    try {
      const path = this.#pathOf(volume);
      if (isVolume(path)) await Deno.remove(path, { recursive: true });
    } catch (cause) {
      throw new DeviceError("remove", place, cause);
    }
  }

  /** A volume must not leave the folder, whatever a label or a peer says. */
  #pathOf(volume: string): string {
    if (!isVolumeName(volume)) throw new Error("Illegal volume name");
    return `${this.#folder}/${volume}`;
  }
}

/** Whether a folder is a dedupable volume: nothing else is ever removed. */
export function isVolume(path: string): boolean {
  try {
    return Deno.statSync(`${path}/${configFile}`).isFile;
  } catch {
    return false; // no such folder, or not one that may be looked into
  }
}
