import { messageOf } from "../bytes/mod.ts";
import {
  AuthenticationError,
  Connection,
  EmptyConnectionError,
  plainAddress,
  sayIfHeard,
  Signal,
  TcpTransport,
} from "../protocol/mod.ts";
import { Complaints, FailureTable, type Pending, PendingConnections } from "./entrance/mod.ts";

/** One socket to listen on. */
export interface ListenAddress {
  /** Address or host name; `0.0.0.0` for all IPv4, `::` for all IPv6 ones. */
  readonly host: string;
  /** TCP port; 0 lets the system choose. */
  readonly port: number;
}

/** What who serves a connection tells of it. */
export interface Admission {
  /**
   * The first bytes look like a hello or a handshake: resolves when it may go on, which takes up to some
   * seconds where authentications from this address have failed.
   */
  ready(): Promise<void>;
  /**
   * The peer is authenticated. False if there are too many already: it has been told TERMINATE then,
   * and is to be left.
   */
  admit(): Promise<boolean>;
}

/** What to listen on and what to do with who comes. */
export interface ListenOptions {
  readonly addresses: readonly ListenAddress[];
  /** Serves one connection; it is closed when the promise settles. */
  readonly onConnection: (
    connection: Connection,
    peerAddress: string,
    admission: Admission,
  ) => Promise<void>;
  /** Authenticated connections at once; more are closed with TERMINATE. No limit if not given. */
  readonly maxConnections?: number | (() => number);
  /** Seconds between probes of keepalive on connections that are authenticated; the usual ones if not given. */
  readonly heartbeatInterval?: number | undefined;
  /**
   * Told what `onConnection` throws and why connections were refused; of one address not more than some
   * a minute.
   */
  readonly onError: (text: string) => void;
  /** Connections that are not authenticated, at once; {@linkcode MOST_PENDING} if not given. */
  readonly maxPending?: number;
  /** What the failures of an address are forgiven by, in milliseconds; `performance.now()` if not given. */
  readonly clock?: () => number;
  /** How one from an address of failures waits before it is answered; with a timer if not given. */
  readonly pause?: (over: Promise<unknown>, milliseconds: number) => Promise<void>;
}

/** Open sockets. */
export interface Listener {
  /** The ports in the order of the addresses. */
  readonly ports: readonly number[];
  /** Connections being served, authenticated or not. */
  readonly active: number;
  /**
   * Stops accepting, waits up to `graceMs` for the connections to end by themselves and closes
   * those that have not.
   */
  close(graceMs: number): Promise<void>;
}

/** Connections that are not authenticated, at once: a daemon's memory is bounded by it. */
const MOST_PENDING = 500;

/** Connections that are accepted before those that came before them are heard. */
const AT_A_STRETCH = 16;

/** An authentication may take this long, in milliseconds (wire.md 14.3), hello included. */
const PENDING_MS = 330_000;

/**
 * Listens on all addresses and serves each connection until its promise settles.
 * @throws if an address cannot be bound; none is left open then
 */
