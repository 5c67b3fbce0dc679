import { commandWords } from "../command_words.ts";
import { ProgramOutput, runProgram } from "../run_program.ts";
import { type Changer, type ChangerContext, type ChangerDrive, ChangerError } from "./changer.ts";

/** Where a {@linkcode ScriptChanger}'s command comes from. */
export interface ScriptChangerOptions {
  /** `Changer Command`, with codes such as `%o`. */
  readonly command: string;
  /** `Changer Device`. */
  readonly device: string;
  /** Milliseconds after which a command is killed. */
  readonly timeoutMs: number;
}

/** What a command is told besides its operation. */
interface Call {
  readonly operation: string;
  readonly drive?: ChangerDrive;
  readonly slot?: number;
  readonly context?: ChangerContext;
  /** In place of the archive device: the destination of a transfer. */
  readonly destination?: number;
  /** Ends the command. */
  readonly aborted?: AbortSignal | undefined;
}

/**
 * A changer that a program drives, such as `mtx-changer` or `disk-changer`. The command is split into
 * words and then its codes are expanded; no shell sees it.
 */
export class ScriptChanger implements Changer {
  readonly isReal = true;
  readonly #options: ScriptChangerOptions;

  /** A changer behind a command. */
  constructor(options: ScriptChangerOptions) {
    this.#options = options;
  }

  async slots(): Promise<number> {
    return this.#number(await this.#run({ operation: "slots" }));
  }

  async loaded(drive: ChangerDrive, aborted?: AbortSignal): Promise<number> {
    return this.#number(await this.#run({ operation: "loaded", drive, aborted }));
  }

  async load(slot: number, drive: ChangerDrive, context: ChangerContext = {}): Promise<void> {
    await this.#run({ operation: "load", slot, drive, context, aborted: context.aborted });
  }

  async unload(slot: number, drive: ChangerDrive, aborted?: AbortSignal): Promise<void> {
    await this.#run({ operation: "unload", slot, drive, aborted });
  }

  async listing(what: "list" | "listall"): Promise<string[]> {
    return linesOf(await this.#run({ operation: what }));
  }

  async transfer(from: number, to: number): Promise<string[]> {
    return linesOf(await this.#run({ operation: "transfer", slot: from, destination: to }));
  }

  async #run(call: Call): Promise<string> {
    const { command, timeoutMs } = this.#options;
    const [program = "", ...args] = commandWords(command)
      .map((word) => this.#expand(word, call));
    const timeout = AbortSignal.timeout(timeoutMs);
    const { aborted } = call;
    const output = new ProgramOutput();
    const { status, why } = await runProgram([program, ...args], {
      onOutput: output.take,
      aborted: aborted === undefined ? timeout : AbortSignal.any([timeout, aborted]),
    });
    const stdout = output.text("stdout");
    const results = stdout + output.text("stderr");
    if (timeout.aborted) throw new ChangerError(`no answer within ${timeoutMs / 1000} s`, results);
    if (aborted?.aborted) throw new ChangerError("stopped, the job has ended", results);
    if (status !== 0) throw new ChangerError(why, results);
    return stdout;
  }

  #expand(word: string, { operation, drive, slot = 0, destination, context = {} }: Call): string {
    const codes: Readonly<Record<string, string>> = {
      "%": "%",
      a: destination === undefined ? drive?.path ?? "" : String(destination),
      c: this.#options.device,
      d: String(drive?.index ?? 0),
      f: context.client ?? "*None*",
      j: context.job ?? "*None*",
      o: operation,
      s: String(Math.max(0, slot - 1)),
      S: String(slot),
      v: context.volume ?? "",
    };
    return word.replace(/%(.)/g, (all, letter: string) => codes[letter] ?? all);
  }

  #number(output: string): number {
    const match = /^\s*(\d{1,6})\b/.exec(output);
    if (match === null) throw new ChangerError("a number was expected", output);
    return Number(match[1]);
  }
}

function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => line !== "");
}
