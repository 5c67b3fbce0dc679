/** Which connection to a client is taken: one that waits, one that is opened, one that comes (wire.md 10, 12). @module */
import { effectiveFdVersion, realEnvironment } from "../../../protocol/mod.ts";
import type { ClientResource } from "../resources.ts";
import {
  DaemonConnectionError,
  type DaemonConnectOptions,
  type Reached,
  RefusedError,
} from "./connect_options.ts";
import { takeLiving } from "./living_client.ts";
import type { WaitingClient } from "./waiting_clients.ts";

/**
 * Takes a connection that the client has opened where that may be, opens one where that may be, and
 * waits for the client where neither comes about (wire.md 10, 12). While it connects it waits, too.
 */
export async function reachClient(
  client: ClientResource,
  options: DaemonConnectOptions,
  connect: (options: DaemonConnectOptions) => Promise<Reached>,
): Promise<Reached> {
  const waiting = client.connectionFromClientToDirector ? options.probes?.waiting : undefined;
  const { pause } = options.environment ?? realEnvironment;
  const ready = waiting &&
    await takeLiving(waiting, client.name, { abort: options.abort, pause });
  if (ready !== undefined) return taken(ready);
  const mayConnect = client.connectionFromDirectorToClient;
  if (waiting === undefined && mayConnect) return await connect(options);
  if (waiting === undefined) {
    throw new DaemonConnectionError(
      `Cannot reach Client ${client.name}: Connection From Director To Client = no and Connection ` +
        "From Client To Director = no; allow one of them in its Client resource",
    );
  }
  const { abort, patience } = options;
  const waitMs = patience.waitMs ?? patience.giveUpMs;
  const done = new AbortController();
  const timer = setTimeout(() => done.abort(new Error("it has not come")), waitMs);
  const ends = (own: AbortController): AbortSignal =>
    AbortSignal.any([own.signal, ...(abort === undefined ? [] : [abort])]);
  const waits = waiting.next(client.name, ends(done)).then(taken);
  try {
    return mayConnect
      ? await firstOf(waits, done, (signal) => connect({ ...options, abort: signal }), ends)
      : await waits;
  } catch (error) {
    if (abort?.aborted) throw abort.reason;
    if (error instanceof DaemonConnectionError) throw error;
    throw new DaemonConnectionError(
      `Failed to connect to Client ${client.name}: it has not connected by itself within ` +
        `${
          Math.round(waitMs / 1000)
        } s, and Connection From Director To Client = no. Look at what ` +
        "the client says, and at Address in its Director resource",
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever is first: the client that comes, or we who connect. What comes second is closed. */
async function firstOf(
  waits: Promise<Reached>,
  done: AbortController,
  connect: (signal: AbortSignal) => Promise<Reached>,
  ends: (own: AbortController) => AbortSignal,
): Promise<Reached> {
  const cut = new AbortController();
  const connects = connect(ends(cut));
  let winner: Reached | undefined;
  const settle = (reached: Reached): Reached => {
    if (winner !== undefined) reached.connection.close();
    else {
      winner = reached;
      cut.abort(new Error("the client has come by itself"));
      done.abort(new Error("the client has been reached"));
    }
    return winner;
  };
  const never = (): Promise<never> => new Promise(() => {});
  return await Promise.race([
    waits.then(settle, never), // why connecting failed says more than that nobody came
    connects.then(settle, async (error) => {
      if (winner !== undefined || error instanceof RefusedError) throw error;
      return settle(await waits.catch(() => Promise.reject(error)));
    }),
  ]);
}

function taken(client: WaitingClient): Reached {
  const { connection, mode, fdVersion: announced } = client;
  return { connection, mode, announced, fdVersion: effectiveFdVersion(announced), hasCome: true };
}
