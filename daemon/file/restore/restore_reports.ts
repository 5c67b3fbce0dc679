/**
 * What a restore says and counts, in the order of its files. Other threads may check signatures meanwhile:
 * what depends on an answer, and all that is to be said behind it, waits for it.
 *
 * @module
 */
import { JobMessageType } from "../../../protocol/mod.ts";
import type { Notice } from "../fileset/mod.ts";
import { isGood, type SignatureBoard, type SignatureCheck } from "./signature_board.ts";

/** Counters of a restore (director-client.md 10). */
export interface RestoreCounters {
  /** Files restored or skipped because of what is there. */
  files: number;
  /** Bytes received in data streams. */
  bytesRead: number;
  /** Bytes written. */
  bytesWritten: number;
  /** Error messages. */
  errors: number;
}

/** What is said or counted later; the answer is that of the check that it waits for. */
type Later =
  | { readonly waits: false; readonly act: () => void }
  | { readonly waits: true; readonly act: (isGood: boolean) => void };

/** Things that may wait: beyond that, the oldest answer is waited for. */
const mostLater = 1024;

/** See the module. */
export class RestoreReports {
  /** So far. */
  readonly counters: RestoreCounters = { files: 0, bytesRead: 0, bytesWritten: 0, errors: 0 };
  readonly #report: (notice: Notice) => void;
  readonly #board: SignatureBoard | undefined;
  #later: Later[] = [];
  /** Whether what is said is what waited: it is said at once. */
  #isTelling = false;

  /** `report` takes messages; without a board signatures are checked at once. */
  constructor(report: (notice: Notice) => void, board: SignatureBoard | undefined) {
    this.#report = report;
    this.#board = board;
  }

  /** Says something. */
  say(type: JobMessageType, text: string): void {
    this.then(() => this.#report({ type, text }));
  }

  /** Says what went wrong, and counts it. */
  error(text: string): void {
    this.then(() => {
      this.counters.errors += 1;
      this.#report({ type: JobMessageType.ERROR, text });
    });
  }

  /** Does something when all that came before is said: at once, if nothing waits. */
  then(act: () => void): void {
    if (this.#isTelling) return act();
    this.#tellKnown();
    if (this.#later.length === 0) return act();
    this.#later.push({ waits: false, act });
    if (this.#later.length > mostLater) this.#tellFirst();
  }

  /** Has a signature checked, by whoever has time, and does something with the answer. */
  check(check: SignatureCheck, act: (isGood: boolean) => void): void {
    this.#tellKnown();
    const board = this.#board;
    while (board !== undefined && !board.hasRoom) this.#tellFirst();
    if (board?.put(check)) this.#later.push({ waits: true, act });
    else {
      const answer = isGood(check);
      this.then(() => act(answer));
    }
  }

  /**
   * Says what is known, and what one check more makes known that nobody has begun: for who has nothing else
   * to do. What is not said yet: nothing, what waits for answers of others, or what another call may find out.
   */
  catchUp(): "nothing" | "checks" | "answers" {
    this.#tellKnown();
    if (this.#later.length === 0) return "nothing";
    const hasChecked = this.#board?.checkFirst() ?? false;
    this.#tellKnown();
    return this.#later.length === 0 ? "nothing" : hasChecked ? "checks" : "answers";
  }

  /** Says all that waits. */
  settle(): void {
    while (this.#later.length > 0) this.#tellFirst();
  }

  /** Says what need not wait any more. */
  #tellKnown(): void {
    for (let first = this.#later[0]; first !== undefined; first = this.#later[0]) {
      const answer = first.waits ? this.#board?.answer() : true;
      if (answer === undefined) return;
      this.#tell(first, answer);
    }
  }

  /** Says what is first, for whose answer it does what it takes. */
  #tellFirst(): void {
    const [first] = this.#later;
    if (first !== undefined) this.#tell(first, !first.waits || (this.#board?.wait() ?? false));
  }

  #tell(first: Later, answer: boolean): void {
    this.#later.shift();
    this.#isTelling = true;
    try {
      first.act(answer);
    } finally {
      this.#isTelling = false;
    }
  }
}
