import { appendFileSync, openSync, rmSync } from "node:fs";
import { encodeText } from "../../../bytes/mod.ts";
import { Deferred, mostDeferred } from "./deferred.ts";

/** A mail that grows in a file while its job runs (catalog-and-jobs.md 23.2). */
export class MailSpool {
  readonly #path: string;
  readonly #deferred: Deferred<string>;
  #isBegun = false;

  /** A mail without text; `path` is where it will grow. */
  constructor(path: string, onError: (cause: unknown) => void) {
    this.#path = path;
    this.#deferred = new Deferred<string>(mostDeferred, (texts) => {
      try {
        const flag = this.#isBegun ? "a" : "w";
        appendFileSync(path, encodeText(texts.join("")), { flag, mode: 0o600 });
        this.#isBegun = true;
      } catch (cause) {
        onError(cause);
      }
    });
  }

  /** Adds text. */
  add(text: string): void {
    this.#deferred.add(text);
  }

  /** Writes what was added. */
  flush(): void {
    this.#deferred.flush();
  }

  /**
   * Opens the mail for a command that reads it; the file is gone when that has ended.
   * @throws if it could not be written
   */
  open(): number {
    this.#deferred.flush();
    const file = openSync(this.#path, "r");
    rmSync(this.#path, { force: true });
    return file;
  }

  /** Forgets the mail. */
  discard(): void {
    this.#deferred.flush();
    rmSync(this.#path, { force: true });
  }
}
