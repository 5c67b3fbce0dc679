/**
 * Named pipes, without ever keeping the process waiting: a program may open the other end when it
 * likes, and read as slowly as it likes.
 *
 * @module
 */
import { closeSync, constants, openSync } from "node:fs";

/** Milliseconds between two looks whether a program has opened the other end. */
const LOOK_MS = 50;
/** Bytes that may wait to be written before {@linkcode PipeSink.drained} waits. */
const MOST_WAITING = 4 << 20;

/** The writing end of a pipe. */
export interface PipeSink {
  /** Takes bytes over. @throws why an earlier write failed */
  write(bytes: Uint8Array): void;
  /** Resolves when there is room for more. @throws why a write failed */
  drained(): Promise<void>;
  /** Resolves when everything has gone out. @throws why a write failed */
  flushed(): Promise<void>;
  /** Closes the pipe; what has not gone out is dropped. */
  close(): void;
}

/** Opens a pipe for writing as soon as a program reads from it, which may take `openWaitMs`. */
export function pipeSink(path: string, openWaitMs: number): PipeSink {
  return new QueuedSink(path, openWaitMs);
}

class QueuedSink implements PipeSink {
  readonly #queue: Uint8Array[] = [];
  #waiting = 0;
  #failure: unknown;
  #isClosed = false;
  #isBusy = false;
  #file: Deno.FsFile | undefined;
  #changed = Promise.withResolvers<void>();
  readonly #path: string;
  readonly #openWaitMs: number;

  constructor(path: string, openWaitMs: number) {
    this.#path = path;
    this.#openWaitMs = openWaitMs;
  }

  write(bytes: Uint8Array): void {
    this.#throwFailure();
    this.#queue.push(bytes);
    this.#waiting += bytes.length;
    if (!this.#isBusy) void this.#work();
  }

  drained(): Promise<void> {
    return this.#until(() => this.#waiting <= MOST_WAITING);
  }

  flushed(): Promise<void> {
    return this.#until(() => this.#waiting === 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#waiting = 0;
    this.#tell();
    // a write that is under way holds the file; who does it closes it
    if (!this.#isBusy) this.#closeFile();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#isClosed && this.#failure === undefined && !condition()) {
      await this.#changed.promise;
    }
    this.#throwFailure();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      this.#file ??= await this.#open();
      for (let bytes = this.#queue.shift(); bytes !== undefined; bytes = this.#queue.shift()) {
        for (let at = 0; at < bytes.length && !this.#isClosed;) {
          at += await this.#file.write(bytes.subarray(at));
        }
        this.#waiting = Math.max(0, this.#waiting - bytes.length);
        this.#tell();
      }
    } catch (error) {
      if (!this.#isClosed) this.#failure = error;
      this.#tell();
    }
    this.#isBusy = false;
    if (this.#isClosed) this.#closeFile();
  }

  async #open(): Promise<Deno.FsFile> {
    const end = performance.now() + this.#openWaitMs;
    while (!this.#isClosed) {
      const probe = tryOpen(this.#path, constants.O_WRONLY);
      if (probe !== undefined) {
        try {
          return await Deno.open(this.#path, { write: true }); // somebody reads: this does not wait
        } finally {
          closeSync(probe);
        }
      }
      if (performance.now() >= end) {
        const seconds = Math.round(this.#openWaitMs / 1000);
        throw new Error(`no program has opened it for reading within ${seconds} s`);
      }
      await pause();
    }
    throw new Error("the pipe was closed");
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tell(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

/**
 * Copies what comes out of a pipe into a file, to its end.
 * @throws the reason of `signal`, or if no program writes within the time
 */
export async function readPipe(
  path: string,
  { into, openWaitMs, signal }: {
    readonly into: string;
    readonly openWaitMs: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  signal.throwIfAborted();
  const opening = Deno.open(path, { read: true });
  let why: unknown;
  // Opening waits for a writer, and so does reading: being one for a moment ends both.
  const end = (reason: unknown): void => {
    why ??= reason;
    const fd = tryOpen(path, constants.O_RDWR);
    if (fd !== undefined) opening.catch(() => {}).then(() => setTimeout(() => closeSync(fd), 1));
  };
  const seconds = Math.round(openWaitMs / 1000);
  const timer = setTimeout(
    () => end(new Error(`no program has opened it for writing within ${seconds} s`)),
    openWaitMs,
  );
  const onAbort = (): void => end(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    using pipe = await opening;
    clearTimeout(timer);
    using file = await Deno.open(into, { write: true, create: true, truncate: true, mode: 0o640 });
    const buffer = new Uint8Array(256 << 10);
    while (why === undefined) {
      const read = await pipe.read(buffer);
      if (read === null || read === 0) break;
      for (let at = 0; at < read;) at += await file.write(buffer.subarray(at, read));
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
  if (why !== undefined) throw why;
}

/** Opens a pipe without waiting; undefined if nobody is at the other end. */
function tryOpen(path: string, mode: number): number | undefined {
  try {
    return openSync(path, mode | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENXIO") return undefined;
    throw error;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
