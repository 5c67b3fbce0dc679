/**
 * What a hostile peer, or somebody between, can do to a handshake and to records: every change must end
 * in an error on the end that reads it, never in a hang, a crash or in data that was not sent.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { memoryPair, MemoryTransport, type Tamper } from "../../tests/support/memory_transport.ts";
import {
  acceptTls,
  type CipherSuite,
  cipherSuites,
  connectTls,
  TlsError,
  type TlsTransport,
} from "./mod.ts";
import { formatClientHello, handshakeMessage, parseClientHello } from "./messages.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const presharedKey = { identity: encode("R_DIRECTOR\x1etest"), key: encode("5ebe2294ecd0e0f0") };
const keyOf = (): Uint8Array => presharedKey.key;
const said = encode("what the one end says to the other, in a record of its own");

/** A few suites that go through all the code: both versions, all kinds of protection and exchange. */
const suites = [
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-PSK-CHACHA20-POLY1305",
  "PSK-AES128-GCM-SHA256",
  "ECDHE-PSK-AES256-CBC-SHA384",
].map((name) => cipherSuites.find((suite) => suite.name === name) as CipherSuite);

/** How long what must come to an end by itself may take, in milliseconds. */
const patience = 60_000;

/** One conversation over tampered transports: what each end has read, or the error it met. */
async function talk(
  suite: CipherSuite,
  tampers: readonly [client: Tamper, server: Tamper],
  timeoutMs = 500,
): Promise<(Uint8Array | Error)[]> {
  const [client, server] = memoryPair(...tampers);
  const run = async (opening: Promise<TlsTransport>): Promise<Uint8Array> => {
    const transport = await opening;
    try {
      await transport.write(said);
      const into = new Uint8Array(said.length + 1);
      const count = await transport.read(into);
      return into.slice(0, count ?? 0);
    } finally {
      transport.close();
    }
  };
  const ends = await Promise.allSettled([
    run(connectTls(client, { presharedKey, suites: [suite], timeoutMs })),
    run(acceptTls(server, { keyOf, suites: [suite], timeoutMs })),
  ]);
  return ends.map((end) => {
    if (end.status === "fulfilled") return end.value;
    ok(end.reason instanceof TlsError, `${end.reason?.stack}`);
    return end.reason;
  });
}

const asIs: Tamper = (bytes) => bytes;

/** Neither end may believe what the other has not said. */
function checkEnds(ends: readonly (Uint8Array | Error)[], what: string): void {
  for (const end of ends) {
    if (end instanceof Uint8Array && end.length > 0) deepEqual(end, said, what);
  }
}

/** Changes the byte at a place of everything that an end writes. */
function flip(at: number, change: number): Tamper {
  let seen = 0;
  return (bytes) => {
    if (at >= seen && at < seen + bytes.length) {
      bytes[at - seen] = (bytes[at - seen] as number) ^ change;
    }
    seen += bytes.length;
    return bytes;
  };
}

/** Bytes that an end writes in an undisturbed conversation. */
async function amounts(suite: CipherSuite): Promise<[number, number]> {
  const counts: [number, number] = [0, 0];
  const count = (end: 0 | 1): Tamper => (bytes) => {
    counts[end] += bytes.length;
    return bytes;
  };
  const ends = await talk(suite, [count(0), count(1)], patience);
  deepEqual(ends, [said, said]);
  return counts;
}

