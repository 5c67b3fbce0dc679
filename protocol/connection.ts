import { encodeText } from "../bytes/mod.ts";
import { BlockFormatError, decompressLz4Block } from "../compress/mod.ts";
import { ConnectionError, ReceiveTimeoutError } from "./errors.ts";
import { foreignText } from "./foreign_text.ts";
import {
  type Frame,
  FRAME_COMPRESSED,
  FRAME_HEADER,
  headerAt,
  headerInto,
  MAX_FRAME_EXPANDED,
  MAX_FRAME_RECEIVED,
  MAX_FRAME_SENT,
} from "./frame.ts";
import type { KeepAlive } from "./keep_alive.ts";
import { BaculaSignal, Signal } from "./signal.ts";
import type { Protection, ProtectionEnd, Transport } from "./transport.ts";

/** What is remembered of TLS that has ended before its connection. */
interface PastProtection {
  readonly identity: Uint8Array | undefined;
  readonly protection: Protection | undefined;
}

const FIRST_BUFFER = 16 << 10;
const LARGEST_BUFFER = 1 << 20;
const FIRST_OUT = 1 << 10;

/** How a {@linkcode Connection} is made. */
export interface ConnectionOptions {
  /** Who the peer is, for messages, such as `Storage daemon`; "peer" if not given. */
  readonly who?: string;
}

/** How long to wait for a frame. */
export interface ReceiveOptions {
  /** Milliseconds after which {@linkcode ReceiveTimeoutError} is thrown; forever if not given. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait with the signal's reason; the connection stays usable. */
  readonly abort?: AbortSignal | undefined;
}

/**
 * Frames in both directions over a {@linkcode Transport} (wire.md 3).
 *
 * Receiving: frames come out of one reused buffer that grows from 16 KiB to 1 MiB while data arrives
 * faster than it is taken. One reader at a time. Sending: any number of tasks may send, each message
 * stays whole and in order; what gathers while a write is under way goes out in the next write.
 */
