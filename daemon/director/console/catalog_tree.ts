/**
 * The files of several jobs as a tree that is read from the catalog on demand:
 * a folder at a time, each by a few seeks in the indexes, however many files
 * there are (console.md 12.3, 12.4; catalog-and-jobs.md 14.2).
 *
 * @module
 */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import type { SqlCatalog, SqlRow } from "../director_catalog.ts";

/** A file of a job. */
export interface TreeFile {
  readonly jobId: number;
  readonly fileIndex: number;
  /** Path and name; a directory ends in `/`. */
  readonly path: string;
  readonly lstat: string;
}

/** An entry of a folder. */
export interface TreeEntry {
  /** The last component; a folder ends in `/`. */
  readonly name: string;
  /** Whether it may have entries of its own. */
  readonly isFolder: boolean;
  /** Nothing for a folder that was not saved itself. */
  readonly file: TreeFile | undefined;
}

/** What the tree is read from. */
export interface TreeSource {
  /** What lies directly in a folder (`/` at its end, empty for the top), in the order of bytes. */
  entries(folder: string): TreeEntry[];
  /** Every file at or below a folder, or the one file; everything if not given. */
  files(prefix?: string): Iterable<TreeFile>;
}

const columns =
  "CAST(p.Path AS BLOB) AS path, CAST(f.Name AS BLOB) AS name, f.FileIndex AS fileIndex, f.JobId AS jobId, f.LStat AS lstat";

/** Files read at once. */
const pageSize = 5_000;

/** The newest version of each file over jobs. */
export class CatalogTree implements TreeSource {
  readonly #catalog: SqlCatalog;
  readonly #list: string;
  readonly #rank: string;

  /** The files of these jobs, the newest last. */
  constructor(catalog: SqlCatalog, jobIds: readonly number[]) {
    this.#catalog = catalog;
    this.#list = jobIds.join(", ") || "0";
    this.#rank = jobIds.length === 0
      ? "0"
      : `CASE f.JobId ${jobIds.map((id, at) => `WHEN ${id} THEN ${at}`).join(" ")} END`;
  }

  /** See {@linkcode TreeSource.entries}. */
  entries(folder: string): TreeEntry[] {
    const found = new Map<string, TreeEntry>();
    const path = encodeText(folder);
    const pathId = this.#pathId(folder);
    if (pathId !== undefined) {
      // The newest row of a name comes last and replaces those before.
      for (
        const row of this.#catalog.all(
          `SELECT ${columns} FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
           WHERE f.PathId = ? AND f.JobId IN (${this.#list}) AND f.Name <> ''
           ORDER BY f.Name, ${this.#rank}, f.FileIndex, f.FileId`,
          pathId,
        )
      ) {
        const file = fileOf(row);
        const name = file.path.slice(folder.length);
        const before = found.get(name)?.file;
        if (file.fileIndex === 0) found.delete(name);
        else if (before === undefined || before.jobId !== file.jobId || !isLink(file)) {
          found.set(name, { name, isFolder: false, file });
        }
      }
    }
    for (const name of this.#folders(folder, path)) {
      found.set(name, { name, isFolder: true, file: this.#folder(folder + name) });
    }
    return [...found.values()].sort((a, b) => compareBytes(a.name, b.name));
  }

  /** Names of the folders directly below, by leaping from one to the next in the index of paths. */
  *#folders(folder: string, path: Uint8Array): Generator<string> {
    const end = joined(path, 0xff);
    for (let from = path;;) {
      const row = this.#catalog.one(
        `SELECT CAST(p.Path AS BLOB) AS path FROM Path AS p
         WHERE p.Path > CAST(? AS TEXT) AND p.Path < CAST(? AS TEXT)
         AND EXISTS (SELECT 1 FROM File AS f WHERE f.PathId = p.PathId AND f.JobId IN (${this.#list}))
         ORDER BY p.Path LIMIT 1`,
        from,
        end,
      );
      if (row === undefined) return;
      const below = decodeText(row.path as Uint8Array).slice(folder.length);
      const name = below.slice(0, below.indexOf("/") + 1);
      if (name === "") {
        from = row.path as Uint8Array;
        continue;
      }
      // Everything below this folder sorts before it with 0xff behind.
      from = joined(encodeText(folder + name), 0xff);
      if (this.#isAlive(folder + name)) yield name;
    }
  }

  /** Whether a folder or anything in it is there in its newest version. */
  #isAlive(path: string): boolean {
    for (const _file of this.#scan(path, 1)) return true;
    return false;
  }

