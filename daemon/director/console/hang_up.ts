/** Whether a console has had enough while a command of its still runs. @module */
import { decodeText } from "../../../bytes/mod.ts";
import { type Connection, Signal } from "../../../protocol/mod.ts";

/** Bytes of commands sent ahead up to which the end behind them is looked for. */
const mostAhead = 64 << 10;
const frameHeader = 4;
const goodbyes: ReadonlySet<string> = new Set(["quit", "exit", ".quit", ".exit"]);

/**
 * Watches a connection, which nobody else reads meanwhile, without taking anything from it: `signal` is
 * aborted when the console closes it, says TERMINATE, or sends a line that ends the session.
 */
export class HangUpWatch implements Disposable {
  readonly #connection: Connection;
  readonly #hangUp = new AbortController();
  readonly #stop = new AbortController();

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
    for (let seen = 0; seen <= mostAhead;) {
      const ahead = await this.#connection.peek(seen + 1, { abort });
      if (this.#connection.isTerminated || endsSession(ahead)) {
        return this.#hangUp.abort(new Error("the console has hung up"));
      }
      seen = ahead.length;
    }
  }
}

/** Whether one of these frames, the last of which may be cut, ends a session (wire.md 3.4). */
function endsSession(frames: Uint8Array): boolean {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  for (let at = 0; at + frameHeader <= frames.length;) {
    const value = view.getInt32(at);
    if (value === Signal.TERMINATE) return true;
    at += frameHeader;
    if (value < 0) continue;
    const line = frames.subarray(at, at + value);
    if (line.length === value && goodbyes.has(decodeText(line).trim())) return true;
    at += value;
  }
  return false;
}
