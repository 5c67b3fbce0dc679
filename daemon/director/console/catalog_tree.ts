/**
 * The files of several jobs as a tree that is read from the catalog on demand:
 * a folder at a time, each by a few seeks in the indexes, however many files
 * there are (console.md 12.3, 12.4; catalog-and-jobs.md 14.2).
 *
 * @module
 */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { filesOfJobs, rankOf } from "../../../storage/catalog/mod.ts";
import type { SqlCatalog, SqlRow, SqlValue } from "../director_catalog.ts";
import { longReadAll } from "../long_reads.ts";
import { OthersTurn } from "./others_turn.ts";

/** A file of a job. */
export interface TreeFile {
  readonly jobId: number;
  readonly fileIndex: number;
  /** Path and name; a directory ends in `/`. */
  readonly path: string;
  readonly lstat: string;
  /** Number of the part that a plugin has saved, 0 for a whole file. */
  readonly deltaSeq: number;
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

/** An entry and where it is. */
export interface TreePlace {
  /** The whole path; a folder's ends in `/`. */
  readonly path: string;
  readonly entry: TreeEntry;
}

/** What the tree is read from. */
export interface TreeSource {
  /** What lies directly in a folder (`/` at its end, empty for the top), in the order of bytes. */
  entries(folder: string): TreeEntry[];
  /** Every file at or below a folder, or the one file; everything if not given. */
  files(prefix?: string): Iterable<TreeFile>;
  /** The one file, or the folder itself; nothing if it was not saved. */
  file(path: string): TreeFile | undefined;
  /** How many {@linkcode files} has. */
  count(prefix?: string): Promise<number>;
  /** Every file and folder whose name `isName` takes; folders that were not saved too. Others have their turn. */
  named(isName: (name: string) => boolean, pattern: string): AsyncIterable<TreePlace>;
}

const columns = "CAST(f.Name AS BLOB) AS name, f.FileIndex AS fileIndex, f.JobId AS jobId, " +
  "f.LStat AS lstat, f.DeltaSeq AS deltaSeq";

/** Paths read at once. */
const pageSize = 1_000;

/** The newest version of each file over jobs. */
export class CatalogTree implements TreeSource {
  readonly #catalog: SqlCatalog;
  /** The table that the files are in. */
  readonly #files: string;
  /** Column and list: to which job a row belongs. */
  readonly #isOfJobs: string;
  readonly #rank: string;

  /** The files of these jobs, the newest last, and what they have of base jobs (12.3). */
  constructor(catalog: SqlCatalog, jobIds: readonly number[]) {
    this.#catalog = catalog;
    const { rows, owner } = filesOfJobs(catalog, jobIds);
    this.#files = rows;
    this.#isOfJobs = `${owner} IN (${jobIds.join(", ") || "0"})`;
    this.#rank = rankOf(jobIds, `f.${owner}`);
  }

  /** See {@linkcode TreeSource.entries}. */
  entries(folder: string): TreeEntry[] {
    const found = new Map<string, TreeEntry>();
    const path = encodeText(folder);
    const pathId = this.#pathId(folder);
    if (pathId !== undefined) {
      for (const file of this.#filesOf(pathId, folder)) {
        const name = file.path.slice(folder.length);
        if (name !== "") found.set(name, { name, isFolder: false, file });
      }
    }
    for (const name of this.#folders(folder, path)) {
      found.set(name, { name, isFolder: true, file: this.file(folder + name) });
    }
    return [...found.values()]
      .map((entry) => ({ entry, key: encodeText(entry.name) }))
      .sort((a, b) => compareBytes(a.key, b.key))
      .map(({ entry }) => entry);
  }

