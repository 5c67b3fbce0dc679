import type { Connection } from "../../../protocol/mod.ts";
import type { ClientMode } from "./client_mode.ts";

/** A client that has connected by itself and waits to be needed (wire.md 12). */
export interface WaitingClient {
  /** Authenticated; nothing is sent on it before it is needed. */
  readonly connection: Connection;
  /** The daemon's protocol number as its hello says it. */
  readonly fdVersion: number;
  /** Whether it came under TLS at once. */
  readonly mode: ClientMode;
  /** When it came, UNIX seconds. */
  readonly since: number;
}

/** Connections kept for one client; it needs one, and leaves others behind when a network swallows them. */
export const MOST_OF_ONE = 4;

interface Entry extends WaitingClient {
  readonly letGo: AbortController;
}

/**
 * The connections that clients have opened to the director and that wait until a job or a console
 * needs them. Each is watched: whatever comes on it but text, and its end, drops it (wire.md 3.5).
 */
export class WaitingClients {
  readonly #waiting = new Map<string, Entry[]>();
  readonly #wanted = new Map<string, ((entry: WaitingClient) => void)[]>();

  /** Keeps a connection until it is taken or ends; the oldest of too many is closed. */
  add(name: string, client: WaitingClient): void {
    const [first, ...others] = this.#wanted.get(name) ?? [];
    if (first !== undefined) {
      this.#wanted.set(name, others);
      return first(client);
    }
    const entry = { ...client, letGo: new AbortController() };
    const entries = [...this.#waiting.get(name) ?? [], entry];
    const tooMany = entries.length > MOST_OF_ONE ? entries.shift() : undefined;
    this.#waiting.set(name, entries);
    tooMany?.connection.close();
    void this.#watch(name, entry);
  }

  /** The newest connection of a client, which is the caller's from now on. */
  take(name: string): WaitingClient | undefined {
    const entry = this.#waiting.get(name)?.at(-1);
    if (entry === undefined) return undefined;
    this.#forget(name, entry);
    entry.letGo.abort();
    return entry.connection.isTerminated ? this.take(name) : entry;
  }

  /** The newest connection of a client, or the next that comes. @throws what `abort` is aborted with */
  async next(name: string, abort: AbortSignal): Promise<WaitingClient> {
    abort.throwIfAborted();
    const ready = this.take(name);
    if (ready !== undefined) return ready;
    return await new Promise((resolve, reject) => {
      const settle = (client: WaitingClient): void => {
        abort.removeEventListener("abort", onAbort);
        resolve(client);
      };
      const onAbort = (): void => {
        const others = (this.#wanted.get(name) ?? []).filter((each) => each !== settle);
        if (others.length === 0) this.#wanted.delete(name);
        else this.#wanted.set(name, others);
        reject(abort.reason);
      };
      abort.addEventListener("abort", onAbort, { once: true });
      this.#wanted.set(name, [...this.#wanted.get(name) ?? [], settle]);
    });
  }

  /** All that wait, by name, oldest first. */
  list(): (WaitingClient & { readonly name: string })[] {
    return [...this.#waiting].flatMap(([name, entries]) =>
      entries.map((entry) => ({ ...entry, name }))
    );
  }

  /** Closes the connections of clients for which `mayWait` says no. */
  keepOnly(mayWait: (name: string) => boolean): void {
    for (const [name, entries] of [...this.#waiting]) {
      if (mayWait(name)) continue;
      for (const { connection } of entries) connection.close();
      this.#waiting.delete(name);
    }
  }

  /** Reads what must not come, until the connection is taken or ends. */
  async #watch(name: string, entry: Entry): Promise<void> {
    const { connection, letGo } = entry;
    try {
      while (true) {
        const frame = await connection.receive({ abort: letGo.signal });
        if (frame === undefined || frame.kind === "signal") break;
      }
    } catch (error) {
      if (letGo.signal.aborted) return; // taken: somebody else reads now
      throw error;
    }
    if (letGo.signal.aborted) return;
    this.#forget(name, entry);
    connection.close();
  }

  #forget(name: string, entry: Entry): void {
    const others = (this.#waiting.get(name) ?? []).filter((each) => each !== entry);
    if (others.length === 0) this.#waiting.delete(name);
    else this.#waiting.set(name, others);
  }
}
