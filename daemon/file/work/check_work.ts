/** A thread that helps a restore: it checks signatures when it has nothing else to do. @module */
import { SignatureHelper } from "../restore/mod.ts";
import type { CheckOrder, Work, WorkStep } from "./work_messages.ts";

/** Signatures that are checked before other jobs have their turn: a few milliseconds. */
const checksPerStep = 16;

/** Time without a signature to check after which the thread is not needed, in milliseconds. */
const idleMs = 500;

/** See the module. It goes on until it is canceled, or has had nothing to do for a while. */
export class CheckWork implements Work {
  readonly #helper: SignatureHelper;
  #lastHelp = performance.now();

  /** Nothing is checked yet. */
  constructor({ board, signers }: CheckOrder) {
    this.#helper = new SignatureHelper(board, signers);
  }

  /** See the interface: nothing is said to it. */
  take(): void {}

  /** See the interface: some signatures. */
  step(): WorkStep {
    const hasHelped = this.#helper.help(checksPerStep);
    const now = performance.now();
    if (hasHelped) this.#lastHelp = now;
    return hasHelped ? "goes" : now - this.#lastHelp < idleMs ? "polls" : "done";
  }

  /** See the interface: nothing is open. */
  abandon(): void {}
}
