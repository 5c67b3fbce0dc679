/**
 * Threads: every one is started from this module, so that a program bundled into
 * one file is enough. In such a bundle this module is the program itself, which
 * must do nothing else where {@linkcode isThread} holds.
 *
 * @module
 */

/** What a thread can be for; each role is a module that serves it. */
export const roles = {
  backup: () => import("./file/backup/backup_thread.ts"),
  work: () => import("./file/work/work_thread.ts"),
  digest: () => import("./file/restore/digest_thread.ts"),
  catalog: () => import("./director/catalog_thread.ts"),
  flate: () => import("./storage/flate_thread.ts"),
  pam: () => import("./director/pam/pam_thread.ts"),
} as const;

/** What a thread is for. */
export type ThreadRole = keyof typeof roles;

/** The thread's own end of the conversation with who started it. */
export interface ThreadPort {
  /** Sends a message; buffers in `transfer` are handed over, not copied. */
  post(message: unknown, transfer?: Transferable[]): void;
  /** Takes the next message. */
  receive(): Promise<unknown>;
  /** A message that has arrived already, if any. */
  take(): unknown;
}

/** A module that serves a role. */
export interface ThreadModule {
  /** Does the thread's work; what it throws ends the thread and reaches who started it. */
  serve(port: ThreadPort): Promise<void>;
}

/** Whether this code runs in a thread that {@linkcode startThread} started. */
export const isThread: boolean = "WorkerGlobalScope" in globalThis;

/** A thread as seen by who started it. */
export class Thread {
  readonly #worker: Worker;
  readonly #arrived: unknown[] = [];
  #waiting: PromiseWithResolvers<unknown> | undefined;
  #failure: Error | undefined;

  /** See {@linkcode startThread}. */
  constructor(role: ThreadRole) {
    this.#worker = new Worker(import.meta.url, { type: "module", name: role });
    this.#worker.onmessage = ({ data }) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting === undefined) this.#arrived.push(data);
      else waiting.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = new Error(`The ${role} thread failed: ${event.message}`);
      this.#waiting?.reject(this.#failure);
      this.#waiting = undefined;
    };
  }

  /** Sends a message; buffers in `transfer` are handed over, not copied. */
  post(message: unknown, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** The next message. @throws Error if the thread has failed */
  receive(): Promise<unknown> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Ends the thread at once, wherever it is in its JavaScript; native code that it is in goes on to its end. */
  end(): void {
    this.#worker.terminate();
    this.#failure ??= new Error("The thread was ended");
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

/** Starts a thread. */
export function startThread(role: ThreadRole): Thread {
  return new Thread(role);
}

/** What a worker's global scope has of interest. */
interface WorkerScope {
  readonly name: string;
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
  close(): void;
}

function portOf(scope: WorkerScope): ThreadPort {
  const arrived: unknown[] = [];
  let waiting: ((message: unknown) => void) | undefined;
  scope.onmessage = ({ data }) => {
    const resolve = waiting;
    waiting = undefined;
    if (resolve === undefined) arrived.push(data);
    else resolve(data);
  };
  return {
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    take: () => arrived.shift(),
    receive: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift())
        : new Promise((resolve) => waiting = resolve),
  };
}

if (isThread) {
  const scope = globalThis as unknown as WorkerScope;
  const load = roles[scope.name as ThreadRole];
  if (load !== undefined) {
    const port = portOf(scope);
    load().then((module: ThreadModule) => module.serve(port)).then(
      () => scope.close(),
      // Thrown where nobody waits, so that it arrives as the worker's error.
      (error) =>
        setTimeout(() => {
          throw error;
        }),
    );
  }
}
