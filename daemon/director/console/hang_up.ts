/** Whether a console has had enough while a command of its still runs. @module */
import { setTimeout as delay } from "node:timers/promises";
import { decodeText } from "../../../bytes/mod.ts";
import { type Connection, type Frame, Signal } from "../../../protocol/mod.ts";

/** Bytes of commands sent ahead up to which the end behind them is looked for. */
const mostAhead = 64 << 10;
/** What is said ahead within this time of a command's begin was said with it, as a script does. */
const momentMs = 2_000;
/** How often a console that says nothing more, but may still listen, is tried. */
const probeMs = 1_000;
const goodbyes: ReadonlySet<string> = new Set(["quit", "exit", ".quit", ".exit"]);

/**
 * Watches a connection, which nobody else reads meanwhile, without taking anything from it: `signal` is
 * aborted when the console is gone, says TERMINATE, or sends a line that ends the session some time after
 * the command. A line that came with it is for later, and one that has ended its half may still listen.
 */
export class HangUpWatch implements Disposable {
  readonly #connection: Connection;
  readonly #hangUp = new AbortController();
  readonly #stop = new AbortController();
  readonly #begin = performance.now();
  #looked = 0;

  /** Begins to watch. */
  constructor(connection: Connection) {
    this.#connection = connection;
    this.#watch().catch(() => {}); // somebody disposed of it
  }

  /** Aborted when the console has had enough. */
  get signal(): AbortSignal {
    return this.#hangUp.signal;
  }

  /** Watches no longer. */
  [Symbol.dispose](): void {
    this.#stop.abort(new Error("The command is done"));
  }

  async #watch(): Promise<void> {
    const abort = this.#stop.signal;
    const connection = this.#connection;
    let isOver = this.#isGoodbye();
    for (let seen = 0; !isOver && seen <= mostAhead && !connection.hasEnded;) {
      seen = (await connection.peek(seen + 1, { abort })).length;
      isOver = this.#isGoodbye();
    }
    while (!isOver) isOver = !await this.#listens();
    this.#hangUp.abort(new Error("the console has hung up"));
  }

  /** Whether what has come since the last look ends the session. */
  #isGoodbye(): boolean {
    const isLate = performance.now() - this.#begin >= momentMs;
    const { frames, end } = this.#connection.lookAhead(this.#looked);
    this.#looked = end;
    return !this.#connection.canSend || frames.some((frame) => endsSession(frame, isLate));
  }

  /** Whether the console, of which nothing more is read, takes a signal that it ignores; asks after a while. */
  async #listens(): Promise<boolean> {
    await delay(probeMs, undefined, { signal: this.#stop.signal });
    try {
      await this.#connection.sendSignal(Signal.HEARTBEAT);
      return true;
    } catch {
      return false;
    }
  }
}

/** Whether a frame ends a session (wire.md 3.4): a line does if it is late. */
function endsSession(frame: Frame, isLate: boolean): boolean {
  if (frame.kind === "signal") return frame.signal === Signal.TERMINATE;
  return isLate && goodbyes.has(decodeText(frame.payload).trim());
}
