import type { MediaRecord } from "./media_record.ts";

/** What {@linkcode OfferedVolumes} works with. */
export interface OfferedVolumesParts {
  /** Asks the director for the `index`th best volume, from 1, leaving out the unwanted ones. */
  find(index: number, unwanted: readonly string[]): Promise<MediaRecord | undefined>;
  /** How many volumes may be refused before it is given up. */
  readonly most: number;
  /** Whether a volume is in use elsewhere, at present. */
  isTaken(name: string): boolean;
  /** Volumes that are not to be offered at all. */
  readonly unfit?: Iterable<string>;
}

/**
 * The volumes that the director offers for writing, each once (storage-daemon.md 4.5.1). What was in use
 * when it was offered may be free a moment later: then it may be offered again, for a director that is
 * told of no volume but refused ones makes a new one.
 */
export class OfferedVolumes {
  readonly #parts: OfferedVolumesParts;
  readonly #unfit: Set<string>;
  readonly #taken = new Set<string>();
  /** Refused for good, or offered and then refused in this search. */
  #refused = 0;
  #asked = 0;

  /** A search in which nothing was offered yet. */
  constructor(parts: OfferedVolumesParts) {
    this.#parts = parts;
    this.#unfit = new Set(parts.unfit);
  }

  /** The next volume; `none` if the director has none, `over` if all that it has were refused. */
  async next(): Promise<MediaRecord | "none" | "over"> {
    const { most, isTaken } = this.#parts;
    for (const name of this.#taken) if (!isTaken(name)) this.#taken.delete(name);
    const refused = this.#refused + this.#taken.size;
    // Volumes that come and go must not keep a search going for ever.
    if (refused >= most || ++this.#asked > 4 * most) return "over";
    const unwanted = [...this.#unfit, ...this.#taken];
    const found = await this.#parts.find(refused + 1, unwanted);
    if (found === undefined) return "none";
    return unwanted.includes(found.volumeName) ? "over" : found;
  }

  /** The volume that was offered last is in use elsewhere. */
  passOver(name: string): void {
    this.#taken.add(name);
  }

  /** The volume that was offered last cannot be used. */
  refuse(name: string): void {
    this.#unfit.add(name);
    this.#refused++;
  }
}
