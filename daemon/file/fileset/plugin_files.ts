/** Files of plugins among those that a job finds (volume.md 15.1). @module */
import { decodeText } from "../../../bytes/mod.ts";
import { FileType, ModeType } from "../../../storage/volume/mod.ts";
import type { PlatformStat } from "../platform/mod.ts";
import type { FileOptions, FileSet, PluginFile, SelectionBlock } from "./file_set.ts";
import type { FoundFile } from "./found_file.ts";
import { Selection } from "./selection.ts";

/** What a FileSet does not say of a plugin's file. */
export type AskedPlugin = Omit<PluginFile, "options">;

/**
 * The file set with what its lines for plugins stand for: `ask` says it of each line. Such a file has the
 * options of the block that matches its name, the last one if none does, less those that need a file on
 * disk; its name keeps all components, and it has no holes, as bacula-fd does it.
 */
export function withPluginFiles(
  { includes, excludes }: FileSet,
  ask: (line: string) => readonly AskedPlugin[],
): FileSet {
  const completed = (include: SelectionBlock): SelectionBlock => {
    if (include.plugins.length === 0) return include;
    const selection = new Selection(include, { excludes });
    const pluginFiles = include.plugins.flatMap(ask).map((file) => ({
      ...file,
      options: withoutDisk(selection.optionsOf(file.name, false).options),
    }));
    return { ...include, pluginFiles };
  };
  return { includes: includes.map(completed), excludes };
}

function withoutDisk(options: FileOptions): FileOptions {
  return {
    ...options,
    ...{ sparse: false, stripPath: 0, keepAccessTime: false, checkFileChanges: false },
    ...{ acl: false, extendedAttributes: false, hfsPlus: false },
  };
}

const empty = new Uint8Array(0);

/** A plugin's file as a walk finds it: always new, of a size that nobody knows, as bacula-fd has it. */
export function foundPluginFile(plugin: PluginFile, include: SelectionBlock): FoundFile {
  const { name, options } = plugin;
  return {
    ...{ path: name, top: name, type: FileType.regularFile, isSaved: true, stat: statNow() },
    ...{ link: empty, hardLink: undefined, options, include, plugin },
    ...{ error: undefined, notice: undefined },
  };
}

function statNow(): PlatformStat {
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  const nanoseconds = (now % 1000) * 1_000_000;
  return {
    ...{ dev: 0, ino: 0, mode: ModeType.regular | 0o700, nlink: 0, uid: 0, gid: 0, rdev: 0 },
    ...{ size: -1, blksize: 4096, blocks: 1, atime: seconds, mtime: seconds, ctime: seconds },
    ...{ atimeNanoseconds: nanoseconds, mtimeNanoseconds: nanoseconds },
    ...{ ctimeNanoseconds: nanoseconds, flags: 0, noDump: false },
  };
}

/** The files of plugins in a file set; threads that have copies of it number them alike. */
export function pluginFilesOf({ includes }: FileSet): PluginFile[] {
  return includes.flatMap(({ pluginFiles }) => pluginFiles);
}

/** What a job log calls a plugin's file. */
export function nameOf({ name }: PluginFile): string {
  return decodeText(name);
}
