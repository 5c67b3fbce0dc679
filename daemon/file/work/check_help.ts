/** Threads of the pool that help a restore with its signatures. @module */
import type { Certificate } from "../../../crypto/mod.ts";
import { type BoardMemory, checksOn, makeBoard } from "../restore/mod.ts";
import type { WorkLine, WorkPool } from "./work_pool.ts";

/** Checks that wait, from which help is worth its threads: a restore of few files does its own. */
const worthHelp = 32;

/** The help that a restore may have. */
export interface CheckHelp {
  /** Where its thread puts signatures; undefined if it does all checks itself. */
  readonly board: BoardMemory | undefined;
  /** Looks whether so much waits that helpers are worth it, and begins them then. */
  look(): void;
  /** Lets the helpers go; none begins any more. */
  end(): Promise<void>;
}

/**
 * Lets cores look for signatures of a restore that no job needs, as soon as many wait. Helpers that find nothing to
 * do for a while end by themselves, and begin again when many wait. A daemon with as many jobs as cores has
 * all of them at work already: each job checks its own then.
 */
export function helpWithChecks(
  pool: WorkPool,
  signers: readonly Certificate[] | undefined,
): CheckHelp {
  // One of the cores is that of the restore, which is to begin.
  if (signers === undefined || pool.spareThreads < 2) {
    return { board: undefined, look: () => {}, end: async () => {} };
  }
  const board = makeBoard();
  const helpers = new Set<WorkLine>();
  let isOver = false;
  const begin = (): void => {
    const line = pool.begin({ kind: "check", board, signers });
    helpers.add(line);
    void line.atRest.then(() => {
      helpers.delete(line);
      return pool.end(line);
    });
  };
  return {
    board,
    look: () => {
      if (isOver || helpers.size > 0 || checksOn(board) < worthHelp) return;
      for (let spare = pool.spareThreads; spare > 0; spare--) begin();
    },
    end: async () => {
      isOver = true;
      await Promise.all([...helpers].map((line) => pool.end(line)));
    },
  };
}
