import type { WideNumber } from "../../../storage/volume/mod.ts";
import type { PlatformStat } from "../platform/mod.ts";
import type { HardLink } from "./found_file.ts";

/** The files of a job that have several names, by device and inode (director-client.md 24.1). */
export class HardLinks {
  readonly #devices = new Map<WideNumber, Map<WideNumber, HardLink>>();

  /** The file behind a name that was found before, under whichever name. */
  find({ dev, ino }: PlatformStat): HardLink | undefined {
    return this.#devices.get(dev)?.get(ino);
  }

  /** Notes the first name of a file. */
  add({ dev, ino }: PlatformStat, firstPath: Uint8Array): HardLink {
    const link: HardLink = { firstPath, fileIndex: 0, digestStream: 0, digest: undefined };
    let inodes = this.#devices.get(dev);
    if (inodes === undefined) {
      inodes = new Map();
      this.#devices.set(dev, inodes);
    }
    inodes.set(ino, link);
    return link;
  }
}
