import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { memoryPair } from "../../../tests/support/memory_transport.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { Connection, receiveText, Signal } from "../../../protocol/mod.ts";
import { takeLiving } from "./living_client.ts";
import { type WaitingClient, WaitingClients } from "./waiting_clients.ts";

interface Caller extends WaitingClient {
  /** The client's end. */
  readonly theirs: Connection;
}

function caller(since: number): Caller {
  const [ours, theirs] = memoryPair();
  return {
    ...{ connection: new Connection(ours), theirs: new Connection(theirs) },
    ...{ fdVersion: 54, mode: "tls", since },
  };
}

/** Answers as a file daemon does. */
async function answer({ theirs }: Caller): Promise<void> {
  strictEqual(await receiveText(theirs, "director"), ".status current");
  await theirs.send("2000 OK .status\n");
  await theirs.sendSignal(Signal.EOD);
}

const options = { pause: () => Promise.resolve() };

Deno.test("takeLiving() does not wait for dead connections one after the other", async () => {
  const waiting = new WaitingClients();
  const callers = [1, 2, 3, 4].map(caller);
  for (const each of callers) waiting.add("fd", each);
  const [oldest, ...dead] = callers;
  if (oldest === undefined) throw new Error("nobody");
  const [found] = await Promise.all([takeLiving(waiting, "fd", options), answer(oldest)]);
  strictEqual(found?.since, 1);
  // Nobody has given up those that are silent.
  deepStrictEqual(dead.map(({ connection }) => connection.isTerminated), [false, false, false]);
  for (const { theirs } of dead) theirs.close();
  await waitFor("them to be closed", () => dead.every(({ connection }) => connection.isTerminated));
  deepStrictEqual(waiting.list(), []);
  oldest.connection.close();
});

Deno.test("takeLiving() lets those wait again that answer too late", async () => {
  const waiting = new WaitingClients();
  const late = caller(2);
  const early = caller(1);
  for (const each of [early, late]) waiting.add("fd", each);
  const [found] = await Promise.all([takeLiving(waiting, "fd", options), answer(early)]);
  strictEqual(found?.since, 1);
  await answer(late);
  await waitFor("it to wait", () => waiting.list().length === 1);
  strictEqual(waiting.take("fd")?.since, 2);
  for (const { connection } of [early, late]) connection.close();
});

Deno.test("takeLiving() takes a connection that comes while the others are silent", async () => {
  const waiting = new WaitingClients();
  const silent = caller(1);
  const fresh = caller(2);
  waiting.add("fd", silent);
  const search = takeLiving(waiting, "fd", options);
  await receiveText(silent.theirs, "director");
  waiting.add("fd", fresh);
  strictEqual((await search)?.since, 2);
  silent.theirs.close();
  await waitFor("the other to be closed", () => silent.connection.isTerminated);
  fresh.connection.close();
});

Deno.test("takeLiving() gives nothing where all are gone, and ends when it is told to", async () => {
  const waiting = new WaitingClients();
  strictEqual(await takeLiving(waiting, "fd", options), undefined);
  const gone = caller(1);
  waiting.add("fd", gone);
  const search = takeLiving(waiting, "fd", options);
  await receiveText(gone.theirs, "director");
  gone.theirs.close();
  strictEqual(await search, undefined);

  const silent = caller(2);
  waiting.add("fd", silent);
  const abort = new AbortController();
  const ended = takeLiving(waiting, "fd", { ...options, abort: abort.signal });
  await receiveText(silent.theirs, "director");
  abort.abort(new Error("canceled"));
  await rejects(ended, /canceled/);
});
