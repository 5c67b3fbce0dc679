/**
 * The bill of materials of a macOS package: a store of numbered blocks, in which
 * trees list every path with its mode, owner, size and checksum.
 *
 * @module
 */
import { fileType, folderType, linkType, type PackageEntry, typeMask } from "./cpio.ts";
import { type Field, packed, padded } from "./packed.ts";

const headerSize = 512;
/** A node of a tree; all paths go into one. */
const nodeSize = 4096;
const mostPaths = Math.floor((nodeSize - 12) / 8);
const versionNodeSize = 128;

/** The bill of `entries`: a folder stands before what is in it, the first is `.`. */
export function bomOf(entries: readonly PackageEntry[]): Uint8Array<ArrayBuffer> {
  if (entries.length > mostPaths) {
    throw new Error(`A package of ${entries.length} files is too big`);
  }
  const store = new Store();
  store.named("BomInfo", [[4, 1], [4, entries.length + 1], [4, 1], zeros(16)]);

  const ids = new Map(entries.map(({ path }, index) => [path, index + 1]));
  const parentOf = (path: string): number => {
    if (path === ".") return 0;
    const id = ids.get(path.slice(0, path.lastIndexOf("/")));
    if (id === undefined) throw new Error(`The folder of ${path} is missing`);
    return id;
  };
  // A tree is searched by parent and name.
  const sorted = entries.map((entry) => ({
    entry,
    parent: parentOf(entry.path),
    name: entry.path.slice(entry.path.lastIndexOf("/") + 1),
  })).sort((a, b) => a.parent - b.parent || (a.name < b.name ? -1 : 1));
  const pointers = sorted.flatMap(({ entry, parent, name }): Field[] => {
    const facts = store.add(factsOf(entry));
    const file = store.add([[4, ids.get(entry.path) ?? 0], [4, facts]]);
    const key = store.add([[4, parent], `${name}\0`]);
    return [[4, file], [4, key]];
  });
  store.named("Paths", treeOf(store, nodeSize, entries.length, pointers));
  store.named("HLIndex", treeOf(store, nodeSize, 0, []));
  const versions = store.add(treeOf(store, versionNodeSize, 0, []));
  store.named("VIndex", [[4, 1], [4, versions], [4, 0], [1, 0]]);
  store.named("Size64", treeOf(store, nodeSize, 0, []));
  return store.finish();
}

/** What the bill tells of an entry itself. */
function factsOf({ path, mode, content }: PackageEntry): Field[] {
  const type = new Map([[fileType, 1], [folderType, 2], [linkType, 3]]).get(mode & typeMask);
  if (type === undefined) throw new Error(`${path} is neither file, folder nor link`);
  const isLink = type === 3;
  return [
    [1, type],
    [1, 1],
    [2, 3],
    [2, mode],
    [4, 0],
    [4, 0],
    [4, 0],
    [4, content.length],
    [1, 1],
    [4, type === 2 ? 0 : posixChecksum(content)],
    [4, isLink ? content.length + 1 : 0],
    ...(isLink ? [content, "\0"] : []),
  ];
}

/** A tree of one leaf. */
function treeOf(
  store: Store,
  size: number,
  count: number,
  pointers: readonly Field[],
): Field[] {
  const leaf = packed([2, 1], [2, count], [4, 0], [4, 0], ...pointers);
  const child = store.add([padded(leaf, size)]);
  return ["tree", [4, 1], [4, child], [4, size], [4, count], [1, 0]];
}

/** Blocks with numbers, some of them with names. */
class Store {
  readonly #blocks: Uint8Array[] = [];
  readonly #names: Field[] = [];
  #nameCount = 0;

  /** Adds a block and returns its number, from 1. */
  add(fields: readonly Field[]): number {
    return this.#blocks.push(packed(...fields));
  }

  named(name: string, fields: readonly Field[]): void {
    this.#names.push([4, this.add(fields)], [1, name.length], name);
    this.#nameCount++;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const names = packed([4, this.#nameCount], ...this.#names);
    const pointers: Field[] = [[4, 0], [4, 0]];
    let at = headerSize + names.length;
    for (const { length } of this.#blocks) {
      pointers.push([4, at], [4, length]);
      at += length;
    }
    const free: Field[] = [[4, 0], zeros(16)];
    const index = packed([4, this.#blocks.length + 1], ...pointers, ...free);
    const header = packed(
      "BOMStore",
      [4, 1],
      [4, this.#blocks.length],
      [4, at],
      [4, index.length],
      [4, headerSize],
      [4, names.length],
    );
    return packed(padded(header, headerSize), names, ...this.#blocks, index);
  }
}

/** The checksum that `cksum` of POSIX prints. */
export function posixChecksum(bytes: Uint8Array): number {
  let sum = 0;
  const add = (byte: number): void => {
    sum = (sum << 8) ^ (checksumTable[(sum >>> 24) ^ byte] ?? 0);
  };
  for (const byte of bytes) add(byte);
  for (let rest = bytes.length; rest > 0; rest = Math.floor(rest / 256)) add(rest % 256);
  return ~sum >>> 0;
}

const checksumTable = Int32Array.from({ length: 256 }, (_, index) => {
  let sum = index << 24;
  for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
  return sum;
});

function zeros(length: number): Uint8Array {
  return new Uint8Array(length);
}
