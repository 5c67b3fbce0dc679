/**
 * Every state of a handshake of TLS 1.3, and of the connection that it leads to, against a peer that says in it what may
 * not be said: each end must tell the alert of RFC 8446 (6.2), under the keys that the other end has by then.
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { memoryPair } from "../../tests/support/memory_transport.ts";
import {
  alertIn,
  answerOf,
  encode,
  message,
  none,
  number16,
  p256,
  patience,
  presharedKey,
  type Said,
  said,
  type Script,
  shake,
  share,
  suite,
  x25519,
} from "../../tests/support/scripted_tls.ts";
import { Alert } from "./alert.ts";
import { withBinder } from "./connect13.ts";
import { HandshakeLayer } from "./handshake_layer.ts";
import { keyExchange } from "./key_exchange.ts";
import {
  type ClientHello,
  formatServerHello,
  handshakeMessage,
  helloRetryRandom,
  type ServerHello,
} from "./messages.ts";
import { acceptTls, connectTls, TlsError, type TlsTransport } from "./mod.ts";
import { RecordLayer } from "./record_layer.ts";

const changed = (
  answer: ServerHello,
  change: (extensions: Map<number, Uint8Array>) => void,
): ServerHello => {
  const extensions = new Map(answer.extensions);
  change(extensions);
  return { ...answer, extensions };
};
const asBytes = (answer: ServerHello): Uint8Array => formatServerHello(answer);

const hellos: readonly (readonly [string, number, NonNullable<Script["hello"]>])[] = [
  ["no version in its extension", Alert.protocolVersion, (a) => changed(a, (e) => e.delete(43))],
  [
    "an older version",
    Alert.illegalParameter,
    (a) => changed(a, (e) => e.set(43, number16(0x0303))),
  ],
  ["another legacy version", Alert.illegalParameter, (a) => ({ ...a, version: 0x0302 })],
  ["a suite that was not offered", Alert.illegalParameter, (a) => ({ ...a, suite: 0x1302 })],
  ["another session", Alert.illegalParameter, (a) => ({ ...a, sessionId: none })],
  [
    "an extension of another message",
    Alert.unsupportedExtension,
    (a) => changed(a, (e) => e.set(10, none)),
  ],
  ["an unknown extension", Alert.unsupportedExtension, (a) => changed(a, (e) => e.set(999, none))],
  ["no share", Alert.missingExtension, (a) => changed(a, (e) => e.delete(51))],
  [
    "a share of another group",
    Alert.illegalParameter,
    (a) => changed(a, (e) => e.set(51, share(p256, new Uint8Array(65)))),
  ],
  [
    "a short share",
    Alert.illegalParameter,
    (a) => changed(a, (e) => e.set(51, share(x25519, new Uint8Array(31)))),
  ],
  [
    "a share that gives no secret",
    Alert.illegalParameter,
    (a) => changed(a, (e) => e.set(51, share(x25519, new Uint8Array(32)))),
  ],
  ["half a share", Alert.decodeError, (a) => changed(a, (e) => e.set(51, Uint8Array.of(0)))],
  ["another key", Alert.illegalParameter, (a) => changed(a, (e) => e.set(41, number16(1)))],
  ["no key", Alert.handshakeFailure, (a) => changed(a, (e) => e.delete(41))],
  ["compression", Alert.illegalParameter, (a) => {
    const bytes = asBytes(a);
    bytes[2 + 32 + 1 + 32 + 2] = 1;
    return [said(22, handshakeMessage(2, bytes))];
  }],
  ["an extension twice", Alert.illegalParameter, (a) => {
    const bytes = asBytes(a);
    const at = 2 + 32 + 1 + 32 + 3;
    const length = bytes.length - at - 2 + 6;
    return [said(
      22,
      handshakeMessage(
        2,
        new Uint8Array(
          Buffer.concat([
            bytes.subarray(0, at),
            number16(length),
            bytes.subarray(at + 2),
            number16(43),
            number16(2),
            number16(0x0304),
          ]),
        ),
      ),
    )];
  }],
  ["less than a hello", Alert.decodeError, (a) => [
    said(22, handshakeMessage(2, asBytes(a).subarray(0, 40))),
  ]],
  ["more than a hello", Alert.decodeError, (a) => [
    said(22, handshakeMessage(2, new Uint8Array(Buffer.concat([asBytes(a), Uint8Array.of(0)])))),
  ]],
  ["something behind it in its record", Alert.unexpectedMessage, (a) => [
    said(22, handshakeMessage(2, asBytes(a)), message(8, 0, 0)),
  ]],
  ...[1, 4, 8, 11, 13, 15, 20, 24].map((type) =>
    [`message ${type} in its place`, Alert.unexpectedMessage, () => [shake(type, 0, 0)]] as const
  ),
  ["data in its place", Alert.unexpectedMessage, () => [said(23, none)]],
  ["an alert that is none", Alert.decodeError, () => [said(21, Uint8Array.of(2))]],
];

Deno.test("a ServerHello that may not be ends in its alert", async () => {
  for (const [what, alert, hello] of hellos) {
    equal(await answerOf("connector", { hello }), alert, what);
  }
});

const retryOf = (offer: ClientHello, more: readonly [number, Uint8Array][]): ServerHello => ({
  version: 0x0303,
  random: helloRetryRandom,
  sessionId: offer.sessionId,
  suite: suite.id,
  extensions: new Map([[43, number16(0x0304)], ...more]),
});
const cookie: [number, Uint8Array] = [44, Uint8Array.of(0, 1, 7)];

Deno.test("a HelloRetryRequest that may not be, and what may not follow one, ends in its alert", async () => {
  const one = (...more: [number, Uint8Array][]): NonNullable<Script["retry"]> => (offer) => [
    retryOf(offer, more),
  ];
  const cases: readonly (readonly [string, number, Script])[] = [
    ["for nothing", Alert.illegalParameter, { retry: one() }],
    ["for the share that there is", Alert.illegalParameter, { retry: one([51, number16(x25519)]) }],
    ["for a group that was not offered", Alert.illegalParameter, {
      retry: one([51, number16(0x19)]),
    }],
    ["for half a group", Alert.decodeError, { retry: one([51, Uint8Array.of(0)]) }],
    ["with a key", Alert.unsupportedExtension, { retry: one(cookie, [41, number16(0)]) }],
    ["twice", Alert.unexpectedMessage, {
      retry: (offer) => [retryOf(offer, [cookie]), retryOf(offer, [cookie])],
    }],
    ["then another suite", Alert.illegalParameter, {
      retry: one(cookie),
      hello: (answer) => ({ ...answer, suite: 0x1301 }),
    }],
    ["then a share of the first group", Alert.illegalParameter, {
      retry: one([51, number16(p256)]),
      hello: (answer) => ({ ...answer }),
    }],
  ];
  for (const [what, alert, script] of cases) {
    equal(await answerOf("connector", script), alert, what);
  }
  // And one that may be: the cookie comes back, the same key is used.
  const closes = { retry: one(cookie), after: [said(21, Uint8Array.of(1, 0))] };
  equal(await answerOf("connector", closes), Alert.closeNotify);
});

const longMessage = said(22, Uint8Array.of(20, 0xff, 0xff, 0xff));
const cutMessage = said(22, Uint8Array.of(20, 0, 0, 32, 1));

Deno.test("what may not follow a ServerHello ends in its alert", async () => {
  const cases: readonly (readonly [string, number, Script])[] = [
    ["extensions in the clear", Alert.unexpectedMessage, { clear: [shake(8, 0, 0)] }],
    ["data in the clear", Alert.badRecordMac, { clear: [said(23, new Uint8Array(40))] }],
    ["too many cipher changes", Alert.unexpectedMessage, {
      clear: Array.from({ length: 6 }, () => said(20, Uint8Array.of(1))),
    }],
    ["an extension that was not asked for", Alert.unsupportedExtension, {
      extensions: [shake(8, 0, 4, 0, 16, 0, 0)],
    }],
    ["an extension twice", Alert.illegalParameter, {
      extensions: [shake(8, 0, 8, 0, 10, 0, 0, 0, 10, 0, 0)],
    }],
    ["extensions that end early", Alert.decodeError, { extensions: [shake(8, 0, 9)] }],
    ["data before the Finished", Alert.unexpectedMessage, { extensions: [said(23, encode("x"))] }],
    ["too long a message", Alert.decodeError, { extensions: [longMessage] }],
    ["a cipher change within a message", Alert.unexpectedMessage, {
      extensions: [cutMessage, said(20, Uint8Array.of(1))],
    }],
    ["data within a message", Alert.unexpectedMessage, {
      extensions: [cutMessage, said(23, encode("x"))],
    }],
    ["nothing but padding", Alert.unexpectedMessage, { extensions: [said(0, new Uint8Array(5))] }],
    ["an empty record", Alert.unexpectedMessage, { extensions: [said(22, none)] }],
    ...[1, 2, 4, 11, 13, 15, 20, 24].map((type) =>
      [`message ${type} for extensions`, Alert.unexpectedMessage, {
        extensions: [shake(type, 0, 0)],
      }] as const
    ),
    ["a wrong Finished", Alert.decryptError, {
      finished: (body) => [said(22, handshakeMessage(20, body.with(0, body[0] as number ^ 1)))],
    }],
    ["a short Finished", Alert.decodeError, {
      finished: (body) => [said(22, handshakeMessage(20, body.subarray(1)))],
    }],
    ["something behind the Finished", Alert.unexpectedMessage, {
      finished: (body) => [said(22, handshakeMessage(20, body), message(4, 0))],
    }],
    // A key is used: nobody shows a certificate, or asks for one.
    ...[1, 2, 4, 8, 11, 13, 15, 24].map((type) =>
      [`message ${type} for the Finished`, Alert.unexpectedMessage, {
        finished: () => [shake(type, 0, 0)],
      }] as const
    ),
  ];
  for (const [what, alert, script] of cases) {
    equal(await answerOf("connector", script), alert, what);
  }
});

Deno.test("what may not stand for the connecting side's Finished ends in its alert", async () => {
  const cases: readonly (readonly [string, number, Script])[] = [
    ["a Finished in the clear", Alert.unexpectedMessage, { clearFinish: [shake(20, 0)] }],
    ["data in the clear", Alert.badRecordMac, { clearFinish: [said(23, new Uint8Array(40))] }],
    ["a wrong Finished", Alert.decryptError, {
      finished: (body) => [said(22, handshakeMessage(20, body.with(0, body[0] as number ^ 1)))],
    }],
    ["a long Finished", Alert.decodeError, {
      finished: (body) => [said(22, handshakeMessage(20, new Uint8Array([...body, 0])))],
    }],
    ["something behind the Finished", Alert.unexpectedMessage, {
      finished: (body) => [said(22, handshakeMessage(20, body), message(24, 0))],
    }],
    ["data", Alert.unexpectedMessage, { finished: () => [said(23, encode("x"))] }],
    ["an alert that is none", Alert.decodeError, { finished: () => [said(21, Uint8Array.of(2))] }],
    ...[1, 2, 4, 5, 8, 11, 15, 24].map((type) =>
      [`message ${type}`, Alert.unexpectedMessage, { finished: () => [shake(type, 0)] }] as const
    ),
  ];
  for (const [what, alert, script] of cases) equal(await answerOf("acceptor", script), alert, what);
});

Deno.test("what may not come after the handshake ends in its alert, on either end", async () => {
  const update = (...body: readonly number[]): Said => shake(24, ...body);
  const cases: readonly (readonly [string, number, ...Said[]])[] = [
    ["a KeyUpdate that asks the unknown", Alert.illegalParameter, update(2)],
    ["a KeyUpdate that is too long", Alert.decodeError, update(0, 0)],
    ["a KeyUpdate without a body", Alert.decodeError, update()],
    [
      "something behind a KeyUpdate",
      Alert.unexpectedMessage,
      said(22, message(24, 0), message(24, 0)),
    ],
    [
      "half a message behind a KeyUpdate",
      Alert.unexpectedMessage,
      said(22, message(24, 1), Uint8Array.of(24)),
    ],
    ["an old key after a KeyUpdate", Alert.badRecordMac, update(0), said(23, encode("x"))],
    ["a cipher change", Alert.unexpectedMessage, said(20, Uint8Array.of(1))],
    ["an empty handshake record", Alert.unexpectedMessage, said(22, none)],
    [
      "data within a message",
      Alert.unexpectedMessage,
      said(22, Uint8Array.of(24)),
      said(23, encode("x")),
    ],
    ["too long a message", Alert.decodeError, said(22, Uint8Array.of(4, 0xff, 0xff, 0xff))],
    ["nothing but padding", Alert.unexpectedMessage, said(0, new Uint8Array(9))],
    ["a record of an unknown type", Alert.unexpectedMessage, said(24, encode("x"))],
    ["an alert that is none", Alert.decodeError, said(21, Uint8Array.of(1, 0, 0))],
    ...[1, 2, 8, 11, 13, 15, 20].map((type) =>
      [`message ${type}`, Alert.unexpectedMessage, shake(type, 0)] as const
    ),
  ];
  for (const role of ["connector", "acceptor"] as const) {
    for (const [what, alert, ...after] of cases) {
      equal(await answerOf(role, { after }), alert, `${role}: ${what}`);
    }
  }
  // A ticket is for who connects, and left out there.
  equal(await answerOf("acceptor", { after: [shake(4, 0)] }), Alert.unexpectedMessage);
  const ticket = { after: [shake(4, 0), said(21, Uint8Array.of(1, 0))] };
  equal(await answerOf("connector", ticket), Alert.closeNotify);
});

/** Every alert that there is, and some that there are not. */
const alerts: readonly number[] = [...Object.values(Alert), 21, 30, 41, 60, 86, 111, 255];

