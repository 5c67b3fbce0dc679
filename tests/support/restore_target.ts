/** A restore without daemons: records go straight into a folder. @module */
import { openPlatform } from "../../daemon/file/platform/mod.ts";
import {
  destinationOf,
  type RestoreOptions,
  RestoreTarget,
} from "../../daemon/file/restore/mod.ts";

/**
 * A target that restores below `folder`, over whatever is there.
 * @param say takes each message, without the folder's name
 * @param options in place of the usual ones
 */
export function targetBelow(
  folder: string,
  say: (text: string) => void = () => {},
  options: Partial<RestoreOptions> = {},
): RestoreTarget {
  return new RestoreTarget({
    platform: openPlatform(),
    destination: destinationOf({ where: folder }),
    replace: "always",
    report: ({ text }) => say(text.replaceAll(folder, "")),
    ...options,
  });
}
