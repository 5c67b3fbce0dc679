/** A file daemon that waits for the storage daemon. @module */
import { authenticateAcceptor, Connection, readHello, TcpTransport } from "../../protocol/mod.ts";
import { TestFileDaemon } from "./test_file_daemon.ts";

/** Listens for one storage daemon that comes for `job`. */
export function acceptFileHello(
  job: string,
  key: string,
): { readonly port: number; readonly connected: Promise<TestFileDaemon> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connected = (async () => {
    const connection = new Connection(new TcpTransport(await listener.accept()));
    listener.close();
    const hello = await readHello(connection, "file");
    if (hello.name !== job) throw new Error(`Hello for ${hello.name} in place of ${job}`);
    await authenticateAcceptor(connection, { ownName: "R_CLIENT::test-fd", key });
    return new TestFileDaemon(connection);
  })();
  return { port: listener.addr.port, connected };
}
