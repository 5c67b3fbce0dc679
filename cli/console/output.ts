import { closeSync, openSync, writeSync } from "node:fs";
import { encodeText } from "../../bytes/mod.ts";

/** Where the console prints: the terminal, a file, or both (console.md 1.6). */
export class Output {
  readonly #terminal: (bytes: Uint8Array) => void;
  #file: number | undefined;
  #isTee = false;
  #lastLine = "";
  #isMuted = false;

  /** Output to `terminal`, which is standard output if not given. */
  constructor(terminal: (bytes: Uint8Array) => void = writeStdout) {
    this.#terminal = terminal;
  }

  /** What was printed since the last line end: at a prompt of the director, its text. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** While muted nothing is printed; for output that the user has stopped. */
  set isMuted(isMuted: boolean) {
    this.#isMuted = isMuted;
  }

  /** Prints text as it is. */
  write(text: string): void {
    if (text === "" || this.#isMuted) return;
    const end = text.lastIndexOf("\n");
    this.#lastLine = end < 0 ? this.#lastLine + text : text.slice(end + 1);
    const bytes = encodeText(text);
    if (this.#file !== undefined) writeAll(this.#file, bytes);
    if (this.#file === undefined || this.#isTee) this.#terminal(bytes);
  }

  /** Prints on the terminal only, such as a progress line. */
  writeTerminal(text: string): void {
    this.#terminal(encodeText(text));
  }

  /** The line editor has moved to a new line. */
  startLine(): void {
    this.#lastLine = "";
  }

  /**
   * Prints to `path` from now on, with `isTee` also to the terminal; without a path to the terminal
   * only. `mode` is a mode of C's `fopen`.
   * @throws if the file cannot be opened; output goes to the terminal then
   */
  redirect(path: string | undefined, mode = "a+b", isTee = false): void {
    this.close();
    if (path === undefined) return;
    this.#file = openSync(path, mode.replaceAll("b", ""));
    this.#isTee = isTee;
  }

  /** Closes the file, if there is one. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#isTee = false;
  }
}

function writeStdout(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes.subarray(at));
}
