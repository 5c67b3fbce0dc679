import { deepStrictEqual, strictEqual } from "node:assert";
import { Connection, dial, keepAliveOf, setKeepAlive, TcpTransport } from "./mod.ts";

const isLinux = Deno.build.os === "linux";

Deno.test("setKeepAlive() sets the times of the socket that it is given, on both ends", {
  ignore: !isLinux,
}, async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    using listener = listenOn(hostname);
    if (listener === undefined) continue; // no IPv6 here
    const port = (listener.addr as Deno.NetAddr).port;
    using first = await Deno.connect({ hostname, port });
    using second = await Deno.connect({ hostname, port });
    using accepted = await listener.accept();
    strictEqual(setKeepAlive(first, { seconds: 7 }), true);
    strictEqual(setKeepAlive(accepted, { seconds: 11 }), true);
    deepStrictEqual(keepAliveOf(first), { idle: 7, interval: 7 });
    deepStrictEqual(keepAliveOf(accepted), { idle: 11, interval: 11 });
    const { idle } = keepAliveOf(second) ?? { idle: 0 };
    strictEqual(idle > 11, true);
    (await listener.accept()).close();
  }
});

function listenOn(hostname: string): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname, port: 0 });
  } catch (error) {
    if (hostname.includes(":")) return undefined;
    throw error;
  }
}

Deno.test("dial() connects from the source address, in both directions and to the end", {
  ignore: !isLinux,
}, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const connection = await dial({
    address: "127.0.0.1",
    port,
    who: "test",
    sourceAddress: "127.0.0.5",
    keepAlive: { seconds: 9 },
  });
  const accepted = await listener.accept();
  strictEqual((accepted.remoteAddr as Deno.NetAddr).hostname, "127.0.0.5");
  const other = new Connection(new TcpTransport(accepted));
  const large = new Uint8Array(3_000_000).map((_, i) => i * 7);
  const sent = connection.send(large);
  const got: number[] = [];
  while (got.length < large.length) {
    const frame = await other.receive();
    if (frame?.kind !== "message") throw new Error("It ended early");
    for (const byte of frame.payload) got.push(byte);
  }
  await sent;
  strictEqual(got.every((byte, i) => byte === large[i]), true);
  await other.send("back");
  const frame = await connection.receive();
  strictEqual(frame?.kind === "message" && frame.payload.length, 4);
  other.close();
  strictEqual(await connection.receive(), undefined);
  connection.close();
});
