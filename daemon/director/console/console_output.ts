/** What a session sends in the three API modes (console.md 2, 7). @module */
import { type Connection, Signal } from "../../../protocol/mod.ts";
import type { JsonValue } from "../../config/mod.ts";
import { type MessageClass, Reply } from "./reply.ts";

/** 0: text for people; 1: text for programs; 2: one JSON document a command. */
export type ApiMode = 0 | 1 | 2;

const signalOf: Readonly<Record<MessageClass, number>> = {
  error: Signal.ERROR_MSG,
  warning: Signal.WARNING_MSG,
  info: Signal.INFO_MSG,
};

/** The output side of a session. */
export class ConsoleOutput {
  readonly #connection: Connection;
  #api: ApiMode = 0;
  #reply = new Reply();
  /** Texts of a command that began in mode 2, which follow its end. */
  #late: string[] | undefined;
  /** Whether the console knows the signals around a file tree. */
  knowsTree = true;
  /** JSON without white space, as `.api` was told. */
  isCompact = false;

  /** The output to a console. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The mode in force. */
  get api(): ApiMode {
    return this.#api;
  }

  set api(api: ApiMode) {
    if (this.#api === 2 && api !== 2) this.#late = [];
    this.#api = api;
  }

  /** What people and programs read; API mode 2 drops it. */
  print(text: string): void {
    if (this.#api === 2 || text === "") return;
    if (this.#late !== undefined) this.#late.push(text);
    else this.#queue(text);
  }

  /** Headings, rules and the like: for people only. */
  decorate(text: string): void {
    if (this.#api === 0) this.print(text);
  }

  /** A message of a class. */
  tell(kind: MessageClass, text: string): void {
    const line = text.endsWith("\n") ? text : `${text}\n`;
    this.#reply.tell(kind, line);
    if (this.#api > 0) this.signal(signalOf[kind]);
    this.print(line);
  }

  /** Text that every mode sends as it is: messages of jobs. */
  raw(text: string): void {
    if (text !== "") this.#queue(text);
  }

  /** A signal. */
  signal(signal: number): void {
    const isOfTree = signal === Signal.START_RTREE || signal === Signal.END_RTREE;
    if (isOfTree && !this.knowsTree) return;
    if (this.#connection.canSend) this.#connection.queueSignal(signal);
  }

  /** Sets a member of the JSON result. */
  put(key: string, value: JsonValue): void {
    this.#reply.put(key, value);
  }

  /** Adds an element to an array of the JSON result. */
  append(key: string, value: JsonValue): void {
    this.#reply.append(key, value);
  }

  /** Adds members to an object of the JSON result. */
  merge(key: string, members: { [key: string]: JsonValue }): void {
    this.#reply.merge(key, members);
  }

  /** Begins the answer to a command that is known and allowed. */
  begin(): void {
    this.#reply = new Reply();
    if (this.#api > 0) this.signal(Signal.CMD_BEGIN);
  }

  /** Begins the answer to a command that is not. */
  beginRefused(): void {
    this.#reply = new Reply();
  }

  /** Ends an answer; `isMarked` if it had a beginning. */
  end(isOk: boolean, isMarked: boolean): void {
    if (this.#api > 0 || this.#late !== undefined) {
      if (isMarked) this.signal(isOk ? Signal.CMD_OK : Signal.CMD_FAILED);
    }
    const late = this.#late;
    this.#late = undefined;
    for (const text of late ?? []) this.#queue(text);
    if (this.#api === 2) this.#queue(this.#reply.document(isOk, this.isCompact));
  }

  /** Gives the turn to the console. */
  async turn(): Promise<void> {
    if (!this.#connection.canSend) return;
    await this.#connection.sendSignal(this.#api === 0 ? Signal.EOD : Signal.MAIN_PROMPT);
  }

  /** Sends what has gathered. */
  async flush(): Promise<void> {
    if (this.#connection.canSend) await this.#connection.flush();
  }

  #queue(text: string): void {
    if (this.#connection.canSend) this.#connection.queue(text);
  }
}
