import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { Deferred, mostDeferred } from "./deferred.ts";

/** Bytes that are read at once. */
const pieceLength = 64 << 10;

/**
 * Messages that wait for a console (catalog-and-jobs.md 23.2): lines of a file below the working
 * directory, so that they outlive the daemon. There may be more than memory should hold.
 */
export class ConsoleMessages {
  readonly #path: string;
  readonly #deferred: Deferred<string>;
  #total = 0;
  /** Bytes of the file that were shown already. */
  #shown = 0;
  #hasFile: boolean;

  /** The messages of a daemon; `path` is `<working directory>/<name>.conmsg`. */
  constructor(path: string, onError: (cause: unknown) => void) {
    this.#path = path;
    this.#hasFile = lengthOf(path) > 0;
    this.#deferred = new Deferred<string>(mostDeferred, (texts) => {
      try {
        append(path, encodeText(texts.join("")));
        this.#hasFile = true;
      } catch (cause) {
        onError(cause);
      }
    });
  }

  /** Whether messages wait. */
  get hasPending(): boolean {
    return this.#hasFile || this.#deferred.hasItems;
  }

  /** Number of all messages since the start of the daemon: grows with each. */
  get total(): number {
    return this.#total;
  }

  /** Adds a message. */
  add(text: string): void {
    this.#total++;
    this.#deferred.add(text);
  }

  /** Writes what was added. */
  flush(): void {
    this.#deferred.flush();
  }

  /**
   * The next lines that wait, with their ends; they are gone then. None if nothing waits.
   * @throws if the file cannot be read
   */
  take(): string[] {
    this.flush();
    if (!this.#hasFile) return [];
    if (!existsSync(this.#path)) { // somebody has removed it
      this.#shown = 0;
      this.#hasFile = false;
      return [];
    }
    const file = openSync(this.#path, "r");
    try {
      for (let length = pieceLength;; length *= 2) {
        const bytes = new Uint8Array(length);
        const count = readSync(file, bytes, 0, length, this.#shown);
        const isAll = count < length;
        const end = isAll ? count : bytes.lastIndexOf(0x0a) + 1;
        if (!isAll && end === 0) continue; // a longer line than that
        this.#shown += end;
        if (isAll) {
          truncateSync(this.#path);
          this.#shown = 0;
          this.#hasFile = false;
        }
        return decodeText(bytes.subarray(0, end)).match(/[^\n]*\n|[^\n]+$/g) ?? [];
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Writes to the end of a file, which nobody else may read where it is made. */
function append(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "a", 0o640);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}

function lengthOf(path: string): number {
  // One that cannot be looked at cannot be written either, which is told then.
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
