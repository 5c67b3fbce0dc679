/**
 * What the walk tells the threads that save, as bytes in shared memory: one item for each file, and
 * for each message that must stand among them. All numbers are little endian; lengths are bytes.
 *
 *     f64 files looked at so far
 *     items: u32 length of the item, u8 kind, ...
 *
 * @module
 */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import type { JobMessageType } from "../../../protocol/mod.ts";

/** A file as the thread that saves it sees it. */
export interface FileItem {
  readonly kind: "file";
  readonly fileIndex: number;
  /** Type on the volume. */
  readonly type: number;
  /** Number of its options: see {@linkcode optionsOf}. */
  readonly options: number;
  /** FileIndex of the first of its names, if it has several; else 0. */
  readonly firstIndex: number;
  /** Stream of the digest of the first name, for another name that repeats it; else 0. */
  readonly repeatsDigest: number;
  /** Number of the plugin's file that it is (see {@linkcode pluginFilesOf}), from 1; 0 for an ordinary one. */
  readonly plugin: number;
  /** Bytes, and seconds or units of 512 bytes, as the walk saw them. */
  readonly size: number;
  readonly blocks: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  /** Its name on disk. */
  readonly path: Uint8Array;
  /** Its attributes record. */
  readonly attributes: Uint8Array;
}

/** A job message at its place among the files. */
export interface NoticeItem {
  readonly kind: "notice";
  readonly type: JobMessageType;
  readonly text: string;
}

/** An item of a unit of work. */
export type SaveItem = FileItem | NoticeItem;

const kinds = { file: 1, notice: 2 } as const;
const unitHeader = 8;
const itemHeader = 5;
/** Bytes before the path: see {@linkcode UnitWriter.file}. */
const fileHeader = itemHeader + 1 + 2 + 4 + 4 + 4 + 4 + 4 + 5 * 8 + 4;

/** Bytes that a unit with this item alone takes at most. */
export function roomFor(item: SaveItem): number {
  const length = item.kind === "file"
    ? fileHeader + item.path.length + item.attributes.length
    : itemHeader + 4 + encodeText(item.text).length;
  return unitHeader + length;
}

/** Describes a unit of work in a stretch of shared memory. */
export class UnitWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #length = unitHeader;
  #items = 0;

  /** An empty unit. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Items in it. */
  get items(): number {
    return this.#items;
  }

  /** Adds a file; false if there is no room. */
  file(item: FileItem): boolean {
    const { path, attributes } = item;
    const at = this.#begin(kinds.file, fileHeader + path.length + attributes.length);
    if (at < 0) return false;
    const view = this.#view;
    view.setUint8(at + 5, item.type);
    view.setUint16(at + 6, item.options, true);
    view.setUint32(at + 8, item.fileIndex, true);
    view.setUint32(at + 12, item.firstIndex, true);
    view.setUint32(at + 16, item.repeatsDigest, true);
    view.setUint32(at + 20, path.length, true);
    view.setUint32(at + 24, attributes.length, true);
    view.setFloat64(at + 28, item.size, true);
    view.setFloat64(at + 36, item.blocks, true);
    view.setFloat64(at + 44, item.atime, true);
    view.setFloat64(at + 52, item.mtime, true);
    view.setFloat64(at + 60, item.ctime, true);
    view.setUint32(at + 68, item.plugin, true);
    this.#bytes.set(path, at + fileHeader);
    this.#bytes.set(attributes, at + fileHeader + path.length);
    return true;
  }

  /** Adds a message; false if there is no room. */
  notice({ type, text }: NoticeItem): boolean {
    const bytes = encodeText(text);
    const at = this.#begin(kinds.notice, itemHeader + 4 + bytes.length);
    if (at < 0) return false;
    this.#view.setUint32(at + 5, type, true);
    this.#bytes.set(bytes, at + 9);
    return true;
  }

  /** Completes the unit; `examined` is how many files were looked at so far. */
  finish(examined: number): void {
    this.#view.setFloat64(0, examined, true);
    if (this.#length + 4 <= this.#bytes.length) this.#view.setUint32(this.#length, 0, true);
  }

  #begin(kind: number, length: number): number {
    const at = this.#length;
    if (at + length > this.#bytes.length) return -1;
    this.#view.setUint32(at, length, true);
    this.#view.setUint8(at + 4, kind);
    this.#length = at + length;
    this.#items++;
    return at;
  }
}

/** Files that had been looked at when the unit was complete. */
export function examinedIn(unit: Uint8Array): number {
  return new DataView(unit.buffer, unit.byteOffset).getFloat64(0, true);
}

/** The items of a unit; paths and attributes are views of it. */
export function* itemsOf(unit: Uint8Array): Generator<SaveItem, void, undefined> {
  const view = new DataView(unit.buffer, unit.byteOffset, unit.byteLength);
  for (let at = unitHeader; at + 4 <= unit.length;) {
    const length = view.getUint32(at, true);
    if (length === 0) return;
    yield view.getUint8(at + 4) === kinds.notice
      ? {
        kind: "notice",
        type: view.getUint32(at + 5, true) as JobMessageType,
        text: decodeText(unit.slice(at + 9, at + length)),
      }
      : fileAt(unit, view, at);
    at += length;
  }
}

function fileAt(unit: Uint8Array, view: DataView, at: number): FileItem {
  const pathEnd = at + fileHeader + view.getUint32(at + 20, true);
  return {
    kind: "file",
    type: view.getUint8(at + 5),
    options: view.getUint16(at + 6, true),
    fileIndex: view.getUint32(at + 8, true),
    firstIndex: view.getUint32(at + 12, true),
    repeatsDigest: view.getUint32(at + 16, true),
    size: view.getFloat64(at + 28, true),
    blocks: view.getFloat64(at + 36, true),
    atime: view.getFloat64(at + 44, true),
    mtime: view.getFloat64(at + 52, true),
    ctime: view.getFloat64(at + 60, true),
    plugin: view.getUint32(at + 68, true),
    path: unit.subarray(at + fileHeader, pathEnd),
    attributes: unit.subarray(pathEnd, pathEnd + view.getUint32(at + 24, true)),
  };
}
