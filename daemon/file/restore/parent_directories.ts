import { equalBytes } from "../fileset/mod.ts";
import {
  type Descriptor,
  isSystemError,
  type Platform,
  type PlatformStat,
  SystemError,
} from "../platform/mod.ts";

/** A name and the open directory that it stands in. */
export interface Location {
  /** The directory; undefined for the current one. */
  readonly at: Descriptor | undefined;
  /** The last component, or the whole path of the root itself. */
  readonly name: Uint8Array;
}

/** An open directory on the way to the last file. */
interface Link {
  readonly name: Uint8Array;
  /** -1 once it was closed because there are too many. */
  descriptor: Descriptor;
  /** What it was when it was opened, if its own times were already set. */
  readonly finished: PlatformStat | undefined;
}

/** Directories that stay open. */
const openLimit = 64;
const slash = 0x2f;
const dot = 0x2e;

/**
 * The directories in which files are made, kept open from one file to the next: neighbours come
 * together. With a root, nothing outside of it is ever touched: no component below it may be a
 * symbolic link or `..`, whatever an earlier file of the backup, or somebody else, put there.
 */
export class ParentDirectories {
  readonly #platform: Platform;
  readonly #root: Uint8Array | undefined;
  readonly #creates: boolean;
  readonly #chain: Link[] = [];
  /** Directories that were made because a file needed them, until their own record comes. */
  readonly #made = new Set<string>();
  /** Directories whose times are set already; what is made in them later must not show. */
  readonly #finished = new Set<string>();
  #base: Descriptor | undefined;
  #isAbsolute = true;
  /** The path up to the last slash of the last location. */
  #last: Uint8Array | undefined;

  /** `creates` says whether missing directories are made. */
  constructor(platform: Platform, root: Uint8Array | undefined, creates: boolean) {
    this.#platform = platform;
    this.#root = root;
    this.#creates = creates;
  }

