/**
 * Records on their way from the main thread to the restore thread, in pieces of shared memory that
 * are used again and again. A record: five 32 bit numbers, little endian (session id, session time,
 * FileIndex, stream, length in bytes), then its data.
 *
 * @module
 */

/** Pieces that may be on their way at once. */
export const pieceCount = 4;
/** Bytes of records after which a piece is handed over. */
const fullPiece = 1 << 20;
/** Room behind that for the longest record that a peer may send. */
const pieceLength = fullPiece + (1 << 20);
const headerLength = 20;

/** The numbers of a record. */
export interface PieceRecord {
  readonly volSessionId: number;
  readonly volSessionTime: number;
  readonly fileIndex: number;
  readonly stream: number;
}

/** Makes the memory of all pieces. */
export function makePieces(): SharedArrayBuffer {
  return new SharedArrayBuffer(pieceCount * pieceLength);
}

/** A piece that is being filled. */
export class PieceWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Bytes used. */
  length = 0;

  /** Piece number `slot`, empty. */
  constructor(memory: SharedArrayBuffer, slot: number) {
    this.#bytes = new Uint8Array(memory, slot * pieceLength, pieceLength);
    this.#view = new DataView(memory, slot * pieceLength, pieceLength);
  }

  /** Whether it is time to hand it over. */
  get isFull(): boolean {
    return this.length >= fullPiece;
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

/** Gives the records of a piece; data are views that hold while the piece does. */
export function* recordsOf(
  memory: SharedArrayBuffer,
  slot: number,
  length: number,
): Generator<PieceRecord & { readonly data: Uint8Array }, void, undefined> {
  const view = new DataView(memory, slot * pieceLength, length);
  const bytes = new Uint8Array(memory, slot * pieceLength, length);
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
