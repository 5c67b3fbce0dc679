/** Two ends of a transport without a network, for tests that alter what passes. @module */
import type { Transport } from "../../protocol/transport.ts";

/** Sees every write of one end and may change it. */
export type Tamper = (bytes: Uint8Array) => Uint8Array;

class End implements Transport {
  readonly peer = "memory";
  readonly #incoming: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;
  other: End | undefined;

  constructor(readonly tamper: Tamper) {}

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#incoming.length === 0) {
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const first = this.#incoming[0] as Uint8Array;
    const count = Math.min(first.length, into.length);
    into.set(first.subarray(0, count));
    if (count === first.length) this.#incoming.shift();
    else this.#incoming[0] = first.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.other?.take(this.tamper(bytes.slice()));
    return Promise.resolve();
  }

  take(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#incoming.push(bytes);
    this.#wake?.();
  }

  close(): void {
    this.end();
    this.other?.end();
  }

  end(): void {
    this.#isClosed = true;
    this.#wake?.();
  }
}

/** Two connected ends; closing one ends both. */
export function memoryTransports(
  tamperFirst: Tamper = (bytes) => bytes,
  tamperSecond: Tamper = (bytes) => bytes,
): [Transport, Transport] {
  const [one, other] = [new End(tamperFirst), new End(tamperSecond)];
  one.other = other;
  other.other = one;
  return [one, other];
}
