/**
 * Entries one behind the other: the first ones in shared memory, the others in a file. An entry has its
 * length before it (32 bits, little endian) and begins at a multiple of eight bytes; its place is
 * counted in such multiples, so that 32 bits reach as far as 32 GiB.
 *
 * @module
 */
import * as fs from "node:fs";
import { dirname } from "node:path";

/** Bytes of entries that stay in memory. */
const headLength = 16 << 20;
/** Bytes that are written to, and looked through in, the file at once. */
const pieceLength = 1 << 20;
/** Bytes that are read of an entry before its length is known. */
const firstRead = 512;
const unit = 8;
const lengthBytes = 4;

/** Where entries are, for a thread that reads them. */
export interface EntryMemory {
  readonly head: SharedArrayBuffer;
  /** Bytes used of it. */
  readonly headEnd: number;
  /** The file with what follows; undefined if there is none. */
  readonly file: string | undefined;
  /** Bytes used of the file. */
  readonly fileEnd: number;
}

/** Takes entries. */
export class EntryStoreWriter {
  readonly #file: string;
  readonly #head: Uint8Array<SharedArrayBuffer>;
  readonly #view: DataView;
  #headEnd = 0;
  #descriptor: number | undefined;
  #hasFile = false;
  /** What is not in the file yet, and how many bytes are. */
  readonly #piece = new Uint8Array(pieceLength);
  #pieceEnd = 0;
  #written = 0;
  #scratch: Uint8Array = new Uint8Array(firstRead);

  /** An empty store; `file` is made if it is needed, and must not be there. */
  constructor(file: string, head = headLength) {
    this.#file = file;
    this.#head = new Uint8Array(new SharedArrayBuffer(head));
    this.#view = new DataView(this.#head.buffer);
  }

