/**
 * A stretch of network that can go silent: bytes that come are swallowed and no end is told, as by a router
 * that has forgotten its connections.
 *
 * @module
 */

/** A connection that is passed on. */
interface Pair {
  readonly near: Deno.Conn;
  readonly far: Deno.Conn;
  isSilent: boolean;
}

/** Listens on a free port of the loopback and passes connections on, until they are to be swallowed. */
export class SilentRelay implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #pairs = new Set<Pair>();
  /** Bytes that nobody has received. */
  swallowed = 0;
  /** Connections that were passed on so far. */
  connections = 0;

  /** Passes on to a port of the loopback. */
  constructor(readonly target: number) {
    void this.#accept();
  }

  /** Where to connect. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** What is open goes silent in both directions; what is opened later is passed on. */
  swallow(): void {
    for (const pair of this.#pairs) pair.isSilent = true;
  }

  /** Closes what is silent towards those who have connected, and not towards the target. */
  closeNear(): void {
    for (const { near, isSilent } of this.#pairs) if (isSilent) close(near);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const { near, far } of this.#pairs) {
      close(near);
      close(far);
    }
  }

  async #accept(): Promise<void> {
    try {
      for await (const near of this.#listener) void this.#serve(near);
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(near: Deno.Conn): Promise<void> {
    let far: Deno.Conn;
    try {
      far = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
    } catch {
      return close(near);
    }
    this.connections++;
    const pair: Pair = { near, far, isSilent: false };
    this.#pairs.add(pair);
    void this.#pass(pair, near, far);
    void this.#pass(pair, far, near);
  }

  async #pass(pair: Pair, from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(64 << 10);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (pair.isSilent) {
          this.swallowed += read;
          continue;
        }
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
      }
    } catch {
      // one end is gone: the other hears of it below, unless nothing is to be heard
    }
    if (pair.isSilent) return;
    close(from);
    close(to);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // closed before
  }
}
