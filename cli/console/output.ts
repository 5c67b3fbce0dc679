import { closeSync, openSync, writeSync } from "node:fs";
import { encodeText } from "../../bytes/mod.ts";
import { systemReason } from "../../daemon/system_reason.ts";

/** Standard output or input is gone; `isClosed` where the other end of a pipe has simply had enough. */
export class StreamError extends Error {
  /** The class, for logs. */
  override readonly name = "StreamError";

  /** An error with what was attempted, and why it failed. */
  constructor(message: string, readonly isClosed: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Where the console prints: the terminal, a file, or both (console.md 1.6). */
export class Output {
  readonly #terminal: (bytes: Uint8Array) => void;
  #file: { readonly number: number; readonly path: string } | undefined;
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
    const isKept = this.#file !== undefined && this.#writeFile(this.#file, bytes);
    if (!isKept || this.#isTee) this.#terminal(bytes);
  }

  /** Writes to the file; `false` where that fails: then all goes to the terminal, which is told. */
  #writeFile({ number, path }: { number: number; path: string }, bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(number, bytes.subarray(at));
      return true;
    } catch (error) {
      this.close();
      this.writeTerminal(`Cannot write to ${path}. ERR=${systemReason(error)}\n`);
      return false;
    }
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
    this.#file = { number: openSync(path, mode.replaceAll("b", "")), path };
    this.#isTee = isTee;
  }

  /** Closes the file, if there is one. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.number);
    this.#file = undefined;
    this.#isTee = false;
  }
}

function writeStdout(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch (cause) {
    const isClosed = cause instanceof Deno.errors.BrokenPipe;
    throw new StreamError(`Cannot write to standard output: ${systemReason(cause)}`, isClosed, {
      cause,
    });
  }
}
