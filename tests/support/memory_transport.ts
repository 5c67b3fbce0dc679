import type { Transport } from "../../protocol/mod.ts";

/** Sees the bytes of a write on their way and may change them. */
export type Tamper = (bytes: Uint8Array) => Uint8Array;

/** Two transports, each of which reads what the other writes, altered where a test wants it. */
export function memoryPair(
  tamperA: Tamper = (bytes) => bytes,
  tamperB: Tamper = (bytes) => bytes,
): [MemoryTransport, MemoryTransport] {
  const a = new MemoryTransport("a:1", tamperA);
  const b = new MemoryTransport("b:2", tamperB);
  a.other = b;
  b.other = a;
  return [a, b];
}

/** One end of a pair; also a transport that plays given bytes, in pieces as a test likes. */
export class MemoryTransport implements Transport {
  readonly #arrived: Uint8Array[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;
  /** Who reads what is written here. */
  other: MemoryTransport | undefined;
  /** Everything written here, one element a write. */
  readonly written: Uint8Array[] = [];

  constructor(readonly peer: string, readonly tamper: Tamper = (bytes) => bytes) {}

  /** Lets `bytes` arrive. */
  feed(...pieces: readonly Uint8Array[]): this {
    this.#arrived.push(...pieces.filter((piece) => piece.length > 0));
    this.#wake?.();
    return this;
  }

  /** Lets the end of file arrive. */
  end(): this {
    this.#isEnded = true;
    this.#wake?.();
    return this;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (true) {
      const first = this.#arrived[0];
      if (first !== undefined) {
        const part = first.subarray(0, into.length);
        into.set(part);
        if (part.length === first.length) this.#arrived.shift();
        else this.#arrived[0] = first.subarray(part.length);
        return part.length;
      }
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    const copy = this.tamper(bytes.slice());
    this.written.push(copy);
    this.other?.feed(copy);
    return Promise.resolve();
  }

  close(): void {
    this.end();
    this.other?.end();
  }
}
