import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { decodeText } from "../../../bytes/mod.ts";
import { hasPostgres, PostgresServer } from "../../../tests/support/postgres.ts";
import { waitFor } from "../../../tests/support/wait_for.ts";
import { Catalog } from "../catalog.ts";
import { createCatalog, upgradeCatalog } from "./administration.ts";
import { PostgresConnection } from "./connection.ts";
import { PostgresStore } from "./postgres_store.ts";

let server: PostgresServer;

if (hasPostgres) {
  Deno.test.beforeAll(async () => {
    server = await PostgresServer.start({
      scram: { method: "scram-sha-256", password: "ä 'x' \\ ,=" },
      old: { method: "md5", password: "geheim" },
      clear: { method: "password", password: "offen" },
      made: { method: "scram-sha-256", password: "other" },
    });
  });
  Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
}

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, ignore: !hasPostgres, fn });
}

/** A new catalog, which is closed in the end. */
function withStore(run: (store: PostgresStore, database: string) => void): void {
  const database = `store${crypto.randomUUID().replaceAll("-", "")}`;
  createCatalog(server.options(database), undefined, () => {});
  const store = new PostgresStore(server.options(database));
  try {
    run(store, database);
  } finally {
    store.close();
  }
}

/** Ends the connections of a database, and is over when they are: they hear of it by a signal. */
function endConnections(database: string): void {
  server.sql(
    "postgres",
    `DO $$ BEGIN
       PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}';
       WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = '${database}') LOOP
         PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
       END LOOP;
     END $$`,
  );
}

test("every way of proving a password works, over a socket and over TCP, and a wrong one is told", () => {
  const database = server.createDatabase();
  const passwords = { scram: "ä 'x' \\ ,=", old: "geheim", clear: "offen", postgres: "" };
  const tcp = { transport: "tcp", hostname: "127.0.0.1", port: server.port } as const;
  for (const [user, password] of Object.entries(passwords)) {
    const own = { ...server.options(database), user, password };
    for (const options of [own, ...(password === "" ? [] : [{ ...own, target: tcp }])]) {
      const connection = new PostgresConnection(options);
      strictEqual(connection.query("SELECT user", [], () => ["u"])[0]?.u, user);
      connection.close();
    }
    if (password === "") continue;
    throws(
      () => new PostgresStore({ ...own, password: "wrong" }),
      /password authentication failed/,
    );
    throws(() => new PostgresStore({ ...own, password: "" }), /wants a password/);
  }
  throws(
    () => new PostgresStore({ ...server.options(database), target: { ...tcp, port: 1 } }),
    /Cannot open Catalog "Main" \(database catalog\d+ of user postgres at 127\.0\.0\.1:1\): .*refused/i,
  );
});

Deno.test("who takes a connection and does not answer as a server does is told, in bounded time", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr as Deno.NetAddr;
  const target = { transport: "tcp", hostname, port } as const;
  // The system takes the connection, and nobody speaks.
  throws(
    () => new PostgresConnection({ target, database: "d", user: "u", password: "" }, 50),
    /ConnectionError: the server does not answer/,
  );
});

test("a server that is silent for too long while it works is given up, and asked anew the next time", async () => {
  const database = server.createDatabase();
  createCatalog(server.options(database), undefined, () => {});
  // A machine may be so slow that anything takes three seconds.
  const untilInTime = <T>(what: string, call: () => T): Promise<NonNullable<Exclude<T, false>>> =>
    waitFor(what, () => {
      try {
        return call();
      } catch (error) {
        match(String(error), /the server (has not answered|does not answer)/);
        return undefined as T;
      }
    });
  const limited = await untilInTime(
    "a connection",
    () => new PostgresStore({ ...server.options(database), answerMs: 3_000 }),
  );
  try {
    throws(
      () => limited.all("SELECT pg_sleep(600)"),
      /Lost Catalog .*the server has not answered for 3 seconds \(Answer Timeout\)/,
    );
    const rows = await untilInTime("an answer", () => limited.all("SELECT 1 AS n"));
    deepStrictEqual(rows, [{ n: 1 }]);
  } finally {
    limited.close();
  }
});

