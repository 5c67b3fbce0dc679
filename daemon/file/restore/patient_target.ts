import type { RestoreRecord, RestoreTarget } from "./restore_target.ts";

/** Time between two looks whether a fifo is read, in milliseconds. */
const pauseMs = 20;

/** A restore for who has nothing else to do: it waits where a fifo has to be read first. */
export class PatientTarget {
  readonly #target: RestoreTarget;
  readonly #clock = new Int32Array(new SharedArrayBuffer(4));

  /** Waits for this one. */
  constructor(target: RestoreTarget) {
    this.#target = target;
  }

  /** Takes the next record. */
  accept(record: RestoreRecord): void {
    while (!this.#target.accept(record)) this.#pause();
  }

  /** Ends the last file, closes everything and says what was ignored. */
  finish(): void {
    while (!this.#target.finish()) this.#pause();
  }

  #pause(): void {
    Atomics.wait(this.#clock, 0, 0, pauseMs);
  }
}
