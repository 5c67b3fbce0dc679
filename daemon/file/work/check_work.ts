/** A thread that helps a restore: it checks signatures when it has nothing else to do. @module */
import { SignatureHelper } from "../restore/mod.ts";
import type { CheckOrder, Work, WorkStep } from "./work_messages.ts";

/** Signatures that are checked before other jobs have their turn: a few milliseconds. */
const checksPerStep = 16;

/** See the module. It goes on until it is canceled. */
export class CheckWork implements Work {
  readonly #helper: SignatureHelper;

  /** Nothing is checked yet. */
  constructor({ board, signers }: CheckOrder) {
    this.#helper = new SignatureHelper(board, signers);
  }

  /** See the interface: nothing is said to it. */
  take(): void {}

  /** See the interface: some signatures. */
  step(): WorkStep {
    return this.#helper.help(checksPerStep) ? "goes" : "polls";
  }

  /** See the interface: nothing is open. */
  abandon(): void {}
}
