/**
 * A read-only volume of HFS+ (Apple's technical note 1150) with a few files in its
 * one folder: as much as a disk image for an installer needs.
 *
 * @module
 */
import { type Field, packed, padded } from "./packed.ts";

/** A file in the folder of the volume; its name is printable ASCII without `:` and `/`. */
export interface VolumeFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Size of blocks, and of the nodes of both trees. */
const blockSize = 4096;
const epoch = 2_082_844_800; // 1970, counted from 1904
const rootParent = 1;
const rootFolder = 2;
const firstFile = 16;
const none: Extent = { start: 0, count: 0, length: 0 };

/** Where the bytes of a fork lie, all in one piece. */
interface Extent {
  readonly start: number;
  readonly count: number;
  readonly length: number;
}

/** The bytes of the volume, of whole blocks. */
export function hfsPlusVolume(name: string, files: readonly VolumeFile[]): Uint8Array<ArrayBuffer> {
  for (const text of [name, ...files.map((file) => file.name)]) {
    if (!/^[ -.0-9;-~]{1,255}$/.test(text)) throw new Error(`${text} cannot be a name on a volume`);
  }
  // Case does not count in the order of names.
  const sorted = files.toSorted((a, b) => a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1);
  const treeBlocks = 3;
  const dataBlocks = sorted.reduce((sum, { content }) => sum + blocksOf(content.length), 0);
  // The first block holds the header, the last its copy.
  const fixed = 1 + treeBlocks + dataBlocks + 1;
  const bitmapBlocks = Math.ceil((fixed + Math.ceil(fixed / 8 / blockSize) + 1) / 8 / blockSize);
  const total = fixed + bitmapBlocks;

  let next = 1;
  const take = (count: number, length: number): Extent => {
    const start = next;
    next += count;
    return { start, count, length };
  };
  const bitmap = take(bitmapBlocks, bitmapBlocks * blockSize);
  const overflow = take(1, blockSize);
  const catalog = take(2, 2 * blockSize);
  const places = sorted.map(({ content }) => take(blocksOf(content.length), content.length));

  const records = [
    record(rootParent, name, folderRecord(sorted.length)),
    record(rootFolder, "", threadRecord(3, rootParent, name)),
    ...sorted.map((file, index) =>
      record(rootFolder, file.name, fileRecord(firstFile + index, places[index] ?? none))
    ),
    ...sorted.map((file, index) =>
      record(firstFile + index, "", threadRecord(4, rootFolder, file.name))
    ),
  ];
  const header = volumeHeader({ files: sorted.length, total, bitmap, overflow, catalog });
  const used = new Uint8Array(bitmapBlocks * blockSize);
  used.fill(0xff, 0, Math.floor(total / 8));
  if (total % 8 > 0) used[Math.floor(total / 8)] = 0xff << (8 - total % 8) & 0xff;

  const volume = new Uint8Array(total * blockSize);
  volume.set(header, 1024);
  volume.set(used, bitmap.start * blockSize);
  volume.set(treeHeader(0, 10, 2), overflow.start * blockSize);
  volume.set(
    packed(treeHeader(records.length, 516, 6), node(-1, 1, records)),
    catalog.start * blockSize,
  );
  sorted.forEach(({ content }, index) =>
    volume.set(content, (places[index]?.start ?? 0) * blockSize)
  );
  volume.set(header, volume.length - 1024);
  return volume;
}

function blocksOf(length: number): number {
  return Math.ceil(length / blockSize);
}

function volumeHeader(
  parts: {
    readonly files: number;
    readonly total: number;
    readonly bitmap: Extent;
    readonly overflow: Extent;
    readonly catalog: Extent;
  },
): Uint8Array {
  const wasUnmounted = 0x100;
  return packed(
    "H+",
    [2, 4],
    [4, wasUnmounted],
    "10.0",
    [4, 0],
    [4, epoch],
    [4, epoch],
    [4, 0],
    [4, epoch],
    [4, parts.files],
    [4, 0],
    [4, blockSize],
    [4, parts.total],
    [4, 0],
    [4, 0],
    [4, blockSize],
    [4, blockSize],
    [4, firstFile + parts.files],
    [4, 1],
    [8, 1],
    zeros(32),
    ...[parts.bitmap, parts.overflow, parts.catalog, none, none].map(fork),
  );
}

function fork({ start, count, length }: Extent): Uint8Array {
  return packed([8, length], [4, blockSize], [4, count], [4, start], [4, count], zeros(56));
}

/** A node: its records in order, and at its end, backwards, where each begins. */
function node(kind: number, height: number, records: readonly Uint8Array[]): Uint8Array {
  const descriptor = packed([4, 0], [4, 0], [1, kind & 0xff], [1, height], [2, records.length], [
    2,
    0,
  ]);
  const content = packed(descriptor, ...records);
  const offsets = [descriptor.length];
  for (const { length } of records) offsets.push((offsets.at(-1) ?? 0) + length);
  const ends = packed(...offsets.toReversed().map((offset): Field => [2, offset]));
  if (content.length + ends.length > blockSize) throw new Error("Too many files for a volume");
  return packed(padded(content, blockSize - ends.length), ends);
}

/** The first node of a tree that has one leaf, or none. */
function treeHeader(leafRecords: number, longestKey: number, attributes: number): Uint8Array {
  const leaf = leafRecords > 0 ? 1 : 0;
  const caseFolding = 0xcf;
  const facts = packed(
    [2, leaf],
    [4, leaf],
    [4, leafRecords],
    [4, leaf],
    [4, leaf],
    [2, blockSize],
    [2, longestKey],
    [4, 1 + leaf],
    [4, 0],
    [2, 0],
    [4, blockSize],
    [1, 0],
    [1, leaf * caseFolding],
    [4, attributes],
    zeros(64),
  );
  const user = zeros(128);
  const usedNodes = padded(Uint8Array.of(leaf === 1 ? 0xc0 : 0x80), blockSize - 14 - 106 - 128 - 8);
  return node(1, 0, [facts, user, usedNodes]);
}

function record(parent: number, name: string, data: Uint8Array): Uint8Array {
  const key = packed([4, parent], unicode(name));
  return packed([2, key.length], key, data);
}

function unicode(text: string): Uint8Array {
  return packed([2, text.length], ...[...text].map((c): Field => [2, c.charCodeAt(0)]));
}

function folderRecord(count: number): Uint8Array {
  return packed([2, 1], [2, 0], [4, count], [4, rootFolder], common(0o040755));
}

function fileRecord(id: number, place: Extent): Uint8Array {
  const hasThread = 2;
  return packed([2, 2], [2, hasThread], [4, 0], [4, id], common(0o100644), fork(place), fork(none));
}

function threadRecord(type: number, parent: number, name: string): Uint8Array {
  return packed([2, type], [2, 0], [4, parent], unicode(name));
}

/** Dates, owner 0:0, mode, and the Finder's fields. */
function common(mode: number): Uint8Array {
  const dates: Field[] = [[4, epoch], [4, epoch], [4, epoch], [4, epoch], [4, 0]];
  return packed(...dates, [4, 0], [4, 0], [2, 0], [2, mode], [4, 1], zeros(32), [4, 0], [4, 0]);
}

function zeros(length: number): Uint8Array {
  return new Uint8Array(length);
}
