import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../tests/support/fast_check/any_letter.ts";
import { decodeText } from "../bytes/mod.ts";
import { memoryPair, MemoryTransport } from "../tests/support/memory_transport.ts";
import {
  Connection,
  ConnectionError,
  type Frame,
  frameInto,
  MAX_FRAME_SENT,
  receiveFrame,
  receiveText,
  ReceiveTimeoutError,
  Signal,
} from "./mod.ts";

function plain(frame: Frame): string | number {
  return frame.kind === "signal" ? frame.signal : decodeText(frame.payload);
}

async function drain(connection: Connection): Promise<(string | number)[]> {
  const got: (string | number)[] = [];
  for (let frame = await connection.receive(); frame; frame = await connection.receive()) {
    got.push(plain(frame));
  }
  return got;
}

const frames = fc.array(
  fc.oneof(
    fc.string({ unit: anyLetter, maxLength: 3000 }).map((t) => t.toWellFormed()),
    fc.constantFrom(-1, -2, -5, -6, -28),
  ),
  { maxLength: 40 },
);

Deno.test("a Connection receives what another sent, whatever the pieces", async () => {
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.integer({ min: 1, max: 5000 })), async (list, cuts) => {
      const sender = new MemoryTransport("a");
      const out = new Connection(sender);
      for (const item of list) {
        if (typeof item === "number") await out.sendSignal(item);
        else await out.send(item);
      }
      let rest = Uint8Array.from(sender.written.flatMap((bytes) => [...bytes]));
      const pieces: Uint8Array[] = [];
      for (const cut of cuts) {
        pieces.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
      }
      const receiver = new MemoryTransport("b").feed(...pieces, rest).end();
      deepStrictEqual(await drain(new Connection(receiver)), list);
    }),
  );
});

Deno.test("garbage never makes a Connection throw, and ends it", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    const connection = new Connection(new MemoryTransport("x").feed(bytes).end());
    await drain(connection);
    strictEqual(connection.isTerminated, true);
  }));
});

Deno.test("frames with payloads of many sizes pass through one growing buffer", async () => {
  const [a, b] = memoryPair();
  const out = new Connection(a);
  const arrived = new Connection(b);
  for (const size of [0, 1, 16_380, 16_384, 70_000, MAX_FRAME_SENT, 3, 1_000_000]) {
    const framed = new Uint8Array(size + 4);
    new DataView(framed.buffer).setInt32(0, size);
    framed.fill(size & 0xff, 4);
    await out.sendRaw(framed);
    const frame = await arrived.receive();
    strictEqual(frame?.kind === "message" && frame.payload.length, size);
    strictEqual(frame?.kind === "message" && frame.payload.every((x) => x === (size & 0xff)), true);
  }
});

Deno.test("a long message is sent as frames of at most 999,996 bytes", async () => {
  const [a, b] = memoryPair();
  await new Connection(a).send(new Uint8Array(2_100_000));
  a.close();
  const sizes: number[] = [];
  const arrived = new Connection(b);
  for (let f = await arrived.receive(); f; f = await arrived.receive()) {
    if (f.kind === "message") sizes.push(f.payload.length);
  }
  deepStrictEqual(sizes, [999_996, 999_996, 100_008]);
});

Deno.test("a frame above 1,000,000 bytes ends the connection with the text of wire.md 3.3", async () => {
  const transport = new MemoryTransport("10.0.0.1:9103").feed(
    Uint8Array.of(0, 0x0f, 0x42, 0x41, 1),
  );
  const connection = new Connection(transport, { who: "Storage daemon" });
  strictEqual(await connection.receive(), undefined);
  strictEqual(
    connection.failure?.message,
    'Packet size too big from "Storage daemon:10.0.0.1:9103. Terminating connection.',
  );
  await rejects(async () => await connection.send("x"), ConnectionError);
  strictEqual(transport.written.length, 0);
});