export class Connection {
  #transport: Transport;
  /** What carries the bytes below all protection. */
  readonly #carrier: Transport;
  /** What was known of TLS that has served its purpose, see {@linkcode unprotect}. */
  #past: PastProtection | undefined;
  /** Who the peer is, for messages; an acceptor sets it once it knows. */
  who: string;
  /** The longest frame that is accepted, in bytes; small as long as the peer is not authenticated. */
  largestFrame: number = MAX_FRAME_RECEIVED;
  /**
   * Whether frames may be compressed, which a peer of Bacula does once it knows that the other end is
   * a recent one of its kind (bacula.md 4.1). Nothing is ever sent compressed.
   */
  acceptsCompressed = false;
  /** The peer has failed; what is left is the pause before its connection is closed. */
  isRefused = false;
  /**
   * Called as soon as an authentication over it has failed, or the peer is nobody who may come: the pause that
   * follows may take long. Calling it again does nothing.
   */
  onAuthenticationFailed: (() => void) | undefined;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BUFFER);
  #start = 0;
  #end = 0;
  #reading: Promise<number | null> | undefined;
  #out: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_OUT);
  #outLength = 0;
  readonly #chunks: Uint8Array[] = [];
  #writeError: unknown;
  #writes: Promise<void> = Promise.resolve();
  /** Where the frame ends that was looked at last. */
  #behind = 0;
  /** Nothing more comes; frames that have come can still be taken, unless `#isOver`. */
  #hasEnded = false;
  #isOver = false;
  #maySend = true;
  #isClosed = false;
  #failure: Error | undefined;
  readonly #closed = Promise.withResolvers<void>();

  /** Frames over `transport`, which is closed by {@linkcode close}. */
  constructor(transport: Transport, options: ConnectionOptions = {}) {
    this.#transport = transport;
    this.#carrier = transport;
    this.who = options.who ?? "peer";
  }

  /** `host:port` of the other end. */
  get peer(): string {
    return this.#transport.peer;
  }

  /** The suite and protocol that protect the connection, as status output shows them. */
  get cipher(): string | undefined {
    return this.#transport.cipher;
  }

  /** How the connection is protected; undefined in the clear. */
  get protection(): Protection | undefined {
    return this.#transport.protection;
  }

  /** The identity of the pre-shared key that protects the connection, or has at its beginning. */
  get identity(): Uint8Array | undefined {
    return this.#transport.identity ?? this.#past?.identity;
  }

  /** How the connection was protected before {@linkcode unprotect}. */
  get pastProtection(): Protection | undefined {
    return this.#past?.protection;
  }

  /**
   * Puts a layer between the frames and what carries them, such as TLS: `handshake` gets the present
   * transport and the bytes already read from it, and returns the transport to go on with. Nothing
   * may be under way in either direction.
   */
  async protect(
    handshake: (transport: Transport, first: Uint8Array) => Promise<Transport>,
  ): Promise<void> {
    const first = this.#buffer.slice(this.#start, this.#end);
    this.#start = this.#end = 0;
    this.#transport = await handshake(this.#transport, first);
  }

  /** Goes on in the clear, as `TLS Authenticate = yes` wants it (wire.md 8.10). */
  async unprotect(how: ProtectionEnd): Promise<void> {
    const { identity, protection } = this.#transport;
    const released = await this.#transport.release?.(how);
    if (released === undefined) return;
    this.#past = { identity, protection };
    this.#transport = released.transport;
    this.#makeRoomFor(released.first);
  }

  /** Takes in bytes that were read elsewhere. */
  #makeRoomFor(bytes: Uint8Array): void {
    const have = this.#buffer.subarray(this.#start, this.#end);
    const buffer = new Uint8Array(Math.max(this.#buffer.length, have.length + bytes.length));
    buffer.set(have);
    buffer.set(bytes, have.length);
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = have.length + bytes.length;
  }

  /** Sets the times of keepalive (wire.md 14.1); whether it could be done. */
  keepAlive(times: KeepAlive): boolean {
    return this.#carrier.keepAlive?.(times) ?? false;
  }

  /** Whether either end has said that the conversation is over, or the connection failed. */
  get isTerminated(): boolean {
    return this.#hasEnded || !this.#maySend;
  }

  /** Whether nothing more can come: the peer has ended its half, or the connection failed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when {@linkcode close} has been called, by whoever serves the connection. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Whether sending is still possible: also when the peer has ended its half in good order. */
  get canSend(): boolean {
    return this.#maySend;
  }

  /** Why the connection ended, if it did not end in good order. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /**
   * The next frame, or `undefined` at the hard end: end of file, I/O error or oversize frame (see
   * {@linkcode failure}), and after signal TERMINATE, which is itself delivered once.
   * @throws {ReceiveTimeoutError} when `timeoutMs` have passed without a whole frame
   */
  async receive(options: ReceiveOptions = {}): Promise<Frame | undefined> {
    const left = countdown(options);
    while (true) {
      const frame = this.takeBuffered();
      if (frame !== undefined) return frame;
      if (this.#hasEnded) return undefined;
      await this.#fill(left());
    }
  }

  /** The next frame if it is in the buffer as a whole: no system call, no promise. */
  takeBuffered(): Frame | undefined {
    const frame = this.#frameAt(this.#start);
    if (frame === undefined) return undefined;
    this.#start = this.#behind;
    if (frame.kind === "signal" && frame.signal === Signal.TERMINATE) this.#terminate();
    return frame;
  }

  /**
   * The whole frames that have arrived and were not taken, from so many bytes behind the last one that was,
   * and where they end; they can still be taken.
   */
  lookAhead(from = 0): { readonly frames: readonly Frame[]; readonly end: number } {
    const frames: Frame[] = [];
    let at = this.#start + from;
    for (let frame = this.#frameAt(at); frame !== undefined; frame = this.#frameAt(at)) {
      frames.push(frame);
      at = this.#behind;
    }
    return { frames, end: at - this.#start };
  }

  /** The frame that begins at a place of the buffer, if all of it is there; it ends at `#behind`. */
  #frameAt(at: number): Frame | undefined {
    const have = this.#end - at;
    if (have < FRAME_HEADER || this.#isOver) return undefined;
    const value = headerAt(this.#buffer, at);
    if (value < 0) {
      this.#behind = at + FRAME_HEADER;
      return {
        kind: "signal",
        signal: value === BaculaSignal.TERMINATE_REPORTED ? Signal.TERMINATE : value,
      };
    }
    const isCompressed = this.acceptsCompressed && (value & FRAME_COMPRESSED) !== 0;
    const length = isCompressed ? value - FRAME_COMPRESSED : value;
    if (length > MAX_FRAME_RECEIVED) {
      const sent = foreignText(this.#buffer.subarray(at, this.#end));
      this.#fail(
        new ConnectionError(
          `Packet size too big from "${this.who}:${this.peer}. Terminating connection.${sent}`,
        ),
      );
      return undefined;
    }
    if (have < FRAME_HEADER + length) return undefined;
    this.#behind = at + FRAME_HEADER + length;
    const payload = this.#buffer.subarray(at + FRAME_HEADER, this.#behind);
    return isCompressed ? this.#expand(payload) : { kind: "message", payload };
  }

  /** What a compressed payload was. */
  #expand(block: Uint8Array): Frame | undefined {
    try {
      return { kind: "message", payload: decompressLz4Block(block, MAX_FRAME_EXPANDED) };
    } catch (cause) {
      if (!(cause instanceof BlockFormatError)) throw cause;
      this.#fail(
        new ConnectionError(
          `Cannot receive from ${this.who} at ${this.peer}: a compressed message is damaged: ` +
            cause.message,
          { cause },
        ),
      );
      return undefined;
    }
  }

  /**
   * Waits until at least `count` bytes have arrived and returns a view of what has, without
   * consuming it; fewer bytes if the peer closed or the time is up.
   */
  async peek(count: number, options: ReceiveOptions = {}): Promise<Uint8Array> {
    const left = countdown(options);
    while (this.#end - this.#start < count && !this.#hasEnded) {
      try {
        await this.#fill(left());
      } catch (error) {
        if (error instanceof ReceiveTimeoutError) break;
        throw error;
      }
    }
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Sends one message; more than 999,996 bytes go as several frames. */
  send(payload: Uint8Array | string): Promise<void> {
    this.queue(payload);
    return this.flush();
  }

  /** Sends a signal; after TERMINATE nothing more can be sent. */
  async sendSignal(signal: Signal): Promise<void> {
    this.queueSignal(signal);
    if (signal === Signal.TERMINATE) this.#maySend = false;
    await this.flush();
  }

  /** Appends a signal to what the next {@linkcode flush} or `send` writes. */
  queueSignal(signal: Signal): void {
    this.#assertMaySend();
    this.#reserve(FRAME_HEADER);
    this.#outLength = headerInto(this.#out, this.#outLength, signal);
  }

  /** Sends bytes that are frames already (`frameInto`), after everything queued before. */
  sendRaw(framed: Uint8Array): Promise<void> {
    this.#assertMaySend();
    this.#sealQueue();
    this.#chunks.push(framed);
    return this.flush();
  }

  /** Appends a message to what the next {@linkcode flush} or `send` writes. */
  queue(payload: Uint8Array | string): void {
    this.#assertMaySend();
    const bytes = typeof payload === "string" ? encodeText(payload) : payload;
    let at = 0;
    do {
      const part = bytes.subarray(at, at + MAX_FRAME_SENT);
      this.#reserve(FRAME_HEADER + part.length);
      const from = headerInto(this.#out, this.#outLength, part.length);
      this.#out.set(part, from);
      this.#outLength = from + part.length;
      at += part.length;
    } while (at < bytes.length);
  }

  /** Writes what is queued; resolves when everything sent so far is with the system. */
  flush(): Promise<void> {
    const done = this.#writes.then(() => this.#writeAll());
    this.#writes = done.catch(() => {}); // the sender has the error; the chain goes on
    return done;
  }

  /** Closes at once; what is queued is lost, a pending `receive()` returns `undefined`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#terminate();
    this.#transport.close();
    this.#closed.resolve();
  }

  #assertMaySend(): void {
    if (this.#maySend) return;
    throw new ConnectionError(`Cannot send to ${this.who} at ${this.peer}: connection terminated`, {
      cause: this.#failure,
    });
  }

  #reserve(more: number): void {
    const needed = this.#outLength + more;
    if (needed <= this.#out.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#out.length * 2));
    larger.set(this.#out.subarray(0, this.#outLength));
    this.#out = larger;
  }

  /** Moves what is queued to the chunks that wait for being written, in order. */
  #sealQueue(): void {
    if (this.#outLength === 0) return;
    this.#chunks.push(this.#out.subarray(0, this.#outLength));
    this.#out = new Uint8Array(FIRST_OUT);
    this.#outLength = 0;
  }

  async #writeAll(): Promise<void> {
    this.#sealQueue();
    try {
      if (this.#writeError !== undefined) throw this.#writeError;
      for (let chunk = this.#chunks.shift(); chunk; chunk = this.#chunks.shift()) {
        await this.#transport.write(chunk);
        this.#sealQueue();
      }
    } catch (cause) {
      this.#writeError ??= cause;
      this.#maySend = false;
      const error = new ConnectionError(`Cannot send to ${this.who} at ${this.peer}: ${cause}`, {
        cause,
      });
      this.#failure ??= error;
      throw error;
    }
  }

  async #fill(options: TimedOptions): Promise<void> {
    options.abort?.throwIfAborted();
    this.#reading ??= this.#startRead();
    const read = options.timeoutMs === undefined && options.abort === undefined
      ? await this.#reading
      : await this.#waitFor(this.#reading, options);
    this.#reading = undefined;
    if (read === null) this.#hasEnded = true; // the peer may still listen
    else this.#end += read;
  }

  async #startRead(): Promise<number | null> {
    this.#makeRoom();
    try {
      return await this.#transport.read(this.#buffer.subarray(this.#end));
    } catch (cause) {
      if (!this.#isClosed) {
        this.#fail(
          new ConnectionError(`Cannot receive from ${this.who} at ${this.peer}: ${cause}`, {
            cause,
          }),
        );
      }
      return null;
    }
  }

  /** Makes at least a quarter of the buffer free and room for the frame that has begun. */
  #makeRoom(): void {
    const have = this.#end - this.#start;
    const isFull = this.#end === this.#buffer.length;
    let needed = FRAME_HEADER;
    if (have >= FRAME_HEADER) {
      const value = Math.max(0, headerAt(this.#buffer, this.#start)) & ~FRAME_COMPRESSED;
      needed += Math.min(MAX_FRAME_RECEIVED, value);
    }
    const wanted = isFull ? this.#buffer.length * 2 : this.#buffer.length;
    const capacity = Math.min(Math.max(wanted, needed), Math.max(LARGEST_BUFFER, needed));
    if (capacity > this.#buffer.length) {
      const larger = new Uint8Array(capacity);
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
    } else {
      const isTight = this.#buffer.length - this.#end < this.#buffer.length >> 2;
      if (!isTight && this.#start + needed <= this.#buffer.length) {
        if (have > 0) return;
      }
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = have;
  }

  #waitFor<T>(
    work: Promise<T>,
    { timeoutMs, totalMs = timeoutMs, abort }: TimedOptions,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => settle(() => reject(abort?.reason));
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
        const what = `${this.who} at ${this.peer}`;
        settle(() =>
          reject(new ReceiveTimeoutError(`Cannot receive from ${what}: nothing in ${totalMs} ms`))
        );
      }, timeoutMs);
      const settle = (then: () => void) => {
        clearTimeout(timer);
        abort?.removeEventListener("abort", onAbort);
        then();
      };
      abort?.addEventListener("abort", onAbort);
      work.then((value) => settle(() => resolve(value)), (error) => settle(() => reject(error)));
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#terminate();
  }

  #terminate(): void {
    this.#hasEnded = true;
    this.#isOver = true;
    this.#maySend = false;
  }
}

/** What is left of the time for a frame, and how much there was for messages. */
interface TimedOptions extends ReceiveOptions {
  readonly totalMs?: number | undefined;
}

/**
 * The options with what is left of their time: the limit is for a whole frame, however small the
 * pieces are in which a slow, or hostile, peer sends it.
 */
function countdown(options: ReceiveOptions): () => TimedOptions {
  const { timeoutMs } = options;
  if (timeoutMs === undefined) return () => options;
  const deadline = performance.now() + timeoutMs;
  return () => ({
    ...options,
    totalMs: timeoutMs,
    timeoutMs: Math.max(1, deadline - performance.now()),
  });
}
