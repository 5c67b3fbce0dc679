import { type Device, DeviceError, type MountedVolume } from "../../storage/device/mod.ts";
import { readVolumeLabel } from "../../storage/mod.ts";
import { VolumeError } from "../../storage/volume/mod.ts";
import { ToolError } from "./source.ts";

/** What {@linkcode OutputVolumes} writes on. */
export interface OutputVolumesOptions {
  readonly device: Device;
  /** Volumes with labels, in the order of their use; the first may hold something already. */
  readonly names: readonly string[];
  /** Bytes at which a volume is full, 0 for as much as the disk takes. */
  readonly maximumSize: number;
  /** Told what happens. */
  say(text: string): void;
}

/** Writes blocks on one volume after the other: each is filled before the next is begun. */
export class OutputVolumes {
  readonly #options: OutputVolumesOptions;
  #current: MountedVolume;
  #position: number;
  #blocks = 0;
  #next = 1;

  /** Opens the first volume. @throws {ToolError} if it is not there or has no label */
  constructor(options: OutputVolumesOptions) {
    this.#options = options;
    this.#current = this.#open(options.names[0] ?? "");
    this.#position = this.#current.size();
  }

  /** Writes a whole block, on the next volume if it does not fit. @throws {ToolError} if there is no room */
  write(block: Uint8Array): void {
    while (!this.#tryWrite(block)) this.#change();
  }

  /** Makes sure that everything is on the disk, and closes. @throws {ToolError} */
  close(): void {
    try {
      attempt(() => this.#current.sync());
    } finally {
      this.#current.close();
    }
  }

  #tryWrite(block: Uint8Array): boolean {
    const { maximumSize } = this.#options;
    if (maximumSize > 0 && this.#blocks > 0 && this.#position + block.length >= maximumSize) {
      return false;
    }
    try {
      this.#current.writeAt(block, this.#position);
    } catch (error) {
      attempt(() => this.#current.truncate(this.#position)); // half a block is worse than none
      if (error instanceof DeviceError && error.isFull) return false;
      return attempt(() => {
        throw error;
      });
    }
    this.#position += block.length;
    this.#blocks++;
    return true;
  }

  #change(): void {
    const { names, say } = this.#options;
    const { name } = this.#current;
    say(`End of medium on Volume "${name}" Bytes=${this.#position} Blocks=${this.#blocks}.`);
    const next = names[this.#next++];
    if (next === undefined) {
      throw new ToolError(
        `Volume "${name}" is full, and no other one is named with -o: ` +
          "what is copied up to here is complete, the rest is not copied.",
        1,
      );
    }
    this.close();
    this.#current = this.#open(next);
    this.#position = this.#current.size();
    this.#blocks = 0;
    say(`New volume "${next}" mounted on device ${this.#current.devicePrintName}.`);
  }

  #open(name: string): MountedVolume {
    const volume = attempt(() => this.#options.device.open(name, "append"));
    try {
      const { label: { volumeName } } = attempt(() => readVolumeLabel(volume));
      if (volumeName !== name) {
        throw new ToolError(`Wrong Volume mounted: Wanted ${name} have ${volumeName}`, 1);
      }
      this.#options.say(`Ready to append to end of Volume "${volumeName}" size=${volume.size()}`);
      return volume;
    } catch (error) {
      volume.close();
      throw error;
    }
  }
}

/** Errors of the volume that is written end the program with their text. */
function attempt<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof DeviceError || cause instanceof VolumeError)) throw cause;
    throw new ToolError(cause.message.trimEnd(), 1, { cause });
  }
}
