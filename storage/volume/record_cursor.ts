import {
  type BlockHeader,
  recordHeaderLength,
  recordLengthLimit,
  type SessionKey,
} from "./block.ts";
import { VolumeError } from "./volume_error.ts";

/**
 * Steps through the records, or pieces of records, in one block (volume.md 4.1, 4.2, 4.4). The same
 * cursor is used for every block, so that a step allocates next to nothing:
 *
 * ```ts
 * cursor.start(header, bytes);
 * while (cursor.next()) use(cursor.fileIndex, cursor.stream, cursor.data);
 * ```
 */
export class RecordCursor implements SessionKey {
  /** Session of the record. */
  sessionId = 0;
  /** Session of the record. */
  sessionTime = 0;
  /** File number, or negative the type of a label. */
  fileIndex = 0;
  /** Stream number; negative if this continues a record of an earlier block. */
  stream = 0;
  /** Bytes of the record from here on; more than `data.length` if it continues in another block. */
  length = 0;
  /** What this block holds of the record's data: a view of the block. */
  data: Uint8Array = new Uint8Array(0);

  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #isOld = false;

  /** Begins a block; `bytes` is the whole of it, header included. */
  start(header: BlockHeader, bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = header.headerLength;
    this.#isOld = header.version === 1;
    this.sessionId = header.sessionId;
    this.sessionTime = header.sessionTime;
  }

  /** Whether the piece begins a record that does not end in this block. */
  get isPartial(): boolean {
    return this.length > this.data.length;
  }

  /**
   * Steps to the next piece; false at the end of the block.
   * @throws {VolumeError} if a record claims an impossible length; the rest of the block is unusable
   */
  next(): boolean {
    let at = this.#at;
    const rest = this.#bytes.length - at;
    if (rest < recordHeaderLength || (this.#isOld && rest < recordHeaderLength + 8)) return false;
    const view = this.#view;
    if (this.#isOld) {
      this.sessionId = view.getUint32(at);
      this.sessionTime = view.getUint32(at + 4);
      at += 8;
    }
    this.fileIndex = view.getInt32(at);
    this.stream = view.getInt32(at + 4);
    const length = view.getUint32(at + 8);
    if (length >= recordLengthLimit) {
      this.#at = this.#bytes.length;
      throw new VolumeError(
        `Sanity check failed. maxlen=${recordLengthLimit} datalen=${length}. Block discarded.`,
      );
    }
    this.length = length;
    at += recordHeaderLength;
    const end = Math.min(at + length, this.#bytes.length);
    this.data = this.#bytes.subarray(at, end);
    this.#at = end;
    return true;
  }
}
