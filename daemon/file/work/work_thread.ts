/**
 * A thread of the restores and verifies: it serves jobs in turns, a piece of records of one, a stretch of
 * the walk of another.
 *
 * @module
 */
import { messageOf } from "../../../bytes/mod.ts";
import { setImmediate } from "node:timers";
import type { ThreadPort } from "../../threads.ts";
import { openPlatform, StoppedError, type StopWord, throwIfStopped } from "../platform/mod.ts";
import { CheckWork } from "./check_work.ts";
import { RestoreWork } from "./restore_work.ts";
import { VerifyWork } from "./verify_work.ts";
import {
  type FromSeat,
  type FromWork,
  seatWord,
  type ToSeat,
  type Work,
  type WorkOrder,
} from "./work_messages.ts";

/** Time between two looks at what is not told by a message, in milliseconds. */
const pollTime = 20;

/** See {@linkcode ThreadModule.serve}: until the thread is ended. */
export async function serve(port: ThreadPort): Promise<void> {
  const first = await port.receive() as ToSeat;
  if (first.kind !== "seat") return;
  const seat = new Seat(new Int32Array(first.state), (message) => port.post(message));
  let arriving: Promise<void> | undefined;
  for (;;) {
    const step = seat.step();
    arriving ??= port.receive().then((message) => {
      arriving = undefined;
      seat.take(message as ToSeat);
    });
    await (step === "waits" ? arriving : Promise.race([
      arriving,
      step === "polls" ? sleep() : new Promise<void>((resolve) => setImmediate(resolve)),
    ]));
    for (let more = port.take(); more !== undefined; more = port.take()) seat.take(more as ToSeat);
  }
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollTime));
}

/** A job, and the word that tells it to stop. */
interface Served {
  readonly work: Work;
  readonly stop: StopWord;
}

/** The jobs of the thread. */
class Seat {
  readonly #state: Int32Array;
  readonly #post: (message: FromSeat) => void;
  readonly #platform = openPlatform();
  readonly #shelves: SharedArrayBuffer[] = [];
  readonly #jobs = new Map<number, Served>();

  constructor(state: Int32Array, post: (message: FromSeat) => void) {
    this.#state = state;
    this.#post = post;
  }

  take(message: ToSeat): void {
    if (message.kind === "shelf") this.#shelves[message.number] = message.memory;
    if (message.kind === "begin") {
      const { job, order, stop } = message;
      try {
        this.#jobs.set(job, { work: this.#open(job, order, stop), stop });
      } catch (error) {
        this.#post({ kind: "over", job, failure: messageOf(error) });
      }
    }
    if (message.kind === "said") this.#jobs.get(message.job)?.work.take(message.message);
    // A job that is to stop is stopped when it is looked at next.
  }

  /** Does a step of each job; whether there is more to do. */
  step(): "waits" | "polls" | "goes" {
    let rest: "waits" | "polls" | "goes" = "waits";
    for (const job of [...this.#jobs.keys()]) {
      // Who was canceled does not wait until it is its turn.
      for (const [other, { stop }] of this.#jobs) {
        if (other !== job && Atomics.load(stop, 0) !== 0) this.#stepOf(other);
      }
      const step = this.#stepOf(job);
      if (step === "goes" || (step === "polls" && rest === "waits")) rest = step;
    }
    return rest;
  }

  #stepOf(job: number): "waits" | "polls" | "goes" {
    const served = this.#jobs.get(job);
    if (served === undefined) return "waits";
    const { work, stop } = served;
    Atomics.store(this.#state, seatWord.since, Math.floor(Date.now() / 1000) | 0);
    Atomics.store(this.#state, seatWord.job, job);
    try {
      throwIfStopped(stop);
      const step = work.step();
      if (step !== "done") return step;
      this.#end(job);
    } catch (error) {
      this.#end(job, error);
    } finally {
      Atomics.store(this.#state, seatWord.job, 0);
    }
    return "waits";
  }

  #end(job: number, error?: unknown): void {
    const work = this.#jobs.get(job)?.work;
    this.#jobs.delete(job);
    let failure = error === undefined || error instanceof StoppedError
      ? undefined
      : messageOf(error);
    if (error !== undefined) {
      try {
        work?.abandon();
      } catch (second) {
        failure ??= messageOf(second);
      }
    }
    this.#post({ kind: "over", job, failure });
  }

  #open(job: number, order: WorkOrder, stop: StopWord): Work {
    const send = (message: FromWork): void => this.#post({ kind: "said", job, message });
    const platform = this.#platform;
    switch (order.kind) {
      case "restore":
        return new RestoreWork(order, { platform, shelves: this.#shelves, stop, send });
      case "verify":
        return new VerifyWork(order, { platform, stop, send });
      case "check":
        return new CheckWork(order);
    }
  }
}
