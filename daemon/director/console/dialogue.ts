/** Questions to the console (console.md 4). @module */
import { Signal } from "../../../protocol/mod.ts";
import type { ConsoleOutput } from "./console_output.ts";
import { layOut } from "./selection_list.ts";

/** The user ended a dialogue with a period, the console is gone, or nobody can answer. */
export class DialogueEnded extends Error {
  override readonly name = "DialogueEnded";
}

/** A list to choose from. */
export interface Selection {
  /** `The defined Job resources are:`. */
  readonly header: string;
  /** What is chosen, as in `Automatically selected WHAT: NAME`; may be empty. */
  readonly what: string;
  /** `Select Job resource`. */
  readonly prompt: string;
  readonly items: readonly string[];
  /** Whether a list of one item is asked for all the same. */
  readonly asksForOne?: boolean;
}

/** How a dialogue gets its answers. */
export interface AnswerSource {
  /** The next line; undefined when the console is gone. */
  line(): Promise<string | undefined>;
  /** Nobody answers: a script or API mode 2. */
  isBatch(): boolean;
  /** Runs of scripts, which are not told what was chosen. */
  readonly isScript: boolean;
  /** Shows pending messages, for `.messages` in place of an answer. */
  showMessages(): Promise<void>;
}

/** Asks questions on a session. */
export class Dialogue {
  readonly #output: ConsoleOutput;
  readonly #source: AnswerSource;

  /** Questions go out by `output`, answers come in by `source`. */
  constructor(output: ConsoleOutput, source: AnswerSource) {
    this.#output = output;
    this.#source = source;
  }

  /** Asks a question. @throws DialogueEnded if there is no answer */
  async ask(
    question: string,
    options: { isTree?: boolean; isYesNo?: boolean } = {},
  ): Promise<string> {
    if (this.#source.isBatch()) throw new DialogueEnded(question);
    const isApi = this.#output.api > 0;
    if (isApi && options.isYesNo === true) this.#output.signal(Signal.YESNO);
    if (isApi && options.isTree !== true) this.#output.signal(Signal.TEXT_INPUT);
    this.#output.print(question);
    if (!isApi || options.isTree === true) this.#output.signal(Signal.SUB_PROMPT);
    return await this.#answer(question);
  }

  /** Asks until the answer is yes or no. */
  async confirm(question: string): Promise<boolean> {
    for (;;) {
      const answer = (await this.ask(question, { isYesNo: true })).toLowerCase();
      if (answer === "yes" || answer === "no") return answer === "yes";
      this.#output.tell("warning", "Invalid response. You must answer YES or NO.\n");
    }
  }

  /** Asks until the answer is a number, 0 or more. An empty answer to a slot counts as 0. */
  async number(question: string): Promise<number> {
    for (;;) {
      const answer = (await this.ask(question)).trim();
      if (answer === "" && question.startsWith("Enter slot")) return 0;
      if (/^\d{1,15}$/.test(answer)) return Number(answer);
      this.#output.tell("warning", `Expected a positive integer, got: ${answer}\n`);
    }
  }

  /** Lets the user choose; the index from 0. @throws DialogueEnded if nothing is chosen */
  async choose(selection: Selection): Promise<number> {
    const { header, what, prompt, items } = selection;
    const output = this.#output;
    if (items.length === 0) {
      output.tell("error", `Selection list for "${what}" is empty!\n`);
      throw new DialogueEnded(prompt);
    }
    if (items.length === 1 && selection.asksForOne !== true) {
      if (!this.#source.isScript && what !== "") {
        output.decorate(`Automatically selected ${what}: ${items[0]}\n`);
      }
      return 0;
    }
    this.#showList(header, items);
    if (this.#source.isBatch()) {
      output.tell(
        "error",
        `Your request has multiple choices for "${what}". Selection is not possible in batch mode.\n`,
      );
      throw new DialogueEnded(prompt);
    }
    const question = `${prompt} (1-${items.length}): `;
    for (;;) {
      if (output.api > 0) output.signal(Signal.SELECT_INPUT);
      output.print(question);
      if (output.api === 0) output.signal(Signal.SUB_PROMPT);
      let answer: string;
      try {
        answer = (await this.#answer(question)).trim();
      } catch (error) {
        if (error instanceof DialogueEnded) output.print("Selection aborted, nothing done.\n");
        throw error;
      }
      if (!/^\d{1,9}$/.test(answer)) {
        output.tell("warning", `Expected a positive integer, got: ${answer}\n`);
      } else if (Number(answer) < 1 || Number(answer) > items.length) {
        output.tell("warning", `Please enter a number between 1 and ${items.length}\n`);
      } else return Number(answer) - 1;
    }
  }

  #showList(header: string, items: readonly string[]): void {
    const output = this.#output;
    if (output.api === 0) {
      output.print(`${header}\n${layOut(items)}`);
      return;
    }
    output.signal(Signal.START_SELECT);
    output.print(`${header}\n`);
    for (const item of items) output.print(item);
    output.signal(Signal.END_SELECT);
  }

  async #answer(question: string): Promise<string> {
    await this.#output.flush();
    const answer = await this.#source.line();
    if (answer === undefined || answer === ".") throw new DialogueEnded(question);
    if (answer === ".messages") await this.#source.showMessages();
    return answer;
  }
}
