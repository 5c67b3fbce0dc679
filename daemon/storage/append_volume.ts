import { BlockReader } from "../../storage/mod.ts";
import {
  blockChecksum,
  blockHeaderLength,
  parseBlockHeader,
  VolumeError,
} from "../../storage/volume/mod.ts";
import { type Device, DeviceError, type MountedVolume } from "../../storage/device/mod.ts";
import type { MediaRecord } from "./media_record.ts";
import type { VolumeFormat } from "./volume_file.ts";

/** What was wrong behind the end that the catalog knows. */
export interface BrokenTail {
  /** Where the first bad block began. */
  readonly at: number;
  readonly problem: string;
  /** Bytes dropped at the end of the volume. */
  readonly bytes: number;
  /** Good blocks behind the damage, which were kept: more than the catalog knows. */
  readonly keptBlocks: number;
}

const TWO_TO_32 = 2 ** 32;

/**
 * A volume that is open for writing at its end, with its catalog record.
 *
 * Blocks go out whole or not at all: after a failed write the file is cut back to the end of the
 * last block, so that size and catalog agree and the chain of blocks stays unbroken.
 */
export class AppendVolume {
  readonly record: MediaRecord;
  /** Whose labels the volume has. */
  readonly format: VolumeFormat;
  readonly #volume: MountedVolume;
  #position: number;
  #marks = 0;
  #bytesSinceMark = 0;
  #blocksWritten = 0;
  #lastError: DeviceError | undefined;

  private constructor(
    volume: MountedVolume,
    record: MediaRecord,
    format: VolumeFormat,
    position: number,
  ) {
    this.format = format;
    this.#volume = volume;
    this.#position = position;
    this.record = record;
  }

  /** Opens a labelled volume; where one in a stream ends the catalog knows. @throws {DeviceError} */
  static open(device: Device, record: MediaRecord, format: VolumeFormat): AppendVolume {
    const volume = device.open(record.volumeName, "append");
    try {
      const position = device.isStream ? record.bytes : volume.size();
      return new AppendVolume(volume, record, format, position);
    } catch (error) {
      volume.close();
      throw error;
    }
  }

  /** The volume's name. */
  get name(): string {
    return this.record.volumeName;
  }

  /** Size of the volume: where the next block goes. */
  get position(): number {
    return this.#position;
  }

  /** The address that the catalog has for a place on the volume. @throws {DeviceError} */
  addressOf(position: number): number {
    return this.#volume.addressing?.addressOf(position) ?? position;
  }

  /** Whether there is more on the volume than its label. */
  get hasData(): boolean {
    return this.record.blocks > 1 || this.#blocksWritten > 0;
  }

  /** How often {@linkcode mark} was called: a job whose part began before closes it. */
  get marks(): number {
    return this.#marks;
  }

  /** Bytes written since the last mark. */
  get bytesSinceMark(): number {
    return this.#bytesSinceMark;
  }

  /** Why the last write failed. */
  get lastError(): DeviceError | undefined {
    return this.#lastError;
  }

  /** Ends the parts of all jobs here, so that a restore can find a place near (10.5). */
  mark(): void {
    this.#marks++;
    this.#bytesSinceMark = 0;
  }

  /** Appends a block. @throws {DeviceError}; the volume is as it was before */
  write(block: Uint8Array): void {
    const began = performance.now();
    try {
      this.#volume.writeAt(block, this.#position);
    } catch (error) {
      if (error instanceof DeviceError) this.#lastError = error;
      this.#volume.truncate(this.#position);
      throw error;
    }
    this.#position += block.length;
    this.#bytesSinceMark += block.length;
    this.#blocksWritten++;
    const { record } = this;
    record.bytes = this.#position;
    record.files = Math.floor(this.#position / TWO_TO_32);
    record.blocks++;
    record.writes++;
    record.writeTime += Math.round((performance.now() - began) * 1000);
  }

  /** Waits until the volume takes more, if it is one that needs time. @throws {DeviceError} */
  drained(): Promise<void> | undefined {
    return this.#volume.drain?.();
  }

  /** Makes sure that everything is on the medium. @throws {DeviceError} */
  sync(): Promise<void> {
    return this.#volume.syncMeanwhile();
  }

  /** Takes size and number of blocks over into the record when the catalog was behind. */
  countFromFile(): void {
    this.record.bytes = this.#position;
    this.record.files = Math.floor(this.#position / TWO_TO_32);
  }

  /**
   * Follows the blocks from `offset`, the end that the catalog knows, to the end of the file and cuts
   * off what is no whole block: a daemon died while it wrote. Where more than `largest` bytes would go,
   * it may be the catalog that is wrong, such as an older copy of it: the blocks are followed from the front of
   * the volume then, and where good ones come behind the damage, only what follows the last of them goes.
   * Undefined if all is well.
   * @throws {DeviceError}
   */
  dropBrokenTail(offset: number, largest: number): BrokenTail | undefined {
    let found = this.#follow(offset);
    if (found.problem !== undefined && this.#position - found.at > largest) {
      found = this.#follow(0);
      this.record.blocks = found.blocks;
    } else this.record.blocks += found.blocks;
    const { at, problem } = found;
    if (problem === undefined) return undefined;
    let [end, keptBlocks] = [at, 0];
    if (this.#position - at > largest) {
      const reader = new BlockReader(this.#volume);
      reader.next(); // the label tells whether blocks have checksums here
      reader.seek(at);
      for (let block = reader.next(); block !== undefined; block = reader.next()) {
        end = block.offset + block.header.length;
        keptBlocks++;
      }
      this.record.blocks += keptBlocks;
    }
    const bytes = this.#position - end;
    if (bytes > 0) this.#volume.truncate(end);
    this.#position = end;
    return { at, bytes, problem, keptBlocks };
  }

  /** Where the unbroken chain of blocks from `offset` ends, and what is wrong there. */
  #follow(offset: number): { at: number; blocks: number; problem: string | undefined } {
    const end = this.#position;
    let at = offset;
    let blocks = 0;
    while (at < end) {
      const length = this.#problemAt(at, end);
      if (typeof length === "string") return { at, blocks, problem: length };
      at += length;
      blocks++;
    }
    return { at, blocks, problem: undefined };
  }

  /** Closes the volume; closing twice is fine. */
  close(): void {
    this.#volume.close();
  }

  /** Length of the block at `at`, or what is wrong with it. */
  #problemAt(at: number, end: number): number | string {
    const header = this.#read(at, Math.min(blockHeaderLength, end - at));
    try {
      const { length, checksum } = parseBlockHeader(header);
      if (length > end - at) return `a block of ${length} bytes was begun, ${end - at} are there`;
      const isGood = checksum === 0 || blockChecksum(this.#read(at, length)) === checksum;
      return isGood ? length : "its checksum is wrong";
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      return error.message;
    }
  }

  #read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.#volume.readAt(bytes, at));
  }
}