Deno.test("every alert is understood in every state, ends it, and is not answered", async () => {
  const states: readonly (readonly [
    string,
    "connector" | "acceptor",
    (alert: Said) => Script,
  ])[] = [
    ["for the ServerHello", "connector", (alert) => ({ hello: () => [alert] })],
    ["in the clear for extensions", "connector", (alert) => ({ clear: [alert] })],
    ["for extensions", "connector", (alert) => ({ extensions: [alert] })],
    ["for the Finished", "connector", (alert) => ({ finished: () => [alert] })],
    ["after the handshake", "connector", (alert) => ({ after: [alert] })],
    ["in the clear for the Finished", "acceptor", (alert) => ({ clearFinish: [alert] })],
    ["for the Finished", "acceptor", (alert) => ({ finished: () => [alert] })],
    ["after the handshake", "acceptor", (alert) => ({ after: [alert] })],
  ];
  for (const [state, role, script] of states) {
    for (const description of alerts) {
      const isOver = state.startsWith("after");
      // Those two do not end a connection in anger.
      if (isOver && (description === Alert.closeNotify || description === Alert.userCanceled)) {
        continue;
      }
      const alert = said(21, Uint8Array.of(2, description));
      const told = await answerOf(role, script(alert));
      equal(told, undefined, `${role} ${state}: ${description}`);
    }
  }
});

