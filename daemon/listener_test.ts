import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert";
import {
  AuthenticationError,
  type Connection,
  dial,
  realEnvironment,
  receiveText,
  Signal,
} from "../protocol/mod.ts";
import { freePort } from "../tests/support/free_port.ts";
import { RawSockets } from "../tests/support/raw_sockets.ts";
import { waitFor } from "../tests/support/wait_for.ts";
import { listen } from "./listener.ts";

const here = { host: "127.0.0.1", port: 0 };

Deno.test("listen() serves connections on every address until they end", async () => {
  const peers: string[] = [];
  const listener = listen({
    addresses: [here, here],
    onConnection: async (connection, peer) => {
      peers.push(peer);
      await connection.send(`echo ${await receiveText(connection, "daemon")}`);
    },
    onError: (text) => peers.push(text),
  });
  for (const port of listener.ports) {
    const connection = await dial({ address: "127.0.0.1", port, who: "test" });
    await connection.send("hi");
    strictEqual(await receiveText(connection, "daemon"), "echo hi");
    strictEqual(await connection.receive(), undefined);
    connection.close();
  }
  await listener.close(1000);
  strictEqual(listener.active, 0);
  deepStrictEqual(peers, ["127.0.0.1", "127.0.0.1"]);
});

Deno.test("listen() takes both families on one port, as a daemon does by default", async () => {
  const port = freePort();
  const peers: string[] = [];
  const listener = listen({
    addresses: [{ host: "0.0.0.0", port }, { host: "::", port }],
    onConnection: async (connection, peer) => {
      peers.push(peer, connection.peer.replace(/\d+$/, ""));
      await connection.send("hi");
    },
    onError: (text) => peers.push(text),
  });
  const connection = await dial({ address: "127.0.0.1", port, who: "test" });
  strictEqual(await receiveText(connection, "daemon"), "hi");
  connection.close();
  await listener.close(1000);
  deepStrictEqual(peers, ["127.0.0.1", "127.0.0.1:"]);
});

Deno.test("listen() turns away whom it cannot serve, and closes those who stay", async () => {
  const errors: string[] = [];
  const listener = listen({
    addresses: [here],
    maxConnections: 1,
    onConnection: async (connection, _peer, { admit }) => {
      if (!await admit()) return;
      await connection.send("welcome");
      while (await connection.receive() !== undefined);
    },
    onError: (text) => errors.push(text),
  });
  const [port = 0] = listener.ports;
  const first = await dial({ address: "127.0.0.1", port, who: "test" });
  strictEqual(await receiveText(first, "daemon"), "welcome");
  const second = await dial({ address: "127.0.0.1", port, who: "test" });
  deepStrictEqual(await second.receive(), { kind: "signal", signal: Signal.TERMINATE });
  await listener.close(10);
  strictEqual(await first.receive(), undefined);
  first.close();
  second.close();
  strictEqual(errors.length, 1);
  strictEqual(errors[0]?.includes("Maximum of 1 connections reached"), true);
});

Deno.test("listen() lets the next ones wait from whose address authentications have failed, and tells of it once", async () => {
  const told: string[] = [];
  const waits: [address: string, milliseconds: number][] = [];
  let last = "";
  const listener = listen({
    addresses: [here],
    maxPending: 1_000_000,
    clock: () => 0, // nothing is forgiven
    pause: (_over, milliseconds) => Promise.resolve(void waits.push([last, milliseconds])),
    onConnection: async (connection, address, { ready }) => {
      last = address;
      await ready();
      connection.onAuthenticationFailed?.();
      await connection.send("failed");
      await connection.closed; // who has failed stays, and counts all the same, once
      throw new AuthenticationError("no");
    },
    onError: (text) => told.push(text),
  });
  const [port = 0] = listener.ports;
  const stay: Connection[] = [];
  const come = async (sourceAddress: string): Promise<void> => {
    const connection = await dial({ address: "127.0.0.1", port, who: "test", sourceAddress });
    stay.push(connection);
    strictEqual(await receiveText(connection, "daemon"), "failed");
  };
  for (let i = 0; i < 40; i++) await come("127.0.7.1");
  for (let i = 0; i < 6; i++) await come("127.0.7.2");
  const rounded = waits.map(([address, wait]) => `${address} ${Math.round(wait / 250) * 250}`);
  const steps = Array.from({ length: 34 }, (_, at) => Math.min(3_000, (at + 1) * 250));
  deepStrictEqual(rounded, steps.map((wait) => `127.0.7.1 ${wait}`));
  strictEqual(told.length, 1);
  match(told[0] ?? "", /^Slowing down connections from 127\.0\.7\.1: /);
  await come("127.0.7.2");
  deepStrictEqual(waits.at(-1)?.[0], "127.0.7.2");
  strictEqual(told.length, 2);
  for (const connection of stay) connection.close();
  await listener.close(10); // what has failed is closed by the listener
});