test("names of any bytes come back as they were, from COPY and from single rows", () =>
  withStore((store) => {
    const catalog = new Catalog(store);
    const part = fc.uint8Array({ minLength: 1, maxLength: 30 })
      .map((bytes) => bytes.map((byte) => byte === 0 || byte === 0x2f ? 0x5c : byte));
    const awkward = fc.constantFrom(
      "\\",
      "\\.",
      "\\N",
      "\t",
      "\n",
      "\r",
      "'",
      '"',
      "{}",
      ",",
      "\\x41",
      "\x01",
    )
      .map((text) => new TextEncoder().encode(text));
    const name = fc.oneof(part, awkward).map(decodeText);
    let jobId = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 20 }), (names) => {
        jobId++;
        const paths = names.map(([folder, file]) => `/${folder}/${file}`);
        const writer = catalog.fileWriter(jobId);
        for (const [at, path] of paths.entries()) {
          writer.add({ fileIndex: at + 1, path, lstat: "A", digest: "0", deltaSeq: 0 });
        }
        writer.flush();
        const marks = catalog.fileMarks(jobId, 1);
        for (const path of paths) strictEqual(marks.see(path)?.path, path);
        deepStrictEqual([...marks.missing()], []);
        const found = new Set([...catalog.currentFiles([jobId])].map(({ path }) => path));
        deepStrictEqual([...found].toSorted(), [...new Set(paths)].toSorted());
        for (const [folder, file] of names.slice(0, 3)) {
          catalog.log(jobId, 1, file);
          const pathId = catalog.pathId(`/${folder}/`);
          strictEqual(
            catalog.one("SELECT Path FROM Path WHERE PathId = ?", pathId)?.Path,
            `/${folder}/`,
          );
          strictEqual(
            catalog.one("SELECT LogText FROM Log ORDER BY LogId DESC LIMIT 1")?.LogText,
            file,
          );
        }
      }),
      { numRuns: 30 },
    );
  }));

test("values come as SQLite gives them: numbers, bytes, texts, and NULL", () =>
  withStore((store) => {
    deepStrictEqual(
      {
        ...store.one(
          "SELECT 1 = 1 AS yes, count(*) AS n, 1.5 AS half, 9007199254740993 AS big, NULL AS none, CAST('a' AS CHAR(1)) AS a FROM Job",
        ),
      },
      { yes: 1, n: 0, half: 1.5, big: 9007199254740993n, none: null, a: "a" },
    );
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const all = new Uint8Array(3_000_000).map((_, at) => bytes[at % bytes.length] ?? 0);
    store.run(
      "INSERT INTO RestoreObject (ObjectName, RestoreObject, PluginName, JobId) VALUES ('o', ?, 'p', 1)",
      all,
    );
    const back = store.one("SELECT RestoreObject FROM RestoreObject")?.RestoreObject;
    ok(back instanceof Uint8Array && back.length === all.length);
    ok(back.every((byte, at) => byte === all[at]));
    deepStrictEqual(store.userQuery("SELECT JobId, ObjectName FROM RestoreObject"), [
      { jobid: 1, objectname: "o" },
    ]);
    throws(
      () => store.one("SELECT nothing FROM Job"),
      /Cannot query the catalog: column "nothing"/,
    );
    throws(() => store.one("SELECT 1 WHERE 1 = ?"), /0 values for 1 places/);
    strictEqual(store.one("SELECT 1 AS n")?.n, 1);
    // what users may type
    throws(() => store.userQuery("COPY Job FROM STDIN"), /nothing to copy/);
    throws(() => store.userQuery("SELECT 1; SELECT 2"), /multiple commands/);
    throws(() => store.userQuery("BEGIN"), /each query is one of its own/);
    deepStrictEqual(store.userQuery("COPY (SELECT 1) TO STDOUT"), []);
    deepStrictEqual(store.userQuery("SELECT 3 AS n"), [{ n: 3 }]);
  }));

test("many rows come in pieces, while others are asked and changed, and after an early end", () =>
  withStore((store) => {
    store.execute(
      "INSERT INTO Path (Path) SELECT '/' || n || '/' FROM generate_series(1, 3000) AS n",
    );
    let seen = 0;
    for (const { PathId } of store.iterate("SELECT PathId FROM Path ORDER BY PathId")) {
      seen++;
      if (seen % 700 === 0) {
        store.run("DELETE FROM Path WHERE PathId = ?", Number(PathId) + 1);
        for (const _row of store.iterate("SELECT PathId FROM Path")) break;
      }
    }
    strictEqual(seen, 3000, "the state of the beginning");
    strictEqual(store.one("SELECT count(*) AS n FROM Path")?.n, 2996);
    // inside of a transaction its own changes are seen
    store.begin();
    store.run("DELETE FROM Path WHERE PathId > 10");
    strictEqual([...store.iterate("SELECT PathId FROM Path")].length, 10);
    store.rollBack();
    strictEqual([...store.iterate("SELECT PathId FROM Path")].length, 2996);
    throws(() => [...store.iterate("SELECT nothing FROM Path")], /Cannot query the catalog/);
  }));

