/** What spooled data a daemon that was killed has left behind. @module */

import { systemReason } from "../system_reason.ts";

/** Where spool files are, and whose. */
export interface SpoolPlaces {
  /** Name of the storage daemon, with which its spool files begin. */
  readonly daemon: string;
  /** The working directory and the spool directories of devices. */
  readonly folders: Iterable<string>;
}

/**
 * Removes spool files of jobs of an earlier run: no job refers to them, and they may be as large as a job.
 * Only for who knows that no other daemon of that name is running.
 * @param tell is told how many there were and what could not be removed
 */
export function removeStaleSpools(
  { daemon, folders }: SpoolPlaces,
  tell: (text: string) => void,
): void {
  for (const folder of new Set(folders)) {
    let [count, bytes] = [0, 0];
    for (const name of namesIn(folder)) {
      const rest = name.startsWith(`${daemon}.`) ? name.slice(daemon.length + 1) : "";
      if (!/^(data|attr)\..+\.spool$/s.test(rest)) continue;
      const path = `${folder}/${name}`;
      try {
        const { size, isFile } = Deno.lstatSync(path);
        if (!isFile) continue;
        Deno.removeSync(path);
        count++;
        bytes += size;
      } catch (error) {
        tell(`Cannot remove spool file ${path} of an earlier run: ${systemReason(error)}`);
      }
    }
    if (count > 0) {
      tell(`Removed ${count} spool files of an earlier run from ${folder}, ${bytes} bytes`);
    }
  }
}

/** The names in a folder; none if it is not there. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // whoever spools there will tell
  }
}
