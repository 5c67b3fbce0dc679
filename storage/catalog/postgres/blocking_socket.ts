/**
 * A socket whose calls wait, for code that is synchronous as the catalog's is. A thread speaks to the
 * network; what it reads lies in a ring in shared memory, and who wants it waits for it with
 * `Atomics.wait`. Neither direction holds more than a few megabytes.
 *
 * @module
 */

/** Where a server listens. */
export type SocketTarget =
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** The connection cannot be made, or has ended. */
export class SocketError extends Error {
  /** The class, for logs. */
  override readonly name = "SocketError";

  /** Whether the other side was silent for longer than was allowed. */
  get isSilence(): boolean {
    return this.message === SILENT;
  }
}

/** Bytes of the ring; a power of two. */
const RING_BYTES = 1 << 20;
/** Bytes on their way to the network before a writer waits. */
const MOST_UNSENT = 4 << 20;
/** What is said of a server that takes too long. */
const SILENT = "the server does not answer";
/** Bytes that the thread's last words may have. */
const ERROR_BYTES = 1024;

/** The words of the shared counters. Counters of bytes wrap at 2^32. */
const Word = {
  /** Changes whenever the thread has done something. */
  turn: 0,
  /** A {@linkcode State}. */
  state: 1,
  /** Bytes put into the ring. */
  head: 2,
  /** Bytes taken from the ring. */
  tail: 3,
  /** Bytes given to the network. */
  sent: 4,
  /** 1 while the thread waits for room in the ring. */
  isFull: 5,
  /** Bytes of the last words. */
  errorLength: 6,
} as const;
const WORDS = 8;

const State = { connecting: 0, open: 1, ended: 2 } as const;

/** What the thread is told first. */
interface Beginning {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly ring: Uint8Array<SharedArrayBuffer>;
  readonly lastWords: Uint8Array<SharedArrayBuffer>;
  readonly target: SocketTarget;
  readonly names: { readonly Word: typeof Word; readonly State: typeof State };
}

/** One connection. */
export class BlockingSocket implements Disposable {
  readonly #worker: Worker;
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #ring = new Uint8Array(new SharedArrayBuffer(RING_BYTES));
  readonly #lastWords = new Uint8Array(new SharedArrayBuffer(ERROR_BYTES));
  #sent = 0;

