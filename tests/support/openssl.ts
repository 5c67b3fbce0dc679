/** OpenSSL's own TLS client and server as peers of ours. @module */
import {
  type AcceptOptions,
  acceptTls,
  type ConnectOptions,
  connectTls,
  type TlsTransport,
} from "../../protocol/tls/mod.ts";
import { TcpTransport, type Transport } from "../../protocol/transport.ts";
import { freePort } from "./free_port.ts";
import { waitFor } from "./wait_for.ts";

/** A pre-shared key that OpenSSL is told of, too. */
export const identity = "R_DIRECTOR::test";
const key = new TextEncoder().encode("5ebe2294ecd0e0f08eab7690d2a6ee69");
/** The same for our side. */
export const presharedKey = { identity: new TextEncoder().encode(identity), key };
/** Finds the key by its identity. */
export const keyOf = (name: Uint8Array): Uint8Array | undefined =>
  new TextDecoder().decode(name) === identity ? key : undefined;

const keyHex = [...key].map((byte) => byte.toString(16).padStart(2, "0")).join("");
/** Arguments by which OpenSSL uses the key. */
export const keyArguments: readonly string[] = ["-psk", keyHex, "-psk_identity", identity];

/** Whether there is an `openssl` to be asked. */
export const hasOpenssl: boolean = await new Deno.Command("openssl", {
  args: ["version"],
  stdout: "null",
}).output().then(({ success }) => success, () => false);

/** What `openssl` said and whether it ended well. */
export interface Outcome {
  readonly output: string;
  readonly isGood: boolean;
}

/** How OpenSSL is to be used. */
export interface OpensslPeer {
  /** Further arguments of `s_server` or `s_client`. */
  readonly args: readonly string[];
  /** What stands around the command in a shell, for large amounts; `$@` is the command. */
  readonly script?: string;
  /** What it reads from its standard input. */
  readonly input?: string;
  /** Its configuration file. */
  readonly configuration?: string;
  /** Whether a server's standard input, whose end ends it, stays open until `use` is done. */
  readonly staysOpen?: boolean;
}

/** Connects to `openssl s_server`; it is ended when `use` is done. */
export async function withServer(
  { args, script = 'exec "$@"', input = "", configuration, staysOpen = false }: OpensslPeer,
  options: ConnectOptions,
  use: (transport: TlsTransport) => Promise<void>,
): Promise<Outcome> {
  const port = freePort();
  const command = ["openssl", "s_server", "-accept", `127.0.0.1:${port}`, ...args];
  const server = spawn(script, command, configuration);
  const writer = server.stdin.getWriter();
  const writing = write(writer, input).then(() => staysOpen ? undefined : writer.close());
  try {
    const hasEnded = server.status.then(() => true);
    const socket = await waitFor("openssl s_server to listen", async () => {
      try {
        return await Deno.connect({ hostname: "127.0.0.1", port });
      } catch {
        if (await Promise.race([hasEnded, Promise.resolve(false)])) {
          throw new Error(`openssl s_server does not start: ${(await outcome(server)).output}`);
        }
        return undefined;
      }
    });
    const transport = await connectTls(new TcpTransport(socket), options);
    try {
      await use(transport);
    } finally {
      transport.close();
    }
  } finally {
    await writing.catch(() => {}); // it may have ended
    if (staysOpen) await writer.close().catch(() => {});
    try {
      server.kill("SIGTERM");
    } catch {
      // it has ended already
    }
  }
  return await outcome(server);
}

/** Accepts one connection of `openssl s_client`. */
export async function withClient(
  { args, script = 'exec "$@"', input = "", configuration }: OpensslPeer,
  options: AcceptOptions,
  use: (transport: TlsTransport, say: (text: string) => Promise<void>) => Promise<void>,
): Promise<Outcome> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const client = spawn(script, [
    ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`],
    ...args,
  ], configuration);
  const writer = client.stdin.getWriter();
  try {
    await write(writer, input);
    const accepted = await Promise.race([
      listener.accept(),
      client.status.then(() => undefined),
    ]);
    if (accepted === undefined) {
      throw new Error(`openssl s_client does not start: ${(await outcome(client)).output}`);
    }
    const transport = await acceptTls(new TcpTransport(accepted), options);
    try {
      await use(transport, (text) => write(writer, text));
    } finally {
      transport.close();
    }
  } catch (error) {
    client.kill("SIGKILL"); // it may wait for more
    throw error;
  } finally {
    listener.close();
    await writer.close().catch(() => {}); // it may have ended
  }
  return await outcome(client);
}

function spawn(
  script: string,
  command: readonly string[],
  configuration: string | undefined,
): Deno.ChildProcess {
  return new Deno.Command("sh", {
    env: configuration === undefined ? {} : { OPENSSL_CONF: configuration },
    args: ["-c", script, "sh", ...command],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function write(writer: WritableStreamDefaultWriter, text: string): Promise<void> {
  try {
    await writer.write(new TextEncoder().encode(text));
  } catch {
    // The process has ended: what it said tells why.
  }
}

async function outcome(child: Deno.ChildProcess): Promise<Outcome> {
  const [stdout, stderr, { success }] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.status,
  ]);
  return { output: stdout + stderr, isGood: success };
}

/** Reads text of a length, or less at the end. */
export async function readText(transport: Transport, length: number): Promise<string> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = await transport.read(bytes.subarray(at));
    if (count === null) break;
    at += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, at));
}

/** Writes text. */
export function writeText(transport: Transport, text: string): Promise<void> {
  return transport.write(new TextEncoder().encode(text));
}

/** What an openssl command prints. */
export async function opensslText(...args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("openssl", { args: [...args], stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout);
}