  /** Appends an entry and gives its place. @throws what the system says if the file cannot be written */
  add(entry: Uint8Array): number {
    const length = paddedLength(entry.length);
    const end = this.#headEnd;
    if (!this.#hasFile && end + length <= this.#head.length) {
      this.#view.setUint32(end, entry.length, true);
      this.#head.set(entry, end + lengthBytes);
      this.#headEnd += length;
      return end / unit;
    }
    this.#descriptor ??= this.#open();
    if (this.#pieceEnd + length > pieceLength) this.#flush(this.#descriptor);
    const place = (this.#headEnd + this.#written + this.#pieceEnd) / unit;
    const record = new Uint8Array(length);
    new DataView(record.buffer).setUint32(0, entry.length, true);
    record.set(entry, lengthBytes);
    if (length > pieceLength) this.#write(this.#descriptor, record);
    else {
      this.#piece.set(record, this.#pieceEnd);
      this.#pieceEnd += length;
    }
    return place;
  }

  /** The entry at a place; holds until the next call. */
  at(place: number): Uint8Array {
    const start = place * unit;
    if (start < this.#headEnd) return entryAt(this.#head, start);
    const inFile = start - this.#headEnd;
    if (inFile >= this.#written) return entryAt(this.#piece, inFile - this.#written);
    const { entry, scratch } = readEntry(this.#descriptor ?? -1, inFile, this.#scratch);
    this.#scratch = scratch;
    return entry;
  }

  /** Every entry's place and its bytes, in order; an entry holds until the next one. */
  *all(): Generator<readonly [place: number, entry: Uint8Array], void, undefined> {
    const end = (this.#headEnd + this.#written + this.#pieceEnd) / unit;
    for (let place = 0; place < end;) {
      const entry = this.at(place);
      yield [place, entry];
      place += paddedLength(entry.length) / unit;
    }
  }

  /** Ends the writing. */
  finish(): EntryMemory {
    if (this.#descriptor !== undefined) this.#flush(this.#descriptor);
    this.#close();
    return {
      head: this.#head.buffer,
      headEnd: this.#headEnd,
      file: this.#hasFile ? this.#file : undefined,
      fileEnd: this.#written,
    };
  }

  /** Closes and removes what there is. */
  discard(): void {
    this.#close();
    if (this.#hasFile) fs.rmSync(this.#file, { force: true });
  }

  #close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    fs.mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const descriptor = fs.openSync(this.#file, "wx+", 0o600);
    this.#hasFile = true;
    return descriptor;
  }

  #flush(descriptor: number): void {
    this.#write(descriptor, this.#piece.subarray(0, this.#pieceEnd));
    this.#pieceEnd = 0;
  }

  #write(descriptor: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at += fs.writeSync(descriptor, bytes, at, bytes.length - at, this.#written + at);
    }
    this.#written += bytes.length;
  }
}

/** Reads entries, in any thread. */
export class EntryStore implements Disposable {
  readonly #memory: EntryMemory;
  readonly #head: Uint8Array;
  readonly #descriptor: number | undefined;
  #scratch: Uint8Array = new Uint8Array(firstRead);

  /** Opens the file, if there is one. @throws what the system says */
  constructor(memory: EntryMemory) {
    this.#memory = memory;
    this.#head = new Uint8Array(memory.head);
    this.#descriptor = memory.file === undefined ? undefined : fs.openSync(memory.file, "r");
  }

  /** The entry at a place; holds until the next call. */
  at(place: number): Uint8Array {
    const start = place * unit;
    const { headEnd } = this.#memory;
    if (start < headEnd) return entryAt(this.#head, start);
    const { entry, scratch } = readEntry(this.#descriptor ?? -1, start - headEnd, this.#scratch);
    this.#scratch = scratch;
    return entry;
  }

  /** Every entry's place and its bytes, in order; an entry holds until the next one. */
  *all(): Generator<readonly [place: number, entry: Uint8Array], void, undefined> {
    const { headEnd, fileEnd } = this.#memory;
    for (let at = 0; at < headEnd;) {
      const entry = entryAt(this.#head, at);
      yield [at / unit, entry];
      at += paddedLength(entry.length);
    }
    const piece = new Uint8Array(pieceLength);
    const view = new DataView(piece.buffer);
    for (let start = 0; start < fileEnd;) {
      const end = readFully(this.#descriptor ?? -1, piece, start);
      let at = 0;
      while (at + lengthBytes <= end) {
        const length = paddedLength(view.getUint32(at, true));
        if (at + length > end) break;
        yield [(headEnd + start + at) / unit, entryAt(piece, at)];
        at += length;
      }
      if (at === 0) {
        const place = (headEnd + start) / unit; // longer than a piece
        const entry = this.at(place);
        yield [place, entry];
        at = paddedLength(entry.length);
      }
      start += at;
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
  }
}

function paddedLength(length: number): number {
  return Math.ceil((lengthBytes + length) / unit) * unit;
}

function entryAt(bytes: Uint8Array, at: number): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  return bytes.subarray(at + lengthBytes, at + lengthBytes + length);
}

function readEntry(
  descriptor: number,
  at: number,
  scratch: Uint8Array,
): { entry: Uint8Array; scratch: Uint8Array } {
  let end = readFully(descriptor, scratch, at, firstRead);
  const length = lengthBytes +
    new DataView(scratch.buffer, scratch.byteOffset).getUint32(0, true);
  if (length > end) {
    if (length > scratch.length) scratch = new Uint8Array(length);
    end = readFully(descriptor, scratch, at, length);
  }
  if (length > end) throw new RangeError("The file of the accurate list was cut off");
  return { entry: scratch.subarray(lengthBytes, length), scratch };
}

/** Reads up to `most` bytes, fewer only at the end of the file. */
function readFully(
  descriptor: number,
  into: Uint8Array,
  position: number,
  most: number = into.length,
): number {
  let at = 0;
  while (at < most) {
    const count = fs.readSync(descriptor, into, at, most - at, position + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}
