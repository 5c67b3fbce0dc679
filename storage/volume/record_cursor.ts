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
   * Passes over records of files that are whole in this block: the next step comes to a label, to a piece
   * of a split record, or to the end. One loop over the headers, for who wants none of these records.
   */
  skipWholeRecords(): void {
    if (this.#isOld) return; // so old and so few that a step each is fast enough
    const bytes = this.#bytes;
    const end = bytes.length;
    let at = this.#at;
    while (at + recordHeaderLength <= end) {
      const isLabelOrRest = ((byteAt(bytes, at) | byteAt(bytes, at + 4)) & 0x80) !== 0;
      if (isLabelOrRest) break;
      const length = uint32At(bytes, at + 8);
      const next = at + recordHeaderLength + length;
      if (length >= recordLengthLimit || next > end) break;
      at = next;
    }
    this.#at = at;
  }

  /**
   * The first and the last FileIndex in the rest of the block, labels aside; undefined if it has none or
   * a record with an impossible length comes first. The cursor stays where it is.
   */
  fileIndexes(): { first: number; last: number } | undefined {
    const bytes = this.#bytes;
    const header = recordHeaderLength + (this.#isOld ? 8 : 0);
    let at = this.#at + header - recordHeaderLength;
    let first = 0;
    let last = 0;
    while (at + recordHeaderLength <= bytes.length) {
      const fileIndex = uint32At(bytes, at) | 0;
      if (fileIndex > 0) {
        last = fileIndex;
        if (first === 0) first = fileIndex;
      }
      const length = uint32At(bytes, at + 8);
      if (length >= recordLengthLimit) break;
      at += length + header;
    }
    return first === 0 ? undefined : { first, last };
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

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function uint32At(bytes: Uint8Array, at: number): number {
  return ((byteAt(bytes, at) << 24) | (byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) |
    byteAt(bytes, at + 3)) >>> 0;
}
