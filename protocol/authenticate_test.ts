import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { decodeText, encodeText } from "../bytes/mod.ts";
import { memoryPair } from "../tests/support/memory_transport.ts";
import {
  authenticateAcceptor,
  authenticateConnector,
  AuthenticationError,
  Connection,
  type Environment,
  hellos,
  passwordKey,
  readHello,
} from "./mod.ts";

const key = passwordKey("secret");

/** Fixed chance and time, and pauses that only count. */
function environment(random: number, seconds: number): Environment & { paused: number[] } {
  const paused: number[] = [];
  return {
    paused,
    seconds: () => seconds,
    random32: () => random,
    pause: (ms) => {
      paused.push(ms);
      return Promise.resolve();
    },
  };
}

function pair() {
  const [a, b] = memoryPair();
  return { a, b, dialing: new Connection(a), accepting: new Connection(b) };
}

Deno.test("both ends authenticate with exactly the bytes of wire.md 6.7", async () => {
  const { a, b, dialing, accepting } = pair();
  const acceptor = (async () => {
    const hello = await readHello(accepting, "file");
    strictEqual(hello.kind, "director");
    strictEqual(hello.name, "bareos-dir");
    const peer = await authenticateAcceptor(accepting, {
      ownName: "R_CLIENT::bareos-fd",
      key,
      environment: environment(1234567890, 1700000000),
    });
    strictEqual(peer.challengeName, "R_DIRECTOR::bareos-dir");
    await accepting.send("2000 OK Hello 54\n");
  })();
  const peer = await authenticateConnector(dialing, {
    hello: hellos.director.format({ name: "bareos-dir" }),
    ownName: "R_DIRECTOR::bareos-dir",
    key,
    environment: environment(987654321, 1700000001),
  });
  await acceptor;
  deepStrictEqual(peer, { challengeName: "R_CLIENT::bareos-fd", tlsPolicy: 0 });
  const text = (writes: readonly Uint8Array[]) => writes.map((w) => decodeText(w));
  deepStrictEqual(text(a.written), [
    "\0\0\0\x22Hello Director bareos-dir calling\n",
    "\0\0\0\x17ED+yb++Ip/+L37QIc8+6wD\0",
    "\0\0\0\x42auth cram-md5 <987654321.1700000001@R_DIRECTOR::bareos-dir> ssl=0\n",
    "\0\0\0\x0d1000 OK auth\n",
  ]);
  deepStrictEqual(text(b.written), [
    "\0\0\0\x40auth cram-md5 <1234567890.1700000000@R_CLIENT::bareos-fd> ssl=0\n",
    "\0\0\0\x0d1000 OK auth\n",
    "\0\0\0\x17o6+5y91Zrw+0y5+DO2IkPC\0",
    "\0\0\0\x112000 OK Hello 54\n",
  ]);
});

Deno.test("a wrong password is told by both ends after a pause of five seconds", async () => {
  const { b, dialing, accepting } = pair();
  const own = environment(1, 2);
  const acceptor = rejects(
    authenticateAcceptor(accepting, { ownName: "R_CLIENT::f", key, environment: own }),
    /Cannot authenticate .*: wrong password/,
  );
  await rejects(
    authenticateConnector(dialing, {
      hello: "Hello Director d calling\n",
      ownName: "R_DIRECTOR::d",
      key: passwordKey("other"),
      environment: own,
    }),
    (error) =>
      error instanceof AuthenticationError && error.replies[0] === "1999 Authorization failed.\n",
  );
  // The hello was not read by anyone in this test, so it stands for the response.
  await acceptor;
  strictEqual(
    decodeText(b.written.at(-1) ?? new Uint8Array()).slice(4),
    "1999 Authorization failed.\n",
  );
  deepStrictEqual(own.paused, [5000, 5000]);
});

Deno.test("a challenge that carries our own name is not answered", async () => {
  const { a, dialing, accepting } = pair();
  await accepting.send("auth cram-md5 <1.2@R_DIRECTOR::d> ssl=0\n");
  await rejects(
    authenticateConnector(dialing, {
      hello: "Hello Director d calling\n",
      ownName: "R_DIRECTOR::d",
      key,
      environment: environment(1, 2),
    }),
    /carries our own name/,
  );
  strictEqual(a.written.length, 2);
  strictEqual(
    decodeText(a.written[1] ?? new Uint8Array()).slice(4),
    "1999 Authorization failed.\n",
  );
});

Deno.test("a plain error text in place of the challenge is shown", async () => {
  const { dialing, accepting } = pair();
  await accepting.send("Connection from unknown Director d at 10.0.0.1 rejected.\n");
  await rejects(
    authenticateConnector(dialing, {
      hello: "Hello Director d calling\n",
      ownName: "R_DIRECTOR::d",
      key,
      environment: environment(1, 2),
    }),
    /Connection from unknown Director d at 10\.0\.0\.1 rejected/,
  );
});

Deno.test("silence ends an authentication", async () => {
  const { dialing } = pair();
  const own = environment(1, 2);
  await rejects(
    authenticateConnector(dialing, {
      hello: "Hello Director d calling\n",
      ownName: "R_DIRECTOR::d",
      key,
      environment: own,
      timeoutMs: 5,
    }),
    /no challenge in 5 ms/,
  );
  deepStrictEqual(own.paused, [5000]);
});

Deno.test("readHello() refuses what is no hello with signal TERMINATE", async () => {
  const terminate = "\udcff\udcff\udcff\udcfc";
  for (
    const [bytes, why] of [
      [encodeText("GET / HTTP/1.1\r\n\r\n"), /something else/],
      [Uint8Array.of(0x16, 3, 1, 0, 0xf0, 1, 2, 3, 4, 5, 6, 7), /something else/],
      [encodeText("\0\0\0"), /only 3 bytes/],
      [encodeText("\0\0\0\x1eHello Nobody knows this text.\n"), /invalid hello/],
      [encodeText("\0\0\0\x0cHello a b c\n"), /invalid hello/],
      [encodeText("\x10\0\0\0Hello Director d calling\n"), /something else/],
      [encodeText("\0\0\x01\xf5Hello Director d calling\n"), /something else/],
    ] as const
  ) {
    const [transport, peer] = memoryPair();
    peer.feed(bytes).end();
    await rejects(readHello(new Connection(peer), "file", { environment: environment(1, 2) }), why);
    strictEqual(decodeText(peer.written[0] ?? new Uint8Array()), terminate);
    transport.close();
  }
});
