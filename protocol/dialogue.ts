import { decodeText } from "../bytes/mod.ts";
import type { Connection, ReceiveOptions } from "./connection.ts";
import { ConnectionError, ProtocolError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { BaculaSignal, Signal, signalName } from "./signal.ts";

/** Who reads, which decides how signals are answered (wire.md 3.5). */
export type Reader = "director" | "daemon";

/** What a reader answers to a poll. */
const POLL_ANSWER: Readonly<Record<Reader, string>> = {
  director: "1000 OK\n",
  daemon: "2000 OK\n",
};

/**
 * The next frame that means something to the conversation: heartbeats are skipped, polls, status
 * and time requests answered (wire.md 3.5). End of data, TERMINATE and, for a director, unknown
 * signals are returned; EOD_POLL comes as EOD.
 */
export async function receiveFrame(
  connection: Connection,
  reader: Reader,
  options: ReceiveOptions = {},
): Promise<Frame | undefined> {
  while (true) {
    const frame = connection.takeBuffered() ?? await connection.receive(options);
    if (frame?.kind !== "signal") return frame;
    switch (frame.signal) {
      case Signal.EOD:
      case Signal.TERMINATE:
        return frame;
      case Signal.EOD_POLL:
        await connection.send(POLL_ANSWER[reader]);
        return { kind: "signal", signal: Signal.EOD };
      case Signal.POLL:
        await connection.send(POLL_ANSWER[reader]);
        break;
      case Signal.STATUS:
        connection.queue("Status OK\n");
        await connection.sendSignal(Signal.EOD);
        break;
      case BaculaSignal.KEEP:
      case BaculaSignal.LATER:
      case Signal.HEARTBEAT:
      case Signal.HB_RESPONSE:
        break;
      case Signal.BTIME:
        if (reader === "director") await connection.send(`btime ${Date.now() * 1000}\n`);
        break;
      default:
        if (reader === "director") return frame;
    }
  }
}

/**
 * The next text of the conversation.
 * @throws {ProtocolError} if a signal comes in its place, {@linkcode ConnectionError} at the end
 */
export async function receiveText(
  connection: Connection,
  reader: Reader,
  options: ReceiveOptions = {},
): Promise<string> {
  const frame = await receiveFrame(connection, reader, options);
  if (frame?.kind === "message") return decodeText(frame.payload);
  const { who, peer } = connection;
  if (frame === undefined) {
    const why = connection.failure?.message ?? "connection lost";
    throw new ConnectionError(`Cannot receive from ${who} at ${peer}: ${why}`, {
      cause: connection.failure,
    });
  }
  throw new ProtocolError(`Cannot receive from ${who} at ${peer}: got ${signalName(frame.signal)}`);
}

/**
 * Says last words, texts or TERMINATE, to a peer that has failed and may be gone: the failure is what is to
 * be told of, not that nobody heard it.
 */
export async function sayIfHeard(
  connection: Connection,
  ...words: readonly (string | Signal)[]
): Promise<void> {
  for (const word of words) {
    if (!connection.canSend) return;
    const said = typeof word === "string" ? connection.send(word) : connection.sendSignal(word);
    await said.catch(() => {});
  }
}
