/** A storage daemon for tests of the director: it answers as a table says, in the clear. @module */
import { decodeText } from "../../bytes/mod.ts";
import {
  authenticateAcceptor,
  Connection,
  passwordKey,
  Signal,
  storageToDirector,
  TcpTransport,
} from "../../protocol/mod.ts";
import { quickEnvironment } from "./quick_environment.ts";
import { waitFor } from "./wait_for.ts";

/**
 * What is answered to a command that begins with a word; `null` hangs up, and what is not there has no answer.
 * A command with a list is answered behind it.
 */
export type StorageAnswers = Readonly<Record<string, string | null | (() => StorageAnswer)>>;

/** One answer, which may be made when it is asked for. */
export type StorageAnswer = string | null | undefined | Promise<string | null | undefined>;

/** Commands with lists, by the signals that end these. */
const LISTS: Readonly<Record<string, number>> = { bootstrap: 1, use: 2 };

/** Listens until it is disposed of. */
export class ScriptedStorage implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Connection>();
  readonly #answers: StorageAnswers;
  /** First words of the commands that have come whole. */
  readonly heard: string[] = [];

  /** One that answers so. */
  constructor(answers: StorageAnswers) {
    this.#answers = answers;
    void this.#accept();
  }

  /** A Storage resource that leads here. */
  resourceText(name: string): string {
    const { port } = this.#listener.addr as Deno.NetAddr;
    return `Storage { Name = ${name}; Address = 127.0.0.1; Port = ${port}; Password = x
      Device = ${name}; Media Type = ${name}; TLS Enable = no; Maximum Concurrent Jobs = 10 }\n`;
  }

  /** Sessions that the director has not ended. */
  get open(): number {
    return this.#connections.size;
  }

  /** Waits until a command has come. */
  async hasHeard(word: string): Promise<void> {
    await waitFor(`the director to say ${word}`, () => this.heard.includes(word));
  }

  /** Says something out of turn in every session. */
  async say(text: string): Promise<void> {
    for (const connection of this.#connections) await connection.send(text);
  }

  async #accept(): Promise<void> {
    for await (const socket of this.#listener) {
      const connection = new Connection(new TcpTransport(socket));
      this.#connections.add(connection);
      void this.#serve(connection).catch(() => {}).finally(() => {
        this.#connections.delete(connection);
        connection.close();
      });
    }
  }

  async #serve(connection: Connection): Promise<void> {
    await connection.receive(); // the hello
    const key = passwordKey("x");
    await authenticateAcceptor(connection, {
      ownName: "R_STORAGE::scripted",
      key,
      environment: quickEnvironment,
    });
    await connection.send(storageToDirector.helloOk.format({}));
    let word = "";
    let ends = 0;
    for (;;) {
      const frame = await connection.receive();
      if (frame === undefined) return;
      if (frame.kind === "signal") {
        if (frame.signal === Signal.TERMINATE) return;
        if (frame.signal !== Signal.EOD || --ends > 0) continue;
      } else {
        if (ends > 0) continue; // a line of a list
        word = /^\w*/.exec(decodeText(frame.payload))?.[0] ?? "";
        ends = LISTS[word] ?? 0;
        if (ends > 0) continue;
      }
      this.heard.push(word);
      const entry = this.#answers[word];
      const answer = await (typeof entry === "function" ? entry() : entry);
      if (answer === null) return;
      if (answer === undefined) continue;
      await connection.send(answer);
      if (storageToDirector.jobEnd.matches(answer)) await connection.sendSignal(Signal.EOD);
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }
}
