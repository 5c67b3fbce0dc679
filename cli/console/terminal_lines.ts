import { createInterface, type Interface } from "node:readline";
import process from "node:process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { LineSource } from "./line_source.ts";
import type { Output } from "./output.ts";

/** Candidates for the end of `line`, and the part of it that they replace. */
export type Completer = (line: string) => Promise<readonly [readonly string[], string]>;

/** How a terminal is read. */
export interface TerminalOptions {
  /** What has been printed, for prompts of the director. */
  readonly output: Output;
  /** Where lines are remembered from one session to the next. */
  readonly historyFile?: string | undefined;
  /** How many lines are remembered; 100 if not given. */
  readonly historyLength?: number | undefined;
  /** Finds what may follow what has been typed. */
  readonly complete: Completer;
  /** Called after `idleMs` without a key at the main prompt. */
  readonly onIdle: () => Promise<void>;
  /** Milliseconds; 30 s if not given. */
  readonly idleMs?: number;
}

/** Lines that a person types, with editing, history and completion. */
export class TerminalLines implements LineSource {
  readonly isTerminal = true;
  readonly #options: TerminalOptions;
  readonly #editor: Interface;
  readonly #history: string[];
  #isClosed = false;
  #resolve: ((line: string | undefined) => void) | undefined;
  /** Lines that were typed, or pasted, before they were asked for. */
  readonly #ahead: string[] = [];

  /** Takes over standard input. */
  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#history = readHistory(options.historyFile);
    const { complete, historyLength = 100 } = options;
    this.#editor = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: [...this.#history].reverse(),
      historySize: historyLength,
      completer: (line: string, done: (e: null, found: [string[], string]) => void) => {
        complete(line).then(
          ([candidates, part]) => done(null, [[...candidates], part]),
          () => done(null, [[], line]), // no candidates is all that a failed question means here
        );
      },
    });
    this.#editor.on("line", (line) => {
      if (this.#resolve === undefined) this.#ahead.push(line);
      else this.#answer(line);
    });
    this.#editor.on("close", () => {
      this.#isClosed = true;
      this.#answer(undefined);
    });
    // Ctrl-C drops what has been typed; on an empty line it ends the session, as at other consoles.
    this.#editor.on("SIGINT", () => {
      if (this.#editor.line !== "") this.#editor.write(null, { ctrl: true, name: "u" });
      else this.#editor.close();
    });
    // Ctrl-Z stops what is being printed, until the next prompt; at a prompt there is nothing to stop.
    this.#editor.on("SIGTSTP", () => {
      if (this.#resolve === undefined) options.output.isMuted = true;
    });
  }

  /** The next line; an unfinished line of output is shown as part of the prompt. */
  async next(prompt: string): Promise<string | undefined> {
    const { output, onIdle, idleMs = 30_000 } = this.#options;
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) {
      output.writeTerminal(`${prompt}${ahead}\n`);
      output.startLine();
      this.#remember(ahead);
      return ahead;
    }
    if (this.#isClosed) return undefined;
    const isMain = prompt !== "";
    this.#editor.setPrompt(output.lastLine + prompt);
    if (output.lastLine !== "") output.writeTerminal("\r\x1b[K");
    this.#editor.prompt();
    const idle = setInterval(async () => {
      if (!isMain || this.#editor.line !== "" || this.#resolve === undefined) return;
      output.writeTerminal("\r\x1b[K");
      await onIdle();
      this.#editor.prompt(true);
    }, idleMs);
    const line = await new Promise<string | undefined>((resolve) => this.#resolve = resolve);
    clearInterval(idle);
    output.startLine();
    if (line !== undefined) this.#remember(line);
    return line;
  }

  /** Saves the history and gives standard input back. */
  close(): void {
    this.#isClosed = true;
    this.#editor.close();
    const { historyFile, historyLength = 100 } = this.#options;
    if (historyFile === undefined) return;
    try {
      mkdirSync(dirname(historyFile), { recursive: true });
      const lines = this.#history.slice(-historyLength);
      writeFileSync(historyFile, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    } catch {
      // A history that cannot be saved is no reason to fail a session that went well.
    }
  }

  #answer(line: string | undefined): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(line);
  }

  #remember(line: string): void {
    if (line.trim() !== "" && this.#history.at(-1) !== line) this.#history.push(line);
  }
}

function readHistory(path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    return readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
  } catch {
    return []; // none yet
  }
}