  /**
   * Opens the directory that a path stands in.
   * @throws {SystemError} if it cannot be opened or made, or the path leads out of the root
   */
  locate(path: Uint8Array): Location {
    let end = path.length;
    while (end > 1 && path[end - 1] === slash) end -= 1;
    const start = path.lastIndexOf(slash, end - 1) + 1;
    if (start >= end) return { at: undefined, name: path }; // `/` stands in nothing
    const parent = path.subarray(0, start);
    const name = path.subarray(start, end);
    if (this.#last !== undefined && equalBytes(parent, this.#last)) {
      this.#refuseDots(name, path);
      return { at: this.#chain.at(-1)?.descriptor ?? this.#base, name };
    }
    const root = this.#root;
    if (root !== undefined && isSamePath(path.subarray(0, end), root)) {
      return { at: undefined, name: root };
    }
    const components = split(parent, root);
    if (components === undefined) throw leavesRoot(path);
    for (const component of [...components, name]) this.#refuseDots(component, path);
    const at = this.#descend(components, path);
    this.#last = parent.slice();
    return { at, name };
  }

  /** Whether a directory was made because a file needed it and its own record had not come yet. */
  wasMade(stat: PlatformStat): boolean {
    return this.#made.has(keyOf(stat));
  }

  /** Notes that a directory's own times are set. */
  finish(stat: PlatformStat): void {
    const key = keyOf(stat);
    this.#made.delete(key);
    this.#finished.add(key);
  }

  /** Closes all. */
  close(): void {
    this.#leave(0);
    if (this.#base !== undefined) this.#platform.close(this.#base);
    this.#base = undefined;
    this.#last = undefined;
  }

  #descend(components: readonly Uint8Array[], path: Uint8Array): Descriptor {
    this.#last = undefined; // until all is well
    const isAbsolute = path[0] === slash;
    if (isAbsolute !== this.#isAbsolute && this.#root === undefined) this.close();
    this.#isAbsolute = isAbsolute;
    this.#base ??= this.#openBase(path);
    let kept = 0;
    for (const [index, { name, descriptor }] of this.#chain.entries()) {
      const component = components[index];
      if (component === undefined || !equalBytes(name, component)) break;
      if (descriptor >= 0) kept = index + 1;
    }
    this.#leave(kept);
    let at = this.#chain.at(-1)?.descriptor ?? this.#base;
    for (const component of components.slice(kept)) {
      const descriptor = this.#enter(component, at);
      let finished: PlatformStat | undefined;
      if (this.#finished.size > 0) {
        const stat = this.#platform.fstat(descriptor);
        if (this.#finished.has(keyOf(stat))) finished = stat;
      }
      const tail = this.#chain.at(-1);
      if (this.#chain.length > openLimit && tail !== undefined) {
        this.#platform.close(tail.descriptor);
        tail.descriptor = -1;
      }
      this.#chain.push({ name: component.slice(), descriptor, finished });
      at = descriptor;
    }
    return at;
  }

  #openBase(path: Uint8Array): Descriptor {
    const base = this.#root ?? Uint8Array.of(path[0] === slash ? slash : dot);
    const options = { place: true, directory: true, follow: true };
    try {
      return this.#platform.open(base, options);
    } catch (error) {
      if (!this.#creates || !isSystemError(error, "ENOENT")) throw error;
      makeAll(this.#platform, base);
      return this.#platform.open(base, options);
    }
  }

  #enter(component: Uint8Array, at: Descriptor): Descriptor {
    const options = { place: true, directory: true, follow: this.#root === undefined };
    try {
      return this.#platform.open(component, options, at);
    } catch (error) {
      if (!this.#creates || !isSystemError(error, "ENOENT")) throw error;
    }
    this.#platform.makeDirectory(component, 0o777, at);
    const descriptor = this.#platform.open(component, options, at);
    this.#made.add(keyOf(this.#platform.fstat(descriptor)));
    return descriptor;
  }

  /** Closes the directories from an index on; those whose times were set get them back. */
  #leave(from: number): void {
    while (this.#chain.length > from) {
      const { name, descriptor, finished } = this.#chain.pop() as Link;
      if (descriptor >= 0) this.#platform.close(descriptor);
      const at = this.#chain.length > 0 ? this.#chain.at(-1)?.descriptor : this.#base;
      if (finished === undefined || at === undefined || at < 0) continue;
      const accessed = { seconds: finished.atime, nanoseconds: finished.atimeNanoseconds };
      const modified = { seconds: finished.mtime, nanoseconds: finished.mtimeNanoseconds };
      try {
        this.#platform.setTimes(name, accessed, modified, at);
      } catch (error) {
        if (!isSystemError(error)) throw error; // times are not worth a failed restore
      }
    }
  }

  #refuseDots(name: Uint8Array, path: Uint8Array): void {
    if (this.#root !== undefined && isDotDot(name)) throw leavesRoot(path);
  }
}

function keyOf({ dev, ino }: PlatformStat): string {
  return `${ino} ${dev}`;
}

/** The components of a directory's path below the root; undefined if it is not below. */
function split(directory: Uint8Array, root: Uint8Array | undefined): Uint8Array[] | undefined {
  let start = 0;
  if (root !== undefined) {
    if (!root.every((byte, at) => directory[at] === byte)) return undefined;
    if (root.at(-1) !== slash && directory[root.length] !== slash) return undefined;
    start = root.length;
  }
  const components: Uint8Array[] = [];
  while (start < directory.length) {
    const found = directory.indexOf(slash, start);
    const end = found < 0 ? directory.length : found;
    const isDot = end === start + 1 && directory[start] === dot;
    if (end > start && !isDot) components.push(directory.subarray(start, end));
    start = end + 1;
  }
  return components;
}

function isDotDot(name: Uint8Array): boolean {
  return name.length === 2 && name[0] === dot && name[1] === dot;
}

function isSamePath(path: Uint8Array, root: Uint8Array): boolean {
  let end = root.length;
  while (end > 1 && root[end - 1] === slash) end -= 1;
  return equalBytes(path, root.subarray(0, end));
}

function leavesRoot(path: Uint8Array): SystemError {
  return new SystemError("restore", 0, "EXDEV", "the name leads out of the target directory", path);
}

/** Makes a directory and those above it, following symbolic links. */
function makeAll(platform: Platform, path: Uint8Array): void {
  for (let at = 1; at <= path.length; at++) {
    if (at < path.length && path[at] !== slash) continue;
    try {
      platform.makeDirectory(path.subarray(0, at), 0o777);
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) {
        if (at === path.length || !isSystemError(error, "EACCES", "EROFS")) throw error;
      }
    }
  }
}
