import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { FileType, type FileTypeNumber, ModeType } from "../../../storage/volume/mod.ts";
import {
  type DirectoryReader,
  isSystemError,
  type Platform,
  type PlatformStat,
  type SystemError,
} from "../platform/mod.ts";
import type { FileSet, OptionsBlock, SelectionBlock } from "./file_set.ts";
import type { FoundFile, HardLink } from "./found_file.ts";
import { HardLinks } from "./hard_links.ts";
import { type Notice, noticeOf, unlistedFileSystem } from "./notices.ts";
import { PathBuffer } from "./path_buffer.ts";
import { foundPluginFile } from "./plugin_files.ts";
import { equalBytes, Selection } from "./selection.ts";
import { isInRange } from "./size_range.ts";

/** A file of which the walk asks whether it must be saved. */
export interface Candidate {
  /** Its full name, without a slash at the end. */
  readonly path: Uint8Array;
  /** What the system said of it. */
  readonly stat: PlatformStat;
  /** Whether it is a directory. */
  readonly isDirectory: boolean;
  /** The options by which it was selected. */
  readonly options: OptionsBlock["options"];
  /** The Include block that it belongs to. */
  readonly include: SelectionBlock;
}

/** What a walk asks of others. */
export interface WalkOptions {
  /**
   * Whether a file is to be saved (director-client.md 23.4); all are if absent. Asked once for a
   * directory, before its contents.
   */
  isChanged?(candidate: Candidate): boolean;
}

/** A directory whose contents are being visited. */
interface Frame {
  /** Length of its path in the buffer. */
  readonly pathLength: number;
  readonly stat: PlatformStat;
  readonly block: OptionsBlock;
  readonly isChanged: boolean;
  reader: DirectoryReader | undefined;
  /** Names with a zero byte each, and how far they are used. */
  names: Uint8Array;
  at: number;
}

/** Directories that are kept open; the names of those below are read at once. */
const openLimit = 48;
const empty = new Uint8Array(0);
const readableByAll = 0o444;

/**
 * Walks over all that a FileSet selects, entry by entry, each directory in its own order and behind
 * its contents (director-client.md 23). Lazy: it looks at the next file when that is asked for, and
 * holds no more than the names around the current one and the table of hard links. End it early with
 * `return()`, as `for` does, so that directories are closed.
 */
export function* walk(
  fileSet: FileSet,
  platform: Platform,
  options: WalkOptions = {},
): Generator<FoundFile, void, undefined> {
  const links = new HardLinks();
  for (const include of fileSet.includes) {
    const walker = new Walker(fileSet, include, platform, links, options);
    for (const entry of include.entries) yield* walker.walk(entry);
    for (const file of include.pluginFiles) yield foundPluginFile(file, include);
  }
}

/** Walks over the entries of one Include block. */
class Walker {
  readonly #fileSet: FileSet;
  readonly #include: SelectionBlock;
  readonly #selection: Selection;
  readonly #platform: Platform;
  readonly #links: HardLinks;
  readonly #options: WalkOptions;
  readonly #ignoring: readonly Uint8Array[];
  readonly #path = new PathBuffer();
  #top: Uint8Array = empty;

  constructor(
    fileSet: FileSet,
    include: SelectionBlock,
    platform: Platform,
    links: HardLinks,
    options: WalkOptions,
  ) {
    this.#fileSet = fileSet;
    this.#include = include;
    this.#selection = new Selection(include, fileSet);
    this.#platform = platform;
    this.#links = links;
    this.#options = options;
    this.#ignoring = include.ignoreDirectoriesContaining.map(encodeText);
  }

