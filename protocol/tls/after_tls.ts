import type { KeepAlive } from "../keep_alive.ts";
import type { Transport } from "../transport.ts";
import { ContentType, headerLength } from "./record.ts";

/** Records that may follow where TLS was dropped; more of them is no TLS that was dropped. */
const mostRecords = 8;

/**
 * A connection on which TLS was dropped after its handshake (wire.md 8.10). What the peer had still to say of
 * it, such as tickets in TLS 1.3, or close_notify, comes before its first frame and is left out: no frame
 * begins like a record, for it would be longer than frames are.
 */
export class AfterTls implements Transport {
  readonly #transport: Transport;
  readonly peer: string;
  #rest: Uint8Array;
  #isClear = false;

  /** Goes on with `transport`, of which `first` has been read. */
  constructor(transport: Transport, first: Uint8Array) {
    this.#transport = transport;
    this.peer = transport.peer;
    this.#rest = first;
  }

  /** Reads what is not of TLS any more. */
  async read(into: Uint8Array): Promise<number | null> {
    if (!this.#isClear) await this.#skipRecords();
    if (this.#rest.length === 0) return await this.#transport.read(into);
    const piece = this.#rest.subarray(0, into.length);
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  /** Writes in the clear. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#transport.write(bytes);
  }

  /** Closes both directions. */
  close(): void {
    this.#transport.close();
  }

  /** Sets the times of keepalive, where there is such a thing. */
  keepAlive(times: KeepAlive): boolean {
    return this.#transport.keepAlive?.(times) ?? false;
  }

  async #skipRecords(): Promise<void> {
    for (let records = 0; records < mostRecords; records++) {
      if (!await this.#have(1)) break;
      const [type = 0] = this.#rest;
      if (type < ContentType.changeCipherSpec || type > ContentType.applicationData) break;
      if (!await this.#have(headerLength)) break;
      const length = (this.#rest[3] ?? 0) << 8 | (this.#rest[4] ?? 0);
      if (!await this.#have(headerLength + length)) break;
      this.#rest = this.#rest.subarray(headerLength + length);
    }
    this.#isClear = true;
  }

  async #have(count: number): Promise<boolean> {
    while (this.#rest.length < count) {
      const more = new Uint8Array(4096);
      const read = await this.#transport.read(more);
      if (read === null) return false;
      const joined = new Uint8Array(this.#rest.length + read);
      joined.set(this.#rest);
      joined.set(more.subarray(0, read), this.#rest.length);
      this.#rest = joined;
    }
    return true;
  }
}
