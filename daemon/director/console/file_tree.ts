/** The files of several jobs as a tree in which the user marks (console.md 12.4). @module */
import type { TreeEntry, TreeFile, TreeSource } from "./catalog_tree.ts";

/** What the user has decided for a path: itself, and everything below it. */
interface Decision {
  self?: boolean;
  below?: boolean;
}

/**
 * A tree that is read on demand; only decisions are kept in memory: marks of files and of whole
 * folders, the later one below the earlier one.
 */
export class FileTree {
  readonly #source: TreeSource;
  readonly #decisions = new Map<string, Decision>();
  /** The folder that we are in, with a slash at its end; `/` is the top, drives included. */
  folder = "/";

  /** A tree, nothing marked. */
  constructor(source: TreeSource) {
    this.#source = source;
  }

  /** The entries of a folder; those of the top are what lies in `/`, and drives. */
  entries(folder: string = this.folder): TreeEntry[] {
    const own = this.#source.entries(folder);
    if (folder !== "/") return own;
    return [...this.#source.entries("").filter(({ name }) => name !== "/"), ...own];
  }

  /** The path of an entry of a folder. */
  pathOf(entry: TreeEntry, folder: string = this.folder): string {
    return folder === "/" && /^[A-Za-z]:\/$/.test(entry.name) ? entry.name : folder + entry.name;
  }

  /** Whether a path is marked: by itself, or by the nearest folder above it. */
  isMarked(path: string): boolean {
    const own = this.#decisions.get(path);
    return own?.self ?? own?.below ?? this.#inherited(path);
  }

  /** What the folders above a path say. */
  #inherited(path: string): boolean {
    for (let name = path; name !== "";) {
      name = name.slice(0, name.replace(/\/$/, "").lastIndexOf("/") + 1);
      const below = this.#decisions.get(name)?.below;
      if (below !== undefined) return below;
    }
    return false;
  }

