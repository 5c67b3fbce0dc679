/** Connections from a configured local address, which the runtime's own call cannot make. @module */
import { connect, type Socket } from "node:net";
import { type KeepAlive, setKeepAlive, type SocketEnds } from "./keep_alive.ts";
import { plainAddress, type Transport } from "./transport.ts";

/** Bytes that wait to be read before the peer is made to wait. */
const MOST_WAITING = 1 << 20;

/** A transport over a socket of the Node kind. */
export class SourceTransport implements Transport {
  readonly #socket: Socket;
  /** `host:port` of the other end. */
  readonly peer: string;
  readonly #ends: SocketEnds;
  readonly #arrived: Uint8Array[] = [];
  #waiting = 0;
  #wake: (() => void) | undefined;
  #error: Error | undefined;
  #hasEnded = false;

  /** Takes over a socket that is connected. */
  constructor(socket: Socket) {
    const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
    this.#socket = socket;
    this.peer = `${plainAddress(remoteAddress)}:${remotePort}`;
    this.#ends = {
      localAddr: { transport: "tcp", hostname: localAddress, port: localPort },
      remoteAddr: { transport: "tcp", hostname: remoteAddress, port: remotePort },
    };
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on("data", (bytes: Uint8Array) => this.#take(bytes));
    socket.on("error", (error: Error) => this.#end(error));
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  /** Reads at least one byte; `null` at the end. */
  async read(into: Uint8Array): Promise<number | null> {
    while (true) {
      const [first] = this.#arrived;
      if (first !== undefined) {
        const part = first.subarray(0, into.length);
        into.set(part);
        if (part.length === first.length) this.#arrived.shift();
        else this.#arrived[0] = first.subarray(part.length);
        this.#waiting -= part.length;
        if (this.#waiting < MOST_WAITING) this.#socket.resume();
        return part.length;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve())
    );
  }

  /** Closes both directions; closing twice is fine. */
  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  /** Sets the times of keepalive (wire.md 14.1); whether it could be done. */
  keepAlive(times: KeepAlive): boolean {
    return setKeepAlive(this.#ends, times);
  }

  #take(bytes: Uint8Array): void {
    this.#arrived.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting >= MOST_WAITING) this.#socket.pause();
    this.#wake?.();
  }

  #end(error?: Error): void {
    this.#error ??= error;
    this.#hasEnded = true;
    this.#wake?.();
  }
}

/** Connects from a local address. @throws what the system says */
export function connectFrom(
  localAddress: string,
  { hostname, port, signal }: {
    readonly hostname: string;
    readonly port: number;
    readonly signal: AbortSignal;
  },
): Promise<SourceTransport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, localAddress });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", (error: Error) => {
      signal.removeEventListener("abort", onAbort);
      reject(error);
    });
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(new SourceTransport(socket));
    });
  });
}
