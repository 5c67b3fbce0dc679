/** Where the pieces of a block go on a dedupable volume (volume.md 16.3). @module */
import { Buffer } from "node:buffer";
import { blockHeaderLength, recordHeaderLength, recordLengthLimit } from "../volume/mod.ts";
import type { Part } from "./dedupable_layout.ts";

/** Bytes that belong to a part. */
export interface PlacedPart extends Part {
  readonly bytes: Uint8Array;
}

/** The two files that data is appended to. */
export interface DataEnds {
  readonly aligned: { readonly index: number; readonly blockSize: number; readonly used: number };
  readonly unaligned: { readonly index: number; readonly used: number };
}

/** What is still to come of a record that goes on in the next block of its session. */
interface Reservation {
  alignedAt: number;
  alignedLeft: number;
  unalignedAt: number;
  unalignedLeft: number;
}

/** A block that has been placed, and where the files of data end with it. */
export interface PlacedBlock {
  readonly parts: readonly PlacedPart[];
  readonly alignedUsed: number;
  readonly unalignedUsed: number;
  /** Makes what was reserved and used up count: the block is on the volume. */
  commit(): void;
}

/**
 * Places blocks one after the other. Of each record the largest multiple of the block size goes to the
 * aligned file, so that equal data of two files lies in equal blocks of the file system; everything else
 * goes to the other file. Room is reserved for the whole of a record that does not end in its block.
 */
export class PartPlacer {
  readonly #reservations = new Map<string, Reservation>();

  /** Forgets records that have not ended: a volume is cut back or begun anew. */
  clear(): void {
    this.#reservations.clear();
  }

  /** Places a block behind what is there. */
  place(block: Uint8Array, { aligned, unaligned }: DataEnds): PlacedBlock {
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    const session = `${view.getUint32(16)} ${view.getUint32(20)}`;
    const parts: PlacedPart[] = [];
    const changes = new Map<string, Reservation | undefined>();
    let { used: alignedUsed } = aligned;
    let { used: unalignedUsed } = unaligned;
    const add = (file: number, offset: number, bytes: Uint8Array): void => {
      if (bytes.length > 0) parts.push({ file, offset, length: bytes.length, bytes });
    };
    const addUnaligned = (bytes: Uint8Array): void => {
      add(unaligned.index, unalignedUsed, bytes);
      unalignedUsed += bytes.length;
    };
    let at = blockHeaderLength;
    while (at + recordHeaderLength <= block.length) {
      const length = view.getUint32(at + 8);
      if (length >= recordLengthLimit) break; // no record: the rest is kept as it is
      const stream = view.getInt32(at + 4);
      const key = `${session} ${view.getInt32(at)} ${Math.abs(stream)}`;
      addUnaligned(block.subarray(at, at + recordHeaderLength));
      at += recordHeaderLength;
      const piece = block.subarray(at, at + length);
      at += piece.length;
      let room = stream < 0 ? changes.get(key) ?? this.#reservations.get(key) : undefined;
      if (room === undefined || room.alignedLeft + room.unalignedLeft !== length) {
        const alignedLeft = length - length % aligned.blockSize;
        room = {
          ...{ alignedAt: alignedUsed, alignedLeft },
          ...{ unalignedAt: unalignedUsed, unalignedLeft: length - alignedLeft },
        };
        alignedUsed += alignedLeft;
        unalignedUsed += length - alignedLeft;
      }
      const inAligned = Math.min(piece.length, room.alignedLeft);
      const rest = piece.length - inAligned;
      add(aligned.index, room.alignedAt, piece.subarray(0, inAligned));
      add(unaligned.index, room.unalignedAt, piece.subarray(inAligned));
      const isWhole = piece.length === length;
      changes.set(
        key,
        isWhole ? undefined : {
          alignedAt: room.alignedAt + inAligned,
          alignedLeft: room.alignedLeft - inAligned,
          unalignedAt: room.unalignedAt + rest,
          unalignedLeft: room.unalignedLeft - rest,
        },
      );
    }
    addUnaligned(block.subarray(at));
    return {
      parts: joined(parts),
      alignedUsed,
      unalignedUsed,
      commit: () => {
        for (const [key, room] of changes) {
          if (room === undefined) this.#reservations.delete(key);
          else this.#reservations.set(key, room);
        }
      },
    };
  }
}

/** Parts that follow each other in the block and in the file are one. */
function joined(parts: readonly PlacedPart[]): PlacedPart[] {
  const result: PlacedPart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    const isNext = last !== undefined && last.file === part.file &&
      last.offset + last.length === part.offset;
    if (!isNext) result.push(part);
    else {
      const length = last.length + part.length;
      result[result.length - 1] = { ...last, length, bytes: follow(last.bytes, part.bytes) };
    }
  }
  return result;
}

/** Two views that follow each other in memory as one; else a copy of both. */
function follow(first: Uint8Array, second: Uint8Array): Uint8Array {
  const isNext = first.buffer === second.buffer &&
    first.byteOffset + first.length === second.byteOffset;
  if (!isNext) return Buffer.concat([first, second]);
  return new Uint8Array(first.buffer, first.byteOffset, first.length + second.length);
}