export function listen(options: ListenOptions): Listener {
  const sockets = options.addresses.length === 2 && isBothFamilies(options.addresses)
    ? bindBothFamilies(options.addresses)
    : bind(options.addresses);
  const reception = new Reception(options);
  const loops = sockets.map((socket) => reception.accept(socket));
  return {
    ports: sockets.map((socket) => socket.addr.port),
    get active() {
      return reception.active;
    },
    async close(graceMs) {
      for (const socket of sockets) socket.close();
      await Promise.all(loops);
      await reception.close(graceMs);
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

/** Waits so long, or until `over` settles. */
async function pauseUnless(over: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds));
  await Promise.race([pause, over]);
  clearTimeout(timer);
}

/** What accepting fails with where the peer has reset the connection before its turn. */
const GONE = [
  Deno.errors.NotConnected,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
] as const;

/** Takes connections in, keeps count of them and hands them to who serves them. */
class Reception {
  readonly #options: ListenOptions;
  readonly #served = new Map<Connection, Promise<void>>();
  readonly #pending: PendingConnections;
  readonly #failures: FailureTable;
  readonly #complaints: Complaints;
  #admitted = 0;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#failures = new FailureTable(options.clock);
    this.#pending = new PendingConnections(options.maxPending ?? MOST_PENDING, PENDING_MS);
    this.#complaints = new Complaints(options.onError);
  }

  get active(): number {
    return this.#served.size;
  }

  /** Accepts until the socket is closed. */
  async accept(socket: Deno.TcpListener): Promise<void> {
    for (let count = 1;; count++) {
      // Those that wait are accepted without a turn of the event loop: what the first ones say is
      // read in between, or they would pass for silent and make room for the last ones.
      if (count % AT_A_STRETCH === 0) await new Promise((resolve) => setTimeout(resolve));
      let accepted: Deno.TcpConn;
      try {
        accepted = await socket.accept();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
          return; // closed
        }
        if (GONE.some((kind) => error instanceof kind)) continue; // who came is gone already
        this.#complain(error, "");
        await new Promise((resolve) => setTimeout(resolve, 50)); // out of descriptors, most likely
        continue;
      }
      const host = plainAddress(accepted.remoteAddr.hostname);
      try {
        this.#serve(new Connection(new TcpTransport(accepted)), host);
      } catch (error) {
        this.#complain(error, host); // the peer is gone already
      }
    }
  }

  /** Waits for those that are served, then closes them. */
  async close(graceMs: number): Promise<void> {
    if (this.#served.size > 0) {
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, graceMs);
      await Promise.race([Promise.all(this.#served.values()), grace.promise]);
      clearTimeout(timer);
      for (const connection of this.#served.keys()) connection.close();
      await Promise.all(this.#served.values());
    }
    this.#complaints.close();
  }

  #serve(connection: Connection, host: string): void {
    const visit = new Visit(connection, this.#pending.add(connection));
    connection.onAuthenticationFailed = () => this.#noteFailure(visit, host);
    const admission: Admission = {
      ready: () => this.#ready(visit, host),
      admit: () => this.#admit(visit),
    };
    const work = this.#options.onConnection(connection, host, admission);
    const done = work.catch((error) => this.#onFailure(error, host, visit)).finally(() => {
      connection.close();
      if (visit.isAdmitted) this.#admitted--;
      else this.#pending.remove(visit.pending);
      this.#served.delete(connection);
    });
    this.#served.set(connection, done);
  }

  /** The wait is cut where many wait: real peers would lose their turn by it. */
  async #ready({ connection, pending }: Visit, host: string): Promise<void> {
    pending.speaks = true;
    const wait = this.#failures.waitOf(host) * Math.max(0, 1 - 2 * this.#pending.fullness);
    if (wait <= 0) return;
    if (this.#failures.isFirstWait(host)) {
      // not among its failures, of which only the first are told
      this.#complaints.add(
        `${host}, slowed down`,
        `Slowing down connections from ${host}: authentications from there fail again and again`,
      );
    }
    await (this.#options.pause ?? pauseUnless)(connection.closed, wait);
  }

  async #admit(visit: Visit): Promise<boolean> {
    const { maxConnections = Infinity } = this.#options;
    const most = typeof maxConnections === "function" ? maxConnections() : maxConnections;
    if (this.#admitted >= most) {
      const { connection } = visit;
      this.#complain(
        new Error(`Cannot serve ${connection.peer}: Maximum of ${most} connections reached`),
        connection.peer,
      );
      await sayIfHeard(connection, Signal.TERMINATE);
      return false;
    }
    visit.connection.keepAlive({ seconds: this.#options.heartbeatInterval ?? 0 });
    this.#pending.remove(visit.pending);
    visit.isAdmitted = true;
    this.#admitted++;
    return true;
  }

  #onFailure(error: unknown, host: string, visit: Visit): void {
    if (error instanceof EmptyConnectionError) return;
    if (error instanceof AuthenticationError) this.#noteFailure(visit, host);
    this.#complain(error, host);
  }

  /** Counts it once, and at once: those who keep many connections in their pauses are slowed down, too. */
  #noteFailure(visit: Visit, host: string): void {
    if (visit.isAdmitted || visit.hasFailed) return;
    visit.hasFailed = true;
    this.#failures.note(host);
  }

  #complain(error: unknown, host: string): void {
    const why = messageOf(error);
    this.#complaints.add(host, why.includes(host) ? why : `${host}: ${why}`);
  }
}

/** One connection from its acceptance to its end. */
class Visit {
  isAdmitted = false;
  /** Whether it counts as a failure of its address. */
  hasFailed = false;

  constructor(readonly connection: Connection, readonly pending: Pending) {}
}
