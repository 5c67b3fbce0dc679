/**
 * Restores and verifies of what is on disk, as work of threads that all jobs of a daemon share.
 *
 * Orders and pieces of records go in, reports and records for the director come out. A {@linkcode WorkPool}
 * gives a job to a thread and to the job a {@linkcode WorkLine}, its conversation with the thread. The thread
 * does a step of each of its jobs in turns: a piece of records of a restore (director-client.md 11), a stretch of
 * the walk of a verify (13). Threads that have no restore of their own check signatures of others' files. Pieces are those of one {@linkcode PieceStore}: memory does not grow with the number
 * of jobs, but for the one piece that each may always have.
 *
 * @module
 */
export { PieceStore, PieceUser } from "./piece_store.ts";
export type { PieceRecord, PieceWriter } from "./pieces.ts";
export type {
  CheckOrder,
  FromRestore,
  FromVerify,
  FromWork,
  RestoreOrder,
  ToWork,
  VerifyOrder,
  WorkOrder,
} from "./work_messages.ts";
export { type CheckHelp, helpWithChecks } from "./check_help.ts";
export { WorkLine, type WorkPatience, WorkPool } from "./work_pool.ts";
