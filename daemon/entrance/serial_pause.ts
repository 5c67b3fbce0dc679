import { pauseOn, realEnvironment } from "../../protocol/mod.ts";

/** Pauses of which only one runs at a time: failures come back slowly, however many there are. */
export class SerialPause {
  #last: Promise<void> = Promise.resolve();

  /** Waits for its turn and then so long, or until the connection is closed. */
  async wait(
    connection: { readonly closed: Promise<void>; isRefused?: boolean },
    milliseconds: number,
  ): Promise<void> {
    const turn = this.#last.then(() => pauseOn(connection, realEnvironment, milliseconds));
    this.#last = turn;
    await Promise.race([turn, connection.closed]);
  }
}
