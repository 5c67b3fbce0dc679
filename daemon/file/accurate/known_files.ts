import { decodeText } from "../../../bytes/mod.ts";
import { type EntryMemory, EntryStore } from "./entry_store.ts";

/** A file of the accurate list: what is known of it from earlier jobs. */
export interface KnownFile {
  /** Its name as on the volume, directories with a slash at their end; byte preserving. */
  readonly path: string;
  /** Stat as encoded text. */
  readonly stat: string;
  /** Digest as base64 text, empty if not known. */
  readonly digest: string;
}

/** The list in shared memory, for the thread that walks. */
export interface KnownFilesMemory {
  /** Places of entries plus one, 0 where there is none: 32 bits a slot, their number a power of two. */
  readonly slots: SharedArrayBuffer;
  /** Seven bits of each slot's hash, and whether the file was seen: 8 bits a slot. */
  readonly tags: SharedArrayBuffer;
  readonly entries: EntryMemory;
}

/** Set in the tag of a file that was seen. */
const seenBit = 0x80;

/** A hash of a name: 32 bits. */
export function hashName(name: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ (name[at] as number), 0x01000193);
  }
  // The lower bits choose the slot and the upper ones the tag: each must depend on all bytes.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** The part of a hash that a tag keeps. */
export function tagOf(hash: number): number {
  return hash >>> 25;
}

/** The slot of a name in a table, or the free one where it would stand. */
export function findSlot(
  slots: Uint32Array,
  tags: Uint8Array,
  name: Uint8Array,
  entryAt: (place: number) => Uint8Array,
): number {
  const mask = slots.length - 1;
  const hash = hashName(name);
  const tag = tagOf(hash);
  for (let slot = hash & mask;; slot = (slot + 1) & mask) {
    const place = slots[slot] as number;
    if (place === 0) return slot;
    if (((tags[slot] as number) & ~seenBit) !== tag) continue;
    if (hasName(entryAt(place - 1), name)) return slot;
  }
}

function hasName(entry: Uint8Array, name: Uint8Array): boolean {
  if (entry.length <= name.length || entry[name.length] !== 0) return false;
  for (let at = name.length - 1; at >= 0; at--) if (entry[at] !== name[at]) return false;
  return true;
}

/** The name of an entry: what stands before its first zero byte. */
export function nameOf(entry: Uint8Array): Uint8Array {
  const end = entry.indexOf(0);
  return end < 0 ? entry : entry.subarray(0, end);
}

/** Looks up what is known of files, and remembers which were seen. One thread at a time. */
export class KnownFiles implements Disposable {
  readonly #slots: Uint32Array;
  readonly #tags: Uint8Array;
  readonly #entries: EntryStore;

  /** The list in a memory. @throws what the system says if its file cannot be opened */
  constructor({ slots, tags, entries }: KnownFilesMemory) {
    this.#slots = new Uint32Array(slots);
    this.#tags = new Uint8Array(tags);
    this.#entries = new EntryStore(entries);
  }

  /** What is known of a name, with the number to give to {@linkcode see}. */
  find(name: Uint8Array): (KnownFile & { readonly slot: number }) | undefined {
    const slot = findSlot(this.#slots, this.#tags, name, (place) => this.#entries.at(place));
    const place = this.#slots[slot] as number;
    return place === 0 ? undefined : { ...parse(this.#entries.at(place - 1)), slot };
  }

  /** Marks a file that {@linkcode find} has found. */
  see(slot: number): void {
    this.#tags[slot] = (this.#tags[slot] as number) | seenBit;
  }

  /** The files that were seen, or those that were not, in the order of the list. */
  *files(wasSeen: boolean): Generator<KnownFile, void, undefined> {
    for (const [place, entry] of this.#entries.all()) {
      const hash = hashName(nameOf(entry));
      const mask = this.#slots.length - 1;
      let slot = hash & mask;
      while (this.#slots[slot] !== place + 1) {
        if (this.#slots[slot] === 0) throw new RangeError("The accurate list is not whole");
        slot = (slot + 1) & mask;
      }
      if ((((this.#tags[slot] as number) & seenBit) !== 0) === wasSeen) yield parse(entry);
    }
  }

  [Symbol.dispose](): void {
    this.#entries[Symbol.dispose]();
  }
}

function parse(entry: Uint8Array): KnownFile {
  const [path = "", stat = "", digest = ""] = decodeText(entry).split("\0");
  return { path, stat, digest };
}
