import { type KeepAlive, setKeepAlive } from "./keep_alive.ts";

/** How the bytes of a connection are protected. */
export interface Protection {
  /** By a pre-shared key, or by certificates. */
  readonly mode: "key" | "certificate";
  /** Such as `TLSv1.3`. */
  readonly version: string;
  /** The cipher suite as OpenSSL names it, such as `TLS_CHACHA20_POLY1305_SHA256`. */
  readonly suite: string;
  /** The common name in the peer's certificate, if it has shown one. */
  readonly peerName?: string;
}

/**
 * How TLS ends before its connection does (wire.md 8.10): by close_notify from both ends, or by both simply
 * forgetting it after the handshake.
 */
export type ProtectionEnd = "closed" | "dropped";

/** What is left when a protection has ended. */
export interface ReleasedTransport {
  readonly transport: Transport;
  /** Bytes that were read already. */
  readonly first: Uint8Array;
}

/** What a {@linkcode Connection} needs of the thing that carries its bytes: TCP, TLS, a test. */
export interface Transport {
  /** `host:port` of the other end, for messages. */
  readonly peer: string;
  /** How the bytes are protected; absent in the clear. */
  readonly protection?: Protection;
  /** The suite and protocol that protect the bytes, as status output shows them; absent in the clear. */
  readonly cipher?: string;
  /** The identity whose pre-shared key protects the bytes, if one does. */
  readonly identity?: Uint8Array;
  /** Reads at least one byte into `into`; `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes both directions; closing twice is fine. */
  close(): void;
  /**
   * Ends the protection and not what carries it, where there is one: what to go on with in the clear, and
   * what has been read of it.
   */
  release?(how: ProtectionEnd): Promise<ReleasedTransport>;
  /** Sets the times of keepalive, where there is such a thing; whether it could be done. */
  keepAlive?(times: KeepAlive): boolean;
}

/** An address as it is shown: IPv4 in its own form, also where it came through an IPv6 socket. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** A transport over an open TCP connection, with keepalive and without Nagle's delay (wire.md 14.1). */
export class TcpTransport implements Transport {
  readonly #socket: Deno.TcpConn;
  /** `host:port` of the other end. */
  readonly peer: string;
  #isClosed = false;

  /** Takes over `socket`. */
  constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
    const { hostname, port } = socket.remoteAddr;
    this.peer = `${plainAddress(hostname)}:${port}`;
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
  }

  /** Reads at least one byte; `null` at the end. */
  read(into: Uint8Array): Promise<number | null> {
    return this.#socket.read(into);
  }

  /** Writes all of `bytes`. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
  }

  /** Closes both directions; closing twice is fine. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  /** Sets the times of keepalive (wire.md 14.1); whether it could be done. */
  keepAlive(times: KeepAlive): boolean {
    return setKeepAlive(this.#socket, times);
  }
}