for (const suite of suites) {
  Deno.test(`${suite.name}: a change of any byte, in either direction, is never believed`, async () => {
    const lengths = await amounts(suite);
    for (const end of [0, 1] as const) {
      let unharmed = 0;
      // Each run looks at another third of all bytes: where a length is changed, the time has to run out.
      for (let at = Math.floor(Math.random() * 3); at < lengths[end]; at += 3) {
        const change = 1 << (at % 8);
        const tamper = flip(at, change);
        const ends = await talk(suite, end === 0 ? [tamper, asIs] : [asIs, tamper]);
        checkEnds(ends, `byte ${at} of end ${end}`);
        if (ends.every((one) => one instanceof Uint8Array && one.length > 0)) unharmed++;
      }
      // Only the minor version in headers of records in the clear means nothing, and close_notify.
      const closing = suite.mac === undefined ? 40 : 110;
      ok(unharmed <= (8 + closing) / 2, `${unharmed} changes of end ${end} did no harm`);
    }
  });

  Deno.test(`${suite.name}: a conversation that is cut anywhere ends`, async () => {
    const lengths = await amounts(suite);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0 as const, 1 as const),
        fc.nat(),
        async (end, place) => {
          let left = place % lengths[end];
          const cut: Tamper = (bytes) => {
            const part = bytes.subarray(0, left);
            left -= part.length;
            return part;
          };
          checkEnds(await talk(suite, end === 0 ? [cut, asIs] : [asIs, cut]), `cut ${place}`);
        },
      ),
      { numRuns: 6 },
    );
  });

  Deno.test(`${suite.name}: records that are repeated, swapped or left out are refused`, async () => {
    const record = (letter: string): Uint8Array => encode(letter.repeat(100));
    for (const change of ["repeat", "swap", "drop"] as const) {
      let isOn = false;
      const held: Uint8Array[] = [];
      const [client, server] = memoryPair((bytes) => {
        if (!isOn) return bytes;
        if (change === "repeat") return Buffer.concat([bytes, bytes]);
        held.push(bytes);
        if (change === "drop") return held.length === 1 ? new Uint8Array(0) : bytes;
        return held.length === 1
          ? new Uint8Array(0)
          : Buffer.concat([held[1] as Uint8Array, held[0] as Uint8Array]);
      });
      const [sender, receiver] = await Promise.all([
        connectTls(client, { presharedKey, suites: [suite] }),
        acceptTls(server, { keyOf, suites: [suite] }),
      ]);
      isOn = true;
      await sender.write(record("a"));
      await sender.write(record("b"));
      isOn = false;
      let text = "";
      let failure: unknown;
      try {
        const into = new Uint8Array(1000);
        for (;;) {
          const count = await receiver.read(into);
          if (count === null) break;
          text += new TextDecoder().decode(into.subarray(0, count));
        }
      } catch (error) {
        failure = error;
      }
      ok(failure instanceof TlsError && failure.alert === 20, `${change}: ${failure}`);
      equal(text, change === "repeat" ? "a".repeat(100) : "");
    }
  });
}

/** What an accepting end answers to bytes, and then the end. */
async function answerTo(...pieces: readonly Uint8Array[]): Promise<unknown> {
  const transport = new MemoryTransport("peer:1").feed(...pieces).end();
  try {
    await acceptTls(transport, { keyOf, timeoutMs: patience });
    return undefined;
  } catch (error) {
    ok(error instanceof TlsError, `${error}`);
    return error.alert;
  }
}

function recordOf(type: number, content: Uint8Array): Uint8Array {
  return Uint8Array.of(type, 3, 3, content.length >> 8, content.length & 0xff, ...content);
}

/** The first message of a connecting end. */
async function someHello(): Promise<Uint8Array> {
  const transport = new MemoryTransport("peer:1").end();
  await connectTls(transport, { presharedKey }).catch(() => {}); // nobody answers
  return (transport.written[0] as Uint8Array).subarray(5);
}

Deno.test("records that may not be are refused with the alert of the RFC", async () => {
  const hello = await someHello();
  const empty = new Uint8Array(0);
  const cases: readonly (readonly [what: string, alert: number, ...pieces: Uint8Array[]])[] = [
    ["an empty handshake record", 10, recordOf(22, empty)],
    ["data", 10, recordOf(23, said)],
    ["an unknown type", 10, recordOf(24, said)],
    ["another protocol", 10, encode("GET / HTTP/1.0\r\n\r\n")],
    ["another version", 70, Uint8Array.of(22, 2, 0, 0, 1, 1)],
    ["too long a record", 22, Uint8Array.of(22, 3, 3, 0x40, 1)],
    ["too long a message", 50, recordOf(22, Uint8Array.of(1, 0xff, 0xff, 0xff))],
    ["a ServerHello", 10, recordOf(22, Uint8Array.of(2, 0, 0, 0))],
    ["an alert that is none", 50, recordOf(21, Uint8Array.of(2))],
    ["a cipher change that says something", 10, recordOf(20, Uint8Array.of(2))],
    ["many cipher changes", 10, ...Array.from({ length: 9 }, () => recordOf(20, Uint8Array.of(1)))],
    ["something behind the hello", 10, recordOf(22, Buffer.concat([hello, hello.subarray(0, 9)]))],
  ];
  for (const [what, alert, ...pieces] of cases) equal(await answerTo(...pieces), alert, what);
});