test("a transaction whose connection is lost has done nothing, and says so; the next one works", () =>
  withStore((store, database) => {
    const catalog = new Catalog(store);
    throws(
      () =>
        catalog.transaction(() => {
          catalog.log(1, 1, "lost");
          endConnections(database);
          for (const _time of [1, 2]) throws(() => catalog.log(1, 1, "lost too"), /Lost Catalog/);
        }),
      /Lost Catalog "Main" .*what was being done may be missing in the catalog/,
    );
    strictEqual(catalog.one("SELECT count(*) AS n FROM Log")?.n, 0);
    catalog.transaction(() => catalog.log(1, 1, "kept"));
    endConnections(database);
    strictEqual(catalog.one("SELECT count(*) AS n FROM Log")?.n, 1);
    throws(() => {
      for (const _row of catalog.iterate("SELECT 1 AS n FROM Log")) endConnections(database);
    }, /Lost Catalog/);
    strictEqual([...catalog.iterate("SELECT 1 AS n FROM Log")].length, 1);

    const strict = new PostgresStore({ ...server.options(database), reconnects: false });
    endConnections(database);
    throws(() => strict.one("SELECT 1"), /Lost Catalog/);
    throws(() => strict.one("SELECT 1"), /Reconnect = no/);
    strict.close();
    throws(() => strict.one("SELECT 1"), /it is closed/);
  }));

Deno.test({
  name: "a server that is away is asked again only after a while, and then at once",
  ignore: !hasPostgres,
  fn: async () => {
    const database = server.createDatabase();
    createCatalog(server.options(database), undefined, () => {});
    using store = new DisposableStack();
    const open = store.adopt(
      new PostgresStore({ ...server.options(database), pauseMs: 1 }),
      (each) => each.close(),
    );
    server.end();
    throws(() => open.one("SELECT 1 AS n"), /Lost Catalog|Cannot open Catalog/);
    throws(() => open.one("SELECT 1 AS n"), /Lost Catalog|Cannot open Catalog/);
    await server.begin();
    await waitFor("the catalog", () => {
      try {
        return open.one("SELECT 1 AS n")?.n === 1;
      } catch (error) {
        match(String(error), /Catalog "Main"/);
        return false;
      }
    });
  },
});

test("a transaction in which a statement failed cannot be committed", () =>
  withStore((store) => {
    const catalog = new Catalog(store);
    throws(
      () =>
        catalog.transaction(() => {
          catalog.log(1, 1, "gone");
          try {
            catalog.run("INSERT INTO Log (JobId) VALUES (1)");
          } catch (error) {
            match(String(error), /null value/);
          }
        }),
      /a statement of the transaction failed/,
    );
    strictEqual(catalog.one("SELECT count(*) AS n FROM Log")?.n, 0);
  }));

test("two programs that enter the same paths at once have one row of each", () =>
  withStore((store, database) => {
    const other = new PostgresStore(server.options(database));
    const files = (name: string) =>
      Array.from({ length: 50 }, (_, at) => ({
        ...{ fileIndex: at + 1, path: `/same${at}/${name}`, lstat: "A", digest: "0", deltaSeq: 0 },
      }));
    for (const [each, name] of [[store, "a"], [other, "b"], [store, "c"]] as const) {
      each.begin();
      each.addFiles(1, files(name));
      each.commit();
    }
    other.close();
    deepStrictEqual(
      {
        ...store.one(
          "SELECT (SELECT count(*) FROM Path) AS paths, (SELECT count(*) FROM File) AS files",
        ),
      },
      { paths: 50, files: 150 },
    );
  }));

