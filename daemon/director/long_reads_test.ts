import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { join } from "node:path";
import { hasPostgres } from "../../tests/support/postgres.ts";
import { SharedPostgres } from "../../tests/support/postgres_catalogs.ts";
import {
  Catalog,
  CatalogError,
  type LongRead,
  type LongReadRows,
  PostgresStore,
  ReadOnlyError,
} from "../../storage/catalog/mod.ts";
import { longRead, longReadAll, userQueryAll } from "./long_reads.ts";

/** Files of the one job: more than two pieces. */
const files = 2_500;

const shared = new SharedPostgres();
shared.want();

/** A catalog in a file with a job of so many files. */
async function withCatalog(work: (catalog: Catalog) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await withFiles(Catalog.open(join(folder, "catalog.db")), work);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Enters the job, and closes the catalog in the end. */
async function withFiles(
  catalog: Catalog,
  work: (catalog: Catalog) => Promise<void>,
): Promise<void> {
  try {
    catalog.createJob({
      job: "j",
      name: "j",
      type: "B",
      level: "F",
      schedTime: 1,
      clientId: 1,
      comment: "",
    });
    const writer = catalog.fileWriter(1);
    for (let fileIndex = 1; fileIndex <= files; fileIndex++) {
      const path = `/n\udcff/${fileIndex}`;
      writer.add({ fileIndex, path, lstat: "A", digest: "0", deltaSeq: 0 });
    }
    writer.flush();
    await work(catalog);
  } finally {
    catalog.close();
  }
}

/** Reads in a thread, whatever the size. */
const apart = { large: 0 };

/** The sizes of pieces, and whether others had a turn before each and before the end. */
async function piecesOf<K extends LongRead["kind"]>(
  catalog: Catalog,
  read: Extract<LongRead, { readonly kind: K }>,
  options: { readonly large?: number },
): Promise<{ readonly rows: LongReadRows[K][]; readonly pieces: number[]; turns: boolean[] }> {
  const rows: LongReadRows[K][] = [];
  const pieces: number[] = [];
  const turns: boolean[] = [];
  const reading = longRead(catalog, read, options);
  for (;;) {
    const next = reading.next();
    turns.push(await isLater(next));
    const { done, value } = await next;
    if (done) return { rows, pieces, turns };
    pieces.push(value.length);
    rows.push(...value);
  }
}

/**
 * Whether something needs a later turn of the event loop, so that timers and connections get theirs: it
 * does not come in this one, however many promises follow one another.
 */
async function isLater(promise: Promise<unknown>): Promise<boolean> {
  let hasCome = false;
  promise.then(() => hasCome = true, () => hasCome = true);
  for (let step = 0; step < 1_000; step++) await undefined;
  return !hasCome;
}

Deno.test("longRead() of a large catalog has the rows of the catalog itself, and others have their turn", async () => {
  await withCatalog(async (catalog) => {
    const whole = [...catalog.currentFiles([1])];
    strictEqual(whole.length, files);
    const read = { kind: "currentFiles", jobIds: [1], withDeleted: false } as const;
    const { rows, pieces, turns } = await piecesOf(catalog, read, apart);
    deepStrictEqual(rows, whole);
    deepStrictEqual(pieces, [1_000, 1_000, 500]);
    ok(turns[0], "while the thread looks for the first rows, nothing else is done");
    const indexes = { kind: "currentIndexes", jobIds: [1] } as const;
    deepStrictEqual(await longReadAll(catalog, indexes, apart), [...catalog.currentIndexes([1])]);
    const marks = catalog.fileMarks(1, 2);
    for (let fileIndex = 3; fileIndex <= files; fileIndex++) marks.see(`/n\udcff/${fileIndex}`);
    marks.flush();
    const unmarked = { kind: "unmarkedFiles", jobId: 1, markId: 2 } as const;
    deepStrictEqual(await longReadAll(catalog, unmarked, apart), whole.slice(0, 2));
    catalog.unswept.add(1);
    deepStrictEqual(await longReadAll(catalog, indexes, apart), []);
    catalog.unswept.clear();
  });
});

Deno.test("longRead() finds what is deleted, and what base jobs have lost", async () => {
  await withCatalog(async (catalog) => {
    const writer = catalog.fileWriter(2);
    for (const name of [2, 4]) {
      writer.add({ fileIndex: 0, path: `/n\udcff/${name}`, lstat: "B", digest: "0", deltaSeq: 0 });
    }
    writer.flush();
    for (const large of [0, Infinity]) {
      const deleted = await longReadAll(
        catalog,
        { kind: "deletedFiles", jobIds: [1, 2] },
        { large },
      );
      deepStrictEqual(deleted.map(({ path }) => path), ["/n\udcff/2", "/n\udcff/4"]);
      deepStrictEqual(deleted[0], {
        ...{ jobId: 2, fileIndex: 0, path: "/n\udcff/2", lstat: "B", digest: "0", deltaSeq: 0 },
      });
    }
    catalog.run(
      "INSERT INTO BaseFiles (BaseJobId, JobId, FileId, FileIndex) VALUES (1, 3, 9999, 1), (1, 3, 1, 1)",
    );
    deepStrictEqual(await longReadAll(catalog, { kind: "lostBaseFiles", jobIds: [3] }, apart), [
      { jobId: 1, files: 1 },
    ]);
  });
});

Deno.test("longRead() of a small catalog needs no thread, and lets others have their turn too", async () => {
  await withCatalog(async (catalog) => {
    const read = { kind: "query", sql: "SELECT FileId FROM File WHERE FileId > ?", values: [10] };
    const { rows, pieces, turns } = await piecesOf(catalog, { ...read, kind: "query" }, {});
    deepStrictEqual(rows.length, files - 10);
    deepStrictEqual(pieces, [1_000, 1_000, 490]);
    deepStrictEqual(turns.slice(1), [true, true, true]);
  });
});

Deno.test("longRead() sees what was changed before it, not what others change meanwhile", async () => {
  await withCatalog(async (catalog) => {
    catalog.run("DELETE FROM File WHERE FileId <= 100");
    const read = { kind: "currentFiles", jobIds: [1], withDeleted: false } as const;
    let count = 0;
    for await (const piece of longRead(catalog, read, apart)) {
      if (count === 0) catalog.run("DELETE FROM File");
      count += piece.length;
    }
    strictEqual(count, files - 100);
  });
});

Deno.test("longRead() says what the database says, and changes nothing", async () => {
  await withCatalog(async (catalog) => {
    const user = (sql: string) => longReadAll(catalog, { kind: "userQuery", sql }, apart);
    await rejects(user("SELECT nothing FROM File"), /syntax error/);
    const changes = ["DELETE FROM File", "/* x */ DELETE FROM File RETURNING FileId", "VACUUM"];
    for (const sql of changes) await rejects(user(sql), ReadOnlyError, sql);
    await rejects(
      user('SELECT "read-only readonly" FROM File f WHERE f.x = 1'),
      (error) => error instanceof CatalogError && !(error instanceof ReadOnlyError),
    );
    deepStrictEqual(await user("SELECT count(*) AS n FROM File"), [{ n: files }]);
  });
});

Deno.test("longRead() of a user's query gives the first rows of one that never ends", async () => {
  const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x";
  await withCatalog(async (catalog) => {
    for (const [what, rowsOfPiece] of [["", 1_000], [", zeroblob(600000) AS big", 2]] as const) {
      const sql = `${endless}${what} FROM c`;
      let next = 1;
      for await (const piece of longRead(catalog, { kind: "userQuery", sql })) {
        strictEqual(piece.length, rowsOfPiece);
        for (const row of piece) strictEqual(row.x, next++);
        if (next > 20 * rowsOfPiece) break;
      }
    }
    const user = (sql: string) => longReadAll(catalog, { kind: "userQuery", sql });
    await rejects(user("SELECT zeroblob(100000000) AS x"), /a row of 100000016 bytes is too large/);
  });
});

Deno.test("longRead() ends with its reader, or when it is aborted", async () => {
  await withCatalog(async (catalog) => {
    const read = { kind: "currentFiles", jobIds: [1], withDeleted: false } as const;
    for await (const piece of longRead(catalog, read, apart)) {
      strictEqual(piece.length, 1_000);
      break;
    }
    const aborting = new AbortController();
    const reading = longReadAll(catalog, read, { ...apart, abort: aborting.signal });
    aborting.abort(new Error("The job was canceled"));
    await rejects(reading, /The job was canceled/);
  });
});

Deno.test({
  name: "longRead() of a catalog in PostgreSQL has a session of its own, which changes nothing",
  ignore: !hasPostgres,
  fn: async () => {
    const options = shared.emptyCatalog();
    const place = { driver: "postgresql", options } as const;
    await withFiles(new Catalog(new PostgresStore(options), place), async (catalog) => {
      const read = { kind: "currentFiles", jobIds: [1], withDeleted: false } as const;
      const { rows, turns } = await piecesOf(catalog, read, apart);
      deepStrictEqual(rows, [...catalog.currentFiles([1])]);
      ok(turns[0], "while the thread looks for the first rows, nothing else is done");
      // The server itself would gather those of a function behind FROM.
      const many = "SELECT generate_series(1, 1000000000000) AS n";
      for (const sql of [many, "VALUES (1), (2)", "SHOW port"]) {
        for await (const piece of longRead(catalog, { kind: "userQuery", sql })) {
          ok(piece.length > 0);
          break;
        }
      }
      const user = (sql: string) => longReadAll(catalog, { kind: "userQuery", sql }, apart);
      await rejects(user("DELETE FROM File"), /cannot execute DELETE in a read-only transaction/);
      const changes = [
        "WITH f AS (DELETE FROM File RETURNING 1) SELECT 1 FROM f",
        "SELECT nextval('file_fileid_seq')",
      ];
      for (const sql of changes) await rejects(user(sql), ReadOnlyError, sql);
      deepStrictEqual(await user("SELECT count(*) AS n FROM File"), [{ n: files }]);

      // what a function changes is for the connection that may
      const key = "pg_get_serial_sequence('job', 'jobid')";
      const [before] = catalog.userQuery(`SELECT nextval(${key}) AS n`);
      const after = await userQueryAll(catalog, `-- the next\nSELECT nextval(${key}) AS n`);
      deepStrictEqual(after, [{ n: Number(before?.n) + 1 }]);
    });
  },
});
