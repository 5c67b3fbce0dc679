import type { Device, MountedVolume, OpenMode } from "./device.ts";
import { DeviceError } from "./device_error.ts";
import { FileDevice, isVolumeName } from "./file_device.ts";
import { type PipeSink, pipeSink, readPipe } from "./pipe.ts";

/** What a {@linkcode StreamDevice} is made of. */
export interface StreamDeviceOptions {
  /** Name of the Device resource, for messages. */
  readonly name: string;
  /** The pipe; none for a NULL device, which forgets what it is given. */
  readonly pipe?: string;
  /** Folder in which what is read from a pipe waits to be read as a volume. */
  readonly folder: string;
  /** Milliseconds in which a program has to open the other end of the pipe. */
  readonly openWaitMs: number;
}

/**
 * A device that volumes only pass through (volume.md 16.2): a pipe to and from a program, or a NULL
 * device. What was written cannot be looked at again, so labels are not checked and nothing is measured.
 *
 * A label that is written waits in memory and goes out before the first block of the volume. To be read,
 * a volume is first taken from the pipe as a whole, into a file that is removed when it is closed.
 */
export class StreamDevice implements Device {
  readonly printName: string;
  readonly isStream = true;
  readonly #options: StreamDeviceOptions;
  readonly #files: FileDevice;
  /** Labels that were written and have not gone out, by volume. */
  readonly #heads = new Map<string, Uint8Array>();

  /** A device that opens nothing yet. */
  constructor(options: StreamDeviceOptions) {
    this.#options = options;
    this.printName = `"${options.name}" (${options.pipe ?? "/dev/null"})`;
    this.#files = new FileDevice(options.folder, options.name);
  }

  open(volume: string, mode: OpenMode): MountedVolume {
    const place = { volume, device: this.printName };
    if (!isVolumeName(volume)) {
      throw new DeviceError(`open for ${mode}`, place, new Error("Illegal volume name"));
    }
    if (mode === "read") return this.#openFetched(volume);
    if (mode === "create") {
      return new StreamHead(place, (bytes) => this.#heads.set(volume, bytes));
    }
    const { pipe, openWaitMs } = this.#options;
    const sink = pipe === undefined ? undefined : pipeSink(pipe, openWaitMs);
    const head = this.#heads.get(volume);
    this.#heads.delete(volume);
    if (head !== undefined) sink?.write(head);
    return new StreamVolume(place, sink);
  }

  /** Nothing can be told of what is in a stream. */
  list(): string[] {
    return [];
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Takes in the volume that the program at the other end sends next.
   * @throws {DeviceError} if no program does, or if this is a NULL device
   */
  async fetch(volume: string, signal: AbortSignal): Promise<void> {
    const { pipe, openWaitMs } = this.#options;
    try {
      if (pipe === undefined) throw new Error("a NULL device keeps nothing");
      if (!isVolumeName(volume)) throw new Error("Illegal volume name");
      await readPipe(pipe, { into: this.#fetchedPath(volume), openWaitMs, signal });
    } catch (cause) {
      throw new DeviceError("read", { volume, device: this.printName }, cause);
    }
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  remove(volume: string): Promise<void> {
    this.#heads.delete(volume);
    return Promise.resolve();
  }

  #fetchedPath(volume: string): string {
    return `${this.#options.folder}/${fetchedName(this.#options.name, volume)}`;
  }

  /** Forgets what {@linkcode fetch} took in. @throws {DeviceError} */
  async forget(volume: string): Promise<void> {
    await this.#files.remove(fetchedName(this.#options.name, volume));
  }

  #openFetched(volume: string): MountedVolume {
    const file = this.#files.open(fetchedName(this.#options.name, volume), "read");
    return {
      name: volume,
      devicePrintName: this.printName,
      size: () => file.size(),
      modifiedAt: () => file.modifiedAt(),
      readAt: (into, offset) => file.readAt(into, offset),
      writeAt: (bytes, offset) => file.writeAt(bytes, offset),
      truncate: (size) => file.truncate(size),
      sync: () => {},
      syncMeanwhile: () => Promise.resolve(),
      close: () => file.close(),
    };
  }
}

/** The file of a volume that was taken from a pipe. */
function fetchedName(device: string, volume: string): string {
  const safe = (text: string): string => text.replaceAll(/[^A-Za-z0-9:._-]/g, "_");
  return `${safe(device)}.${safe(volume)}.fifo`.slice(-127).replace(/^\.+/, "_");
}

interface Place {
  readonly volume: string;
  readonly device: string;
}

/** What every volume in a stream has in common: nothing of it can be read. */
abstract class OneWay implements MountedVolume {
  readonly name: string;
  readonly devicePrintName: string;
  protected position = 0;

  constructor({ volume, device }: Place) {
    this.name = volume;
    this.devicePrintName = device;
  }

  abstract writeAt(bytes: Uint8Array, offset: number): void;

  size(): number {
    return this.position;
  }

  modifiedAt(): number {
    return Math.floor(Date.now() / 1000);
  }

  readAt(into: Uint8Array, offset: number): number {
    const place = { volume: this.name, device: this.devicePrintName, offset };
    const cause = new Error("the device keeps nothing that could be read again");
    throw new DeviceError(`read ${into.length} bytes`, place, cause);
  }

  /** What has gone out stays out; the position is the caller's. */
  truncate(size: number): void {
    this.position = Math.min(this.position, size);
  }

  sync(): void {}

  syncMeanwhile(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}

/** A label before the volume's stream begins. */
class StreamHead extends OneWay {
  readonly #keep: (bytes: Uint8Array) => void;

  constructor(place: Place, keep: (bytes: Uint8Array) => void) {
    super(place);
    this.#keep = keep;
  }

  writeAt(bytes: Uint8Array): void {
    this.position = bytes.length;
    this.#keep(bytes.slice());
  }
}

/** A volume that is being written: to a pipe, or nowhere. */
class StreamVolume extends OneWay {
  readonly #sink: PipeSink | undefined;

  constructor(place: Place, sink: PipeSink | undefined) {
    super(place);
    this.#sink = sink;
  }

  writeAt(bytes: Uint8Array, offset: number): void {
    this.position = offset + bytes.length;
    if (this.#sink === undefined) return;
    this.#attempt(() => this.#sink?.write(bytes.slice()), offset);
  }

  async drain(): Promise<void> {
    await this.#attemptAsync(() => this.#sink?.drained());
  }

  override async syncMeanwhile(): Promise<void> {
    await this.#attemptAsync(() => this.#sink?.flushed());
  }

  override close(): void {
    this.#sink?.close();
  }

  #attempt(action: () => void, offset: number): void {
    try {
      action();
    } catch (cause) {
      throw this.#error(cause, offset);
    }
  }

  async #attemptAsync(action: () => Promise<void> | undefined): Promise<void> {
    try {
      await action();
    } catch (cause) {
      throw this.#error(cause, this.position);
    }
  }

  #error(cause: unknown, offset: number): DeviceError {
    const place = { volume: this.name, device: this.devicePrintName, offset };
    return new DeviceError("write to the pipe", place, cause);
  }
}
