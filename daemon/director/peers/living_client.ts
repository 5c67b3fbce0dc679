/** Which of a client's waiting connections lives: a network may have swallowed some without a word (wire.md 12). @module */
import { type Connection, receiveFrame, Signal } from "../../../protocol/mod.ts";
import type { WaitingClient, WaitingClients } from "./waiting_clients.ts";

/** How long a client that waits may take to answer, in milliseconds, all of its answer. */
const LIFE_SIGN_MS = 15_000;
/** How long the next one is not asked yet, in milliseconds. */
const STAGGER_MS = 1_000;
/** A question that changes nothing (director-client.md 15). */
const LIFE_SIGN = ".status current";

/** How the search ends early, and how it waits. */
export interface LivingOptions {
  readonly abort?: AbortSignal | undefined;
  /** Waits before one more is asked. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/**
 * The first connection of a client on which it answers, or on which it comes meanwhile; undefined if there is none.
 * The newest is asked first, and with it, after a second each, the older ones: a job shall neither fail for
 * dead ones nor wait for one after the other. Those that do not answer are closed, those that answer too
 * late wait again.
 * @throws what `abort` is aborted with
 */
export async function takeLiving(
  waiting: WaitingClients,
  name: string,
  { abort, pause }: LivingOptions,
): Promise<WaitingClient | undefined> {
  const found = Promise.withResolvers<WaitingClient>();
  let winner: WaitingClient | undefined;
  const offer = (client: WaitingClient): void => {
    if (winner === undefined) found.resolve(winner = client);
    else if (winner !== client) waiting.add(name, client);
  };
  const questions: Promise<void>[] = [];
  const ask = async (client: WaitingClient): Promise<void> => {
    if (await answers(client.connection, abort)) offer(client);
    else client.connection.close();
  };
  for (let next = waiting.take(name); next !== undefined; next = waiting.take(name)) {
    questions.push(ask(next));
    await Promise.race([found.promise, Promise.all(questions), pause(STAGGER_MS)]);
    if (winner !== undefined) return winner;
    abort?.throwIfAborted();
  }
  if (questions.length === 0) return undefined;
  const over = new AbortController();
  waiting.next(name, over.signal).then(offer, () => {}); // over, for another reason
  await Promise.race([found.promise, Promise.all(questions)]);
  over.abort(new Error("the search is over"));
  if (winner === undefined) abort?.throwIfAborted();
  return winner;
}

/** Whether a file daemon answers. */
async function answers(connection: Connection, abort: AbortSignal | undefined): Promise<boolean> {
  const deadline = performance.now() + LIFE_SIGN_MS;
  try {
    await connection.send(LIFE_SIGN);
    while (true) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) return false;
      const frame = await receiveFrame(connection, "director", { timeoutMs, abort });
      if (frame?.kind !== "message") return frame?.signal === Signal.EOD;
    }
  } catch {
    return false; // gone, or silent; why does not matter, as another connection will do
  }
}
