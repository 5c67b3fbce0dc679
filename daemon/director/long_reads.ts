/**
 * Reads that may take long. The director's catalog is synchronous: while it answers, nothing else goes on.
 * So what looks at all files of jobs, or was written by a user, is read by a thread with a connection of
 * its own where the catalog is large; rows come in pieces, and the thread is never more than a few ahead.
 * What a user wrote need not end at all, however small the catalog: its thread has a process of its own.
 *
 * @module
 */
import {
  CatalogError,
  type CatalogPlace,
  type LongRead,
  type LongReadRows,
  type LongReadSource,
  readLong,
  ReadOnlyError,
  type SqlRow,
  type SqlValue,
} from "../../storage/catalog/mod.ts";
import { startProcess, type ThreadProcess } from "../thread_process.ts";
import { startThread, type Thread } from "../threads.ts";
import type { ReadAnswer, ReadRequest } from "./catalog_thread.ts";

/** A catalog that long reads can go around. */
export interface LongReadCatalog extends LongReadSource {
  /** Where it is; nothing if only this program can open it. */
  readonly place: CatalogPlace | undefined;
  /** Jobs whose files are being deleted. */
  readonly unswept: ReadonlySet<number>;
  /** The first row of a query. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  /** All rows of a query that a user wrote, in the words of the database. */
  userQuery(sql: string): SqlRow[];
}

/** What is wanted of a {@linkcode longRead}. */
export interface LongReadOptions {
  /** Ends the read early. */
  readonly abort?: AbortSignal;
  /** File rows from which on a catalog is large; 50,000 if not given. */
  readonly large?: number;
}

/** Rows that the catalog itself reads in about a tenth of a second: starting a thread takes half as long. */
const LARGE = 50_000;

/**
 * The rows of a read in pieces; everybody else has a turn between two of them.
 * @throws CatalogError if the catalog cannot be read, ReadOnlyError if a user's query changes it, what `abort` says if it is aborted
 */
export async function* longRead<K extends LongRead["kind"]>(
  catalog: LongReadCatalog,
  read: Extract<LongRead, { readonly kind: K }>,
  { abort, large = LARGE }: LongReadOptions = {},
): AsyncGenerator<readonly LongReadRows[K][]> {
  const { place } = catalog;
  const isApart = read.kind === "userQuery" || largestFileId(catalog) >= large;
  const pieces = place !== undefined && isApart
    ? readApart({ place, read, unswept: [...catalog.unswept] }, abort)
    : readHere(catalog, read);
  for await (const piece of pieces) {
    abort?.throwIfAborted();
    yield piece as readonly LongReadRows[K][];
  }
}

/**
 * The rows of a statement that a user wrote, in pieces. It is a long read, unless the database refuses it
 * there, since it changes rows, if only by a function: that is for the director's connection.
 * @throws CatalogError as {@linkcode longRead}
 */
export async function* userQuery(
  catalog: LongReadCatalog,
  sql: string,
  options: LongReadOptions = {},
): AsyncGenerator<readonly SqlRow[]> {
  let hasRows = false;
  try {
    for await (const rows of longRead(catalog, { kind: "userQuery", sql }, options)) {
      hasRows = true;
      yield rows;
    }
    return;
  } catch (error) {
    if (hasRows || !(error instanceof ReadOnlyError)) throw error;
  }
  yield catalog.userQuery(sql);
}

/** The same, all rows at once. */
export async function userQueryAll(
  catalog: LongReadCatalog,
  sql: string,
  options: LongReadOptions = {},
): Promise<SqlRow[]> {
  const all: SqlRow[] = [];
  for await (const rows of userQuery(catalog, sql, options)) {
    for (const row of rows) all.push(row);
  }
  return all;
}

/** The rows of a {@linkcode longRead}, all at once. */
export async function longReadAll<K extends LongRead["kind"]>(
  catalog: LongReadCatalog,
  read: Extract<LongRead, { readonly kind: K }>,
  options: LongReadOptions = {},
): Promise<LongReadRows[K][]> {
  const all: LongReadRows[K][] = [];
  for await (const piece of longRead(catalog, read, options)) {
    for (const row of piece) all.push(row);
  }
  return all;
}

/** About how many File rows there are: those that are gone count, too, but this is found at once. */
function largestFileId(catalog: LongReadCatalog): number {
  return Number(catalog.one("SELECT max(FileId) AS n FROM File")?.n ?? 0);
}

async function* readHere(
  catalog: LongReadCatalog,
  read: LongRead,
): AsyncGenerator<readonly unknown[]> {
  for (const piece of readLong(catalog, read)) {
    yield piece;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

async function* readApart(
  request: ReadRequest,
  abort: AbortSignal | undefined,
): AsyncGenerator<readonly unknown[]> {
  abort?.throwIfAborted();
  const thread = request.read.kind === "userQuery" ? startKillable() : startThread("catalog");
  const end = (): void => void thread.end();
  abort?.addEventListener("abort", end);
  try {
    thread.post(request);
    for (;;) {
      const answer = await thread.receive() as ReadAnswer;
      if (answer === "end") return;
      if ("failure" in answer) {
        throw new (answer.isReadOnly ? ReadOnlyError : CatalogError)(answer.failure);
      }
      thread.post("taken");
      yield answer.rows;
    }
  } catch (error) {
    abort?.throwIfAborted();
    throw error;
  } finally {
    abort?.removeEventListener("abort", end);
    await thread.end();
  }
}

/**
 * A process that can be ended in the middle of a query. A director that was started as root, whose program
 * its own user may not execute, has to make do with a thread.
 */
function startKillable(): Thread | ThreadProcess {
  try {
    return startProcess("catalog");
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return startThread("catalog");
  }
}
