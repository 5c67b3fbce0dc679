import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { ChunkUploads } from "./chunk_uploads.ts";
import { DeviceError } from "./device_error.ts";
import { FileDevice, isVolumeName } from "./file_device.ts";
import type { ObjectStore, StoredObject } from "./object_store.ts";

/** What an {@linkcode ObjectDevice} is made of. */
export interface ObjectDeviceOptions {
  readonly store: ObjectStore;
  /** Folder in which volumes are kept while they are in use: the Archive Device. */
  readonly cache: string;
  /** Name of the Device resource, for messages. */
  readonly name: string;
  /** Before the names of all objects, with its slash; may be empty. */
  readonly prefix?: string;
  /** Bytes of an object. */
  readonly chunkSize?: number;
}

/** As other programs that keep volumes in objects (volume.md 16.4). */
const CHUNK_SIZE = 10_000_000;
const MOST_CHUNKS = 10_000;

/**
 * Volumes in an object store. A volume is the objects `<volume>/0000`, `<volume>/0001` ... of one size,
 * which together are the bytes of a volume on disk. It is written to a file in the cache folder, whose
 * chunks go up in the background; what is synchronised is in the store. Before it is opened,
 * {@linkcode ObjectDevice.prepare} brings into the cache what is only in the store.
 */
export class ObjectDevice implements Device {
  readonly printName: string;
  readonly #options: ObjectDeviceOptions;
  readonly #chunkSize: number;
  readonly #files: FileDevice;
  readonly #uploads = new Map<string, ChunkUploads>();

  /** The device of a store and a cache folder, which must be there. */
  constructor(options: ObjectDeviceOptions) {
    const { cache, name, store } = options;
    this.#options = options;
    this.#chunkSize = options.chunkSize ?? CHUNK_SIZE;
    this.printName = `"${name}" (${store.printName})`;
    this.#files = new FileDevice(cache, name);
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    return new ObjectVolume(
      this.#files.open(volume, mode),
      this.printName,
      this.#uploadsOf(volume),
    );
  }

  list(): string[] {
    return this.#files.list();
  }

  /** Brings the volume into the cache if the store has more of it than the cache. */
  async prepare(volume: string): Promise<void> {
    try {
      if (!isVolumeName(volume)) return; // opening it says what is wrong with it
      const chunks = await this.#chunksOf(volume);
      const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
      const cached = cachedSize(this.#pathOf(volume));
      if (cached === undefined && size === 0) return;
      const uploads = this.#uploadsOf(volume);
      uploads.stored = chunks.length;
      if (cached === undefined || cached < size) await this.#download(volume, chunks);
      // a crash has left more in the cache than in the store
      else if (cached > size) uploads.change(size, cached);
    } catch (cause) {
      if (cause instanceof DeviceError) throw cause;
      throw new DeviceError("fetch", { volume, device: this.printName }, cause);
    }
  }

  async settle(volume: string): Promise<void> {
    try {
      await this.#uploadsOf(volume).flush();
    } catch (cause) {
      throw new DeviceError("upload", { volume, device: this.printName }, cause);
    }
  }

  async remove(volume: string): Promise<void> {
    this.#uploads.delete(volume);
    await this.#files.remove(volume);
    try {
      for (const { key } of await this.#chunksOf(volume)) await this.#options.store.remove(key);
    } catch (cause) {
      throw new DeviceError("remove", { volume, device: this.printName }, cause);
    }
  }

  async #chunksOf(volume: string): Promise<StoredObject[]> {
    const prefix = `${this.#options.prefix ?? ""}${volume}/`;
    const found = await this.#options.store.list(prefix);
    return found.filter(({ key }) => /^\d{4}$/.test(key.slice(prefix.length)));
  }

  /** Writes a file beside and puts it in place when it is complete. */
  async #download(volume: string, chunks: readonly StoredObject[]): Promise<void> {
    const path = this.#pathOf(volume);
    const partial = `${path}.partial`;
    const file = await Deno.open(partial, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o640,
    });
    try {
      for (const [index, { key, size }] of chunks.entries()) {
        const isWhole = size === this.#chunkSize || index === chunks.length - 1;
        if (key !== this.#keyOf(volume, index) || !isWhole) {
          throw new Error(`object ${key} does not fit the ones before it`);
        }
        const bytes = await this.#options.store.get(key);
        if (bytes?.length !== size) throw new Error(`object ${key} is incomplete`);
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      }
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.rename(partial, path);
  }

  #uploadsOf(volume: string): ChunkUploads {
    let uploads = this.#uploads.get(volume);
    if (uploads === undefined) {
      uploads = new ChunkUploads({
        store: this.#options.store,
        path: this.#pathOf(volume),
        keyOf: (index) => this.#keyOf(volume, index),
        chunkSize: this.#chunkSize,
      });
      this.#uploads.set(volume, uploads);
    }
    return uploads;
  }

  #keyOf(volume: string, index: number): string {
    if (index >= MOST_CHUNKS) {
      throw new Error(`a volume has at most ${MOST_CHUNKS} objects of ${this.#chunkSize} bytes`);
    }
    return `${this.#options.prefix ?? ""}${volume}/${String(index).padStart(4, "0")}`;
  }

  #pathOf(volume: string): string {
    return `${this.#options.cache}/${volume}`;
  }
}

function cachedSize(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A volume in the cache whose changes go to the store. */
class ObjectVolume implements MountedVolume {
  readonly name: string;
  readonly devicePrintName: string;
  readonly #file: MountedVolume;
  readonly #uploads: ChunkUploads;

  constructor(file: MountedVolume, devicePrintName: string, uploads: ChunkUploads) {
    this.name = file.name;
    this.devicePrintName = devicePrintName;
    this.#file = file;
    this.#uploads = uploads;
  }

  size(): number {
    return this.#file.size();
  }

  modifiedAt(): number {
    return this.#file.modifiedAt();
  }

  readAt(into: Uint8Array, offset: number): number {
    return this.#file.readAt(into, offset);
  }

  writeAt(bytes: Uint8Array, offset: number): void {
    const failure = this.#uploads.takeFailure();
    if (failure !== undefined) throw this.#error(failure);
    this.#file.writeAt(bytes, offset);
    this.#uploads.change(offset, offset + bytes.length);
  }

  truncate(size: number): void {
    this.#file.truncate(size);
    this.#uploads.truncate(size);
  }

  /** In the cache only: who wants it in the store uses {@linkcode syncMeanwhile}. */
  sync(): void {
    this.#file.sync();
  }

  async syncMeanwhile(): Promise<void> {
    await this.#file.syncMeanwhile();
    try {
      await this.#uploads.flush();
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  close(): void {
    this.#file.close();
  }

  #error(cause: unknown): DeviceError {
    return new DeviceError("upload", { volume: this.name, device: this.devicePrintName }, cause);
  }
}
