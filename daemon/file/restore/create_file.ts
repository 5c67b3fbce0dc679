import { encodeText } from "../../../bytes/mod.ts";
import {
  type Attributes,
  FileType,
  isDirectoryType,
  ModeType,
} from "../../../storage/volume/mod.ts";
import {
  type Descriptor,
  isSystemError,
  type Platform,
  type PlatformStat,
  reasonOf,
  SystemError,
} from "../platform/mod.ts";
import type { Location, ParentDirectories } from "./parent_directories.ts";
import type { CurrentFile } from "./restored_file.ts";
import { StreamOutput } from "./stream_output.ts";

/** What happens to what is there already (director-client.md 25.2). */
export type ReplacePolicy = "always" | "ifNewer" | "ifOlder" | "never";

/** The letters of `replace=` in the `restore` command. */
export const replacePolicies: Readonly<Record<string, ReplacePolicy>> = {
  a: "always",
  w: "ifNewer",
  o: "ifOlder",
  n: "never",
};

/** What became of a file: made, left as it was, or not to be had. */
export type Created =
  | {
    readonly outcome: "created";
    readonly kind: CurrentFile["kind"];
    readonly open?: Descriptor | StreamOutput;
  }
  | { readonly outcome: "skipped"; readonly message?: string }
  | { readonly outcome: "failed"; readonly message: string };

/** A file to make. */
export interface Wanted {
  /** Its record. */
  readonly attributes: Attributes;
  /** Its new name, for messages. */
  readonly target: string;
  /** Its new target, for a link. */
  readonly link: string;
  /** Where it goes. */
  readonly location: Location;
  /** Whether it goes to the place where it was. */
  readonly isOriginalPlace: boolean;
}

/** A reason to leave a file as it is. */
class Skip extends Error {}
/** Something is there and cannot be removed. */
class Irreplaceable extends Error {}

/** Makes files of all types, as a restore wants them (director-client.md 25.3). */
export class FileCreator {
  readonly #platform: Platform;
  readonly #replace: ReplacePolicy;
  readonly #parents: ParentDirectories;
  readonly #linkParents: ParentDirectories;
  readonly #erase: ((path: string) => string | undefined) | undefined;

  /** `linkParents` finds the first names of hard links, and makes nothing. */
  constructor(
    platform: Platform,
    replace: ReplacePolicy,
    parents: ParentDirectories,
    linkParents: ParentDirectories,
    erase?: (path: string) => string | undefined,
  ) {
    this.#platform = platform;
    this.#replace = replace;
    this.#parents = parents;
    this.#linkParents = linkParents;
    this.#erase = erase;
  }

