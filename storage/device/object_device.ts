import { createHash } from "node:crypto";
import { CacheStates } from "./cache_state.ts";
import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { ChunkUploads } from "./chunk_uploads.ts";
import { DeviceError } from "./device_error.ts";
import { FileDevice, isVolumeName } from "./file_device.ts";
import type { ObjectStore, StoredObject } from "./object_store.ts";
import { ObjectVolume } from "./object_volume.ts";

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
  /** Bytes that the cache is to have at most where that can be done; no limit if not given. */
  readonly cacheSize?: number;
}

/** As other programs that keep volumes in objects (volume.md 16.4). */
const CHUNK_SIZE = 10_000_000;
const MOST_CHUNKS = 10_000;
/** A volume that was made ready this long ago, in milliseconds, may be about to be opened. */
const IN_USE_MS = 60_000;

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
  readonly #states: CacheStates;
  readonly #uploads = new Map<string, ChunkUploads>();
  /** How often each volume is open. */
  readonly #open = new Map<string, number>();
  /** When a volume was made ready to be opened. */
  readonly #prepared = new Map<string, number>();
  readonly #preparing = new Map<string, Promise<void>>();

  /** The device of a store and a cache folder, which must be there. */
  constructor(options: ObjectDeviceOptions) {
    const { cache, name, store } = options;
    this.#options = options;
    this.#chunkSize = options.chunkSize ?? CHUNK_SIZE;
    this.printName = `"${name}" (${store.printName})`;
    this.#files = new FileDevice(cache, name);
    this.#states = new CacheStates(cache);
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    const file = this.#files.open(volume, mode);
    this.#open.set(volume, (this.#open.get(volume) ?? 0) + 1);
    return new ObjectVolume(file, {
      devicePrintName: this.printName,
      uploads: this.#uploadsOf(volume),
      makeRoom: () => this.#makeRoom(),
      onClose: () => this.#open.set(volume, (this.#open.get(volume) ?? 1) - 1),
    });
  }

  list(): string[] {
    return this.#files.list();
  }

  /**
   * Brings the volume into the cache if the store has more of it than the cache, and mends what is damaged
   * there. Changes that a crash or a failure kept from the store go there with the next upload.
   */
  async prepare(volume: string): Promise<void> {
    // one at a time: what is found out about cache and store must hold until it is acted on
    const before = this.#preparing.get(volume);
    const turn = (before ?? Promise.resolve()).catch(() => {}).then(() => this.#prepare(volume));
    this.#preparing.set(volume, turn);
    try {
      await turn;
    } finally {
      if (this.#preparing.get(volume) === turn) this.#preparing.delete(volume);
    }
  }

  async #prepare(volume: string): Promise<void> {
    try {
      if (!isVolumeName(volume)) return; // opening it says what is wrong with it
      if (this.#isOpen(volume)) return; // whoever has opened it has prepared it
      this.#prepared.set(volume, Date.now());
      const { cacheSize = 0 } = this.#options;
      if (cacheSize > 0) this.#shrink(cacheSize, volume);
      const uploads = this.#uploadsOf(volume);
      if (uploads.isChanged || this.#states.isStored(volume)) {
        if (!uploads.isChanged) uploads.stored = this.#count(cachedSize(this.#pathOf(volume)) ?? 0);
        return;
      }
      const chunks = await this.#chunksOf(volume);
      // An upload before the last one may have failed: those that are there need not follow one another.
      uploads.stored = Math.max(0, ...chunks.map(({ key }) => Number(key.slice(-4)) + 1));
      await this.#reconcile(volume, chunks, uploads);
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

  /** Uploads what an earlier run, or a failure, has left in the cache alone. */
  async resume(onProblem: (text: string) => void): Promise<void> {
    for (const volume of this.#states.changed) {
      if (this.#isOpen(volume) || this.#isAboutToOpen(volume)) continue; // who writes it sees to it
      try {
        await this.prepare(volume);
        await this.settle(volume);
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        onProblem(`${error.message}. It stays in the cache and will be tried again`);
      }
    }
  }

  async remove(volume: string): Promise<void> {
    await this.#uploads.get(volume)?.abandon(); // what is under way would come after the removal
    this.#uploads.delete(volume);
    await this.#files.remove(volume);
    try {
      for (const { key } of await this.#chunksOf(volume)) await this.#options.store.remove(key);
      this.#states.forget(volume);
    } catch (cause) {
      throw new DeviceError("remove", { volume, device: this.printName }, cause);
    }
  }

  /** Makes cache and store agree, or knows what has to go up. */
  async #reconcile(
    volume: string,
    chunks: readonly StoredObject[],
    uploads: ChunkUploads,
  ): Promise<void> {
    const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    const cached = cachedSize(this.#pathOf(volume));
    const isNewer = this.#states.get(volume).kind === "changed";
    if (cached === undefined) {
      this.#states.forget(volume);
      if (size > 0) await this.#download(volume, chunks);
    } else if (isNewer) {
      // a crash has come between the cache and the store: what is in the cache is newer
      const newer = await this.#differing(volume, chunks, cached, { isUnknownDifferent: true });
      for (const index of newer) uploads.changeChunk(index);
      uploads.truncate(cached);
    } else if (cached < size) await this.#download(volume, chunks);
    else if (cached > size) uploads.change(size, cached);
    else if (size > 0) {
      const damaged = await this.#differing(volume, chunks, cached);
      for (const index of damaged) await this.#mend(volume, index);
      this.#states.setStored(volume);
    }
  }

  /** The chunks of the cache that are not what the store has; it may not tell what it has. */
  async #differing(
    volume: string,
    chunks: readonly StoredObject[],
    cached: number,
    { isUnknownDifferent = false } = {},
  ): Promise<number[]> {
    const md5s = new Map(chunks.map(({ key, md5 }) => [key, md5]));
    const different: number[] = [];
    using file = await Deno.open(this.#pathOf(volume), { read: true });
    for (let index = 0; index < this.#count(cached); index++) {
      const bytes = new Uint8Array(Math.min(this.#chunkSize, cached - index * this.#chunkSize));
      for (let at = 0; at < bytes.length;) {
        const read = await file.read(bytes.subarray(at));
        if (read === null) break;
        at += read;
      }
      const key = this.#keyOf(volume, index);
      const found = createHash("md5").update(bytes).digest("hex");
      const stored = md5s.get(key) ?? (isUnknownDifferent ? undefined : found);
      if (!md5s.has(key) || stored !== found) different.push(index);
    }
    return different;
  }

  /** Takes a chunk from the store that the cache has not as it should be. */
  async #mend(volume: string, index: number): Promise<void> {
    const key = this.#keyOf(volume, index);
    const bytes = await this.#options.store.get(key);
    if (bytes === undefined) throw new Error(`object ${key} is missing`);
    using file = await Deno.open(this.#pathOf(volume), { write: true });
    await file.seek(index * this.#chunkSize, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.syncData();
  }

  async #chunksOf(volume: string): Promise<StoredObject[]> {
    const prefix = `${this.#options.prefix ?? ""}${volume}/`;
    const found = await this.#options.store.list(prefix);
    return found.filter(({ key }) => /^\d{4}$/.test(key.slice(prefix.length)));
  }

  /** Writes a file beside and puts it in place when it is complete. */
  async #download(volume: string, chunks: readonly StoredObject[]): Promise<void> {
    const path = this.#pathOf(volume);
    const partial = `${this.#options.cache}/.state/${encodeURIComponent(volume)}~`;
    this.#states.setChanged(volume); // makes the folder; what follows sets it right
    this.#states.forget(volume);
    const file = await Deno.open(partial, {
      read: true,
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
        await this.#writeAll(file, bytes);
      }
      await file.syncData();
    } catch (error) {
      await Deno.remove(partial);
      throw error;
    } finally {
      file.close();
    }
    await Deno.rename(partial, path);
    this.#states.setStored(volume);
  }

  async #writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      try {
        at += await file.write(bytes.subarray(at));
      } catch (error) {
        const isFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
        if (!isFull || !this.#makeRoom()) throw error;
      }
    }
  }

  /** Takes the volume that was used longest ago out of the cache; false if none may be. */
  #makeRoom(): boolean {
    const [oldest] = this.#idle();
    if (oldest === undefined) return false;
    this.#evict(oldest.volume);
    return true;
  }

  /** Makes the cache no larger than it is to be, as far as that can be done. */
  #shrink(most: number, needed: string): void {
    let size = this.#files.list().reduce(
      (sum, volume) => sum + (cachedSize(this.#pathOf(volume)) ?? 0),
      0,
    );
    for (const idle of this.#idle()) {
      if (size <= most) return;
      if (idle.volume === needed) continue;
      this.#evict(idle.volume);
      size -= idle.size;
    }
  }

  /** Volumes that nobody uses and that are in the store as they are here, oldest first. */
  #idle(): { readonly volume: string; readonly size: number }[] {
    return this.#files.list().filter((volume) =>
      !this.#isOpen(volume) && !this.#isAboutToOpen(volume) &&
      this.#uploads.get(volume)?.isChanged !== true && this.#states.isStored(volume)
    ).map((volume) => {
      const { size, atime, mtime } = Deno.statSync(this.#pathOf(volume));
      const used = Math.max(
        this.#prepared.get(volume) ?? 0,
        atime?.getTime() ?? 0,
        mtime?.getTime() ?? 0,
      );
      return { volume, size, used };
    }).sort((a, b) => a.used - b.used);
  }

  #isOpen(volume: string): boolean {
    return (this.#open.get(volume) ?? 0) > 0;
  }

  #isAboutToOpen(volume: string): boolean {
    return Date.now() - (this.#prepared.get(volume) ?? 0) < IN_USE_MS;
  }

  #evict(volume: string): void {
    Deno.removeSync(this.#pathOf(volume));
    this.#states.forget(volume);
    this.#uploads.delete(volume);
  }

  #count(size: number): number {
    return Math.ceil(size / this.#chunkSize);
  }

  #uploadsOf(volume: string): ChunkUploads {
    let uploads = this.#uploads.get(volume);
    if (uploads === undefined) {
      uploads = new ChunkUploads({
        store: this.#options.store,
        path: this.#pathOf(volume),
        keyOf: (index) => this.#keyOf(volume, index),
        chunkSize: this.#chunkSize,
        onState: (state) =>
          state === "changed" ? this.#states.setChanged(volume) : this.#states.setStored(volume),
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
