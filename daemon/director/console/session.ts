/**
 * A console's session on the director: lines in, output and prompts out
 * (console.md 2, 3).
 *
 * @module
 */
import { decodeText } from "../../../bytes/mod.ts";
import { type Connection, Signal } from "../../../protocol/mod.ts";
import type { DirectorDaemon } from "../director_daemon.ts";
import type { ConsoleResource } from "../resources.ts";
import { Arguments, splitLine } from "./arguments.ts";

/** A command of the console. */
export interface ConsoleCommand {
  readonly name: string;
  /** One line for `help`. */
  readonly help: string;
  /** Carries the command out. */
  run(session: ConsoleSession, args: Arguments): Promise<void> | void;
}

/** The user ended a dialogue with a period, or the console is gone. */
export class DialogueEnded extends Error {
  override readonly name = "DialogueEnded";
}

/** A session. */
export class ConsoleSession {
  readonly director: DirectorDaemon;
  readonly #connection: Connection;
  readonly #console: ConsoleResource | undefined;
  readonly #commands: readonly ConsoleCommand[];
  #hasEnded = false;
  #told = 0;
  /** The line of the command that is being carried out. */
  line = "";

  /** A session with a console that has logged in; `console` is nothing for the default one. */
  constructor(
    director: DirectorDaemon,
    connection: Connection,
    console: ConsoleResource | undefined,
    commands: readonly ConsoleCommand[],
  ) {
    this.director = director;
    this.#connection = connection;
    this.#console = console;
    this.#commands = commands;
    this.#told = director.messages.consoleMessageCount;
  }

  /** Every command, for `help`. */
  get commands(): readonly ConsoleCommand[] {
    return this.#commands;
  }

  /** Whether the console has hung up. */
  get isGone(): boolean {
    return this.#connection.isTerminated;
  }

  /** Shows text. */
  print(text: string): void {
    if (text !== "" && this.#connection.canSend) this.#connection.queue(text);
  }

  /** Shows what was printed so far at once. */
  async flush(): Promise<void> {
    await this.#connection.flush();
  }

  /** Ends the session after this command. */
  quit(): void {
    this.#hasEnded = true;
  }

  /** Asks a question. @throws DialogueEnded if the user answers with a period or hangs up */
  async ask(question: string): Promise<string> {
    this.print(question);
    await this.#connection.sendSignal(Signal.SUB_PROMPT);
    const answer = await this.#line();
    if (answer === undefined || answer === ".") throw new DialogueEnded(question);
    return answer;
  }

  /** Asks until the answer is yes or no. */
  async confirm(question: string): Promise<boolean> {
    for (;;) {
      const answer = (await this.ask(question)).toLowerCase();
      if (answer === "yes" || answer === "no") return answer === "yes";
      this.print("Invalid response. You must answer YES or NO.\n");
    }
  }

  /** Lets the user choose from a list. */
  async choose(heading: string, question: string, items: readonly string[]): Promise<string> {
    if (items.length === 1 && items[0] !== undefined) {
      this.print(`Automatically selected ${heading}: ${items[0]}\n`);
      return items[0];
    }
    const width = String(items.length).length;
    this.print(
      `The defined ${heading} resources are:\n` +
        items.map((item, at) => `${String(at + 1).padStart(width)}: ${item}\n`).join(""),
    );
    for (;;) {
      const answer = await this.ask(`${question} (1-${items.length}): `);
      const chosen = items[Number(answer) - 1] ?? items.find((item) => item === answer);
      if (chosen !== undefined) return chosen;
      this.print(`Please enter a number between 1 and ${items.length}\n`);
    }
  }

  /** Whether the console may do this (console.md 5). */
  allows(list: "commandAcl" | "jobAcl" | "clientAcl" | "whereAcl", item: string): boolean {
    if (this.#console === undefined) return true;
    const own = this.#console;
    return [own, ...own.profile].some((access) => {
      for (const entry of access[list]) {
        const isDenied = entry.startsWith("!");
        const pattern = isDenied ? entry.slice(1) : entry;
        if (pattern === "*all*" || pattern.toLowerCase() === item.toLowerCase()) return !isDenied;
      }
      return false;
    });
  }

  /** Serves lines until the console hangs up. */
  async serve(): Promise<void> {
    for (;;) {
      const line = await this.#line();
      if (line === undefined) return;
      await this.execute(line);
      if (this.#hasEnded) {
        if (this.#connection.canSend) await this.#connection.sendSignal(Signal.TERMINATE);
        return;
      }
      if (!this.#connection.canSend) return;
      this.#tellOfMessages(line);
      await this.#connection.sendSignal(Signal.EOD);
    }
  }

  /** Carries out one line. */
  async execute(line: string): Promise<void> {
    const [first, ...rest] = splitLine(line.trim());
    if (first === undefined) return;
    const word = first.keyword.toLowerCase();
    const command = this.#commands.find(({ name }) => name.startsWith(word));
    if (command === undefined || !this.allows("commandAcl", command.name)) {
      this.print(`${first.keyword}: is an invalid command.\n`);
      return;
    }
    this.line = line.trim();
    try {
      await command.run(this, new Arguments(rest));
    } catch (error) {
      if (error instanceof DialogueEnded) this.print("\n");
      else this.print(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }

  #tellOfMessages(line: string): void {
    const count = this.director.messages.consoleMessageCount;
    if (line.trim().startsWith("m")) this.#told = count;
    else if (count > this.#told && this.director.messages.hasPending) {
      this.#told = count;
      this.print("You have messages.\n");
    }
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const frame = await this.#connection.receive();
      if (frame === undefined) return undefined;
      if (frame.kind === "message") return decodeText(frame.payload).replace(/[\r\n ]+$/, "");
      if (frame.signal === Signal.TERMINATE) return undefined;
      await this.#connection.sendSignal(Signal.POLL);
    }
  }
}
