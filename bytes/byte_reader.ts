import { decodeText } from "./text.ts";

/** The data ended, or held a number, where something else was needed. */
export class ByteError extends Error {
  /** The class, for logs. */
  override readonly name = "ByteError";
}

/**
 * Reads big endian numbers and byte strings from the front of a buffer (volume.md 1). Every reader
 * throws {@linkcode ByteError} instead of reading past the end, so lengths of a peer need no check of
 * their own.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** A reader over `bytes`, which are not copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#at;
  }

  /** Unsigned 8 bit. */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** Unsigned 16 bit. */
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  /** Signed 16 bit. */
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  /** Unsigned 32 bit. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** Signed 32 bit. */
  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** Unsigned 64 bit as a number; more than 2^53 is an error. */
  u64(): number {
    const value = this.u64big();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new ByteError(`Cannot read 64 bit number at byte ${this.#at - 8}: ${value} > 2^53`);
    }
    return Number(value);
  }

  /** Unsigned 64 bit. */
  u64big(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** Signed 64 bit. */
  i64big(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** IEEE 754 double. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** The next `length` bytes, as a view of the buffer. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Everything that is left, as a view of the buffer. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** The text up to the next zero byte, which is consumed. */
  cstring(): string {
    return decodeText(this.cbytes());
  }

  /** The bytes up to the next zero byte, which is consumed. */
  cbytes(): Uint8Array {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new ByteError(`Cannot read text at byte ${this.#at}: no zero byte follows`);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return bytes;
  }

  #take(length: number): number {
    if (!(length >= 0 && length <= this.remaining)) {
      throw new ByteError(
        `Cannot read ${length} bytes at byte ${this.#at}: ${this.remaining} left`,
      );
    }
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
