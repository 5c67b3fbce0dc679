import { decodeText } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { ModeType } from "../../../storage/volume/mod.ts";
import { isSystemError, type Platform, type PlatformStat } from "../platform/mod.ts";
import type { FileSet, SelectionBlock, Shadowing } from "./file_set.ts";
import type { Notice } from "./notices.ts";

/** An entry with what is under its name. */
interface Place {
  readonly block: SelectionBlock;
  readonly entry: Uint8Array;
  readonly stat: PlatformStat;
}

/**
 * Compares the entries of a FileSet as its Shadowing options ask (director-client.md 23.6): entries
 * that lie below others, or are the same file, are reported and, where that is asked for, removed.
 */
export function checkShadowing(
  fileSet: FileSet,
  platform: Platform,
  report: (notice: Notice) => void,
): FileSet {
  const removed = new Set<Uint8Array>();
  const compare = (blocks: readonly SelectionBlock[], removes: boolean) => {
    const places = blocks.flatMap((block) => findPlaces(block, platform, report));
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) {
        if (removed.has(one.entry) || removed.has(other.entry) || !doShadow(one, other)) continue;
        const [short, long] = one.entry.length <= other.entry.length ? [one, other] : [other, one];
        report(warning(
          `Fileset include block entry ${decodeText(long.entry)} shadows ${
            decodeText(short.entry)
          }${removes ? " removing it from fileset" : ""}\n`,
        ));
        if (removes) removed.add(long.entry);
      }
    }
  };
  for (const block of fileSet.includes) {
    const mode = modeOf(block);
    if (mode === "none") continue;
    if (mode === "globalWarn" || mode === "globalRemove") {
      compare(fileSet.includes.filter((block) => !hasPatterns(block)), mode === "globalRemove");
      break;
    }
    compare([block], mode === "localRemove");
  }
  if (removed.size === 0) return fileSet;
  return {
    ...fileSet,
    includes: fileSet.includes.map((block) => ({
      ...block,
      entries: block.entries.filter((entry) => !removed.has(entry)),
    })),
  };
}

function modeOf({ blocks }: SelectionBlock): Shadowing {
  return blocks.at(-1)?.options.shadowing ?? "none";
}

/** Whether patterns select from a block, so that entries of others may be meant to overlap. */
function hasPatterns({ blocks }: SelectionBlock): boolean {
  return blocks.some(({ options, patterns }) =>
    !options.exclude && patterns.some(({ scope }) => scope === "all" || scope === "directories")
  );
}

function findPlaces(
  block: SelectionBlock,
  platform: Platform,
  report: (notice: Notice) => void,
): Place[] {
  return block.entries.flatMap((entry) => {
    try {
      return [{ block, entry, stat: platform.lstat(entry) }];
    } catch (error) {
      if (!isSystemError(error)) throw error;
      report(warning(`Cannot stat file ${decodeText(entry)}: ERR=${error.reason}\n`));
      return [];
    }
  });
}

function doShadow(one: Place, other: Place): boolean {
  if (one.stat.dev !== other.stat.dev) return false;
  if (one.stat.ino === other.stat.ino) return true;
  if (!isDirectory(one.stat) || !isDirectory(other.stat)) return false;
  const [short, long] = one.entry.length <= other.entry.length ? [one, other] : [other, one];
  return (short.block.blocks.at(-1)?.options.recurse ?? true) && isBelow(long.entry, short.entry);
}

function isDirectory({ mode }: PlatformStat): boolean {
  return (mode & ModeType.mask) === ModeType.directory;
}

function isBelow(long: Uint8Array, short: Uint8Array): boolean {
  return short.every((byte, at) => long[at] === byte) &&
    (short.at(-1) === 0x2f || long[short.length] === 0x2f);
}

function warning(text: string): Notice {
  return { type: JobMessageType.WARNING, text };
}
