/** The files of several jobs as a tree in which the user marks (console.md 12.4). @module */
import { encodeText } from "../../../bytes/mod.ts";
import {
  compareBytes,
  type TreeEntry,
  type TreeFile,
  type TreePlace,
  type TreeSource,
} from "./catalog_tree.ts";
import { OthersTurn } from "./others_turn.ts";

/** An answer to what holds in a folder that nobody has asked for. */
const nothingAsked: { readonly folder: string | undefined; readonly answer: boolean } = {
  folder: undefined,
  answer: false,
};

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
  #asked = nothingAsked;
  #total: number | undefined;
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

  /** What the folders above a path say; neighbours mostly ask for the same. */
  #inherited(path: string): boolean {
    const folder = parentOf(path);
    if (folder !== this.#asked.folder) this.#asked = { folder, answer: this.#decisionAt(folder) };
    return this.#asked.answer;
  }

  #decisionAt(folder: string): boolean {
    for (let name = folder;; name = parentOf(name)) {
      const below = this.#decisions.get(name)?.below;
      if (below !== undefined) return below;
      if (name === "") return false;
    }
  }

  #decide(path: string, decision: Decision): void {
    this.#decisions.set(path, decision);
    this.#asked = nothingAsked;
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
    this.#decide("", { below: isMarked });
  }

  /** Marks or unmarks an entry and all below it; how many files changed. */
  async mark(path: string, isMarked: boolean): Promise<number> {
    const isFolder = path.endsWith("/");
    const within = isFolder
      ? [...this.#decisions.keys()].filter((decided) => decided.startsWith(path))
      : this.#decisions.has(path)
      ? [path]
      : [];
    let changed = 0;
    if (within.length > 0) {
      const turn = new OthersTurn();
      for (const file of this.#source.files(path)) {
        if (turn.isDue()) await turn.take();
        if (this.isMarked(file.path) !== isMarked) changed++;
      }
    } else if (this.#inherited(path) !== isMarked) changed = await this.#source.count(path);
    for (const decided of within) this.#decisions.delete(decided);
    this.#decide(path, isFolder ? { self: isMarked, below: isMarked } : { self: isMarked });
    return changed;
  }

  /** Marks or unmarks a folder without what is in it; whether that changed anything. */
  markFolder(path: string, isMarked: boolean): boolean {
    if (this.isMarked(path) === isMarked) return false;
    this.#decide(path, { ...this.#decisions.get(path), self: isMarked });
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

  /** The entries below the present folder that are marked or have marked ones below them. */
  *walkMarked(folder: string = this.folder, depth = 0): Generator<TreePlace & { depth: number }> {
    for (const entry of this.entries(folder)) {
      const path = this.pathOf(entry, folder);
      const hasMarked = entry.isFolder && this.hasMarked(path);
      if (!hasMarked && !this.isMarked(path)) continue;
      yield { path, entry, depth };
      if (hasMarked) yield* this.walkMarked(path, depth + 1);
    }
  }

  /** Everything whose name a shell pattern takes, wherever it is. */
  named(pattern: string): AsyncIterable<TreePlace> {
    const isName = wildcard(pattern);
    return this.#source.named((name) => isName.test(name), pattern);
  }

  /** Number of files, folders that were saved among them. */
  async count(): Promise<number> {
    return this.#total ??= await this.#source.count();
  }

  /** All marked files, in the order of the source. What was never marked is not looked at. */
  *marked(): Generator<TreeFile> {
    const roots = [...this.#decisions]
      .filter(([, { self, below }]) => self === true || below === true)
      .map(([path, { below }]) => {
        const slash = path.lastIndexOf("/") + 1;
        const [folder, name] = [encodeText(path.slice(0, slash)), encodeText(path.slice(slash))];
        return { path, isWhole: below === true, folder, name };
      })
      .sort((a, b) => compareBytes(a.folder, b.folder) || compareBytes(a.name, b.name));
    let covered: string | undefined;
    for (const { path, isWhole } of roots) {
      if (covered !== undefined && path.startsWith(covered)) continue;
      if (isWhole) {
        covered = path;
        for (const file of this.#source.files(path)) if (this.isMarked(file.path)) yield file;
      } else {
        const file = this.#source.file(path);
        if (file !== undefined) yield file;
      }
    }
  }
}

/** The folder that a path lies in; empty above the top. */
function parentOf(path: string): string {
  return path.length < 2 ? "" : path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
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
