import {
  blockChecksum,
  blockHeaderLength,
  parseBlockHeader,
  VolumeError,
} from "../../storage/volume/mod.ts";
import { attempt, VolumeFileError, writeAll } from "./volume_file.ts";
import type { MediaRecord } from "./media_record.ts";

/** What was cut from the end of a volume. */
export interface BrokenTail {
  /** Where the first bad block began. */
  readonly at: number;
  /** Bytes dropped. */
  readonly bytes: number;
  readonly problem: string;
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
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #position: number;
  #marks = 0;
  #bytesSinceMark = 0;
  #blocksWritten = 0;
  #lastProblem: string | undefined;
  #isClosed = false;

  private constructor(path: string, file: Deno.FsFile, size: number, record: MediaRecord) {
    this.#path = path;
    this.#file = file;
    this.#position = size;
    this.record = record;
  }

  /** Opens a labelled volume. @throws {VolumeFileError} */
  static open(path: string, record: MediaRecord): AppendVolume {
    const task = `open volume ${path}`;
    const file = attempt(task, true, () => Deno.openSync(path, { read: true, write: true }));
    try {
      const size = attempt(task, true, () => file.seekSync(0, Deno.SeekMode.End));
      return new AppendVolume(path, file, size, record);
    } catch (error) {
      file.close();
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
  get lastProblem(): string | undefined {
    return this.#lastProblem;
  }

  /** Ends the parts of all jobs here, so that a restore can find a place near (10.5). */
  mark(): void {
    this.#marks++;
    this.#bytesSinceMark = 0;
  }

  /** Appends a block. @throws {VolumeFileError}; the volume is as it was before */
  write(block: Uint8Array): void {
    const began = performance.now();
    try {
      writeAll(this.#file, block, `write on volume ${this.#path}`);
    } catch (error) {
      if (error instanceof VolumeFileError) this.#lastProblem = error.reason;
      this.#cutBack(this.#position);
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

  /** Makes sure that everything is on the medium. @throws {VolumeFileError} */
  async sync(): Promise<void> {
    try {
      await this.#file.syncData();
    } catch (error) {
      throw new VolumeFileError(`sync volume ${this.#path}`, error);
    }
  }

  /** Takes size and number of blocks over into the record when the catalog was behind. */
  countFromFile(): void {
    this.record.bytes = this.#position;
    this.record.files = Math.floor(this.#position / TWO_TO_32);
  }

  /**
   * Follows the blocks from `offset`, the end that the catalog knows, to the end of the file and cuts
   * off what is no whole block: a daemon died while it wrote. Undefined if all is well.
   * @throws {VolumeFileError}
   */
  dropBrokenTail(offset: number): BrokenTail | undefined {
    const end = this.#position;
    let at = offset;
    let blocks = 0;
    while (at < end) {
      const problem = this.#problemAt(at, end);
      if (typeof problem === "string") {
        this.#cutBack(at);
        this.#position = at;
        this.record.blocks += blocks;
        return { at, bytes: end - at, problem };
      }
      at += problem;
      blocks++;
    }
    this.record.blocks += blocks;
    return undefined;
  }

  /** Closes the file; closing twice is fine. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
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
    return attempt(`read volume ${this.#path}`, false, () => {
      this.#file.seekSync(at, Deno.SeekMode.Start);
      const bytes = new Uint8Array(length);
      for (let have = 0; have < length;) {
        const read = this.#file.readSync(bytes.subarray(have));
        if (read === null) return bytes.subarray(0, have);
        have += read;
      }
      this.#file.seekSync(0, Deno.SeekMode.End);
      return bytes;
    });
  }

  #cutBack(size: number): void {
    attempt(`cut volume ${this.#path} back to ${size} bytes`, false, () => {
      this.#file.truncateSync(size);
      this.#file.seekSync(size, Deno.SeekMode.Start);
    });
  }
}
