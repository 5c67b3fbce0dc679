/** The thread of a restore. Filled in with the files' own writer. @module */
import type { ThreadPort } from "../threads.ts";

/** See {@linkcode ThreadModule.serve}. */
export function serve(_port: ThreadPort): Promise<void> {
  return Promise.reject(new Error("Restoring is not yet possible"));
}
