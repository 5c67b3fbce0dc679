/** Where the blocks of a volume begin that is addressed by their numbers. @module */
import { Buffer } from "node:buffer";
import { messageOf } from "../../bytes/mod.ts";
import { parseBlockHeader } from "../volume/mod.ts";
import { type BlockEntry, blockEntryLength, decodeBlockEntry } from "./dedupable_layout.ts";
import { DedupableLayoutError } from "./dedupable_layout.ts";

/** Blocks whose entries are read at once; the beginning of each such group is kept. */
const groupSize = 128;

/**
 * Offsets of blocks that lie one behind the other, by the lengths in their headers. Kept are eight bytes
 * for 128 blocks: a volume of a terabyte in small blocks takes a mebibyte.
 */
export class BlockOffsets {
  readonly #read: (into: Uint8Array, at: number) => number;
  /** Where each group begins. */
  readonly #starts: number[] = [];
  #count = 0;
  #size = 0;
  #group: { number: number; bytes: Buffer } | undefined;
  /** The block that was asked about last: who reads or writes on asks about it again, or the next one. */
  #near = { index: 0, start: 0, end: 0 };

  /** No block yet; `read` reads from the file of entries. */
  constructor(read: (into: Uint8Array, at: number) => number) {
    this.#read = read;
  }

  /** How many blocks are known. */
  get count(): number {
    return this.#count;
  }

  /** Where the last one ends. */
  get size(): number {
    return this.#size;
  }

  /** Takes in entries up to `count`. @throws {DedupableLayoutError} */
  extend(count: number): void {
    this.#group = undefined;
    while (this.#count < count) {
      const { header } = this.#entryAt(this.#count, count);
      this.add(lengthOf(header, this.#count));
    }
  }

  /** A block of `length` bytes has come behind the last one. */
  add(length: number): void {
    if (this.#count % groupSize === 0) this.#starts.push(this.#size);
    if (this.#group?.number === Math.floor(this.#count / groupSize)) {
      const known = this.#group.bytes.length / blockEntryLength;
      if (this.#count % groupSize >= known) this.#group = undefined;
    }
    const start = this.#size;
    this.#near = { index: this.#count, start, end: start + length };
    this.#count++;
    this.#size += length;
  }

  /** Forgets all blocks from number `count` on. */
  cutTo(count: number): void {
    this.#size = this.startOf(count);
    this.#count = Math.min(count, this.#count);
    this.#starts.length = Math.ceil(this.#count / groupSize);
    this.#group = undefined;
    this.#near = { index: 0, start: 0, end: 0 };
  }

  /** The entry of a block. @throws {DedupableLayoutError} */
  entry(index: number): BlockEntry {
    return this.#entryAt(index, this.#count);
  }

  /** Where a block begins; the end of the volume for one that is not there. @throws {DedupableLayoutError} */
  startOf(index: number): number {
    if (index >= this.#count) return this.#size;
    const near = this.#near;
    if (index === near.index) return near.start;
    const group = Math.floor(index / groupSize);
    let [at, start] = [group * groupSize, this.#starts[group] ?? 0];
    if (near.index > at && near.index < index) [at, start] = [near.index, near.start];
    return this.#walk(at, start, (each) => each === index).start;
  }

  /** The number of the block in which an offset is; at the end of the volume that of the next one. */
  indexAt(offset: number): number {
    if (offset >= this.#size) return this.#count;
    const near = this.#near;
    if (offset >= near.start && offset < near.end) return near.index;
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    let [at, start] = [low * groupSize, this.#starts[low] ?? 0];
    if (near.index > at && near.start <= offset) [at, start] = [near.index, near.start];
    return this.#walk(at, start, (_, end) => offset < end).index;
  }

  /** Goes from a block on to the one that is meant. */
  #walk(
    index: number,
    start: number,
    isMeant: (index: number, end: number) => boolean,
  ): { readonly index: number; readonly start: number } {
    for (;; index++) {
      const end = start + lengthOf(this.entry(index).header, index);
      if (isMeant(index, end)) {
        this.#near = { index, start, end };
        return this.#near;
      }
      start = end;
    }
  }

  #entryAt(index: number, count: number): BlockEntry {
    const number = Math.floor(index / groupSize);
    if (this.#group?.number !== number) {
      const first = number * groupSize;
      const bytes = Buffer.alloc(Math.min(groupSize, count - first) * blockEntryLength);
      const found = this.#read(bytes, first * blockEntryLength);
      if (found < bytes.length) {
        throw new DedupableLayoutError(
          `its blocks end before number ${first + bytes.length / blockEntryLength}`,
        );
      }
      this.#group = { number, bytes };
    }
    return decodeBlockEntry(this.#group.bytes, (index % groupSize) * blockEntryLength);
  }
}

function lengthOf(header: Uint8Array, index: number): number {
  try {
    return parseBlockHeader(header).length;
  } catch (cause) {
    const why = messageOf(cause);
    throw new DedupableLayoutError(`block ${index}: ${why}`, { cause });
  }
}
