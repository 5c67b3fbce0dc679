import { Connection, plainAddress, Signal, TcpTransport } from "../protocol/mod.ts";

/** One socket to listen on. */
export interface ListenAddress {
  /** Address or host name; `0.0.0.0` for all IPv4, `::` for all IPv6 ones. */
  readonly host: string;
  /** TCP port; 0 lets the system choose. */
  readonly port: number;
}

/** What to listen on and what to do with who comes. */
export interface ListenOptions {
  readonly addresses: readonly ListenAddress[];
  /** Serves one connection; it is closed when the promise settles. */
  readonly onConnection: (connection: Connection, peerAddress: string) => Promise<void>;
  /** Connections served at once; more are closed with TERMINATE. No limit if not given. */
  readonly maxConnections?: number;
  /** Told what `onConnection` throws and why connections were refused. */
  readonly onError: (error: unknown, peerAddress: string) => void;
}

/** Open sockets. */
export interface Listener {
  /** The ports in the order of the addresses. */
  readonly ports: readonly number[];
  /** Connections being served. */
  readonly active: number;
  /**
   * Stops accepting, waits up to `graceMs` for the connections to end by themselves and closes
   * those that have not.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Listens on all addresses and serves each connection until its promise settles.
 * @throws if an address cannot be bound; none is left open then
 */
export function listen(options: ListenOptions): Listener {
  const sockets = options.addresses.length === 2 && isBothFamilies(options.addresses)
    ? bindBothFamilies(options.addresses)
    : bind(options.addresses);
  const served = new Map<Connection, Promise<void>>();
  const loops = sockets.map((socket) => accept(socket, options, served));
  return {
    ports: sockets.map((socket) => socket.addr.port),
    get active() {
      return served.size;
    },
    async close(graceMs) {
      for (const socket of sockets) socket.close();
      await Promise.all(loops);
      if (served.size === 0) return;
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, graceMs);
      await Promise.race([Promise.all(served.values()), grace.promise]);
      clearTimeout(timer);
      for (const connection of served.keys()) connection.close();
      await Promise.all(served.values());
    },
  };
}

/** Opens a socket an address; all of them or none. */
function bind(addresses: readonly ListenAddress[]): Deno.TcpListener[] {
  const sockets: Deno.TcpListener[] = [];
  for (const { host, port } of addresses) {
    try {
      sockets.push(Deno.listen({ hostname: host, port, transport: "tcp" }));
    } catch (cause) {
      for (const socket of sockets) socket.close();
      throw new Error(`Cannot listen on ${host}:${port}: ${cause}`, { cause });
    }
  }
  return sockets;
}

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Whether the addresses are the wildcards of both families on one port: the default of a daemon. */
function isBothFamilies(addresses: readonly ListenAddress[]): boolean {
  const [first, second] = addresses;
  return first?.port !== 0 && first?.port === second?.port && first?.host !== second?.host &&
    addresses.every(({ host }) => WILDCARDS.has(host));
}

/**
 * Listens on the wildcards of both families. The runtime opens `::` for both of them where the
 * system allows that, so one socket is enough; where there is no IPv6, IPv4 is.
 */
function bindBothFamilies(addresses: readonly ListenAddress[]): Deno.TcpListener[] {
  const four = addresses.filter(({ host }) => host === "0.0.0.0");
  const six = addresses.filter(({ host }) => host === "::");
  let sockets: Deno.TcpListener[];
  try {
    sockets = bind(six);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Deno.errors.AddrInUse) throw error;
    return bind(four);
  }
  try {
    return [...sockets, ...bind(four)];
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Deno.errors.AddrInUse) return sockets;
    for (const socket of sockets) socket.close();
    throw error;
  }
}

async function accept(
  socket: Deno.TcpListener,
  options: ListenOptions,
  served: Map<Connection, Promise<void>>,
): Promise<void> {
  while (true) {
    let accepted: Deno.TcpConn;
    try {
      accepted = await socket.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return; // closed
      }
      options.onError(error, "");
      await new Promise((resolve) => setTimeout(resolve, 50)); // out of descriptors, most likely
      continue;
    }
    const host = plainAddress(accepted.remoteAddr.hostname);
    let connection: Connection;
    try {
      connection = new Connection(new TcpTransport(accepted));
    } catch (error) {
      options.onError(error, host); // the peer is gone already
      continue;
    }
    const isFull = options.maxConnections !== undefined && served.size >= options.maxConnections;
    const work = isFull ? turnAway(connection, options) : options.onConnection(connection, host);
    const done = work.catch((error) => options.onError(error, host)).finally(() => {
      connection.close();
      served.delete(connection);
    });
    served.set(connection, done);
  }
}

async function turnAway(connection: Connection, options: ListenOptions): Promise<void> {
  const limit = `Maximum of ${options.maxConnections} connections reached`;
  options.onError(new Error(`Cannot serve ${connection.peer}: ${limit}`), connection.peer);
  await connection.sendSignal(Signal.TERMINATE);
}
