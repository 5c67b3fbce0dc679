import {
  blockChecksum,
  blockHeaderLength,
  maximumBlockLength,
  recordHeaderLength,
  recordLengthLimit,
  type SessionKey,
} from "./block.ts";
import { VolumeError } from "./volume_error.ts";

/**
 * Fills one block after the other with the records of one session (volume.md 4.3). Records go in as
 * far as they fit; whoever owns the builder takes the full block away with {@linkcode seal} and
 * {@linkcode reset}s it:
 *
 * ```ts
 * builder.begin(fileIndex, stream, data);
 * while (!builder.fill()) { write(builder.seal()); builder.reset(); }
 * ```
 */
export class BlockBuilder {
  readonly #session: SessionKey;
  readonly #hasChecksum: boolean;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #used = blockHeaderLength;
  #number: number;

  // The record being written.
  #fileIndex = 0;
  #stream = 0;
  #data: Uint8Array = new Uint8Array(0);
  #taken = 0;
  #state: "header" | "continuation" | "data" | "none" = "none";

  /**
   * An empty block.
   * @param size largest length of a block in bytes
   * @param number number of the first block
   * @throws {VolumeError} if the size is not usable
   */
  constructor(
    session: SessionKey,
    size: number,
    { number = 0, checksum = true }: { number?: number; checksum?: boolean } = {},
  ) {
    this.#session = session;
    this.#number = number;
    this.#hasChecksum = checksum;
    this.#bytes = allocate(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes of the block so far, header included. */
  get length(): number {
    return this.#used;
  }

  /** Whether the block has no records. */
  get isEmpty(): boolean {
    return this.#used === blockHeaderLength;
  }

  /** Number of the block being filled. */
  get number(): number {
    return this.#number;
  }

  /** Whether a record without its header, of this many bytes, fits unsplit. */
  fits(length: number): boolean {
    return this.#used + recordHeaderLength + length <= this.#bytes.length;
  }

  /**
   * Takes a record to be written by {@linkcode fill}; `data` must stay as it is until that returns
   * true.
   * @throws {VolumeError} if the last record is not finished or this one is too long
   */
  begin(fileIndex: number, stream: number, data: Uint8Array): void {
    if (this.#state !== "none") throw new VolumeError("Cannot begin record: another is unfinished");
    if (data.length >= recordLengthLimit) {
      throw new VolumeError(
        `Cannot write record of ${data.length} bytes: more than the format has`,
      );
    }
    this.#fileIndex = fileIndex;
    this.#stream = stream;
    this.#data = data;
    this.#taken = 0;
    this.#state = "header";
  }

  /** Puts as much of the record into the block as fits. False: the block is full, call again. */
  fill(): boolean {
    if (this.#state === "none") return true;
    const capacity = this.#bytes.length;
    if (this.#state !== "data") {
      if (capacity - this.#used < recordHeaderLength) return false;
      const isFirst = this.#state === "header";
      const at = this.#used;
      this.#view.setInt32(at, this.#fileIndex);
      this.#view.setInt32(at + 4, isFirst ? this.#stream : -this.#stream);
      this.#view.setUint32(at + 8, this.#data.length - this.#taken);
      this.#used = at + recordHeaderLength;
      this.#state = "data";
      // Nothing free behind the first header: a continuation follows even for an empty record.
      if (isFirst && this.#used === capacity) {
        this.#state = "continuation";
        return false;
      }
    }
    const room = capacity - this.#used;
    const rest = this.#data.length - this.#taken;
    if (rest <= room) {
      this.#bytes.set(
        this.#taken === 0 ? this.#data : this.#data.subarray(this.#taken),
        this.#used,
      );
      this.#used += rest;
      this.#state = "none";
      return true;
    }
    this.#bytes.set(this.#data.subarray(this.#taken, this.#taken + room), this.#used);
    this.#used += room;
    this.#taken += room;
    this.#state = "continuation";
    return false;
  }

  /** Completes the header and the checksum. The view is valid until {@linkcode reset}. */
  seal(): Uint8Array<ArrayBuffer> {
    const block = this.#bytes.subarray(0, this.#used);
    this.#view.setUint32(4, this.#used);
    this.#view.setUint32(8, this.#number);
    this.#view.setUint32(12, 0x42423032); // "BB02"
    this.#view.setUint32(16, this.#session.sessionId);
    this.#view.setUint32(20, this.#session.sessionTime);
    this.#view.setUint32(0, this.#hasChecksum ? blockChecksum(block) : 0);
    return block;
  }

  /** Empties the block and counts up; with `size`, blocks have that size from now on. */
  reset(size: number = this.#bytes.length): void {
    if (size !== this.#bytes.length) {
      this.#bytes = allocate(size);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#used = blockHeaderLength;
    this.#number += 1;
  }
}

function allocate(size: number): Uint8Array<ArrayBuffer> {
  if (!(size > blockHeaderLength + recordHeaderLength && size <= maximumBlockLength)) {
    throw new VolumeError(`Cannot make blocks of ${size} bytes`);
  }
  return new Uint8Array(size);
}