  /** The newest version of a folder itself; nothing if it was not saved or is deleted. */
  #folder(path: string): TreeFile | undefined {
    const pathId = this.#pathId(path);
    if (pathId === undefined) return undefined;
    const row = this.#catalog.one(
      `SELECT ${columns} FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE f.PathId = ? AND f.Name = '' AND f.JobId IN (${this.#list})
       ORDER BY ${this.#rank} DESC, f.FileIndex DESC, f.FileId DESC LIMIT 1`,
      pathId,
    );
    return row === undefined || Number(row.fileIndex) === 0 ? undefined : fileOf(row);
  }

  #pathId(path: string): number | undefined {
    const row = this.#catalog.one(
      "SELECT PathId AS id FROM Path WHERE Path = CAST(? AS TEXT)",
      encodeText(path),
    );
    return row === undefined ? undefined : Number(row.id);
  }

  /** See {@linkcode TreeSource.files}. */
  *files(prefix = ""): Generator<TreeFile> {
    if (prefix !== "" && !prefix.endsWith("/")) {
      const slash = prefix.lastIndexOf("/") + 1;
      const name = prefix.slice(slash);
      const entry = this.entries(prefix.slice(0, slash)).find((each) => each.name === name);
      if (entry?.file !== undefined) yield entry.file;
      return;
    }
    yield* this.#scan(prefix, pageSize);
  }

  /** The files of all paths that begin with `prefix`, path after path. */
  *#scan(prefix: string, page: number): Generator<TreeFile> {
    const path = encodeText(prefix);
    const end = joined(path, 0xff);
    let from: Uint8Array = path;
    for (let isFirst = true;; isFirst = false) {
      const paths = this.#catalog.all(
        `SELECT p.PathId AS id, CAST(p.Path AS BLOB) AS path FROM Path AS p
         WHERE p.Path ${isFirst ? ">=" : ">"} CAST(? AS TEXT) AND p.Path < CAST(? AS TEXT)
         AND EXISTS (SELECT 1 FROM File AS f WHERE f.PathId = p.PathId AND f.JobId IN (${this.#list}))
         ORDER BY p.Path LIMIT ${Math.max(page, 1)}`,
        from,
        end,
      );
      for (const { id, path } of paths) yield* this.#filesOf(Number(id), path as Uint8Array);
      const last = paths.at(-1);
      if (last === undefined || paths.length < page) return;
      from = last.path as Uint8Array;
    }
  }

  /** The newest files of one path, the folder itself among them. */
  *#filesOf(pathId: number, path: Uint8Array): Generator<TreeFile> {
    let last: TreeFile | undefined;
    let lastName: string | undefined;
    for (
      const row of this.#catalog.all(
        `SELECT ${columns} FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
         WHERE f.PathId = ? AND f.JobId IN (${this.#list})
         ORDER BY f.Name, ${this.#rank}, f.FileIndex, f.FileId`,
        pathId,
      )
    ) {
      const file = fileOf({ ...row, path });
      if (file.path !== lastName) {
        if (last !== undefined && last.fileIndex > 0) yield last;
        last = undefined;
      }
      lastName = file.path;
      // Of a name that one job has twice, a hard link's first place holds the data.
      if (last === undefined || last.jobId !== file.jobId || !isLink(file)) last = file;
    }
    if (last !== undefined && last.fileIndex > 0) yield last;
  }

  /** Number of files in their newest version. */
  count(): number {
    const row = this.#catalog.one(
      `SELECT count(*) AS n FROM (
         SELECT FileIndex, row_number() OVER (PARTITION BY PathId, Name ORDER BY ${this.#rank} DESC, FileId DESC) AS place
         FROM File AS f WHERE JobId IN (${this.#list}))
       WHERE place = 1 AND FileIndex > 0`,
    );
    return Number(row?.n ?? 0);
  }

  /** Number of saved folders that something else lies in. */
  countFilledFolders(): number {
    const row = this.#catalog.one(
      `SELECT count(DISTINCT f.PathId) AS n FROM File AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE f.JobId IN (${this.#list}) AND f.Name = '' AND f.FileIndex > 0 AND (
         EXISTS (SELECT 1 FROM File AS g WHERE g.PathId = f.PathId AND g.JobId IN (${this.#list}) AND g.Name <> '')
         OR EXISTS (SELECT 1 FROM Path AS q JOIN File AS g ON g.PathId = q.PathId AND g.JobId IN (${this.#list})
           WHERE q.Path > p.Path AND q.Path < p.Path || char(1114111)))`,
    );
    return Number(row?.n ?? 0);
  }
}

function fileOf(row: SqlRow): TreeFile {
  return {
    jobId: Number(row.jobId),
    fileIndex: Number(row.fileIndex),
    path: decodeText(row.path as Uint8Array) + decodeText(row.name as Uint8Array),
    lstat: String(row.lstat),
  };
}

/** Whether an LStat says that the data lies with another file of the job (field 14). */
function isLink({ lstat }: TreeFile): boolean {
  const field = lstat.split(" ")[13];
  return field !== undefined && field !== "A";
}

function joined(bytes: Uint8Array, last: number): Uint8Array {
  return new Uint8Array([...bytes, last]);
}

function compareBytes(a: string, b: string): number {
  const [left, right] = [encodeText(a), encodeText(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
