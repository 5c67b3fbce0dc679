/** An open volume of an object store: a file in the cache whose changes go up (volume.md 16.4). @module */
import type { ChunkUploads } from "./chunk_uploads.ts";
import type { MountedVolume } from "./device.ts";
import { DeviceError } from "./device_error.ts";
import { VolumeTasks } from "./volume_tasks.ts";

/** What an {@linkcode ObjectVolume} needs of its device. */
export interface ObjectVolumeParts {
  /** The device as messages name it. */
  readonly devicePrintName: string;
  /** What takes changes to the store. */
  readonly uploads: ChunkUploads;
  /** Makes room on the disk of the cache; false if that cannot be. */
  makeRoom(): boolean;
  /** The volume is closed. */
  onClose(): void;
}

/** A volume in the cache whose changes go to the store. */
export class ObjectVolume implements MountedVolume {
  readonly name: string;
  readonly devicePrintName: string;
  readonly #file: MountedVolume;
  readonly #uploads: ChunkUploads;
  readonly #parts: ObjectVolumeParts;
  readonly #tasks: VolumeTasks;
  #isOpen = true;

  /** A volume that is open in the cache. */
  constructor(file: MountedVolume, parts: ObjectVolumeParts) {
    this.name = file.name;
    this.devicePrintName = parts.devicePrintName;
    this.#file = file;
    this.#uploads = parts.uploads;
    this.#tasks = new VolumeTasks(file.name, parts.devicePrintName);
    this.#parts = parts;
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
    if (failure !== undefined) throw this.#tasks.error("upload", failure);
    this.#uploads.begin();
    while (true) {
      try {
        this.#file.writeAt(bytes, offset);
        break;
      } catch (error) {
        const isFull = error instanceof DeviceError && error.isFull;
        if (!isFull || !this.#parts.makeRoom()) throw error;
      }
    }
    this.#uploads.change(offset, offset + bytes.length);
  }

  truncate(size: number): void {
    this.#uploads.begin();
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
      throw this.#tasks.error("upload", cause);
    }
  }

  close(): void {
    if (this.#isOpen) this.#parts.onClose();
    this.#isOpen = false;
    this.#file.close();
  }
}
