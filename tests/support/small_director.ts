/** A director of a few words, for tests of consoles. @module */
import { decodeText } from "../../bytes/mod.ts";
import { listen, type Listener } from "../../daemon/listener.ts";
import {
  authenticateAcceptor,
  type Connection,
  directorToConsole,
  type Environment,
  passwordKey,
  readHello,
} from "../../protocol/mod.ts";

/** What a director answers: texts and signals, and what it waits for in between. */
type Answer = readonly (string | number | Promise<unknown>)[];

/** The answer to a line; `undefined` closes the connection. */
export type Answers = (line: string) => Answer | undefined;

/** Serves consoles whose password is `secret`. */
export class SmallDirector {
  /** Everything that consoles have sent. */
  readonly heard: string[] = [];
  readonly #answers: Answers;
  readonly #environment: Environment | undefined;

  constructor(answers: Answers, environment?: Environment) {
    this.#answers = answers;
    this.#environment = environment;
  }

  /** Listens on a free port. */
  listen(): Listener {
    return listen({
      addresses: [{ host: "127.0.0.1", port: 0 }],
      onConnection: (connection) => this.serve(connection),
      onError: () => {},
    });
  }

  /** Serves one console from hello to the end. */
  async serve(connection: Connection): Promise<void> {
    const hello = await readHello(connection, "director");
    await authenticateAcceptor(connection, {
      ownName: "R_DIRECTOR::d",
      key: passwordKey("secret"),
      ...(this.#environment && { environment: this.#environment }),
    });
    const greeting = { director: "d", version: "26.0.0", date: "today" };
    const isModern = hello.kind === "console" && (hello.version ?? 0) >= 1802;
    if (isModern) {
      await connection.send(directorToConsole.accepted.format(greeting));
      await connection.send(directorToConsole.information.format({ text: "welcome" }));
    } else {
      await connection.send(directorToConsole.acceptedOld.format(greeting));
    }
    for (let frame = await connection.receive(); frame; frame = await connection.receive()) {
      if (frame.kind === "signal") continue;
      const line = decodeText(frame.payload);
      this.heard.push(line);
      const answer = this.#answers(line);
      if (answer === undefined) return connection.close();
      for (const item of answer) {
        if (typeof item === "number") await connection.sendSignal(item);
        else if (typeof item === "string") await connection.send(item);
        else await item;
      }
    }
  }
}