Deno.test("a hello in pieces of any size is put together", async () => {
  const hello = await someHello();
  for (const size of [1, 7, 100]) {
    const pieces = Array.from(
      { length: Math.ceil(hello.length / size) },
      (_, at) => recordOf(22, hello.subarray(at * size, (at + 1) * size)),
    );
    equal(await answerTo(...pieces), 0, "it is answered, and then the peer is gone");
  }
});

Deno.test("hellos that may not be are refused with the alert of the RFC", async () => {
  const good = parseClientHello((await someHello()).subarray(4));
  const send = (hello: typeof good): Promise<unknown> =>
    answerTo(recordOf(22, handshakeMessage(1, formatClientHello(hello))));
  const without = (type: number): typeof good => {
    const extensions = new Map(good.extensions);
    extensions.delete(type);
    return { ...good, extensions };
  };
  const changed = (type: number, data: readonly number[]): typeof good => ({
    ...good,
    extensions: new Map(
      [...good.extensions].map(([key, value]) =>
        [key, key === type ? Uint8Array.from(data) : value] as const
      ),
    ),
  });
  const reordered = new Map([...good.extensions].reverse());
  const cases: readonly (readonly [what: string, alert: number, hello: typeof good])[] = [
    ["no suite that is known", 40, { ...good, suites: [0x1304] }],
    ["compression", 47, { ...good, compressions: [1, 0] }],
    ["the key not last", 47, { ...good, extensions: reordered }],
    ["no key exchange mode", 109, without(45)],
    ["no key share", 109, without(51)],
    ["no groups", 109, without(10)],
    ["only psk_ke", 40, changed(45, [1, 0])],
    ["an old version only", 70, changed(43, [2, 3, 2])],
    ["an odd list", 50, changed(43, [3, 3, 4, 3])],
    ["a share of a group that is not offered", 47, changed(10, [0, 2, 0, 0x17])],
    ["a share that is too short", 47, changed(51, [0, 5, 0, 0x1d, 0, 1, 9])],
    ["a share of zeros", 47, changed(51, [0, 36, 0, 0x1d, 0, 32, ...new Uint8Array(32)])],
    ["no identity", 50, changed(41, [0, 0, 0, 33, 32, ...new Uint8Array(32)])],
    ["a wrong binder", 47, good],
  ];
  for (const [what, alert, hello] of cases) {
    const isBinder = what === "a wrong binder";
    const sent = isBinder ? { ...hello, random: new Uint8Array(32) } : hello;
    equal(await send(sent), alert, what);
  }
});

Deno.test("random messages in place of any answer never hang or crash who connects", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ maxLength: 200 })), {
        maxLength: 5,
      }),
      async (records) => {
        const transport = new MemoryTransport("peer:1")
          .feed(...records.map(([type, content]) => recordOf(type, content))).end();
        try {
          await connectTls(transport, { presharedKey, timeoutMs: patience });
          throw new Error("It was believed");
        } catch (error) {
          ok(error instanceof TlsError, `${error}`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a peer that sends nothing but key updates is sent away", async () => {
  for (const suite of suites) {
    const [clientEnd, serverEnd] = memoryPair();
    const [client, server] = await Promise.all([
      connectTls(clientEnd, { presharedKey, suites: [suite] }),
      acceptTls(serverEnd, { keyOf, suites: [suite] }),
    ]);
    if (suite.name.startsWith("TLS_")) {
      for (let n = 0; n < 40; n++) await client.updateKeys();
      let failure: unknown;
      await server.read(new Uint8Array(1)).catch((error) => failure = error);
      ok(failure instanceof TlsError && failure.alert === 10, `${failure}`);
    }
    client.close();
    server.close();
  }
});