Deno.test("user_canceled alone ends nothing; close_notify ends reading, and not writing", async () => {
  const both = [said(21, Uint8Array.of(1, 90)), said(21, Uint8Array.of(1, 0))];
  for (const role of ["connector", "acceptor"] as const) {
    equal(await answerOf(role, { after: both }), Alert.closeNotify, role);
  }
});

/** Reads until so many bytes have come. */
async function take(transport: TlsTransport, count: number): Promise<string> {
  const into = new Uint8Array(count);
  for (let at = 0; at < count;) at += await transport.read(into.subarray(at)) ?? count;
  return new TextDecoder().decode(into);
}

Deno.test("keys change in both directions at any time, asked for by either end or by both at once", async () => {
  const [a, b] = memoryPair();
  const [client, server] = await Promise.all([
    connectTls(a, { presharedKey, suites: [suite], timeoutMs: patience }),
    acceptTls(b, { keyOf: () => presharedKey.key, timeoutMs: patience }),
  ]);
  const talk = async (): Promise<void> => {
    await Promise.all([
      client.write(encode("to the server")),
      server.write(encode("to the client")),
    ]);
    deepEqual(
      await Promise.all([take(server, 13), take(client, 13)]),
      ["to the server", "to the client"],
    );
  };
  for (const ends of [[client], [server], [client, server], [server, client, server]]) {
    const before = [a.written.length, b.written.length];
    await Promise.all(ends.map((end) => end.updateKeys()));
    await talk(); // what was asked for is done while this is read
    await talk();
    // Who was asked has answered with an update of its own: a record each besides the data.
    ok(
      a.written.length > (before[0] as number) + 2 && b.written.length > (before[1] as number) + 2,
    );
  }
  client.close();
  equal(await server.read(new Uint8Array(1)), null);
  server.close();
});