  /** Connects. @throws SocketError if that fails or takes longer than `timeoutMs` */
  constructor(target: SocketTarget, timeoutMs: number) {
    // The thread's code is one function that refers to nothing else: it needs no file of its own, which
    // the bundled program would not have.
    const source = `(${serve})();`;
    this.#worker = new Worker(`data:application/javascript,${encodeURIComponent(source)}`, {
      type: "module",
      name: "catalog-socket",
    });
    const beginning: Beginning = {
      words: this.#words,
      ring: this.#ring,
      lastWords: this.#lastWords,
      target,
      names: { Word, State },
    };
    this.#worker.postMessage(beginning);
    const isDone = this.#wait(() => this.#state !== State.connecting, timeoutMs);
    if (isDone && this.#state === State.open) return;
    const why = isDone ? this.#why : SILENT;
    this.close();
    throw new SocketError(why);
  }

  get #state(): number {
    return Atomics.load(this.#words, Word.state);
  }

  get #used(): number {
    return (Atomics.load(this.#words, Word.head) - Atomics.load(this.#words, Word.tail)) | 0;
  }

  get #why(): string {
    const length = Atomics.load(this.#words, Word.errorLength);
    return new TextDecoder().decode(this.#lastWords.slice(0, length)) ||
      "the connection was closed";
  }

  /** Waits until `isDone`; `false` if that took too long. */
  #wait(isDone: () => boolean, timeoutMs = Infinity): boolean {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const turn = Atomics.load(this.#words, Word.turn);
      if (isDone()) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#words, Word.turn, turn, left);
    }
  }

  /** Whether bytes have arrived, or the connection has ended. */
  get hasNews(): boolean {
    return this.#used !== 0 || this.#state === State.ended;
  }

  /**
   * The bytes that have arrived, at least one.
   * @throws SocketError at the end of the connection, or if nothing comes for `timeoutMs`
   */
  read(timeoutMs = Infinity): Uint8Array<ArrayBuffer> {
    if (!this.#wait(() => this.hasNews, timeoutMs)) throw new SocketError(SILENT);
    const used = this.#used;
    if (used === 0) throw new SocketError(this.#why);
    const tail = Atomics.load(this.#words, Word.tail);
    const start = tail & (RING_BYTES - 1);
    const bytes = new Uint8Array(used);
    const upper = this.#ring.subarray(start, start + used);
    bytes.set(upper);
    bytes.set(this.#ring.subarray(0, used - upper.length), upper.length);
    Atomics.store(this.#words, Word.tail, (tail + used) | 0);
    if (Atomics.exchange(this.#words, Word.isFull, 0) === 1) this.#worker.postMessage("room");
    return bytes;
  }

  /**
   * Sends bytes, which are handed over. Waits where the network is slow.
   * @throws SocketError, if nothing can be sent for `timeoutMs`, too
   */
  write(bytes: Uint8Array<ArrayBuffer>, timeoutMs = Infinity): void {
    this.#sent = (this.#sent + bytes.length) | 0;
    this.#worker.postMessage(bytes, [bytes.buffer]);
    const unsent = (): number => (this.#sent - Atomics.load(this.#words, Word.sent)) | 0;
    const isDone = (): boolean => unsent() <= MOST_UNSENT || this.#state === State.ended;
    if (!this.#wait(isDone, timeoutMs)) throw new SocketError(SILENT);
    if (this.#state === State.ended && this.#used === 0) throw new SocketError(this.#why);
  }

  /** Ends the connection and its thread, after what was written. */
  close(): void {
    const unsent = (): boolean => this.#sent !== Atomics.load(this.#words, Word.sent);
    if (this.#state === State.open) {
      this.#wait(() => !unsent() || this.#state === State.ended, CLOSE_MS);
    }
    this.#worker.terminate();
  }

  /** See {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** How long an end waits for the network. */
const CLOSE_MS = 1000;

/** The thread's code: refers to nothing outside of itself. */
function serve(): void {
  const scope = globalThis as unknown as {
    onmessage: (event: MessageEvent) => void;
  };
  scope.onmessage = ({ data }: { data: Beginning }) => {
    const { words, ring, lastWords, target, names: { Word, State } } = data;
    const tell = (): void => {
      Atomics.add(words, Word.turn, 1);
      Atomics.notify(words, Word.turn);
    };
    const end = (error?: unknown): void => {
      if (Atomics.load(words, Word.state) === State.ended) return;
      if (error !== undefined) {
        const text = error instanceof Error ? error.message : String(error);
        const { written } = new TextEncoder().encodeInto(text, lastWordsCopy);
        lastWords.set(lastWordsCopy);
        Atomics.store(words, Word.errorLength, written);
      }
      Atomics.store(words, Word.state, State.ended);
      tell();
    };
    const lastWordsCopy = new Uint8Array(lastWords.length);
    const waiting: Uint8Array[] = [];
    let hasMore: (() => void) | undefined;
    let hasRoom: (() => void) | undefined;
    scope.onmessage = ({ data }: { data: Uint8Array | "room" }) => {
      if (data === "room") return hasRoom?.();
      waiting.push(data);
      hasMore?.();
    };
    const send = async (connection: Deno.Conn): Promise<void> => {
      for (;;) {
        const bytes = waiting.shift();
        if (bytes === undefined) {
          await new Promise<void>((resolve) => hasMore = resolve);
          continue;
        }
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
        Atomics.add(words, Word.sent, bytes.length);
        tell();
      }
    };
    const receive = async (connection: Deno.Conn): Promise<void> => {
      const buffer = new Uint8Array(65_536);
      for (;;) {
        const count = await connection.read(buffer);
        if (count === null) return end("the server closed the connection");
        const room = (): number =>
          ring.length -
          ((Atomics.load(words, Word.head) - Atomics.load(words, Word.tail)) | 0);
        while (room() < count) {
          const promise = new Promise<void>((resolve) => hasRoom = resolve);
          Atomics.store(words, Word.isFull, 1);
          if (room() < count) await promise;
        }
        const head = Atomics.load(words, Word.head);
        const start = head & (ring.length - 1);
        const upper = Math.min(count, ring.length - start);
        ring.set(buffer.subarray(0, upper), start);
        ring.set(buffer.subarray(upper, count), 0);
        Atomics.store(words, Word.head, (head + count) | 0);
        tell();
      }
    };
    const run = async (): Promise<void> => {
      const connection: Deno.Conn = target.transport === "unix"
        ? await Deno.connect(target)
        : await Deno.connect(target);
      if ("setNoDelay" in connection) {
        const tcp = connection as Deno.TcpConn;
        tcp.setNoDelay(true);
        tcp.setKeepAlive(true);
      }
      Atomics.store(words, Word.state, State.open);
      tell();
      send(connection).catch(end);
      await receive(connection);
    };
    run().catch(end);
  };
}