  /** Names of the folders directly below, by leaping from one to the next in the index of paths. */
  *#folders(folder: string, path: Uint8Array): Generator<string> {
    const end = joined(path, 0xff);
    for (let from = path;;) {
      const row = this.#catalog.one(
        `SELECT CAST(p.Path AS BLOB) AS path FROM Path AS p
         WHERE p.Path > CAST(? AS TEXT) AND p.Path < CAST(? AS TEXT)
         AND EXISTS (SELECT 1 FROM ${this.#files} AS f WHERE f.PathId = p.PathId AND f.${this.#isOfJobs})
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

  /** See {@linkcode TreeSource.file}. */
  file(path: string): TreeFile | undefined {
    const slash = path.lastIndexOf("/") + 1;
    const folder = path.slice(0, slash);
    const pathId = this.#pathId(folder);
    if (pathId === undefined) return undefined;
    const name = encodeText(path.slice(slash));
    for (const file of this.#filesOf(pathId, folder, ["= CAST(? AS TEXT)", name])) return file;
    return undefined;
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
    if (prefix === "" || prefix.endsWith("/")) return yield* this.#scan(prefix, pageSize);
    const file = this.file(prefix);
    if (file !== undefined) yield file;
  }

  /** The files of all paths that begin with `prefix`, path after path. */
  *#scan(prefix: string, page: number): Generator<TreeFile> {
    for (const { id, path } of this.#paths(prefix, page)) yield* this.#filesOf(id, path);
  }

  /** All paths that begin with `prefix` and that a job has files of, in the order of bytes. */
  *#paths(prefix: string, page: number): Generator<{ readonly id: number; readonly path: string }> {
    const path = encodeText(prefix);
    const end = joined(path, 0xff);
    let from: Uint8Array = path;
    for (let isFirst = true;; isFirst = false) {
      const paths = this.#catalog.all(
        `SELECT p.PathId AS id, CAST(p.Path AS BLOB) AS path FROM Path AS p
         WHERE p.Path ${isFirst ? ">=" : ">"} CAST(? AS TEXT) AND p.Path < CAST(? AS TEXT)
         AND EXISTS (SELECT 1 FROM ${this.#files} AS f WHERE f.PathId = p.PathId AND f.${this.#isOfJobs})
         ORDER BY p.Path LIMIT ${page}`,
        from,
        end,
      );
      for (const { id, path } of paths) {
        yield { id: Number(id), path: decodeText(path as Uint8Array) };
      }
      const last = paths.at(-1);
      if (last === undefined || paths.length < page) return;
      from = last.path as Uint8Array;
    }
  }

  /** The newest files of one path, the folder itself among them; those of some names, if given. */
  *#filesOf(
    pathId: number,
    path: string,
    [condition, value]: readonly [condition: string, value: Uint8Array | string] = ["<> ?", "/"],
  ): Generator<TreeFile> {
    let last: TreeFile | undefined;
    for (
      const row of this.#catalog.all(
        `SELECT ${columns} FROM ${this.#files} AS f
         WHERE f.PathId = ? AND f.${this.#isOfJobs} AND f.Name ${condition}
         ORDER BY f.Name, ${this.#rank}, f.FileIndex, f.FileId`,
        pathId,
        value,
      )
    ) {
      const file = fileOf(row, path);
      if (file.path !== last?.path) {
        if (last !== undefined && last.fileIndex > 0) yield last;
        last = file;
      } else if (last.jobId !== file.jobId || !isLink(file)) {
        // Of a name that one job has twice, a hard link's first place holds the data.
        last = file;
      }
    }
    if (last !== undefined && last.fileIndex > 0) yield last;
  }

  /** See {@linkcode TreeSource.named}. */
  async *named(
    isName: (name: string) => boolean,
    pattern: string,
  ): AsyncGenerator<TreePlace> {
    const like = likePattern(pattern);
    const turn = new OthersTurn();
    let before = "";
    for (const { id, path } of this.#paths("", pageSize)) {
      if (turn.isDue()) await turn.take();
      for (const folder of newFolders(before, path)) {
        if (!isName(lastName(folder)) || !this.#isAlive(folder)) continue;
        const entry = { name: `${lastName(folder)}/`, isFolder: true, file: this.file(folder) };
        yield { path: folder, entry };
      }
      before = path;
      for (const file of this.#filesOf(id, path, ["LIKE ? ESCAPE '!'", like])) {
        if (turn.isDue()) await turn.take();
        const name = file.path.slice(path.length);
        if (name !== "" && isName(name)) {
          yield { path: file.path, entry: { name, isFolder: false, file } };
        }
      }
    }
  }

  /** See {@linkcode TreeSource.count}. */
  async count(prefix = ""): Promise<number> {
    if (prefix !== "" && !prefix.endsWith("/")) return this.file(prefix) === undefined ? 0 : 1;
    const path = encodeText(prefix);
    const isBelow = prefix === ""
      ? ""
      : `AND PathId IN (SELECT PathId FROM Path WHERE Path >= CAST(? AS TEXT) AND Path < CAST(? AS TEXT))`;
    return await this.#counted(
      `SELECT count(*) AS n FROM (
         SELECT FileIndex, row_number() OVER (PARTITION BY PathId, Name ORDER BY ${this.#rank} DESC, FileId DESC) AS place
         FROM ${this.#files} AS f WHERE f.${this.#isOfJobs} ${isBelow}) AS ranked
       WHERE place = 1 AND FileIndex > 0`,
      ...(prefix === "" ? [] : [path, joined(path, 0xff)]),
    );
  }

  /** Number of saved folders that something else lies in. */
  async countFilledFolders(): Promise<number> {
    return await this.#counted(
      `SELECT count(DISTINCT f.PathId) AS n FROM ${this.#files} AS f JOIN Path AS p ON p.PathId = f.PathId
       WHERE f.${this.#isOfJobs} AND f.Name = '' AND f.FileIndex > 0 AND (
         EXISTS (SELECT 1 FROM ${this.#files} AS g WHERE g.PathId = f.PathId AND g.${this.#isOfJobs} AND g.Name <> '')
         OR EXISTS (SELECT 1 FROM Path AS q JOIN ${this.#files} AS g ON g.PathId = q.PathId AND g.${this.#isOfJobs}
           WHERE q.Path > p.Path AND q.Path < p.Path || char(1114111)))`,
    );
  }

  /** The `n` of a query that looks at all files. */
  async #counted(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    const [row] = await longReadAll(this.#catalog, { kind: "query", sql, values });
    return Number(row?.n ?? 0);
  }
}

function fileOf(row: SqlRow, path: string): TreeFile {
  return {
    jobId: Number(row.jobId),
    fileIndex: Number(row.fileIndex),
    path: path + decodeText(row.name as Uint8Array),
    lstat: String(row.lstat),
    deltaSeq: Number(row.deltaSeq),
  };
}

/** The folders on the way to `path` that were not on the way to the path before it. */
function* newFolders(before: string, path: string): Generator<string> {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const folder = path.slice(0, slash + 1);
    if (folder !== "/" && !before.startsWith(folder)) yield folder;
  }
}

/** The last component of a folder, without its slash. */
function lastName(folder: string): string {
  return folder.slice(folder.lastIndexOf("/", folder.length - 2) + 1, -1);
}

/** A pattern for LIKE that takes at least what a shell pattern takes: what is not plain ASCII may be anything. */
function likePattern(pattern: string): string {
  return pattern.replace(/\[.*\]|\\.?|[^ -~]|[*?]/gs, "%").replace(/[!_]/g, "!$&");
}

/** Whether an LStat says that the data lies with another file of the job (field 14). */
function isLink({ lstat }: TreeFile): boolean {
  const field = lstat.split(" ")[13];
  return field !== undefined && field !== "A";
}

function joined(bytes: Uint8Array, last: number): Uint8Array {
  return new Uint8Array([...bytes, last]);
}

/** Compares as the catalog does, byte by byte. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