Deno.test("a second ClientHello that is not the first with what was asked for ends in its alert", async () => {
  const exchange = keyExchange(x25519);
  const shares = (...list: readonly Uint8Array[]): Uint8Array => {
    const bytes = new Uint8Array(Buffer.concat(list));
    return new Uint8Array([...number16(bytes.length), ...bytes]);
  };
  const first: ClientHello = {
    version: 0x0303,
    random: crypto.getRandomValues(new Uint8Array(32)),
    sessionId: none,
    suites: [suite.id],
    compressions: [0],
    extensions: new Map([
      [10, Uint8Array.of(0, 4, 0, x25519, 0, p256)],
      [13, Uint8Array.of(0, 4, 8, 4, 4, 3)],
      [43, Uint8Array.of(4, 3, 4, 3, 3)],
      [45, Uint8Array.of(1, 1)],
      [999, Uint8Array.of(1)], // unknown to us
      [51, shares()],
    ]),
  };
  const without = (type: number): ClientHello => ({
    ...good,
    extensions: new Map([...good.extensions].filter(([one]) => one !== type)),
  });
  const asked = shares(share(x25519, exchange.publicKey));
  const again = (extensions: readonly [number, Uint8Array][], more = {}): ClientHello => ({
    ...{ ...first, ...more },
    extensions: new Map([...first.extensions, ...extensions]),
  });
  const good = again([[51, asked]]);
  const changes: readonly (readonly [string, number, Uint8Array])[] = [
    ["other groups", 10, Uint8Array.of(0, 2, 0, x25519)],
    ["other signatures", 13, Uint8Array.of(0, 2, 8, 4)],
    ["fewer versions", 43, Uint8Array.of(2, 3, 4)],
    ["other modes", 45, Uint8Array.of(2, 1, 0)],
    ["another extension that is unknown", 999, Uint8Array.of(2)],
    ["one more extension", 998, none],
  ];
  const cases:
    readonly (readonly [string, number, ClientHello, typeof presharedKey | undefined])[] = [
      ["still no share", Alert.illegalParameter, again([]), presharedKey],
      [
        "another group",
        Alert.illegalParameter,
        again([[
          51,
          shares(share(p256, keyExchange(p256).publicKey)),
        ]]),
        presharedKey,
      ],
      [
        "another random",
        Alert.illegalParameter,
        again([[51, asked]], {
          random: new Uint8Array(32),
        }),
        presharedKey,
      ],
      [
        "another session",
        Alert.illegalParameter,
        again([[51, asked]], {
          sessionId: new Uint8Array(32),
        }),
        presharedKey,
      ],
      [
        "more suites",
        Alert.illegalParameter,
        again([[51, asked]], {
          suites: [suite.id, 0x1301],
        }),
        presharedKey,
      ],
      ["no key", Alert.illegalParameter, good, undefined],
      ["another key", Alert.illegalParameter, good, { ...presharedKey, key: none }],
      [
        "an older version",
        Alert.illegalParameter,
        again([[51, asked], [
          43,
          Uint8Array.of(2, 3, 3),
        ]]),
        presharedKey,
      ],
      ...changes.map(([what, ...extension]) =>
        [what, Alert.illegalParameter, again([[51, asked], extension]), presharedKey] as const
      ),
      ...[10, 13, 43, 45, 999].map((type) =>
        [
          `without ${type}`,
          type === 10 ? Alert.missingExtension : Alert.illegalParameter,
          without(type),
          presharedKey,
        ] as const
      ),
    ];
  for (const [what, alert, second, key] of cases) {
    const [ours, theirs] = memoryPair();
    const accepted = acceptTls(theirs, { keyOf: () => presharedKey.key, timeoutMs: patience });
    accepted.catch(() => {}); // looked at below
    const records = new RecordLayer(ours);
    const handshake = new HandshakeLayer(records);
    await handshake.write(withBinder(first, presharedKey, handshake));
    const retry = await handshake.read(2);
    handshake.replaceByHash(suite.hash);
    handshake.add(retry.raw);
    await handshake.write(withBinder(second, key, handshake));
    equal(await alertIn(records), alert, what);
    await rejects(accepted, (error) => error instanceof TlsError && error.alert === alert, what);
  }
});
