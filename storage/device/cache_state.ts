/**
 * What is known of volumes in a cache, kept beside them so that it outlives the program.
 *
 * @module
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

/** Whether a volume in the cache and what is in the store are the same. */
export type CachedState =
  /** The cache has changes that the store may lack. */
  | { readonly kind: "changed" }
  /** They were the same when the file had this size and was changed then. */
  | { readonly kind: "stored"; readonly size: number; readonly mtimeMs: number }
  /** Nothing is known. */
  | { readonly kind: "unknown" };

/** Files of one line each, in a folder of the cache that holds no volumes. */
export class CacheStates {
  readonly #cache: string;
  readonly #folder: string;

  /** The states of the volumes in a cache folder. */
  constructor(cache: string) {
    this.#cache = cache;
    this.#folder = `${cache}/.state`;
  }

  /** What is known of a volume. */
  get(volume: string): CachedState {
    let text: string;
    try {
      text = readFileSync(this.#path(volume), "latin1");
    } catch (error) {
      if (isMissing(error)) return { kind: "unknown" };
      throw error;
    }
    if (text.startsWith("changed")) return { kind: "changed" };
    const [, size, mtimeMs] = /^stored (\d+) ([\d.]+)\n$/.exec(text) ?? [];
    return size === undefined
      ? { kind: "unknown" }
      : { kind: "stored", size: Number(size), mtimeMs: Number(mtimeMs) };
  }

  /** Whether the volume's file is still what the store has. */
  isStored(volume: string): boolean {
    const state = this.get(volume);
    if (state.kind !== "stored") return false;
    try {
      const { size, mtimeMs } = statSync(`${this.#cache}/${volume}`);
      return size === state.size && mtimeMs === state.mtimeMs;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** The cache is about to have more, or something else, than the store. */
  setChanged(volume: string): void {
    this.#write(volume, "changed\n");
  }

  /** The store has all that is in the volume's file now. */
  setStored(volume: string): void {
    const { size, mtimeMs } = statSync(`${this.#cache}/${volume}`);
    this.#write(volume, `stored ${size} ${mtimeMs}\n`);
  }

  /** Nothing is to be known of the volume any more. */
  forget(volume: string): void {
    rmSync(this.#path(volume), { force: true });
  }

  /** Volumes with changes that the store may lack. */
  get changed(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => !name.endsWith("~")).map(decodeURIComponent)
        .filter((volume) => this.get(volume).kind === "changed");
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  #write(volume: string, text: string): void {
    const path = this.#path(volume);
    try {
      writeFileSync(`${path}~`, text, { mode: 0o640 });
    } catch (error) {
      if (!isMissing(error)) throw error;
      mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
      writeFileSync(`${path}~`, text, { mode: 0o640 });
    }
    renameSync(`${path}~`, path);
  }

  #path(volume: string): string {
    return `${this.#folder}/${encodeURIComponent(volume)}`;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
