/** @module */
import type { ThreadPort } from "../threads.ts";
/** See ThreadModule. */
export function serve(_port: ThreadPort): Promise<void> {
  return Promise.resolve();
}
