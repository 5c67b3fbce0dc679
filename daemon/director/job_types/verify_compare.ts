import { decodeInteger } from "../../../bytes/mod.ts";
import type { FileMarks, FileRecord } from "../director_catalog.ts";

/** A file as the client sees it now. */
export interface SeenFile {
  readonly fileIndex: number;
  /** Letters of what is compared. */
  readonly options: string;
  readonly path: string;
  readonly stat: string;
}

/** What a comparison says. */
export interface ComparisonMessages {
  info(text: string): void;
  /** Something differs, is new or is missing. */
  differs(): void;
}

/** Order of the numbers in a stat text (catalog-and-jobs.md 3.2). */
const FIELDS = ["dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size"] as const;
const TIMES = { a: 10, m: 11, c: 12 } as const;
const TIME_NAMES = { a: "st_atime", m: "st_mtime", c: "st_ctime" } as const;

interface Compared {
  readonly index: number;
  readonly label: string;
  readonly isHex?: boolean;
}

const COMPARED: Readonly<Record<string, Compared>> = {
  i: { index: FIELDS.indexOf("ino"), label: "st_ino  " },
  p: { index: FIELDS.indexOf("mode"), label: "st_mode ", isHex: true },
  n: { index: FIELDS.indexOf("nlink"), label: "st_nlink" },
  u: { index: FIELDS.indexOf("uid"), label: "st_uid  " },
  g: { index: FIELDS.indexOf("gid"), label: "st_gid  " },
  s: { index: FIELDS.indexOf("size"), label: "st_size " },
};

const DIGEST_NAMES: Readonly<Record<number, string>> = {
  3: "MD5 digest",
  10: "SHA1 digest",
  17: "SHA256 digest",
  18: "SHA512 digest",
  40: "XXH128 digest",
};

/** Compares what a client finds with what the catalog knows (catalog-and-jobs.md 13). */
export class VerifyComparison {
  readonly #known: FileMarks;
  readonly #messages: ComparisonMessages;
  #current: { readonly file: FileRecord; wantsDigest: boolean; isNamed: boolean } | undefined;
  #currentIndex = 0;

  /** A comparison with the files of a job. */
  constructor(known: FileMarks, messages: ComparisonMessages) {
    this.#known = known;
    this.#messages = messages;
  }

  /** FileIndex of the file seen last. */
  get currentIndex(): number {
    return this.#currentIndex;
  }

  /** Compares one file; its digest may follow. */
  see(seen: SeenFile): void {
    this.#currentIndex = seen.fileIndex;
    const file = this.#known.see(seen.path);
    if (file === undefined) {
      this.#current = undefined;
      this.#messages.info(`New file: ${seen.path}`);
      this.#messages.differs();
      return;
    }
    this.#current = { file, wantsDigest: false, isNamed: false };
    const before = numbers(file.lstat);
    const now = numbers(seen.stat);
    for (const letter of seen.options) this.#field(letter, before, now);
  }

  /** Compares the digest of the file seen last. */
  digest(stream: number, digest: string): void {
    const current = this.#current;
    if (current === undefined || !current.wantsDigest || current.file.digest.length <= 1) return;
    if (current.file.digest === digest) return;
    const name = DIGEST_NAMES[stream] ?? `Stream ${stream} digest`;
    this.#differs(`${name} differs. File=${digest} Cat=${current.file.digest}`);
  }

  /** All files were seen that there are: the catalog knows which. */
  finish(): void {
    this.#known.flush();
  }

  #field(letter: string, before: readonly number[], now: readonly number[]): void {
    const compared = COMPARED[letter];
    if (compared !== undefined) {
      const { index, label, isHex = false } = compared;
      const [old = 0, current = 0] = [before[index], now[index]];
      const shown = (value: number) => isHex ? value.toString(16) : String(value);
      if (old !== current) {
        this.#differs(`${label} differ. Cat: ${shown(old)} File: ${shown(current)}`);
      }
    } else if (letter === "a" || letter === "m" || letter === "c") {
      const index = TIMES[letter];
      if (before[index] !== now[index]) this.#differs(`${TIME_NAMES[letter]} differs`);
    } else if (letter === "d") {
      const index = FIELDS.indexOf("size");
      const [old = 0, current = 0] = [before[index], now[index]];
      if (current < old) this.#differs(`st_size  decrease. Cat: ${old} File: ${current}`);
    } else if ((letter === "5" || letter === "1") && this.#current !== undefined) {
      this.#current.wantsDigest = true;
    }
  }

  #differs(text: string): void {
    const current = this.#current;
    if (current !== undefined && !current.isNamed) {
      current.isNamed = true;
      this.#messages.info(`File: ${current.file.path}`);
    }
    this.#messages.info(`      ${text}`);
    this.#messages.differs();
  }
}

function numbers(stat: string): number[] {
  return stat.split(" ").map((word) => decodeInteger(word));
}
