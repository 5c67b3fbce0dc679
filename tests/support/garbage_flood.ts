/** Garbage at a steady rate: every kind of it, from one address and from as many as there are. Loopback only. @module */
import { Connection, startTls } from "../../protocol/mod.ts";
import { nonsense } from "./hostile_peer.ts";
import { MemoryTransport } from "./memory_transport.ts";
import { type Ipv4, RawSockets } from "./raw_sockets.ts";

/** What one connection of a flood does. */
interface Garbage {
  /** What is sent, if anything. */
  readonly say?: () => Uint8Array;
  /** How many more connections are opened before this one is closed. */
  readonly lingers: number;
  /** It ends with a reset. */
  readonly isHard?: boolean;
}

/** The first message of who comes under TLS with a key of his own making. */
async function clientHello(type: string, name: string): Promise<Uint8Array> {
  const transport = new MemoryTransport("nobody:0").end();
  await startTls(new Connection(transport), { type, name }, "a wrong password").catch(() => {});
  const [hello] = transport.written;
  if (hello === undefined) throw new Error("No hello was written");
  return hello;
}

/** All kinds of garbage, for a daemon to which `owner` is known. */
async function kindsOfGarbage(): Promise<readonly Garbage[]> {
  const wrong = await clientHello("R_DIRECTOR", "roost-dir");
  const unknown = await clientHello("R_CONSOLE", "nobody");
  const console = await clientHello("R_CONSOLE", "*UserAgent*");
  const cut = (bytes: Uint8Array) => (): Uint8Array =>
    bytes.subarray(0, 1 + Math.floor(Math.random() * (bytes.length - 1)));
  return [
    ...nonsense.map((say) => ({ say, lingers: 4 })),
    ...[wrong, console].map((hello) => ({ say: () => hello, lingers: 200 })), // wrong password
    { say: () => unknown, lingers: 50 },
    { say: cut(wrong), lingers: 0 },
    { say: cut(wrong), lingers: 300 },
    { say: cut(console), lingers: 20, isHard: true },
    { lingers: 0 },
    { lingers: 0, isHard: true },
    { lingers: 300 },
    { say: () => crypto.getRandomValues(new Uint8Array(500)), lingers: 0, isHard: true },
  ];
}

const byte = (): number => Math.floor(Math.random() * 256);
/** One in two comes from one address, the others from anywhere. */
const someone = (one: Ipv4): Ipv4 =>
  Math.random() < 0.5 ? one : [127, byte(), byte(), 1 + Math.floor(Math.random() * 254)];

const TICK_MS = 20;
/** A connection that takes longer is given up, in milliseconds. */
const PATIENCE_MS = 100;

/** Connections of garbage to some ports, one port after the other. */
export class GarbageFlood implements Disposable {
  readonly #sockets = new RawSockets();
  readonly #open: { readonly socket: number; readonly until: number; readonly isHard: boolean }[] =
    [];
  readonly #kinds: readonly Garbage[];
  /** Connections that were opened, all ports together. */
  opened = 0;
  /** Connections that did not come about. */
  failed = 0;
  /** The address that one in two connections comes from. */
  worst: Ipv4 = [127, 0, 0, 1];

  private constructor(kinds: readonly Garbage[]) {
    this.#kinds = kinds;
  }

  /** A flood that has not begun. */
  static async create(): Promise<GarbageFlood> {
    return new GarbageFlood(await kindsOfGarbage());
  }

  /** Opens `count` connections to each port, `rate` a second to each, or as many as can be. */
  async run(ports: readonly number[], count: number, rate: number): Promise<void> {
    const goal = this.opened + count * ports.length;
    let last = performance.now();
    let due = 0;
    while (this.opened < goal) {
      const now = performance.now();
      // What was missed while others had the machine is not made up for at once.
      due += Math.min(now - last, 1_000) * rate * ports.length / 1000;
      last = now;
      for (; due >= 1 && this.opened < goal; due--) {
        if (!this.#attack(ports)) due = 0; // who is attacked does not get to his queue: later
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** Opens `count` connections that say nothing, and keeps them. */
  async stare(port: number, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const socket = this.#sockets.connect(port, someone(this.worst), PATIENCE_MS);
      if (socket < 0) this.failed++;
      else this.#open.push({ socket, until: Infinity, isHard: false });
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** Closes what is open. */
  closeAll(): void {
    for (const { socket, isHard } of this.#open.splice(0)) this.#sockets.close(socket, isHard);
  }

  /** Closes what is open, and ends. */
  [Symbol.dispose](): void {
    this.closeAll();
    this.#sockets[Symbol.dispose]();
  }

  /** Whether the connection came about. */
  #attack(ports: readonly number[]): boolean {
    const port = ports[this.opened % ports.length];
    const kind = this.#kinds[Math.floor(this.opened / ports.length) % this.#kinds.length];
    if (port === undefined || kind === undefined) return false;
    const socket = this.#sockets.connect(port, someone(this.worst), PATIENCE_MS);
    if (socket < 0) {
      this.failed++; // and is tried again: only those that came about count
      return false;
    }
    this.opened++;
    const bytes = kind.say?.();
    if (bytes !== undefined && bytes.length > 0) this.#sockets.send(socket, bytes);
    const { lingers, isHard = false } = kind;
    if (lingers === 0) this.#sockets.close(socket, isHard);
    else this.#open.push({ socket, until: this.opened + lingers * ports.length, isHard });
    this.#closeSome();
    return true;
  }

  /** Closes whose time is up, among the oldest. */
  #closeSome(): void {
    for (let at = 0; at < Math.min(this.#open.length, 40); at++) {
      const entry = this.#open[at];
      if (entry === undefined || entry.until > this.opened) continue;
      this.#sockets.close(entry.socket, entry.isHard);
      this.#open.splice(at--, 1);
    }
    // The oldest may all be patient ones.
    while (this.#open.length > 3_000) {
      const entry = this.#open.shift();
      if (entry !== undefined) this.#sockets.close(entry.socket, entry.isHard);
    }
  }
}
