import { decodeText, encodeText } from "../bytes/mod.ts";
import { authenticateConnector } from "./authenticate.ts";
import type { TlsPolicy } from "./cleartext_policy.ts";
import type { Connection, ReceiveOptions } from "./connection.ts";
import { consoleToDirector } from "./console_director.ts";
import { type Environment, Patience } from "./environment.ts";
import { AuthenticationError, ConnectionError, ProtocolError } from "./errors.ts";
import { DEFAULT_CONSOLE, hellos, versionNumber } from "./hello.ts";
import { connectTlsLate, type PeerCertificates, startTls } from "./immediate_tls.ts";
import { Signal, signalName } from "./signal.ts";

/** Who logs in. */
export interface ConsoleLogin {
  /** The console's name; the default console if not given. */
  readonly name?: string;
  /** `passwordKey()` of the password. */
  readonly key: string;
  /** Speaks TLS with the key from the start; in the clear if not given. */
  readonly isTls?: boolean;
  /** Certificates and the address of the director, for TLS with them. */
  readonly tls?: PeerCertificates;
  /** The policy that the challenge carries; none if not given. */
  readonly tlsPolicy?: TlsPolicy;
  /** The complete version text in the hello; the old protocol is spoken without it (wire.md 13.1). */
  readonly version?: string;
  /** The numeric version in the hello's suffix; no suffix without it. */
  readonly protocolVersion?: string;
  /** Credentials for a director that asks for them (PAM, wire.md 13.4). */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Whether credentials are also sent where nobody encrypts the connection. */
  readonly allowsCleartextCredentials?: boolean;
  /** Answers the director's prompts where there are no credentials; `isSecret` shall not be shown. */
  readonly prompt?: (text: string, isSecret: boolean) => Promise<string>;
  /** Clock, chance and patience; the real ones if not given. */
  readonly environment?: Environment;
}

/** Longest console hello that every director accepts (wire.md 4.4). */
const LONGEST_HELLO = 142;

/** One thing the director sent in answer to a command. */
export type ConsoleEvent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "signal"; readonly signal: Signal };

/** A response message: decimal id, then arguments separated by 0x1e (wire.md 13.3). */
interface ResponseMessage {
  readonly id: number;
  readonly text: string;
  /** Whether it is the one text line of the old protocol. */
  readonly isOld: boolean;
}

/** Signals after which the director waits for us. */
const TURN_ENDS: ReadonlySet<Signal> = new Set([
  Signal.EOD,
  Signal.MAIN_PROMPT,
  Signal.SUB_PROMPT,
]);

/** Signals before the text of a question in API mode 1. */
const QUESTIONS: ReadonlySet<Signal> = new Set([Signal.TEXT_INPUT, Signal.SELECT_INPUT]);

/** A console's conversation with a director, from the login to `quit` (console.md 2). */
export class ConsoleSession {
  readonly #connection: Connection;
  /** The director's greeting, `1000 OK: ...`, without line end. */
  readonly greeting: string;
  /** The director's information text, empty from an old director. */
  readonly information: string;
  #isInTree = false;

  private constructor(connection: Connection, greeting: string, information: string) {
    this.#connection = connection;
    this.greeting = greeting;
    this.information = information;
  }

  /**
   * Logs in over a fresh connection.
   * @throws {AuthenticationError} if either end refuses the other
   */
  static async login(connection: Connection, login: ConsoleLogin): Promise<ConsoleSession> {
    const name = login.name ?? DEFAULT_CONSOLE;
    const isModern = (versionNumber(login.version ?? "") ?? 0) >= 1802;
    if (login.isTls === true) {
      await startTls(connection, { type: "R_CONSOLE", name }, login.key, login.tls);
    }
    await authenticateConnector(connection, {
      ...(login.tlsPolicy !== undefined && { tlsPolicy: login.tlsPolicy }),
      startTls: connectTlsLate(connection, login.tls ?? {}),
      hello: helloText(name, login),
      ownName: `R_CONSOLE::${name}`,
      owner: { type: "R_CONSOLE", name },
      key: login.key,
      totalMs: Patience.console,
      ...(login.environment && { environment: login.environment }),
    });
    let response = await receiveResponse(connection);
    if (response.id === 1001) {
      await giveCredentials(connection, login);
      response = await receiveResponse(connection);
    }
    if (response.id !== 1000) {
      throw new AuthenticationError(`Cannot log in to director at ${connection.peer}`, [
        response.text,
      ]);
    }
    // A director of Bacula says its number before its name (bacula.md 8).
    const said = response.isOld ? response.text.replace(/^OK: \d+ /, "OK: ") : response.text;
    const greeting = `1000 ${said}`;
    if (!isModern || response.isOld) return new ConsoleSession(connection, greeting, "");
    const information = await receiveResponse(connection);
    if (information.id !== 1002) {
      throw new ProtocolError(`Cannot log in: got ${information.id} in place of message 1002`);
    }
    return new ConsoleSession(connection, greeting, information.text);
  }

  /** The protection of the connection as messages name it. */
  get encryption(): string {
    return this.#connection.cipher ?? "None";
  }

  /** Whether the restore file tree is open, for completion. */
  get isInTree(): boolean {
    return this.#isInTree;
  }

  /** Whether the director or we have ended the conversation. */
  get isTerminated(): boolean {
    return this.#connection.isTerminated;
  }

  /** Sends one line; the answer is for {@linkcode events} to read. */
  async send(line: string): Promise<void> {
    await this.#connection.send(line);
  }

