/**
 * A stretch of network before a storage daemon that can be cut: it passes on what comes, and breaks
 * data connections of jobs off after so many bytes.
 *
 * @module
 */
import { decodeText } from "../../bytes/mod.ts";

/** Listens on a free port of the loopback and passes connections on. */
export class CuttingProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  /** Bytes after which a data connection is cut, to the daemon and from it together. */
  cutAfter = Infinity;
  /** How often it was cut. */
  cuts = 0;

  /** Passes on to a port of the loopback. */
  constructor(readonly target: number) {
    void this.#accept();
  }

  /** Where to connect. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) this.#close(connection);
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) void this.#serve(connection);
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    let server: Deno.Conn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
    } catch {
      return this.#close(client); // the daemon is not there: who connects sees the same
    }
    this.#open.add(server);
    const passed = { bytes: 0, isData: false };
    await Promise.all([
      this.#pass(client, server, passed, true),
      this.#pass(server, client, passed, false),
    ]);
    this.#close(client);
    this.#close(server);
  }

  async #pass(
    from: Deno.Conn,
    to: Deno.Conn,
    passed: { bytes: number; isData: boolean },
    isFirst: boolean,
  ): Promise<void> {
    const buffer = new Uint8Array(64 << 10);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        // the name of the job, in the clear hello or as the identity of TLS
        const isHello = isFirst && passed.bytes === 0;
        if (isHello) passed.isData = /R_JOB|Start/.test(decodeText(buffer.subarray(0, read)));
        passed.bytes += read;
        if (passed.isData && passed.bytes > this.cutAfter) {
          this.cuts++;
          this.#close(from);
          return this.#close(to);
        }
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
      }
      await to.closeWrite();
    } catch {
      this.#close(from); // one end has gone: so does the other
      this.#close(to);
    }
  }

  #close(connection: Deno.Conn): void {
    if (!this.#open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // closed by its own end
    }
  }
}
