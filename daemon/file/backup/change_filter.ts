/** Whether a file must be saved: by its times, or by what is known of it (director-client.md 23.4). @module */
import { decodeText, encodeBase64 } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { decodeStat, type EncodedStat, FileType, ModeType } from "../../../storage/volume/mod.ts";
import { type KnownFile, KnownFiles } from "../accurate/mod.ts";
import { type Candidate, type FoundFile, type Notice, stripPath } from "../fileset/mod.ts";
import { isSystemError, type Platform } from "../platform/mod.ts";
import { ContentDigest } from "./content_digest.ts";
import type { WalkOrder } from "./messages.ts";
import { type Protection, treatmentOf } from "./protection.ts";

/** What accurate mode compares where the file set does not say. */
const defaultComparison = "mcs";
/** What is compared with a base job where the file set does not say. */
const defaultBaseComparison = "spug5";
/** Directories that could not be read, of which so many are remembered. */
const mostUnread = 10_000;
const slash = 0x2f;

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

/** What a backup makes of a file that is on the list, or was. */
export interface ListedFile {
  readonly type: typeof FileType.deleted | typeof FileType.base;
  readonly file: KnownFile;
}

/** Decides for the files of one job. */
export class ChangeFilter implements Disposable {
  readonly #since: number;
  readonly #now = Math.floor(Date.now() / 1000);
  readonly #known: KnownFiles | undefined;
  readonly #hasBase: boolean;
  readonly #isRerun: boolean;
  readonly #protection: Protection | undefined;
  readonly #digest: ContentDigest;
  /** Names below which, or under which, nothing could be looked at; byte preserving. */
  readonly #unread = new Set<string>();
  #name = new Uint8Array(4096);
  /** What is to be said of the file that was asked about last. */
  notice: Notice | undefined;

  /** A filter for a job. @throws what the system says if the accurate list cannot be opened */
  constructor(
    order: WalkOrder & { readonly protection?: Protection | undefined },
    platform: Platform,
  ) {
    const isWhole = order.level === "F" || order.level === "B";
    this.#since = isWhole ? 0 : order.since;
    this.#known = order.known && new KnownFiles(order.known);
    this.#hasBase = isWhole;
    this.#isRerun = order.isRerun === true;
    this.#protection = order.protection;
    this.#digest = new ContentDigest(platform);
  }

  /** Bytes read to compare digests. */
  get readBytes(): number {
    return this.#digest.bytes;
  }

  /** Whether the file must be saved. */
  isChanged(candidate: Candidate): boolean {
    this.notice = undefined;
    if (this.#known !== undefined) return this.#differs(candidate, this.#known);
    if (this.#since === 0) return true;
    const { stat, options } = candidate;
    return stat.mtime >= this.#since || (!options.mtimeOnly && stat.ctime >= this.#since);
  }

  /** Whether the file is not as the list says; one that is counts as seen. */
  #differs(candidate: Candidate, list: KnownFiles): boolean {
    const { stat, options, include } = candidate;
    const known = list.find(this.#nameOf(candidate));
    if (known === undefined) return true;
    if (!this.#hasBase) list.see(known.slot);
    const comparison = this.#hasBase
      ? options.baseJob ?? defaultBaseComparison
      : options.accurate ?? (include.accurate || defaultComparison);
    const before = decodeStat(known.stat);
    const isRegular = (stat.mode & ModeType.mask) === ModeType.regular;
    const isDigested = isRegular && options.signature !== undefined && /[15]/.test(comparison);
    const differs = [...comparison].some((letter) => fields[letter]?.(before, stat) ?? false) ||
      (isDigested
        ? this.#hasOtherContents(candidate, known)
        : this.#isYoung(candidate, comparison));
    if (!differs && this.#hasBase) list.see(known.slot);
    return differs;
  }

  /**
   * Whether equal times do not tell: they are whole seconds, and the job before this one may have looked
   * at the file in the second in which it was changed, before the last change. What was changed by the
   * second in which that job began is not in doubt: it waited for the end of that second where it found such a
   * file (`young_files.ts`). Times ahead of the clock were set by somebody and say nothing.
   */
  #isYoung({ stat }: Candidate, comparison: string): boolean {
    if (this.#since === 0) return false;
    if (comparison.includes("c")) return stat.ctime > this.#since;
    return comparison.includes("m") && stat.mtime > this.#since && stat.mtime <= this.#now;
  }

  /** Compares the digest that the file set asks for. */
  #hasOtherContents({ path, stat, options }: Candidate, { digest }: KnownFile): boolean {
    const { signature } = options;
    if (signature === undefined) return false;
    if (digest === "") {
      const text = `Cannot verify checksum for ${decodeText(path)}\n`;
      this.notice = { type: JobMessageType.WARNING, text };
      return true;
    }
    const { isSparse } = treatmentOf(FileType.regularFile, options, this.#protection);
    const found = this.#digest.of({ path, size: stat.size, options, isSparse }, signature);
    // A file that cannot be read counts as changed, so that the backup says what is wrong with it.
    return !(found instanceof Uint8Array) || encodeBase64(found, "standard") !== digest;
  }

  /** The name in the list: without what StripPath takes away, directories with a slash at their end. */
  #nameOf({ path, isDirectory, options }: Candidate): Uint8Array {
    const name = stripPath(path, options.stripPath);
    if (!isDirectory || name.at(-1) === slash) return name;
    if (this.#name.length <= name.length) this.#name = new Uint8Array(name.length * 2);
    this.#name.set(name);
    this.#name[name.length] = slash;
    return this.#name.subarray(0, name.length + 1);
  }

  /** Takes what the walk found: of what it could not look at, nobody may say that it is gone. */
  found({ type, path, options, error, plugin }: FoundFile): void {
    if (plugin !== undefined) return this.#foundPlugin(path);
    if (this.#known === undefined || this.#hasBase || error === undefined) return;
    const isLost = type === FileType.noStat || type === FileType.noOpen;
    if (!isLost || isSystemError(error, "ENOENT") || this.#unread.size >= mostUnread) return;
    this.#unread.add(decodeText(stripPath(path, options.stripPath)).replace(/\/$/, ""));
  }

  /** A plugin's file is saved each time: it is there, and never as a base job has it. */
  #foundPlugin(path: Uint8Array): void {
    if (this.#hasBase) return;
    const known = this.#known?.find(path);
    if (known !== undefined) this.#known?.see(known.slot);
  }

  /**
   * What the list says when all has been looked at: files that are gone; or of a Full with base jobs
   * those that are as they were.
   */
  *listed(): Generator<ListedFile, void, undefined> {
    if (this.#known === undefined || (this.#hasBase && this.#isRerun)) return;
    const type = this.#hasBase ? FileType.base : FileType.deleted;
    for (const file of this.#known.files(this.#hasBase)) {
      if (this.#hasBase || !this.#isUnread(file.path)) yield { type, file };
    }
  }

  /** Whether a name, or a directory that it is in, could not be looked at. */
  #isUnread(path: string): boolean {
    if (this.#unread.size === 0) return false;
    for (let end = path.length; end >= 0; end = end === 0 ? -1 : path.lastIndexOf("/", end - 1)) {
      if (this.#unread.has(path.slice(0, end))) return true;
    }
    return false;
  }

  [Symbol.dispose](): void {
    this.#known?.[Symbol.dispose]();
  }
}
