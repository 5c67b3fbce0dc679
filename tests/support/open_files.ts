/** Open descriptors below a folder: those of other tests in the same process do not count. @module */

/** How many files and folders in and below `folder` the process has open. */
export function openBelow(folder: string): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith(folder)) count++;
    } catch {
      // Closed since the folder was read: not ours, as we hold still.
    }
  }
  return count;
}
