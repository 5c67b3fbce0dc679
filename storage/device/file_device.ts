import { dirname } from "node:path";
import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { DeviceError } from "./device_error.ts";
import { VolumeTasks } from "./volume_tasks.ts";

/** Mode of a new volume. */
const volumeMode = 0o640;

/** A folder whose files are volumes: `<folder>/<volume name>` (volume.md 2). */
export class FileDevice implements Device {
  readonly printName: string;
  readonly #folder: string;

  /**
   * The device of a folder, which need not be there yet.
   * @param folder the Archive Device
   * @param name name of the Device resource, for messages
   */
  constructor(folder: string, name: string = folder) {
    this.#folder = folder;
    this.printName = `"${name}" (${folder})`;
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    const place = { volume, device: this.printName };
    const fail = (cause: unknown): DeviceError => new DeviceError(`open for ${mode}`, place, cause);
    // A volume must not leave the folder, whatever a label or a peer says.
    if (!isVolumeName(volume)) throw fail(new Error("Illegal volume name"));
    const path = `${this.#folder}/${volume}`;
    try {
      const file = Deno.openSync(path, {
        read: true,
        write: mode !== "read",
        create: mode === "create",
        mode: volumeMode,
      });
      if (!file.statSync().isDirectory) {
        if (mode === "create") syncFolderOf(path);
        return new VolumeFile(volume, this.printName, file, path);
      }
      file.close();
    } catch (cause) {
      throw fail(cause);
    }
    throw fail(Object.assign(new Error("Is a directory"), { code: "EISDIR" }));
  }

  list(): string[] {
    return [...Deno.readDirSync(this.#folder)]
      .filter(({ isFile, isSymlink }) => isFile || isSymlink).map(({ name }) => name).sort();
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  async remove(volume: string): Promise<void> {
    const place = { volume, device: this.printName };
    if (!isVolumeName(volume)) {
      throw new DeviceError("remove", place, new Error("Illegal volume name"));
    }
    try {
      await Deno.remove(`${this.#folder}/${volume}`);
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw new DeviceError("remove", place, cause);
    }
  }
}

/** A new file is in its folder after a crash of the machine only if the folder is on the disk as well. */
function syncFolderOf(path: string): void {
  try {
    using folder = Deno.openSync(dirname(path), { read: true });
    folder.syncSync();
  } catch {
    // not every file system and system can: the file is there all the same
  }
}

/**
 * Whether a name may be a volume's: letters, digits and `: . - _ /`, not starting with `/`, 1 to 127
 * characters (volume.md 2), and no part of it leading out of the folder.
 */
export function isVolumeName(name: string): boolean {
  return /^[A-Za-z0-9:._-][A-Za-z0-9:._/-]{0,126}$/.test(name) &&
    !name.split("/").some((part) => part === ".." || part === "." || part === "");
}

class VolumeFile implements MountedVolume {
  readonly name: string;
  readonly devicePrintName: string;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #tasks: VolumeTasks;
  #position = 0;
  #isOpen = true;

  constructor(name: string, devicePrintName: string, file: Deno.FsFile, path: string) {
    this.#tasks = new VolumeTasks(name, devicePrintName, () => {
      this.#position = -1; // wherever the system left it
    });
    this.#path = path;
    this.name = name;
    this.devicePrintName = devicePrintName;
    this.#file = file;
  }

  size(): number {
    return this.#tasks.do("measure", undefined, () => this.#file.statSync().size);
  }

  modifiedAt(): number {
    return this.#tasks.do("measure", undefined, () => {
      const { mtime } = this.#file.statSync();
      return Math.floor((mtime?.getTime() ?? 0) / 1000);
    });
  }

  readAt(into: Uint8Array, offset: number): number {
    return this.#tasks.do(`read ${into.length} bytes`, offset, () => {
      this.#seek(offset);
      let done = 0;
      while (done < into.length) {
        const read = this.#file.readSync(done === 0 ? into : into.subarray(done));
        if (read === null || read === 0) break;
        done += read;
        this.#position += read;
      }
      return done;
    });
  }

  writeAt(bytes: Uint8Array, offset: number): void {
    let written = 0;
    try {
      this.#seek(offset);
      while (written < bytes.length) {
        const count = this.#file.writeSync(written === 0 ? bytes : bytes.subarray(written));
        written += count;
        this.#position += count;
      }
    } catch (cause) {
      throw this.#tasks.error(`write ${bytes.length} bytes`, cause, offset, written);
    }
  }

  truncate(size: number): void {
    this.#tasks.do("truncate", size, () => this.#file.truncateSync(size));
  }

  sync(): void {
    this.#tasks.do("sync", undefined, () => this.#file.syncDataSync());
  }

  async syncMeanwhile(): Promise<void> {
    try {
      // a handle of its own: an asynchronous call bars the other one's synchronous calls
      using file = await Deno.open(this.#path, { write: true });
      await file.syncData();
    } catch (cause) {
      throw this.#tasks.error("sync", cause);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
  }

  #seek(offset: number): void {
    if (offset === this.#position) return;
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#position = offset;
  }
}
