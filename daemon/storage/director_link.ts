import { decodeText } from "../../bytes/mod.ts";
import { type Connection, ReceiveTimeoutError, Signal } from "../../protocol/mod.ts";
import { Mutex } from "./mutex.ts";

/** A director's answer to a catalog request may take this long (it may have to prune first). */
const ANSWER_TIMEOUT_MS = 600_000;

/** Commands that may wait to be taken; a director sends a bootstrap without waiting for answers. */
const MOST_QUEUED = 1_000;

/** Commands beyond this while an answer is awaited end the session. */
const MOST_WAITING = 100_000;

/** What a director sent outside of an answer. */
export type DirectorFrame =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "signal"; readonly signal: number };

/** The director is gone or does not answer. */
export class DirectorLostError extends Error {
  override readonly name = "DirectorLostError";
}

/**
 * One director's connection, read by one loop from its first command to its end.
 *
 * Commands go to {@linkcode next}; what begins with a digit while a {@linkcode request} is under way
 * is its answer (storage-daemon.md 4.1, 4.5). Because something always reads, the loss of the
 * director is noticed at once, in the middle of a job too: {@linkcode lost} aborts.
 */
export class DirectorLink {
  readonly #connection: Connection;
  readonly #requests = new Mutex();
  readonly #lost = new AbortController();
  readonly #queue: DirectorFrame[] = [];
  #taker: ((frame: DirectorFrame | undefined) => void) | undefined;
  #answer: ((text: string | undefined) => void) | undefined;
  #resume: (() => void) | undefined;

  /** Begins to read. `connection` is authenticated and belongs to the link from now on. */
  constructor(connection: Connection) {
    this.#connection = connection;
    void this.#pump();
  }

  /** Address of the director, for messages. */
  get peer(): string {
    return this.#connection.peer;
  }

  /** Aborts when the director has hung up, in good order or not. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The next command, or `undefined` at the end. One taker at a time. */
  next(): Promise<DirectorFrame | undefined> {
    const frame = this.#queue.shift();
    if (this.#queue.length < MOST_QUEUED / 2) this.#resume?.();
    if (frame !== undefined || this.lost.aborted) return Promise.resolve(frame);
    return new Promise((resolve) => this.#taker = resolve);
  }

  /**
   * Sends a text. The promise is for who sends much and wants to keep pace; who does not may leave
   * it: a failure shows as {@linkcode lost}.
   */
  async send(text: string | Uint8Array): Promise<void> {
    if (this.#lost.signal.aborted) return;
    try {
      await this.#connection.send(text);
    } catch {
      this.#end(); // the cause is in the connection's `failure`; everybody learns from `lost`
    }
  }

  /** Sends frames that are framed already; see {@linkcode send} for failures. */
  async sendRaw(framed: Uint8Array): Promise<void> {
    if (this.#lost.signal.aborted) return;
    try {
      await this.#connection.sendRaw(framed);
    } catch {
      this.#end(); // see send()
    }
  }

  /** Sends a signal. */
  async signal(signal: number): Promise<void> {
    if (this.#lost.signal.aborted) return;
    try {
      await this.#connection.sendSignal(signal);
    } catch {
      this.#end(); // see send()
    }
  }

  /**
   * Sends a catalog request, with the list that belongs to it if there is one, and waits for its
   * answer; one at a time, in order.
   * @throws {DirectorLostError} if the director hangs up or is silent for ten minutes
   */
  request(text: string, list: readonly string[] = []): Promise<string> {
    return this.#requests.run(async () => {
      const answer = this.#nextAnswer();
      await this.send(text);
      for (const line of list) await this.send(line);
      if (list.length > 0) await this.endOfData();
      const line = await answer;
      if (line === undefined) {
        throw new DirectorLostError(`Cannot ask director at ${this.peer}: no answer to ${text}`);
      }
      return line;
    });
  }

  /** Ends an answer of several texts. */
  endOfData(): Promise<void> {
    return this.signal(Signal.EOD);
  }

  /** Tells a waiting director that we are alive. */
  heartbeat(): Promise<void> {
    return this.signal(Signal.HEARTBEAT);
  }

  /** Closes the connection. */
  close(): void {
    this.#connection.close();
    this.#end();
  }

  #nextAnswer(): Promise<string | undefined> {
    if (this.#lost.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), ANSWER_TIMEOUT_MS);
      const settle = (text: string | undefined): void => {
        clearTimeout(timer);
        this.#answer = undefined;
        resolve(text);
      };
      this.#answer = settle;
      this.#resume?.();
    });
  }

  async #pump(): Promise<void> {
    try {
      while (true) {
        const frame = await this.#connection.receive();
        if (frame === undefined) break;
        if (frame.kind === "message") {
          const text = decodeText(frame.payload);
          if (this.#answer !== undefined && /^\d/.test(text)) this.#answer(text);
          else await this.#deliver({ kind: "text", text });
        } else if (frame.signal === Signal.POLL) {
          await this.send("2000 OK\n");
        } else if (frame.signal === Signal.TERMINATE) {
          break;
        } else if (frame.signal !== Signal.HEARTBEAT && frame.signal !== Signal.HB_RESPONSE) {
          await this.#deliver({ kind: "signal", signal: frame.signal });
        }
      }
    } catch (error) {
      if (!(error instanceof ReceiveTimeoutError)) this.#connection.close();
    }
    this.#end();
  }

  #deliver(frame: DirectorFrame): Promise<void> | undefined {
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker !== undefined) {
      taker(frame);
      return undefined;
    }
    this.#queue.push(frame);
    if (this.#queue.length > MOST_WAITING) this.close(); // answers nothing, asks everything
    if (this.#queue.length < MOST_QUEUED || this.#answer !== undefined) return undefined;
    return new Promise((resolve) =>
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      }
    );
  }

  #end(): void {
    if (this.#lost.signal.aborted) return;
    this.#lost.abort(new DirectorLostError(`Director at ${this.peer} hung up`));
    this.#answer?.(undefined);
    this.#resume?.();
    const taker = this.#taker;
    this.#taker = undefined;
    taker?.(undefined);
  }
}
