/** Storage daemons that have done their work. @module */
import type { Installation } from "./roost.ts";
import { waitFor } from "./wait_for.ts";

/**
 * Waits until no job runs on storages of an installation, and their status says `more`: a daemon may be done with
 * a job a little after the director has heard, or has given up waiting to hear, of its end.
 */
export async function untilIdle(
  installation: Installation,
  storages: readonly string[],
  more: RegExp = /./,
): Promise<void> {
  for (const storage of storages) {
    let status = "";
    await waitFor(`${storage} to be idle`, async () => {
      status = await installation.console(`status storage=${storage}`);
      return /No Jobs running\./.test(status) && more.test(status);
    }).catch((cause) => {
      throw new Error(`Jobs stay on ${storage}: ${status}`, { cause });
    });
  }
}
