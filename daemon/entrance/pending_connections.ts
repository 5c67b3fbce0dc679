/** What of a connection decides who has to leave first. */
export interface PendingConnection {
  /** It has failed and only waits out the pause after that. */
  readonly isRefused: boolean;
  close(): void;
}

/** A connection that has not said who it is. */
export interface Pending {
  readonly connection: PendingConnection;
  /** Its first bytes look like a hello or a handshake. */
  speaks: boolean;
}

/**
 * The connections that are not authenticated, of which there are never more than `most`. For one more,
 * one is closed: the oldest that has failed already, else the oldest that has not said anything that
 * makes sense, else the oldest of all. So who opens thousands and says nothing, or nonsense, does not
 * keep out who says hello. None stays beyond its deadline.
 */
export class PendingConnections {
  readonly #most: number;
  readonly #deadlineMs: number;
  readonly #timers = new Map<Pending, ReturnType<typeof setTimeout>>();

  /** None yet. */
  constructor(most: number, deadlineMs: number) {
    this.#most = most;
    this.#deadlineMs = deadlineMs;
  }

  /** How full it is, 0 to 1. */
  get fullness(): number {
    return this.#timers.size / this.#most;
  }

  /** Takes one in, and closes another if there are too many. */
  add(connection: PendingConnection): Pending {
    if (this.#timers.size >= this.#most) this.#closeOne();
    const pending: Pending = { connection, speaks: false };
    this.#timers.set(pending, setTimeout(() => connection.close(), this.#deadlineMs));
    return pending;
  }

  /** It is authenticated, or over. */
  remove(pending: Pending): void {
    clearTimeout(this.#timers.get(pending));
    this.#timers.delete(pending);
  }

  #closeOne(): void {
    let victim: Pending | undefined;
    for (const pending of this.#timers.keys()) {
      if (victim === undefined || patience(pending) < patience(victim)) victim = pending;
      if (patience(victim) === 0) break;
    }
    if (victim === undefined) return;
    this.remove(victim);
    victim.connection.close();
  }
}

/** Who has less leaves first. */
function patience({ connection, speaks }: Pending): number {
  return connection.isRefused ? 0 : speaks ? 2 : 1;
}
