import type { SessionKey } from "./block.ts";
import type { BootstrapMatch } from "./bootstrap_matcher.ts";
import type { RecordCursor } from "./record_cursor.ts";

/** Where a record began, and what the reader keeps with it until it is whole. */
export interface RecordOrigin {
  /** Name of the volume. */
  readonly volume: string;
  /** Offset of the block's first byte. */
  readonly offset: number;
  /** Offset of the block's last byte. */
  readonly last: number;
  /** The address that the catalog and a bootstrap's `VolAddr` have for the block. */
  readonly address: number;
  /** The entry of the bootstrap that wants the record. */
  readonly match?: BootstrapMatch;
}

/** A whole record (volume.md 4). */
export interface VolumeRecord extends SessionKey {
  /** File number, or negative the type of a label. */
  readonly fileIndex: number;
  /** Stream number with its flags; for session labels the JobId. */
  readonly stream: number;
  /** The data: a view that is valid until the next record is asked for. */
  readonly data: Uint8Array;
  /** Where the record began. */
  readonly origin: RecordOrigin;
}

/** A record whose end was not found. */
export interface LostRecord extends SessionKey {
  /** File number, or negative the type of a label. */
  readonly fileIndex: number;
  /** Stream number with its flags. */
  readonly stream: number;
  /** Bytes the record should have. */
  readonly length: number;
  /** Bytes that were found. */
  readonly found: number;
  /** Where the record began. */
  readonly origin: RecordOrigin;
}

interface OpenRecord extends SessionKey {
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly fileIndex: number;
  readonly stream: number;
  readonly data: Uint8Array;
  readonly origin: RecordOrigin;
  filled: number;
}

/** Records that may be open at once: every session has at most one. */
const openLimit = 64;

/**
 * Joins the pieces of records that were split over blocks (volume.md 4.4): one open record a
 * session, since blocks of several sessions interleave. Pieces whose beginning was not seen are
 * dropped. Records that lie in one block pass through without a copy.
 */
export class RecordJoiner {
  readonly #open = new Map<string, OpenRecord>();
  readonly #onLost: (lost: LostRecord) => void;
  /** The buffer of the last joined record, which is in use until {@linkcode reuse}. */
  #joined = new Uint8Array(0);
  #spare = new Uint8Array(0);

  /**
   * A joiner without open records.
   * @param onLost is told of every record that began and never ended
   */
  constructor(onLost: (lost: LostRecord) => void = () => {}) {
    this.#onLost = onLost;
  }

  /** Whether records wait for their rest. */
  get hasOpen(): boolean {
    return this.#open.size > 0;
  }

  /** What was joined so far is not looked at any more: its memory serves the next record. */
  reuse(): void {
    if (this.#joined.length > this.#spare.length) this.#spare = this.#joined;
    this.#joined = new Uint8Array(0);
  }

  /** Takes the piece at which the cursor stands; returns the record if it is whole now. */
  add(piece: RecordCursor, origin: RecordOrigin): VolumeRecord | undefined {
    if (this.#open.size > 0 || piece.isPartial) return this.#addSlowly(piece, origin);
    return piece.stream < 0 ? undefined : {
      sessionId: piece.sessionId,
      sessionTime: piece.sessionTime,
      fileIndex: piece.fileIndex,
      stream: piece.stream,
      data: piece.data,
      origin,
    };
  }

  /** Gives up the open records: there are no more blocks. */
  finish(): void {
    for (const open of this.#open.values()) this.#lose(open);
    this.#open.clear();
  }

  #addSlowly(piece: RecordCursor, origin: RecordOrigin): VolumeRecord | undefined {
    const key = `${piece.sessionId} ${piece.sessionTime}`;
    const open = this.#open.get(key);
    if (piece.stream < 0) return open === undefined ? undefined : this.#append(key, open, piece);
    if (open !== undefined) this.#drop(key, open);
    const { sessionId, sessionTime, fileIndex, stream, data } = piece;
    if (!piece.isPartial) {
      return { sessionId, sessionTime, fileIndex, stream, data, origin };
    }
    if (this.#open.size >= openLimit) {
      const oldest = this.#open.entries().next().value;
      if (oldest !== undefined) this.#drop(...oldest);
    }
    const joined = this.#takeBuffer(piece.length);
    joined.set(data);
    const filled = data.length;
    this.#open.set(key, {
      sessionId,
      sessionTime,
      fileIndex,
      stream,
      buffer: joined,
      data: joined.subarray(0, piece.length),
      origin,
      filled,
    });
    return undefined;
  }

  #append(key: string, open: OpenRecord, piece: RecordCursor): VolumeRecord | undefined {
    if (open.stream !== -piece.stream || open.fileIndex !== piece.fileIndex) return undefined;
    if (piece.length !== open.data.length - open.filled) {
      this.#drop(key, open); // a piece between is missing
      return undefined;
    }
    open.data.set(piece.data, open.filled);
    open.filled += piece.data.length;
    if (piece.isPartial) return undefined;
    this.#open.delete(key);
    this.#joined = open.buffer;
    return open;
  }

  #takeBuffer(length: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare;
    this.#spare = new Uint8Array(0);
    return spare.length >= length ? spare : new Uint8Array(length);
  }

  #drop(key: string, open: OpenRecord): void {
    this.#open.delete(key);
    this.#lose(open);
  }

  #lose(open: OpenRecord): void {
    const { sessionId, sessionTime, fileIndex, stream, origin } = open;
    const [length, found] = [open.data.length, open.filled];
    this.#onLost({ sessionId, sessionTime, fileIndex, stream, length, found, origin });
  }
}
