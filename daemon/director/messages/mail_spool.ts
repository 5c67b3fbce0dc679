import { appendFileSync, openSync, rmSync } from "node:fs";
import { encodeText } from "../../../bytes/mod.ts";

/** A mail that grows in a file while its job runs (catalog-and-jobs.md 23.2). */
export class MailSpool {
  readonly #path: string;
  #isBegun = false;

  /** A mail without text; `path` is where it will grow. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Adds text. @throws if the file cannot be written */
  add(text: string): void {
    appendFileSync(this.#path, encodeText(text), { flag: this.#isBegun ? "a" : "w", mode: 0o600 });
    this.#isBegun = true;
  }

  /** Opens the mail for a command that reads it; the file is gone when that has ended. */
  open(): number {
    const file = openSync(this.#path, "r");
    this.discard();
    return file;
  }

  /** Forgets the mail. */
  discard(): void {
    rmSync(this.#path, { force: true });
  }
}