Deno.test("after TERMINATE nothing is read and nothing can be sent", async () => {
  const [a, b] = memoryPair();
  const out = new Connection(a);
  out.queue("before");
  await out.sendSignal(Signal.TERMINATE);
  await rejects(async () => await out.send("after"), /connection terminated/);
  const arrived = new Connection(b);
  deepStrictEqual(await drain(arrived), ["before", -4]);
  await rejects(async () => await arrived.send("after"), ConnectionError);
});

Deno.test("a receive that timed out can be repeated and loses nothing", async () => {
  const [a, b] = memoryPair();
  const arrived = new Connection(b);
  await rejects(arrived.receive({ timeoutMs: 1 }), ReceiveTimeoutError);
  a.write(Uint8Array.of(0, 0, 0, 2, 0x68));
  await rejects(arrived.receive({ timeoutMs: 1 }), ReceiveTimeoutError);
  const abort = new AbortController();
  const waiting = arrived.receive({ abort: abort.signal });
  abort.abort(new Error("stopped"));
  await rejects(waiting, /stopped/);
  a.write(Uint8Array.of(0x69));
  const frame = await arrived.receive({ timeoutMs: 60_000 });
  strictEqual(frame && plain(frame), "hi");
});

Deno.test("many senders at once keep frames whole", async () => {
  const [a, b] = memoryPair();
  const out = new Connection(a);
  const texts = Array.from({ length: 200 }, (_, i) => `${i}`.repeat(i % 50));
  await Promise.all(texts.map((text, i) => {
    if (i % 3 !== 0) return out.send(text);
    const payload = new TextEncoder().encode(text);
    const framed = new Uint8Array(payload.length + 4);
    frameInto(framed, 0, payload);
    return out.sendRaw(framed);
  }));
  a.close();
  deepStrictEqual(await drain(new Connection(b)), texts);
});

Deno.test("close() ends a pending receive", async () => {
  const [, b] = memoryPair();
  const connection = new Connection(b);
  const waiting = connection.receive();
  connection.close();
  strictEqual(await waiting, undefined);
  strictEqual(connection.failure, undefined);
});

Deno.test("receiveFrame() answers and skips signals as wire.md 3.5 says", async () => {
  for (const [reader, ok] of [["director", "1000 OK\n"], ["daemon", "2000 OK\n"]] as const) {
    const [a, b] = memoryPair();
    const peer = new Connection(a);
    for (const signal of [Signal.HEARTBEAT, Signal.HB_RESPONSE, Signal.POLL, Signal.STATUS]) {
      await peer.sendSignal(signal);
    }
    await peer.send("text");
    await peer.sendSignal(Signal.EOD_POLL);
    const own = new Connection(b);
    strictEqual(await receiveText(own, reader), "text");
    deepStrictEqual(await receiveFrame(own, reader), { kind: "signal", signal: Signal.EOD });
    b.close();
    deepStrictEqual(await drain(peer), [ok, "Status OK\n", Signal.EOD, ok]);
  }
});

Deno.test("receiveFrame() of a director tells its time", async () => {
  const [a, b] = memoryPair();
  const peer = new Connection(a);
  await peer.sendSignal(Signal.BTIME);
  await peer.send("then");
  strictEqual(await receiveText(new Connection(b), "director"), "then");
  const answer = await peer.receive();
  strictEqual(/^btime \d{16}\n$/.test(answer ? String(plain(answer)) : ""), true);
});

Deno.test("Connection takes Bacula's second TERMINATE for the first, and receiveFrame() skips its others", async () => {
  const [a, b] = memoryPair();
  const sender = new Connection(a);
  const receiver = new Connection(b);
  for (const signal of [-30, -31]) await sender.sendSignal(signal);
  await sender.send("text");
  await sender.sendSignal(-29);
  const text = await receiveFrame(receiver, "director");
  strictEqual(text?.kind === "message" && text.payload.length, 4);
  deepStrictEqual(await receiveFrame(receiver, "director"), {
    kind: "signal",
    signal: Signal.TERMINATE,
  });
  strictEqual(receiver.isTerminated, true);
});
