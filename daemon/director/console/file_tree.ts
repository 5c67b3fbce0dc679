/** The files of several jobs as a tree in which the user marks (console.md 12.4). @module */

/** A file of a job. */
export interface TreeFile {
  readonly jobId: number;
  readonly fileIndex: number;
  readonly path: string;
  readonly lstat: string;
}

/** A folder's entry. */
export interface TreeEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly file: TreeFile | undefined;
}

/** What the tree is read from, folder by folder. */
export interface TreeSource {
  /** What lies directly in a folder; empty for the top. */
  children(jobIds: readonly number[], folder: string): readonly TreeEntry[];
  /** Every file of the jobs. */
  currentFiles(jobIds: readonly number[]): Iterable<TreeFile>;
}

/**
 * A tree that is read on demand; only decisions are kept in memory: marks and unmarks of files and
 * of whole folders, the later one below the earlier one.
 */
export class FileTree {
  readonly #source: TreeSource;
  readonly #jobIds: readonly number[];
  /** Path, folders with a slash at the end, and whether it is marked. */
  readonly #decisions = new Map<string, boolean>();
  /** The folder that we are in, with slashes at both ends; empty is the top. */
  folder = "/";

  /** The tree of these jobs, nothing marked. */
  constructor(source: TreeSource, jobIds: readonly number[]) {
    this.#source = source;
    this.#jobIds = jobIds;
  }

  /** The entries of a folder. */
  entries(folder: string = this.folder): readonly TreeEntry[] {
    return this.#source.children(this.#jobIds, folder).toSorted((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : 0
    );
  }

  /** Whether a path is marked: by itself, or by the nearest folder above it. */
  isMarked(path: string): boolean {
    for (let name = path;;) {
      const decision = this.#decisions.get(name);
      if (decision !== undefined) return decision;
      if (name === "" || name === "/") return false;
      const slash = name.replace(/\/$/, "").lastIndexOf("/");
      name = name.slice(0, slash + 1);
    }
  }

  /** Marks or unmarks everything. */
  markAll(isMarked: boolean): void {
    this.#decisions.clear();
    this.#decisions.set("/", isMarked);
    this.#decisions.set("", isMarked);
  }

  /** Marks or unmarks an entry and all below it. */
  mark(path: string, isMarked: boolean): void {
    if (path.endsWith("/")) {
      for (const decided of [...this.#decisions.keys()]) {
        if (decided.startsWith(path)) this.#decisions.delete(decided);
      }
    }
    this.#decisions.set(path, isMarked);
  }

  /** The entries of the present folder that a pattern with wild cards names. */
  matching(pattern: string): TreeEntry[] {
    const expression = new RegExp(
      `^${
        pattern.replace(/\/$/, "").replace(/[.+^${}()|\\[\]]/g, "\\$&").replaceAll("*", ".*")
          .replaceAll("?", ".")
      }/?$`,
    );
    return this.entries().filter(({ name }) => expression.test(name));
  }

  /** Goes into another folder; false if there is none. */
  enter(path: string): boolean {
    const parts = path.startsWith("/") ? [] : this.folder.split("/").filter((part) => part !== "");
    for (const part of path.split("/")) {
      if (part === "" || part === ".") continue;
      if (part === "..") parts.pop();
      else parts.push(part);
    }
    const folder = parts.length === 0 ? "/" : `/${parts.join("/")}/`;
    if (folder !== "/" && this.entries(folder).length === 0) {
      const parent = folder.slice(0, folder.slice(0, -1).lastIndexOf("/") + 1);
      const name = folder.slice(parent.length);
      if (!this.entries(parent).some((entry) => entry.name === name)) return false;
    }
    this.folder = folder;
    return true;
  }

  /** All marked files, in the order of the volume. */
  *marked(): Generator<TreeFile> {
    for (const file of this.#source.currentFiles(this.#jobIds)) {
      if (this.isMarked(file.path)) yield file;
    }
  }
}
