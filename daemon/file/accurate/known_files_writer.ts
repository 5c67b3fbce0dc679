import { rmSync } from "node:fs";
import { join } from "node:path";
import { type EntryMemory, EntryStoreWriter } from "./entry_store.ts";
import { findSlot, hashName, type KnownFilesMemory, nameOf, tagOf } from "./known_files.ts";

const fewestSlots = 1 << 12;
/** Slots that are made on the director's word: those that stay empty cost no memory. */
const mostSlotsAtFirst = 1 << 25;
const mostSlots = 2 ** 31;
/** Of the slots, so many of a thousand may be used. */
const fullPerMille = 700;

/** Where a list is kept. */
export interface KnownFilesPlace {
  /** The working directory. */
  readonly folder: string;
  /** Name of the daemon. */
  readonly daemon: string;
  /** The unique name of the job. */
  readonly job: string;
  /** Files that the director announces. */
  readonly expected: number;
  /** Bytes of entries that stay in memory; 16 MiB if absent. */
  readonly inMemory?: number;
}

/** Takes the list as it comes. */
export class KnownFilesWriter {
  readonly #entries: EntryStoreWriter;
  #slots: Uint32Array<SharedArrayBuffer>;
  #tags: Uint8Array<SharedArrayBuffer>;
  #finished: EntryMemory | undefined;
  /** Different files in the list. */
  count = 0;
  /** Files that came again. */
  duplicates = 0;

  /** An empty list. */
  constructor({ folder, daemon, job, expected, inMemory }: KnownFilesPlace) {
    this.#entries = new EntryStoreWriter(
      join(folderOf(folder, daemon), `${job}.${crypto.randomUUID()}`),
      inMemory,
    );
    const wanted = Math.min(mostSlotsAtFirst, expected * 1000 / fullPerMille);
    let slots = fewestSlots;
    while (slots < wanted) slots *= 2;
    this.#slots = makeSlots(slots);
    this.#tags = makeTags(slots);
  }

  /**
   * Takes an entry: `<name>\0<stat>\0<digest>\0<delta>`; one without name or stat is left out, one of
   * a name that has come already is only counted.
   * @throws what the system says if the list cannot be kept
   */
  add(entry: Uint8Array): void {
    const name = nameOf(entry);
    const hasStat = entry.length > name.length + 1 && entry[name.length + 1] !== 0;
    if (name.length === 0 || !hasStat) return;
    if ((this.count + 1) * 1000 > this.#slots.length * fullPerMille) this.#grow();
    const slot = findSlot(this.#slots, this.#tags, name, (place) => this.#entries.at(place));
    if (this.#slots[slot] !== 0) {
      this.duplicates++;
      return;
    }
    this.#slots[slot] = this.#entries.add(entry) + 1;
    this.#tags[slot] = tagOf(hashName(name));
    this.count++;
  }

  /** Ends the list, for the thread that looks things up. */
  finish(): KnownFilesMemory {
    const entries = this.#finished ??= this.#entries.finish();
    return { slots: this.#slots.buffer, tags: this.#tags.buffer, entries };
  }

  /** Removes the list's file, if there is one; doing so twice is fine. */
  discard(): void {
    this.#entries.discard();
  }

  #grow(): void {
    const length = this.#slots.length * 2;
    if (length > mostSlots) throw new RangeError("The accurate list has too many files");
    const slots = makeSlots(length);
    const tags = makeTags(length);
    for (const [place, entry] of this.#entries.all()) {
      const hash = hashName(nameOf(entry));
      let slot = hash & (length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (length - 1); // all names are different
      slots[slot] = place + 1;
      tags[slot] = tagOf(hash);
    }
    this.#slots = slots;
    this.#tags = tags;
  }
}

function makeSlots(count: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(count * 4));
}

function makeTags(count: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(count));
}

/** The folder of the lists of a daemon in its working directory. */
function folderOf(workingDirectory: string, daemon: string): string {
  return join(workingDirectory, `${daemon}.accurate`);
}

/** Removes what a daemon that was killed has left of its lists. @throws what the system says */
export function removeLeftOvers(workingDirectory: string, daemon: string): void {
  rmSync(folderOf(workingDirectory, daemon), { recursive: true, force: true });
}
