import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { DeviceError } from "./device_error.ts";

interface MemoryVolume {
  modifiedAt: number;
  bytes: Uint8Array;
  size: number;
}

/** How a {@linkcode MemoryDevice} fails. */
export interface MemoryDeviceLimits {
  /** Bytes that all volumes together may hold; writing more is `ENOSPC` after what fits. */
  readonly capacity?: number;
  /** Called before each write; throw what the write should fail with. */
  readonly onWrite?: (volume: string, offset: number, length: number) => void;
}

/** Volumes in memory, for tests and for trying things out: it can be made full or broken at will. */
export class MemoryDevice implements Device {
  readonly printName: string;
  readonly #volumes = new Map<string, MemoryVolume>();
  readonly #limits: MemoryDeviceLimits;

  /** An empty device. */
  constructor(name = "Memory", limits: MemoryDeviceLimits = {}) {
    this.printName = `"${name}" (memory)`;
    this.#limits = limits;
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    let found = this.#volumes.get(volume);
    if (found === undefined) {
      if (mode !== "create") throw this.#error(`open for ${mode}`, volume, "ENOENT");
      found = { bytes: new Uint8Array(0), size: 0, modifiedAt: nowSeconds() };
      this.#volumes.set(volume, found);
    }
    return this.#mount(volume, found, mode);
  }

  list(): string[] {
    return [...this.#volumes.keys()].sort();
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  remove(volume: string): Promise<void> {
    this.#volumes.delete(volume);
    return Promise.resolve();
  }

  /** The bytes of a volume, as a copy. */
  contents(volume: string): Uint8Array {
    const found = this.#volumes.get(volume);
    return found === undefined ? new Uint8Array(0) : found.bytes.slice(0, found.size);
  }

  /** Puts a volume onto the device. */
  put(volume: string, bytes: Uint8Array): void {
    this.#volumes.set(volume, {
      bytes: bytes.slice(),
      size: bytes.length,
      modifiedAt: nowSeconds(),
    });
  }

  #mount(name: string, volume: MemoryVolume, mode: OpenMode): MountedVolume {
    const write = (bytes: Uint8Array, offset: number): void => {
      const task = `write ${bytes.length} bytes`;
      if (mode === "read") throw this.#error(task, name, "EROFS", offset);
      if (offset > volume.size) throw this.#error(task, name, "EINVAL", offset);
      try {
        this.#limits.onWrite?.(name, offset, bytes.length);
      } catch (cause) {
        throw new DeviceError(task, { volume: name, device: this.printName, offset }, cause);
      }
      const others = [...this.#volumes.values()].reduce((sum, { size }) => sum + size, 0);
      const room = (this.#limits.capacity ?? Infinity) - (others - volume.size) - offset;
      const part = bytes.subarray(0, Math.max(0, Math.min(bytes.length, room)));
      this.#store(volume, part, offset);
      if (part.length < bytes.length) {
        throw this.#error(task, name, "ENOSPC", offset, part.length);
      }
    };
    return {
      name,
      devicePrintName: this.printName,
      size: () => volume.size,
      modifiedAt: () => volume.modifiedAt,
      readAt: (into, offset) => {
        const part = volume.bytes.subarray(offset, Math.min(volume.size, offset + into.length));
        into.set(part);
        return part.length;
      },
      writeAt: write,
      truncate: (size) => {
        if (mode === "read") throw this.#error("truncate", name, "EROFS", size);
        volume.size = Math.min(size, volume.size);
      },
      sync: () => {},
      syncMeanwhile: () => Promise.resolve(),
      close: () => {},
    };
  }

  #store(volume: MemoryVolume, bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    if (end > volume.bytes.length) {
      const larger = new Uint8Array(Math.max(end, volume.bytes.length * 2));
      larger.set(volume.bytes.subarray(0, volume.size));
      volume.bytes = larger;
    }
    volume.bytes.set(bytes, offset);
    volume.modifiedAt = nowSeconds();
    volume.size = Math.max(volume.size, end);
  }

  #error(
    task: string,
    volume: string,
    code: string,
    offset?: number,
    written = 0,
  ): DeviceError {
    const place = { volume, device: this.printName, written };
    const cause = Object.assign(new Error(code), { code });
    return new DeviceError(task, offset === undefined ? place : { ...place, offset }, cause);
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