/** What a database consists of, but for the order of columns. */
function structure(database: string): string[] {
  const rows = (sql: string): string[] => server.sql(database, sql).split("\n");
  return [
    ...rows(
      `SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, numeric_precision
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
    ),
    ...rows("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"),
    ...rows(
      `SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    ),
    ...rows("SELECT sequencename, data_type FROM pg_sequences ORDER BY 1"),
    ...rows("SELECT * FROM Status ORDER BY 1"),
    ...rows(
      "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    ),
  ];
}

/** From the newest schema back to 2002, as section 2.5 of the reference describes it, and to 2001. */
const backTo2002 = `
DROP FUNCTION decode_lstat; DROP FUNCTION bareos_frombase64;
CREATE TABLE Filename (FilenameId SERIAL PRIMARY KEY, Name TEXT NOT NULL);
CREATE UNIQUE INDEX filename_name_idx ON Filename (Name);
INSERT INTO Filename (Name) SELECT DISTINCT Name FROM File;
ALTER TABLE File ADD COLUMN FilenameId INTEGER;
UPDATE File SET FilenameId = (SELECT FilenameId FROM Filename WHERE Filename.Name = File.Name);
ALTER TABLE File ALTER COLUMN FilenameId SET NOT NULL, DROP COLUMN Name, DROP COLUMN Fhinfo, DROP COLUMN Fhnode;
CREATE INDEX file_jpfid_idx ON File (JobId, PathId, FilenameId); CREATE INDEX file_jobid_idx ON File (JobId);
CREATE TABLE UnsavedFiles (UnsavedId INTEGER); CREATE TABLE CDImages (MediaId INTEGER);
ALTER TABLE FileSet DROP COLUMN FileSetText; ALTER TABLE JobMedia DROP COLUMN JobBytes;
DROP TABLE TapeAlerts; CREATE INDEX pathvisibility_jobid ON PathVisibility (JobId);
ALTER TABLE BaseFiles ALTER COLUMN BaseId TYPE INTEGER; ALTER SEQUENCE basefiles_baseid_seq AS INTEGER;
DROP INDEX job_media_media_id_job_id_idx;
DROP TABLE DeviceStats; DROP TABLE JobStats;
CREATE TABLE DeviceStats (SampleTime TIMESTAMP NOT NULL); CREATE TABLE JobStats (SampleTime TIMESTAMP NOT NULL);
ALTER TABLE Media ALTER COLUMN Slot TYPE INTEGER, ALTER COLUMN VolJobs TYPE INTEGER, ALTER COLUMN VolFiles TYPE INTEGER,
  ALTER COLUMN VolBlocks TYPE INTEGER, ALTER COLUMN VolMounts TYPE INTEGER, ALTER COLUMN VolErrors TYPE INTEGER,
  ALTER COLUMN VolWrites TYPE INTEGER, ALTER COLUMN MaxVolJobs TYPE INTEGER, ALTER COLUMN MaxVolFiles TYPE INTEGER,
  ALTER COLUMN EndFile TYPE INTEGER, ALTER COLUMN RecycleCount TYPE INTEGER, ALTER COLUMN MinBlockSize TYPE INTEGER,
  ALTER COLUMN MaxBlockSize TYPE INTEGER, DROP CONSTRAINT media_volstatus_check,
  ADD CONSTRAINT media_volstatus_check CHECK (VolStatus IN ('Full', 'Append', 'Purged'));
DELETE FROM Status WHERE JobStatus IN ('I', 'L', 'W', 'l', 'q');
UPDATE version SET VersionId = 2002;`;
const backTo2001 = `DROP TABLE NDMPJobEnvironment; DROP TABLE DeviceStats; DROP TABLE JobStats;
ALTER TABLE Media DROP COLUMN MinBlockSize, DROP COLUMN MaxBlockSize;
ALTER TABLE Pool DROP COLUMN MinBlockSize, DROP COLUMN MaxBlockSize; UPDATE version SET VersionId = 2001;`;

for (const [version, back] of [[2002, backTo2002], [2001, backTo2002 + backTo2001]] as const) {
  test(`a catalog of version ${version} becomes one of 2250 with all its rows`, () =>
    withStore((store, database) => {
      const catalog = new Catalog(store);
      const writer = catalog.fileWriter(1);
      const paths = ["/a/one", "/a/\udcff", "/b/one", "/b/"];
      for (const [at, path] of paths.entries()) {
        writer.add({ fileIndex: at + 1, path, lstat: "A", digest: "0", deltaSeq: 0 });
      }
      writer.flush();
      const wanted = structure(database);
      server.sql(database, back);
      throws(
        () => new PostgresStore(server.options(database)),
        new RegExp(`Version error for database "${database}"\\. Wanted 2250, got ${version}: `),
      );
      const told: string[] = [];
      upgradeCatalog(server.options(database), undefined, (text) => told.push(text));
      strictEqual(told[0]?.startsWith(`Upgraded from version ${version} to`), true);
      strictEqual(told.at(-1), "The catalog has version 2250");
      deepStrictEqual(structure(database), wanted);
      const after = new Catalog(new PostgresStore(server.options(database)));
      try {
        deepStrictEqual([...after.currentFiles([1])].map(({ path }) => path), paths);
        const next = after.fileWriter(2);
        next.add({ fileIndex: 1, path: "/a/new", lstat: "A", digest: "0", deltaSeq: 0 });
        next.flush();
        strictEqual([...after.currentFiles([1, 2])].length, 5);
      } finally {
        after.close();
      }
    }));
}

test("the functions of reports decode what File.LStat holds", () =>
  withStore((store) => {
    const lstat = "gB EtaH IGk B Po Po A DA5 BAA g BlU/EA Bku1qA Bku1qB A A C"; // the reference's example (3.2)
    deepStrictEqual({ ...store.userQuery(`SELECT * FROM decode_lstat('${lstat}')`)[0] }, {
      ...{ st_dev: 2049, st_ino: 1_234_567, st_mode: 0o100644, st_nlink: 1, st_uid: 1000 },
      ...{ st_gid: 1000, st_rdev: 0, st_size: 12_345, st_blksize: 4096, st_blocks: 32 },
      ...{ st_atime: 1_700_000_000, st_mtime: 1_690_000_000, st_ctime: 1_690_000_001 },
      ...{ linkfi: 0, st_flags: 0, data: 2 },
    });
    deepStrictEqual(
      store.userQuery(
        "SELECT (decode_lstat('A B', ARRAY['st_ino', 'st_size'])).st_ino AS ino, bareos_frombase64('-B') AS minus, bareos_frombase64(NULL) AS none",
      ),
      [{ ino: 1, minus: -1, none: null }],
    );
  }));

test("an administrator makes role, database and tables; all is the role's", () => {
  const options = { ...server.options("byadmin"), user: "catalog role", password: "it's" };
  const told: string[] = [];
  throws(() => createCatalog(options, undefined, () => {}), /role "catalog role" does not exist/);
  createCatalog(options, { user: "postgres", password: "" }, (text) => told.push(text));
  deepStrictEqual(told, [
    "Made the role catalog role",
    "Made the database byadmin",
    "Made the tables of version 2250",
  ]);
  const store = new PostgresStore(options);
  strictEqual(
    store.one("SELECT tableowner AS o FROM pg_tables WHERE tablename = 'job'")?.o,
    "catalog role",
  );
  strictEqual(store.run("INSERT INTO Storage (Name) VALUES ('s')"), 1);
  store.close();
  // Tables of another role: an administrator upgrades them, and ours may use what is new.
  server.sql(
    "byadmin",
    `CREATE ROLE maker; GRANT CREATE ON SCHEMA public TO maker; REASSIGN OWNED BY "catalog role" TO maker;
     DROP TABLE TapeAlerts; DROP TABLE DeviceStats; DROP TABLE JobStats; UPDATE version SET VersionId = 2002;
     GRANT SELECT ON version TO "catalog role"`,
  );
  throws(() => upgradeCatalog(options, undefined, () => {}), /must be owner|permission denied/);
  const partly = `ALTER TABLE FileSet DROP COLUMN FileSetText; ALTER TABLE File RENAME TO nothing`;
  server.sql("byadmin", partly);
  throws(
    () => upgradeCatalog(options, { user: "postgres", password: "" }, (text) => told.push(text)),
    /Cannot upgrade .* from version 2004 to 2171: relation "file" does not exist/,
  );
  strictEqual(told.at(-1), "Upgraded from version 2003 to 2004");
  strictEqual(server.sql("byadmin", "SELECT VersionId FROM version"), "2004");
  strictEqual(
    server.sql("byadmin", `SET ROLE "catalog role"; SELECT count(*) FROM TapeAlerts`),
    "0",
  );
  // The password is proved, though the server was never told it.
  server.sql("postgres", "DROP ROLE made");
  const proved = { ...options, database: "proved", user: "made", password: "ä's" };
  createCatalog(proved, { user: "postgres", password: "" }, () => {});
  new PostgresStore(proved).close();
  throws(
    () => new PostgresStore({ ...proved, password: "other" }),
    /password authentication failed/,
  );
  throws(
    () => createCatalog(proved, { user: "nobody", password: "" }, () => {}),
    /Cannot open Catalog "Main" \(database postgres of user nobody at .*role "nobody" does not exist/,
  );
  const poor = { ...options, database: "byother" };
  throws(
    () => createCatalog(poor, undefined, () => {}),
    /permission denied.*createdb -E SQL_ASCII/,
  );
});