  *walk(entry: Uint8Array): Generator<FoundFile, void, undefined> {
    this.#top = entry;
    this.#path.reset(entry);
    const frames: Frame[] = [];
    try {
      const found = this.#visit(undefined, frames);
      if (found !== undefined) yield found;
      for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
        this.#path.cut(frame.pathLength);
        const next = this.#nextName(frame);
        if (next === "more") {
          const found = this.#visit(frame, frames);
          if (found !== undefined) yield found;
          continue;
        }
        if (next !== undefined) yield next;
        frames.pop();
        this.#path.cut(frame.pathLength);
        yield this.#leave(frame);
      }
    } finally {
      for (const { reader } of frames) reader?.close();
    }
  }

  /** Puts the next name of a directory behind its path; undefined at its end, or what went wrong. */
  #nextName(frame: Frame): "more" | FoundFile | undefined {
    if (frame.at >= frame.names.length) {
      try {
        frame.names = frame.reader?.read() ?? empty;
        frame.at = 0;
      } catch (error) {
        frame.reader?.close();
        return this.#lost(FileType.noOpen, frame.block, error);
      }
      if (frame.names.length === 0) return undefined;
    }
    const end = frame.names.indexOf(0, frame.at);
    this.#path.append(frame.names, frame.at, end);
    frame.at = end + 1;
    return "more";
  }

  /** Looks at the name in the buffer; begins a frame if it is a directory to enter. */
  #visit(parent: Frame | undefined, frames: Frame[]): FoundFile | undefined {
    const path = this.#path.view();
    let stat: PlatformStat;
    try {
      stat = this.#platform.lstat(path);
    } catch (error) {
      const block = this.#decide(parent, path, false);
      return block && this.#lost(FileType.noStat, block, error);
    }
    const isDirectory = (stat.mode & ModeType.mask) === ModeType.directory;
    const block = this.#decide(parent, path, isDirectory);
    if (block === undefined) return undefined;
    if (parent === undefined && block.fileSystemTypes.length > 0) {
      const type = this.#platform.fileSystemType(path);
      if (type === undefined || !block.fileSystemTypes.includes(type)) {
        const notice = unlistedFileSystem(path, type);
        return this.#found(FileType.invalidFileSystem, stat, block, { isSaved: false, notice });
      }
    }
    if (stat.noDump && block.options.honorNoDump) {
      const notice = noticeOf("noDump", { path, top: this.#top });
      return this.#found(FileType.noAccess, stat, block, { isSaved: false, notice });
    }
    return isDirectory
      ? this.#visitDirectory(parent, stat, block, frames)
      : this.#visitFile(parent, stat, block);
  }

  #decide(
    parent: Frame | undefined,
    path: Uint8Array,
    isDirectory: boolean,
  ): OptionsBlock | undefined {
    return parent === undefined
      ? this.#selection.optionsOf(path, isDirectory)
      : this.#selection.decide(path, isDirectory);
  }

  #visitFile(
    parent: Frame | undefined,
    stat: PlatformStat,
    block: OptionsBlock,
  ): FoundFile | undefined {
    const kind = stat.mode & ModeType.mask;
    const { options } = block;
    if (kind === ModeType.regular && !isInRange(stat.size, options.size)) return undefined;
    if (!this.#isChanged(stat, block, false)) {
      return this.#found(FileType.unchanged, stat, block, { isSaved: false });
    }
    let hardLink: HardLink | undefined;
    if (stat.nlink > 1 && options.hardLinks && kind !== ModeType.symbolicLink) {
      hardLink = this.#links.find(stat);
      if (hardLink !== undefined) {
        const link = hardLink.firstPath;
        if (equalBytes(link, this.#path.view())) return undefined;
        return this.#found(FileType.hardLink, stat, block, { link, hardLink });
      }
      hardLink = this.#links.add(stat, this.#path.copy());
    }
    switch (kind) {
      case ModeType.regular: {
        const isEmpty = stat.size === 0 && (stat.mode & readableByAll) === readableByAll;
        const type = isEmpty ? FileType.emptyFile : FileType.regularFile;
        return this.#found(type, stat, block, { hardLink });
      }
      case ModeType.symbolicLink:
        try {
          const link = this.#platform.readLink(this.#path.view());
          return this.#found(FileType.symbolicLink, stat, block, { link });
        } catch (error) {
          return this.#lost(FileType.noFollow, block, error);
        }
      case ModeType.socket: {
        const notice = noticeOf("socket", { path: this.#path.view(), top: this.#top });
        return this.#found(FileType.special, stat, block, { isSaved: false, notice, hardLink });
      }
      default:
        return this.#found(specialType(kind, parent === undefined, block), stat, block, {
          hardLink,
        });
    }
  }

  #visitDirectory(
    parent: Frame | undefined,
    stat: PlatformStat,
    block: OptionsBlock,
    frames: Frame[],
  ): FoundFile | undefined {
    if (this.#ignoring.some((name) => this.#exists(name))) return undefined;
    const isChanged = this.#isChanged(stat, block, true);
    const closed = parent === undefined ? undefined : this.#reasonToStay(parent, stat, block);
    if (closed !== undefined) {
      const isEntry = closed === FileType.otherFileSystem && this.#isEntry();
      return this.#found(closed, stat, block, isEntry ? { notice: undefined } : {});
    }
    const pathLength = this.#path.length;
    const frame: Frame = {
      pathLength,
      stat,
      block,
      isChanged,
      reader: undefined,
      names: empty,
      at: 0,
    };
    try {
      frame.reader = this.#platform.readDirectory(this.#path.view());
      if (frames.length >= openLimit) {
        frame.names = readAll(frame.reader);
        frame.reader = undefined;
      }
    } catch (error) {
      frame.reader?.close();
      return this.#lost(FileType.noOpen, block, error);
    }
    frames.push(frame);
    return undefined;
  }

  /** Why a directory is saved but not entered, if there is a reason (director-client.md 23.1). */
  #reasonToStay(
    parent: Frame,
    stat: PlatformStat,
    { options, fileSystemTypes }: OptionsBlock,
  ): FileTypeNumber | undefined {
    if (!options.recurse) return FileType.noRecursion;
    if (stat.dev === parent.stat.dev) return undefined;
    if (options.oneFileSystem) return FileType.otherFileSystem;
    if (fileSystemTypes.length === 0) return undefined;
    const type = this.#platform.fileSystemType(this.#path.view());
    const isListed = type !== undefined && fileSystemTypes.includes(type);
    return isListed ? undefined : FileType.invalidFileSystem;
  }

  /** A directory after its contents; its path is in the buffer. */
  #leave({ stat, block, isChanged }: Frame): FoundFile {
    return isChanged
      ? this.#found(FileType.directory, stat, block)
      : this.#found(FileType.directoryUnchanged, stat, block, { isSaved: false });
  }

  #isChanged(stat: PlatformStat, { options }: OptionsBlock, isDirectory: boolean): boolean {
    if (this.#options.isChanged === undefined) return true;
    const path = this.#path.copy();
    return this.#options.isChanged({ path, stat, isDirectory, options, include: this.#include });
  }

  /** Whether there is something of this name in the directory in the buffer. */
  #exists(name: Uint8Array): boolean {
    const { length } = this.#path;
    this.#path.append(name, 0, name.length);
    try {
      this.#platform.stat(this.#path.view());
      return true;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return false;
    } finally {
      this.#path.cut(length);
    }
  }

  /** Whether the path in the buffer is itself an entry of the FileSet. */
  #isEntry(): boolean {
    const path = this.#path.view();
    const { includes, excludes } = this.#fileSet;
    return [...includes, ...excludes].some(({ entries }) =>
      entries.some((entry) => equalBytes(entry, path))
    );
  }

  #found(
    type: FileTypeNumber,
    stat: PlatformStat | undefined,
    { options }: OptionsBlock,
    more: {
      isSaved?: boolean;
      link?: Uint8Array;
      hardLink?: HardLink | undefined;
      notice?: Notice | undefined;
      error?: SystemError;
    } = {},
  ): FoundFile {
    const path = this.#path.copy();
    const reason = more.error?.reason;
    return {
      path,
      type,
      isSaved: more.isSaved ?? true,
      stat,
      link: more.link ?? empty,
      hardLink: more.hardLink,
      options,
      include: this.#include,
      top: this.#top,
      error: more.error,
      notice: "notice" in more ? more.notice : noticeOf(type, { path, top: this.#top, reason }),
    };
  }

  /** Something that could not be looked at. */
  #lost(type: FileTypeNumber, block: OptionsBlock, error: unknown): FoundFile {
    if (!isSystemError(error)) {
      throw new Error(`Cannot look at ${decodeText(this.#path.view())}`, { cause: error });
    }
    return this.#found(type, undefined, block, { isSaved: false, error });
  }
}

/** A device or fifo that is an entry itself may be read as data (director-client.md 23.1). */
function specialType(kind: number, isEntry: boolean, { options }: OptionsBlock): FileTypeNumber {
  if (isEntry && kind === ModeType.block) return FileType.rawDevice;
  if (isEntry && kind === ModeType.fifo && options.readFifo) return FileType.fifoData;
  return FileType.special;
}

/** All names of a directory at once. */
function readAll(reader: DirectoryReader): Uint8Array {
  const batches: Uint8Array[] = [];
  let length = 0;
  for (let batch = reader.read(); batch !== undefined; batch = reader.read()) {
    batches.push(batch);
    length += batch.length;
  }
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  const names = new Uint8Array(length);
  let at = 0;
  for (const batch of batches) {
    names.set(batch, at);
    at += batch.length;
  }
  return names;
}