  /** Whether anything below a folder is marked. */
  hasMarked(folder: string): boolean {
    if (this.#decisions.get(folder)?.below === true) return true;
    const isBelow = this.#decisions.get(folder)?.below ?? this.#inherited(folder);
    if (isBelow) {
      // All of it, unless the user has taken out what there is.
      for (const { path } of this.#source.files(folder)) {
        if (path !== folder && this.isMarked(path)) return true;
      }
      return false;
    }
    for (const [path, { self, below }] of this.#decisions) {
      if (path !== folder && path.startsWith(folder) && (self === true || below === true)) {
        return true;
      }
    }
    return false;
  }

  /** Whether everything is marked, for nothing else has been decided. */
  get isAllMarked(): boolean {
    return this.#decisions.size === 1 && this.#decisions.get("")?.below === true;
  }

  /** Marks or unmarks everything. */
  markAll(isMarked: boolean): void {
    this.#decisions.clear();
    this.#decisions.set("", { below: isMarked });
  }

  /** Marks or unmarks an entry and all below it; how many files changed. */
  mark(path: string, isMarked: boolean): number {
    let changed = 0;
    for (const file of this.#source.files(path)) {
      if (this.isMarked(file.path) !== isMarked) changed++;
    }
    if (path.endsWith("/")) {
      for (const decided of [...this.#decisions.keys()]) {
        if (decided.startsWith(path)) this.#decisions.delete(decided);
      }
      this.#decisions.set(path, { self: isMarked, below: isMarked });
    } else this.#decisions.set(path, { self: isMarked });
    return changed;
  }

  /** Marks or unmarks a folder without what is in it; whether that changed anything. */
  markFolder(path: string, isMarked: boolean): boolean {
    if (this.isMarked(path) === isMarked) return false;
    this.#decisions.set(path, { ...this.#decisions.get(path), self: isMarked });
    return true;
  }

  /** The entries of the present folder whose name a pattern matches. */
  matching(pattern: string): TreeEntry[] {
    const isName = wildcard(pattern.replace(/\/$/, ""));
    return this.entries().filter(({ name }) => isName.test(name.replace(/\/$/, "")));
  }

  /** Paths that a pattern means: relative or absolute, wild cards in each part, `**` for any folders. */
  find(pattern: string): string[] {
    const drive = /^[A-Za-z]:/.exec(pattern)?.[0];
    const rest = drive === undefined ? pattern : pattern.slice(drive.length);
    const parts = rest.split("/").filter((part) => part !== "" && part !== ".");
    const isAbsolute = drive !== undefined || pattern.startsWith("/");
    const start = drive === undefined ? isAbsolute ? "/" : this.folder : `${drive}/`;
    const found = new Set<string>();
    if (parts.length === 0) {
      if (start === "/") {
        for (const entry of this.entries("/")) found.add(this.pathOf(entry, "/"));
      } else found.add(start);
    } else this.#search(start, parts, found);
    return [...found];
  }

  #search(folder: string, parts: readonly string[], found: Set<string>): void {
    const [part = "", ...rest] = parts;
    if (part === "..") {
      const up = folder.slice(0, folder.replace(/\/$/, "").lastIndexOf("/") + 1) || "/";
      if (rest.length === 0) found.add(up);
      else this.#search(up, rest, found);
      return;
    }
    const isName = wildcard(part);
    if (part === "**" && rest.length > 0) this.#search(folder, rest, found);
    for (const entry of this.entries(folder)) {
      const path = this.pathOf(entry, folder);
      if (part === "**") {
        if (rest.length === 0) found.add(path);
        else if (entry.isFolder) this.#search(path, parts, found);
        continue;
      }
      if (!isName.test(entry.name.replace(/\/$/, ""))) continue;
      if (rest.length === 0) found.add(path);
      else if (entry.isFolder) this.#search(path, rest, found);
    }
  }

  /** Goes into another folder, whose name may have wild cards; false if there is none. */
  enter(path: string): boolean {
    if (path === "/" || path === "") {
      this.folder = "/";
      return true;
    }
    const folder = this.find(path).find((found) => found.endsWith("/"));
    if (folder === undefined) return false;
    this.folder = folder;
    return true;
  }

  /** Every entry below a folder, folders before what is in them. */
  *walk(
    folder: string = this.folder,
  ): Generator<{ path: string; entry: TreeEntry; depth: number }> {
    yield* this.#walk(folder, 0);
  }

  *#walk(
    folder: string,
    depth: number,
  ): Generator<{ path: string; entry: TreeEntry; depth: number }> {
    for (const entry of this.entries(folder)) {
      const path = this.pathOf(entry, folder);
      yield { path, entry, depth };
      if (entry.isFolder) yield* this.#walk(path, depth + 1);
    }
  }

  /** All files at or below a folder and whether they are marked. */
  *files(folder?: string): Generator<{ file: TreeFile; isMarked: boolean }> {
    for (const file of this.#source.files(folder)) {
      yield { file, isMarked: this.isMarked(file.path) };
    }
  }

  /** All marked files. */
  *marked(): Generator<TreeFile> {
    for (const { file, isMarked } of this.files()) if (isMarked) yield file;
  }
}

/** A shell pattern; its wild cards do not match `/`. */
export function wildcard(pattern: string): RegExp {
  let text = "";
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern.charAt(at);
    const close = letter === "[" ? pattern.indexOf("]", at + 2) : -1;
    if (letter === "*") text += "[^/]*";
    else if (letter === "?") text += "[^/]";
    else if (close > 0) {
      const set = pattern.slice(at + 1, close).replace(/^!/, "^").replace(/[\\[\]]/g, "\\$&");
      text += `[${set}]`;
      at = close;
    } else if (letter === "\\" && at + 1 < pattern.length) {
      text += pattern.charAt(++at).replace(/[.+^${}()|\\[\]*?]/g, "\\$&");
    } else text += letter.replace(/[.+^${}()|\\[\]]/g, "\\$&");
  }
  try {
    return new RegExp(`^${text}$`, "s");
  } catch {
    // A set that is none: the pattern means itself.
    return new RegExp(`^${pattern.replace(/[.+^${}()|\\[\]*?]/g, "\\$&")}$`, "s");
  }
}