Deno.test("listen() leaves nothing open if one address cannot be bound", async () => {
  const options = { onConnection: () => Promise.resolve(), onError: () => {} };
  const busy = listen({ addresses: [here], ...options });
  const taken = { host: "127.0.0.1", port: busy.ports[0] ?? 0 };
  throws(() => listen({ addresses: [here, taken], ...options }), /Cannot listen on 127\.0\.0\.1:/);
  await busy.close(0);
});

Deno.test("dial() tries again until time is up and gives up at once on an unknown host", async () => {
  const port = freePort();
  const pauses: number[] = [];
  const environment = {
    ...realEnvironment,
    pause: (ms: number) => Promise.resolve(void pauses.push(ms)),
  };
  const patience = { retryMs: 10_000, giveUpMs: 30_000, environment };
  await rejects(
    dial({ address: "127.0.0.1", port, who: "Storage daemon", ...patience }),
    /Cannot connect to Storage daemon at 127\.0\.0\.1:\d+: .*refused/,
  );
  deepStrictEqual(pauses, [10_000, 10_000, 10_000]);
  pauses.length = 0;
  const unknown = { address: "no-such-host.invalid", port, who: "Client", ...patience };
  await rejects(dial(unknown), /Cannot connect to Client/);
  deepStrictEqual(pauses, []);
});

Deno.test("dial() can be stopped while it waits", async () => {
  const port = freePort();
  const abort = new AbortController();
  const environment = { ...realEnvironment, pause: () => new Promise<void>(() => {}) };
  await rejects(
    dial({
      address: "127.0.0.1",
      port,
      who: "Client",
      retryMs: 10_000,
      giveUpMs: 30_000,
      environment,
      abort: abort.signal,
      onRetry: () => abort.abort(new Error("stopped")),
    }),
    /stopped/,
  );
});

Deno.test("listen() closes the oldest silent connection for a new one, not one that speaks", async () => {
  const errors: string[] = [];
  const listener = listen({
    addresses: [here],
    maxPending: 3,
    onConnection: async (connection, _peer, { ready, admit }) => {
      if (await connection.receive() === undefined) return;
      await ready();
      await connection.send("who");
      if (await connection.receive() !== undefined && await admit()) await connection.send("you");
    },
    onError: (text) => errors.push(text),
  });
  const [port = 0] = listener.ports;
  const connect = () => dial({ address: "127.0.0.1", port, who: "test" });
  const speaker = await connect();
  await speaker.send("hello");
  strictEqual(await receiveText(speaker, "daemon"), "who");
  const silent = [];
  for (let i = 0; i < 200; i++) silent.push(await connect());
  await waitFor("all but three to be closed", () => listener.active === 3);
  strictEqual(await silent[0]?.receive(), undefined);
  await speaker.send("me");
  strictEqual(await receiveText(speaker, "daemon"), "you");
  for (const connection of [...silent, speaker]) connection.close();
  await listener.close(1000);
  deepStrictEqual(errors, []);
});

Deno.test("listen() does not rest for those who reset their connection before their turn", async () => {
  const told: string[] = [];
  const listener = listen({
    addresses: [here],
    onConnection: async (connection) => {
      await connection.receive().catch(() => {});
    },
    onError: (text) => told.push(text),
  });
  const [port = 0] = listener.ports;
  using sockets = new RawSockets();
  const came = await dial({ address: "127.0.0.1", port, who: "test" });
  // All of them are gone before the listener gets its turn; a rest for each would take 15 seconds.
  for (let i = 0; i < 300; i++) {
    const socket = sockets.connect(port, [127, 0, 0, 1]);
    ok(socket >= 0);
    sockets.close(socket, true);
  }
  const last = await dial({ address: "127.0.0.1", port, who: "test" });
  await waitFor("those who stay", () => listener.active === 2);
  deepStrictEqual(told, []);
  for (const connection of [came, last]) connection.close();
  await listener.close(1000);
});

Deno.test("listen() hears who has said hello before hundreds that came behind him push him out", async () => {
  const said: string[] = [];
  const listener = listen({
    addresses: [here],
    maxPending: 50,
    onConnection: async (connection, _peer, { ready, admit }) => {
      if ((await connection.peek(4)).length < 4) return;
      await ready();
      if (!await admit()) return;
      said.push(await receiveText(connection, "daemon"));
    },
    onError: (text) => said.push(text),
  });
  const [port = 0] = listener.ports;
  using sockets = new RawSockets();
  const opened: number[] = [];
  const frame = Uint8Array.of(0, 0, 0, 2, 0x68, 0x69);
  // All of them wait before the listener gets its turn.
  for (let i = 0; i < 300; i++) opened.push(sockets.connect(port, [127, 0, 0, 1]));
  const [first = -1] = opened;
  ok(sockets.send(first, frame));
  await waitFor("it to be heard", () => said.length > 0);
  deepStrictEqual(said, ["hi"]);
  for (const socket of opened) sockets.close(socket);
  await listener.close(1000);
});