  /** Makes one file, or says why not. */
  create(wanted: Wanted): Created {
    const { target, link, attributes: { type, stat } } = wanted;
    const failed = (message: string): Created => ({ outcome: "failed", message });
    try {
      if (isDirectoryType(type)) return this.#createDirectory(wanted);
      switch (type) {
        case FileType.hardLink:
          return this.#createHardLink(wanted);
        case FileType.emptyFile:
        case FileType.regularFile:
          return this.#createRegular(wanted);
        case FileType.symbolicLink:
          this.#make(
            wanted,
            ({ at, name }) => this.#platform.makeSymbolicLink(encodeText(link), name, at),
          );
          return { outcome: "created", kind: "symbolicLink" };
        case FileType.special:
          if ((stat.mode & ModeType.mask) === ModeType.socket) return { outcome: "skipped" };
          this.#make(
            wanted,
            ({ at, name }) => this.#platform.makeNode(name, stat.mode, stat.rdev, at),
          );
          return { outcome: "created", kind: "special" };
        case FileType.rawDevice:
          return wanted.isOriginalPlace ? this.#openStream(wanted) : this.#createRegular(wanted);
        case FileType.fifoData:
          return this.#openStream(wanted);
        default:
          return failed(`Unknown file type ${type}; not restored: ${target}\n`);
      }
    } catch (error) {
      if (error instanceof Skip) return { outcome: "skipped", message: error.message };
      if (error instanceof Irreplaceable) return failed(error.message);
      if (!(error instanceof SystemError)) throw error;
      switch (type) {
        case FileType.symbolicLink:
          return failed(`Could not symlink ${target} -> ${link}: ERR=${error.reason}\n`);
        case FileType.hardLink:
          return failed(`Could not hard link ${target} -> ${link}: ERR=${error.reason}\n`);
        default:
          return failed(`Could not create ${target}: ERR=${error.reason}\n`);
      }
    }
  }

  #createDirectory(wanted: Wanted): Created {
    const { target, location: { at, name } } = wanted;
    try {
      this.#platform.makeDirectory(name, 0o777, at);
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) {
        return {
          outcome: "failed",
          message: `Cannot create directory ${target}: ERR=${reasonOf(error)}\n`,
        };
      }
      const existing = this.#platform.lstat(name, at);
      if ((existing.mode & ModeType.mask) !== ModeType.directory) {
        return { outcome: "failed", message: `${target} exists but is not a directory.\n` };
      }
      if (!this.#parents.wasMade(existing)) this.#consider(wanted, existing);
    }
    return { outcome: "created", kind: "directory" };
  }

  #createHardLink(wanted: Wanted): Created {
    const existing = this.#linkParents.locate(encodeText(wanted.link));
    this.#make(
      wanted,
      ({ at, name }) => this.#platform.makeLink(existing.name, name, existing.at, at),
    );
    return { outcome: "created", kind: "hardLink" };
  }

  #createRegular(wanted: Wanted): Created {
    const options = { access: "readWrite", create: true, exclusive: true, mode: 0o600 } as const;
    const open = this.#make(wanted, ({ at, name }) => this.#platform.open(name, options, at));
    return { outcome: "created", kind: "regular", open };
  }

  /** A device or fifo that takes the data: the one that is there. */
  #openStream(wanted: Wanted): Created {
    const { target, attributes: { type, stat }, location: { at, name } } = wanted;
    if (type === FileType.fifoData) {
      try {
        this.#platform.makeNode(name, stat.mode, 0, at);
      } catch (error) {
        if (!isSystemError(error, "EEXIST")) throw error;
      }
    }
    try {
      const { mode } = this.#platform.lstat(name, at);
      if ((mode & ModeType.mask) === ModeType.regular) {
        throw new SystemError("open", 0, "EEXIST", "a regular file is in its place", name);
      }
    } catch (error) {
      if (type !== FileType.rawDevice || !isSystemError(error, "ENOENT")) throw error;
      const message = `Device restore on root failed, device ${target} missing.\n`;
      return { outcome: "failed", message };
    }
    const open = new StreamOutput(this.#platform, wanted.location);
    return { outcome: "created", kind: "stream", open };
  }

  /** Makes something under a name; what is there is removed first, if it may be. */
  #make<T>(wanted: Wanted, make: (location: Location) => T): T {
    const { location, target } = wanted;
    try {
      return make(location);
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) throw error;
    }
    const existing = this.#platform.lstat(location.name, location.at);
    this.#consider(wanted, existing);
    // What has another name is not to be erased: it stays under that.
    const isErased = this.#erase !== undefined && existing.nlink === 1 &&
      (existing.mode & ModeType.mask) === ModeType.regular;
    const problem = isErased ? this.#erase?.(target) : undefined;
    if (problem !== undefined) {
      throw new Irreplaceable(
        `File ${target} already exists and could not be replaced. ERR=${problem}.\n`,
      );
    }
    try {
      this.#platform.remove(location.name, location.at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (isErased && error.code === "ENOENT") return make(location);
      throw new Irreplaceable(
        `File ${target} already exists and could not be replaced. ERR=${error.reason}.\n`,
        { cause: error },
      );
    }
    return make(location);
  }

  /** Throws {@linkcode Skip} if what is there stays (director-client.md 25.2). */
  #consider({ attributes: { stat }, target }: Wanted, existing: PlatformStat): void {
    switch (this.#replace) {
      case "ifNewer":
        if (stat.mtime <= existing.mtime) throw new Skip(`File skipped. Not newer: ${target}\n`);
        return;
      case "ifOlder":
        if (stat.mtime >= existing.mtime) throw new Skip(`File skipped. Not older: ${target}\n`);
        return;
      case "never":
        throw new Skip(`File skipped. Already exists: ${target}\n`);
      case "always":
    }
  }
}