  /**
   * What the director sends until it waits again: texts as they come and all signals, the last of
   * which is EOD, MAIN_PROMPT or SUB_PROMPT; it ends without one when the conversation is over. A
   * question of API mode 1, which no signal follows, counts as followed by SUB_PROMPT (console.md 4.1).
   */
  async *events(options: ReceiveOptions = {}): AsyncGenerator<ConsoleEvent, void> {
    let isAsked = false;
    while (true) {
      let frame = await this.#connection.receive(options);
      if (frame?.kind === "message") {
        // Some directors send tables a character a frame: what has come is one text.
        let text = decodeText(frame.payload);
        frame = this.#connection.takeBuffered();
        while (frame?.kind === "message" && text.length < LONGEST_TEXT) {
          text += decodeText(frame.payload);
          frame = this.#connection.takeBuffered();
        }
        yield { kind: "text", text };
        if (isAsked) {
          yield { kind: "signal", signal: Signal.SUB_PROMPT };
          return;
        }
        if (frame === undefined) continue;
        if (frame.kind === "message") {
          yield { kind: "text", text: decodeText(frame.payload) };
          continue;
        }
      }
      if (frame === undefined) return;
      if (frame.signal === Signal.START_RTREE) this.#isInTree = true;
      if (frame.signal === Signal.END_RTREE) this.#isInTree = false;
      if (frame.signal === Signal.TERMINATE) return;
      isAsked = QUESTIONS.has(frame.signal);
      yield { kind: "signal", signal: frame.signal };
      if (TURN_ENDS.has(frame.signal)) return;
    }
  }

  /**
   * Sends one line and returns all text up to the signal that gives us the turn.
   * @throws {ConnectionError} if the conversation ends before that
   */
  async call(line: string, options: ReceiveOptions = {}): Promise<string> {
    return (await this.dialogue(line, options)).text;
  }

  /** Like {@linkcode call}, with the signal that ended the answer: SUB_PROMPT asks for more. */
  async dialogue(
    line: string,
    options: ReceiveOptions = {},
  ): Promise<{ readonly text: string; readonly signal: Signal }> {
    await this.send(line);
    let text = "";
    for await (const event of this.events(options)) {
      if (event.kind === "text") text += event.text;
      else if (TURN_ENDS.has(event.signal)) return { text, signal: event.signal };
    }
    throw new ConnectionError(`Cannot complete "${line}": the director closed the connection`, {
      cause: this.#connection.failure,
    });
  }

  /** Ends the conversation and closes the connection. */
  async close(): Promise<void> {
    if (this.#connection.canSend) {
      await this.#connection.sendSignal(Signal.TERMINATE).catch(() => {}); // closing anyway
    }
    this.#connection.close();
  }
}

/** Characters of frames that are taken together, at most. */
const LONGEST_TEXT = 1 << 16;

function helloText(name: string, { version, protocolVersion }: ConsoleLogin): string {
  const hello = hellos.console.format({ name, fullVersion: version, version: protocolVersion });
  if (version === undefined || encodeText(hello).length <= LONGEST_HELLO) return hello;
  const short = version.split(".", 2).join(".");
  return hellos.console.format({ name, fullVersion: short, version: undefined });
}

/** Kinds of prompts in a PAM dialogue; the director sends one byte with the kind before each. */
const PamPrompt = { end: 0, secret: 1, shown: 2 } as const;

/** Logs in with the credentials at hand, or by a dialogue with the user (wire.md 13.4). */
async function giveCredentials(connection: Connection, login: ConsoleLogin): Promise<void> {
  const { credentials, prompt } = login;
  const isReady = credentials !== undefined || prompt !== undefined;
  if (isReady && connection.cipher === undefined && login.allowsCleartextCredentials !== true) {
    throw new AuthenticationError(
      "Cannot log in: PAM credentials are not sent over an unencrypted connection; enable TLS, or use -o",
    );
  }
  if (credentials !== undefined) {
    return await connection.send(consoleToDirector.credentials.format(credentials));
  }
  if (prompt === undefined) {
    throw new AuthenticationError("Cannot log in: the director asks for PAM credentials");
  }
  await connection.send(consoleToDirector.interactive.format({}));
  while (true) {
    const kind = (await receivePrompt(connection)).charCodeAt(0);
    const text = (await receivePrompt(connection)).replace(/\0$/, "");
    if (kind === PamPrompt.end) return;
    await connection.send(await prompt(text, kind === PamPrompt.secret));
  }
}

async function receivePrompt(connection: Connection): Promise<string> {
  const frame = await connection.receive({ timeoutMs: Patience.responseMessage });
  if (frame?.kind === "message") return decodeText(frame.payload);
  throw new AuthenticationError(`Cannot log in to director at ${connection.peer}: refused`);
}

async function receiveResponse(connection: Connection): Promise<ResponseMessage> {
  const frame = await connection.receive({ timeoutMs: Patience.responseMessage });
  if (frame?.kind !== "message") {
    const got = frame === undefined ? "connection closed" : signalName(frame.signal);
    throw new AuthenticationError(`Cannot log in to director at ${connection.peer}: ${got}`);
  }
  const text = decodeText(frame.payload);
  const match = /^(\d{1,9})(.?)/s.exec(text);
  if (match === null) {
    throw new AuthenticationError(`Cannot log in to director at ${connection.peer}`, [text]);
  }
  const rest = text.slice(match[0].length).replaceAll("\x1e", " ").replace(/\n$/, "");
  return { id: Number(match[1]), text: rest, isOld: match[2] !== "\x1e" };
}
