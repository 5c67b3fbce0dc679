/** Whether a file must be saved: by its times, or by what is known of it (director-client.md 23.4). @module */
import { decodeText, encodeBase64 } from "../../../bytes/mod.ts";
import { createDigest, type DigestName } from "../../../crypto/mod.ts";
import { decodeStat, type EncodedStat, ModeType } from "../../../storage/volume/mod.ts";
import type { Candidate } from "../fileset/mod.ts";
import { isSystemError, type Platform } from "../platform/mod.ts";
import type { KnownFile } from "./messages.ts";

/** What accurate mode compares where the file set does not say. */
const defaultComparison = "mcs";

const fields: Readonly<Record<string, (known: EncodedStat, now: Candidate["stat"]) => boolean>> = {
  i: (known, now) => Number(known.ino) !== Number(now.ino),
  p: (known, now) => known.mode !== now.mode,
  n: (known, now) => known.nlink !== now.nlink,
  u: (known, now) => known.uid !== now.uid,
  g: (known, now) => known.gid !== now.gid,
  s: (known, now) => known.size !== now.size,
  a: (known, now) => known.atime !== now.atime,
  m: (known, now) => known.mtime !== now.mtime,
  c: (known, now) => known.ctime !== now.ctime,
  d: (known, now) => now.size < known.size,
  A: () => true,
};

/** Decides for the files of one job. */
export class ChangeFilter {
  readonly #since: number;
  readonly #known: Map<string, KnownFile> | undefined;
  readonly #platform: Platform;
  readonly #buffer = new Uint8Array(256 << 10);
  /** Bytes read to compare digests. */
  readBytes = 0;

  /** A filter: `known` is the accurate list, from which files that are found are taken. */
  constructor(since: number, known: Map<string, KnownFile> | undefined, platform: Platform) {
    this.#since = since;
    this.#known = known;
    this.#platform = platform;
  }

  /** Whether the file must be saved. */
  isChanged({ path, stat, isDirectory, options, include }: Candidate): boolean {
    if (this.#known !== undefined) {
      const name = decodeText(path);
      const key = isDirectory && !name.endsWith("/") ? `${name}/` : name;
      const known = this.#known.get(key);
      if (known === undefined) return true;
      this.#known.delete(key);
      const comparison = options.accurate ?? (include.accurate || defaultComparison);
      const before = decodeStat(known.stat);
      if ([...comparison].some((letter) => fields[letter]?.(before, stat) ?? false)) return true;
      const isRegular = (stat.mode & ModeType.mask) === ModeType.regular;
      if (!isRegular || !/[15]/.test(comparison) || known.digest === "") return false;
      return options.signature === undefined ||
        this.#digestOf(path, options.signature) !== known.digest;
    }
    if (this.#since === 0) return true;
    return stat.mtime >= this.#since || (!options.mtimeOnly && stat.ctime >= this.#since);
  }

  /** A file's digest as the catalog has it; empty if it cannot be read, so that the backup says so. */
  #digestOf(path: Uint8Array, name: DigestName): string {
    const digest = createDigest(name);
    try {
      const file = this.#platform.open(path, { noAccessTime: true });
      try {
        for (;;) {
          const count = this.#platform.read(file, this.#buffer);
          if (count === 0) break;
          this.readBytes += count;
          digest.update(this.#buffer.subarray(0, count));
        }
      } finally {
        this.#platform.close(file);
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return "";
    }
    return encodeBase64(digest.digest(), "standard");
  }

  /** What the list still holds when all has been looked at: files that are gone. */
  *gone(): Generator<KnownFile> {
    if (this.#known !== undefined) yield* this.#known.values();
  }
}
