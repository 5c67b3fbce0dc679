/** TLS with pre-shared keys against OpenSSL's own client and server. */
import { equal, match } from "node:assert/strict";
import { acceptTls, cipherSuites, connectTls, type TlsTransport } from "../protocol/tls/mod.ts";
import { TcpTransport } from "../protocol/transport.ts";
import { waitFor } from "./support/wait_for.ts";

const identity = "R_DIRECTOR::test";
const key = new TextEncoder().encode("5ebe2294ecd0e0f08eab7690d2a6ee69");
const keyHex = [...key].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const presharedKey = { identity: new TextEncoder().encode(identity), key };

const hasOpenssl = await new Deno.Command("openssl", { args: ["version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

/** Runs `with openssl s_server` on a free port and connects to it. */
async function withServer(
  args: readonly string[],
  use: (transport: TlsTransport) => Promise<void>,
  suite = cipherSuites[0],
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const server = new Deno.Command("openssl", {
    args: [
      ...["s_server", "-accept", `127.0.0.1:${port}`, "-nocert", "-tls1_3", "-rev"],
      ...["-psk", keyHex, "-psk_identity", identity, ...args],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const socket = await waitFor("openssl s_server to listen", async () => {
      try {
        return await Deno.connect({ hostname: "127.0.0.1", port });
      } catch {
        return undefined;
      }
    });
    const transport = await connectTls(new TcpTransport(socket), presharedKey, {
      suites: suite === undefined ? cipherSuites : [suite],
    });
    await use(transport);
    transport.close();
  } finally {
    server.kill();
    await server.status;
  }
}

/** Accepts one connection of `openssl s_client`, which is given `input`. */
async function withClient(
  args: readonly string[],
  input: string,
  use: (transport: TlsTransport) => Promise<void>,
): Promise<string> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const client = new Deno.Command("openssl", {
    args: [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-tls1_3", "-no_ign_eof"],
      ...["-psk", keyHex, "-psk_identity", identity, ...args],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = Promise.all([
    new Response(client.stdout).text(),
    new Response(client.stderr).text(),
  ]);
  const writer = client.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  const transport = await acceptTls(new TcpTransport(await listener.accept()), {
    keyOf: (name) => new TextDecoder().decode(name) === identity ? key : undefined,
  });
  listener.close();
  await use(transport);
  transport.close();
  await writer.close().catch(() => {});
  await client.status;
  return (await output).join("");
}

async function readText(transport: TlsTransport, length: number): Promise<string> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await transport.read(bytes.subarray(at));
    if (count === null) return new TextDecoder().decode(bytes.subarray(0, at));
    at += count;
  }
  return new TextDecoder().decode(bytes);
}

const send = (transport: TlsTransport, text: string): Promise<void> =>
  transport.write(new TextEncoder().encode(text));

for (const suite of cipherSuites) {
  Deno.test({
    name: `connectTls() talks ${suite.name} with openssl s_server, with and without a retry`,
    ignore: !hasOpenssl,
    fn: async () => {
      for (const args of [[], ["-stateless"]]) {
        await withServer([...args, "-ciphersuites", suite.name], async (transport) => {
          await send(transport, "backup\n");
          equal(await readText(transport, 7), "pukcab\n");
        }, suite);
      }
    },
  });

  Deno.test({
    name:
      `acceptTls() talks ${suite.name} with openssl s_client, asks for X25519, follows KeyUpdate`,
    ignore: !hasOpenssl,
    fn: async () => {
      for (const groups of ["X25519", "P-256:X25519"]) {
        // A line "K" makes s_client change its keys and ask us to change ours.
        const output = await withClient(
          ["-ciphersuites", suite.name, "-groups", groups],
          "first\nK\n",
          async (transport) => {
            equal(await readText(transport, 6), "first\n");
            await send(transport, "second\n");
          },
        );
        match(output, new RegExp(suite.name));
        match(output, /second/);
      }
    },
  });
}
