import { type ConsoleSession, Signal } from "../../protocol/mod.ts";
import { systemReason } from "../../daemon/system_reason.ts";
import type { LineSource } from "./line_source.ts";
import { type LocalContext, runLocalCommand } from "./local_commands.ts";
import { type Output, StreamError } from "./output.ts";

/** What a {@linkcode ConsoleLoop} works with. */
export interface ConsoleLoopOptions {
  /** The conversation with the director. */
  readonly session: ConsoleSession;
  /** Where answers go. */
  readonly output: Output;
  /** Where lines come from. */
  readonly input: LineSource;
  /** Effective user id, for the commands that user 0 may not use. */
  readonly userId: number;
  /** Milliseconds for each answer of the director; no limit if not given. */
  readonly timeoutMs?: number | undefined;
  /** Shows something while the answer to `line` is waited for, until the function it returns is called. */
  readonly watch?: (line: string) => (() => Promise<void>) | undefined;
}

/** Reads lines, sends them, prints the answers, until one side has had enough (console.md 1.5). */
export class ConsoleLoop implements LocalContext {
  readonly output: Output;
  readonly userId: number;
  separator: string | undefined;
  readonly #options: ConsoleLoopOptions;
  readonly #sources: LineSource[];
  #isAtSubPrompt = false;

  /** A loop over an open session. */
  constructor(options: ConsoleLoopOptions) {
    this.#options = options;
    this.output = options.output;
    this.userId = options.userId;
    this.#sources = [options.input];
  }

  /** Takes lines from `source` until its end. */
  pushSource(source: LineSource): void {
    this.#sources.push(source);
  }

  /** The present time. */
  now(): Date {
    return new Date();
  }

  /** Whether the director waits for an answer and not for a command. */
  get isAtSubPrompt(): boolean {
    return this.#isAtSubPrompt;
  }

  /** Runs until the user quits, the input ends or the director closes. */
  async run(): Promise<void> {
    const { session } = this.#options;
    while (!session.isTerminated) {
      const line = await this.#nextLine();
      if (line === undefined) return;
      for (const part of this.#split(line)) {
        if (!await this.runLine(part)) return;
      }
    }
  }

  /** Runs one line, as typed; `false` if it ends the session. */
  async runLine(line: string): Promise<boolean> {
    if (line.startsWith("@")) return await runLocalCommand(this, line) !== "quit";
    const { session, watch } = this.#options;
    const command = line.replace(/[\n\r ]+$/, "");
    await session.send(command);
    if (command === ".quit" || command === ".exit") return false;
    const stopWatching = this.#isAtSubPrompt ? undefined : watch?.(command);
    try {
      await this.#printAnswer();
    } finally {
      await stopWatching?.();
    }
    return !session.isTerminated;
  }

  /** Prints what the director sends until it waits for us. */
  async #printAnswer(): Promise<void> {
    const { session, timeoutMs } = this.#options;
    for await (const event of session.events({ timeoutMs })) {
      if (event.kind === "text") this.output.write(event.text);
      else this.#isAtSubPrompt = event.signal === Signal.SUB_PROMPT;
    }
    this.output.isMuted = false;
  }

  async #nextLine(): Promise<string | undefined> {
    while (true) {
      const source = this.#sources.at(-1);
      if (source === undefined) return undefined;
      const line = await this.#lineOf(source);
      if (line !== undefined) {
        if (!source.isTerminal) this.output.write(`${line}\n`);
        return line;
      }
      if (this.#sources.length === 1) return undefined;
      this.#sources.pop()?.close();
    }
  }

  /** A line of a source; one that cannot be read ends, and so does the session if it is the last. */
  async #lineOf(source: LineSource): Promise<string | undefined> {
    try {
      return await source.next(this.#isAtSubPrompt ? "" : "*");
    } catch (cause) {
      const why = systemReason(cause);
      if (this.#sources.length === 1) {
        throw new StreamError(`Cannot read standard input: ${why}`, false, { cause });
      }
      this.output.write(`Cannot read input. ERR=${why}\n`);
      return undefined;
    }
  }

  #split(line: string): string[] {
    const isEdited = this.#sources.at(-1)?.isTerminal === true;
    if (this.separator === undefined || !isEdited || line.startsWith("@")) return [line];
    return line.split(this.separator);
  }
}
