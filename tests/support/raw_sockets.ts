/**
 * Sockets of the system itself, which cost microseconds where the runtime's cost a hundred: for tests that open
 * them by the hundred thousand, from any loopback address. Linux only.
 *
 * @module
 */

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const MSG_NOSIGNAL = 0x4000;
const POLLOUT = 4;
/** Milliseconds that a connection over loopback may take on a busy machine. */
const CONNECT_MS = 10_000;

const functions = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/** An IPv4 address as four numbers. */
export type Ipv4 = readonly [number, number, number, number];

function socketAddress(host: Ipv4, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, AF_INET, true);
  new DataView(bytes.buffer).setUint16(2, port);
  bytes.set(host, 4);
  return bytes;
}

/** Opens, feeds and closes sockets that hardly make us wait. */
export class RawSockets implements Disposable {
  readonly #library = Deno.dlopen("libc.so.6", functions);

  /**
   * Connects to a port of 127.0.0.1 from `source`. Gives the descriptor, or -1 if that failed or was not done in
   * `patienceMs` milliseconds.
   */
  connect(port: number, source: Ipv4, patienceMs = CONNECT_MS): number {
    const { symbols: c } = this.#library;
    const socket = c.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    c.setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, Int32Array.of(1), 4);
    const isBound = c.bind(socket, socketAddress(source, 0), 16) === 0;
    if (isBound) c.connect(socket, socketAddress([127, 0, 0, 1], port), 16);
    const wanted = new Uint8Array(8);
    new DataView(wanted.buffer).setInt32(0, socket, true);
    new DataView(wanted.buffer).setInt16(4, POLLOUT, true);
    if (isBound) c.poll(wanted, 1n, patienceMs);
    if (new DataView(wanted.buffer).getInt16(6, true) === POLLOUT) return socket; // and no error
    c.close(socket);
    return -1;
  }

  /** Sends what the socket takes at once. */
  send(socket: number, bytes: Uint8Array): boolean {
    const view = new Uint8Array(bytes); // of its own buffer, as the call wants it
    return this.#library.symbols.send(socket, view, BigInt(view.length), MSG_NOSIGNAL) > 0;
  }

  /** Closes; with a reset in place of an end if `hard`. */
  close(socket: number, hard = false): void {
    const { symbols: c } = this.#library;
    if (hard) c.setsockopt(socket, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0), 8);
    c.close(socket);
  }

  /** Lets go of the system's library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}
