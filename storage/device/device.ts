/** How a volume is opened. */
export type OpenMode =
  /** Only reading; the volume must be there. */
  | "read"
  /** Reading, and writing at the end; the volume must be there. */
  | "append"
  /** As `append`; a volume that is not there is created, one that is there is left as it is. */
  | "create";

/**
 * A place that holds volumes, such as a folder of files. What reads and writes volumes knows
 * devices only by this interface, so that other kinds can follow.
 */
export interface Device {
  /** The device as messages name it: `"FileStorage" (/var/lib/bareos/storage)`. */
  readonly printName: string;

  /**
   * Volumes only pass through: what was written can neither be read again nor measured, and labels
   * cannot be checked.
   */
  readonly isStream?: boolean;

  /**
   * Opens a volume.
   * @throws {DeviceError} if it is not there, or may not be opened so
   */
  open(volume: string, mode: OpenMode): MountedVolume;

  /** The names of what may be volumes, sorted. */
  list(): string[];

  /**
   * Makes a volume ready to be opened: fetches it from where it is kept. Nothing happens for one that is
   * not there.
   * @throws {DeviceError}
   */
  prepare(volume: string): Promise<void>;

  /**
   * Of a medium that has to be mounted: does so, as {@linkcode Device.prepare} does.
   * @throws Error telling why it cannot be
   */
  attach?(): Promise<void>;

  /**
   * Of a medium that has to be mounted: takes it away, so that it can be taken out.
   * @throws Error telling why it cannot be
   */
  detach?(): Promise<void>;

  /**
   * Of a stream: takes in the volume that comes next, to be opened for reading.
   * @throws {DeviceError} or the reason of `signal`
   */
  fetch?(volume: string, signal: AbortSignal): Promise<void>;

  /**
   * Of a stream: what was taken in is not needed any more.
   * @throws {DeviceError}
   */
  forget?(volume: string): Promise<void>;

  /**
   * Finishes what an earlier run left undone, such as uploads; called at the start and now and then. What
   * cannot be done yet is told to `onProblem`.
   */
  resume?(onProblem: (text: string) => void): Promise<void>;

  /**
   * Returns when what was written on a volume is where it is kept.
   * @throws {DeviceError}
   */
  settle(volume: string): Promise<void>;

  /**
   * Removes a volume that nobody has open; one that is not there is no error.
   * @throws {DeviceError}
   */
  remove(volume: string): Promise<void>;
}

/** How the catalog writes places of a volume that is not addressed by bytes, and back (volume.md 6.3). */
export interface Addressing {
  /** The address of the block in which an offset is; at the end of the volume that of the next one. */
  addressOf(offset: number): number;
  /** The offset at which the block of an address begins; the end of the volume for one that is not there. */
  offsetOf(address: number): number;
}

/**
 * An open volume: bytes from 0 to `size`, written only at the end. All calls are synchronous: they
 * run at the speed of the page cache, and of the device when that is exhausted.
 */
export interface MountedVolume {
  /** Name of the volume. */
  readonly name: string;
  /** The device as messages name it. */
  readonly devicePrintName: string;
  /** Of a volume that is not addressed by bytes. @throws {DeviceError} each of its functions */
  readonly addressing?: Addressing;

  /**
   * Bytes on the volume.
   * @throws {DeviceError}
   */
  size(): number;

  /**
   * When the volume was last written, UNIX seconds by the clock of whoever keeps it.
   * @throws {DeviceError}
   */
  modifiedAt(): number;

  /**
   * Reads bytes at `offset` until `into` is full or the volume ends.
   * @returns how many were read; 0 at the end
   * @throws {DeviceError}
   */
  readAt(into: Uint8Array, offset: number): number;

  /**
   * Writes all the bytes at `offset`, which must not lie behind the end.
   * @throws {DeviceError} with the number of bytes that were written before the error
   */
  writeAt(bytes: Uint8Array, offset: number): void;

  /**
   * Drops everything from `size` on.
   * @throws {DeviceError}
   */
  truncate(size: number): void;

  /**
   * Returns when everything written is on stable storage.
   * @throws {DeviceError}
   */
  sync(): void;

  /**
   * As {@linkcode MountedVolume.sync}, but the process works on meanwhile: a disk may take its time
   * over a gigabyte, and other jobs have theirs to do.
   * @throws {DeviceError}
   */
  syncMeanwhile(): Promise<void>;

  /**
   * Of a stream: returns when there is room for more to be written.
   * @throws {DeviceError} why an earlier write has failed
   */
  drain?(): Promise<void>;

  /** Closes the volume; a second call does nothing. */
  close(): void;
}
