/**
 * Records on their way from the main thread to the thread that restores them, in pieces of shared
 * memory that are used again and again. A record: five 32 bit numbers, little endian (session id,
 * session time, FileIndex, stream, length in bytes), then its data. Pieces stand on shelves, sixteen on
 * each; a slot is the number of a piece over all of them.
 *
 * @module
 */

/** Bytes of records after which a piece is handed over at the latest. */
export const fullPiece: number = 1 << 20;
/** Room behind that for the longest record that a peer may send. */
const pieceLength = fullPiece + (1 << 20);
/** Pieces of a shelf. */
export const shelfSlots = 16;
const headerLength = 20;

/** The numbers of a record. */
export interface PieceRecord {
  readonly volSessionId: number;
  readonly volSessionTime: number;
  readonly fileIndex: number;
  readonly stream: number;
}

/** A record and its data. */
export type PieceRecordData = PieceRecord & { readonly data: Uint8Array };

/** Makes a shelf. The system gives memory only for what is ever written. */
export function makeShelf(): SharedArrayBuffer {
  return new SharedArrayBuffer(shelfSlots * pieceLength);
}

/** Which shelf a piece is on. */
export function shelfOf(slot: number): number {
  return Math.floor(slot / shelfSlots);
}

/** A piece that is being filled. */
export class PieceWriter {
  /** Its number. */
  readonly slot: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #full: number;
  /** Bytes used. */
  length = 0;

  /** An empty piece of its shelf, which is handed over when it has so many bytes. */
  constructor(shelf: SharedArrayBuffer, slot: number, full: number = fullPiece) {
    this.slot = slot;
    this.#full = full;
    const start = (slot % shelfSlots) * pieceLength;
    this.#bytes = new Uint8Array(shelf, start, pieceLength);
    this.#view = new DataView(shelf, start, pieceLength);
  }

  /** Whether it is time to hand it over. */
  get isFull(): boolean {
    return this.length >= this.#full;
  }

  /** Adds a record. */
  add(record: PieceRecord, data: Uint8Array): void {
    const at = this.length;
    if (at + headerLength + data.length > this.#bytes.length) {
      throw new RangeError(`Cannot take a record of ${data.length} bytes: it is too long`);
    }
    const view = this.#view;
    view.setUint32(at, record.volSessionId, true);
    view.setUint32(at + 4, record.volSessionTime, true);
    view.setInt32(at + 8, record.fileIndex, true);
    view.setInt32(at + 12, record.stream, true);
    view.setUint32(at + 16, data.length, true);
    this.#bytes.set(data, at + headerLength);
    this.length = at + headerLength + data.length;
  }
}

/** Gives the records of a piece on its shelf; data are views that hold while the piece does. */
export function* recordsOf(
  shelf: SharedArrayBuffer,
  slot: number,
  length: number,
): Generator<PieceRecordData, void, undefined> {
  const start = (slot % shelfSlots) * pieceLength;
  const view = new DataView(shelf, start, length);
  const bytes = new Uint8Array(shelf, start, length);
  for (let at = 0; at < length;) {
    const end = at + headerLength + view.getUint32(at + 16, true);
    yield {
      volSessionId: view.getUint32(at, true),
      volSessionTime: view.getUint32(at + 4, true),
      fileIndex: view.getInt32(at + 8, true),
      stream: view.getInt32(at + 12, true),
      data: bytes.subarray(at + headerLength, end),
    };
    at = end;
  }
}
