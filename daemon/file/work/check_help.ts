/** Threads of the pool that help a restore with its signatures. @module */
import type { Certificate } from "../../../crypto/mod.ts";
import { type BoardMemory, makeBoard } from "../restore/mod.ts";
import type { WorkPool } from "./work_pool.ts";

/** The help that a restore has. */
export interface CheckHelp {
  /** Where its thread puts signatures; undefined if nobody helps. */
  readonly board: BoardMemory | undefined;
  /** Lets the helpers go. */
  end(): Promise<void>;
}

/**
 * Has cores that no job needs look for signatures of a restore, which is to begin. A daemon with as many jobs as
 * cores has all of them at work already: each job checks its own then.
 */
export function helpWithChecks(
  pool: WorkPool,
  signers: readonly Certificate[] | undefined,
): CheckHelp {
  const helpers = signers === undefined ? 0 : pool.spareThreads - 1;
  if (signers === undefined || helpers <= 0) return { board: undefined, end: async () => {} };
  const board = makeBoard();
  const lines = Array.from(
    { length: helpers },
    () => pool.begin({ kind: "check", board, signers }),
  );
  return {
    board,
    end: async () => void await Promise.all(lines.map((line) => pool.end(line))),
  };
}
