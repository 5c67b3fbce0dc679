import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { decodeText, encodeText } from "../../../bytes/mod.ts";

/**
 * Messages that wait for a console (catalog-and-jobs.md 23.2): lines of a file below the working
 * directory, so that they outlive the daemon.
 */
export class ConsoleMessages {
  readonly #path: string;
  #total = 0;
  #isEmpty: boolean;

  /** The messages of a daemon; `path` is `<working directory>/<name>.conmsg`. */
  constructor(path: string) {
    this.#path = path;
    this.#isEmpty = !existsSync(path) || readFileSync(path).length === 0;
  }

  /** Whether messages wait. */
  get hasPending(): boolean {
    return !this.#isEmpty;
  }

  /** Number of all messages since the start of the daemon: grows with each. */
  get total(): number {
    return this.#total;
  }

  /** Adds a message. @throws if the file cannot be written */
  add(text: string): void {
    this.#total++;
    appendFileSync(this.#path, encodeText(text), { mode: 0o640 });
    this.#isEmpty = false;
  }

  /** The lines that wait, with their ends; they are gone then. */
  take(): string[] {
    if (this.#isEmpty) return [];
    const text = decodeText(readFileSync(this.#path));
    truncateSync(this.#path);
    this.#isEmpty = true;
    return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  }
}
