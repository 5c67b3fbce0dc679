import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { hasPostgres, PostgresServer } from "../../tests/support/postgres.ts";
import { Catalog } from "./catalog.ts";
import { copyCatalog } from "./copy_catalog.ts";
import { createCatalog } from "./postgres/administration.ts";
import { PostgresStore } from "./postgres/postgres_store.ts";
import { tableColumns } from "./tables.ts";
import { SqliteStore } from "./sqlite_store.ts";
import type { SqlValue } from "./rows.ts";
import type { SqlStore } from "./store.ts";

const words: Readonly<Record<string, string>> = {
  VolStatus: "Full",
  NewVolStatus: "Used",
  PoolType: "Backup",
};
const odd = Uint8Array.of(0x61, 0x09, 0x5c, 0x0a, 0xff, 0x0d, 0x27, 0x5c, 0x4e);

/** Fills every table with two rows; what may be missing is missing in the second. */
function fill(store: SqlStore): void {
  for (const [table, columns] of tableColumns) {
    if (table === "Version" || table === "Status") continue;
    store.addRows(
      table,
      columns,
      [1, 2].map((row) =>
        columns.map(({ name, type }): SqlValue => {
          if (words[name] !== undefined) return new TextEncoder().encode(words[name]);
          if (type === "TEXT") {
            return name === "Comment" && row === 2 && table !== "LocationLog"
              ? null
              : Uint8Array.of(...odd, row);
          }
          if (type === "CHAR") return Uint8Array.of(0x40 + row);
          if (type === "BYTEA") return Uint8Array.of(0, row, 255);
          if (type === "TIMESTAMP") return `2026-11-2${row} 01:02:03`;
          return type === "SMALLINT" ? row : type === "BIGINT" ? 2 ** 40 + row : 10 * row;
        })
      ),
    );
  }
}

function content(store: SqlStore): unknown {
  return [...tableColumns].filter(([table]) => table !== "Version").map(([table, columns]) => {
    const list = columns.map(({ name, type }) =>
      type === "TEXT" || type === "CHAR" ? `CAST(${name} AS BLOB) AS ${name}` : name
    ).join(", ");
    const rows = store.all(`SELECT ${list} FROM ${table} ORDER BY ${columns[0]?.name}`);
    return [
      table,
      rows.map((row) =>
        Object.entries(row).map(([name, value]) => [
          name.toLowerCase(),
          value instanceof Uint8Array ? value.toHex() : value,
        ])
      ),
    ];
  });
}

Deno.test({
  name: "a catalog is the same after copies from SQLite to PostgreSQL and back",
  ignore: !hasPostgres,
  fn: async () => {
    await using server = await PostgresServer.start();
    for (const name of ["first", "second"]) {
      createCatalog(server.options(name), undefined, () => {});
    }
    using stores = new DisposableStack();
    const keep = <T extends SqlStore>(store: T): T => stores.adopt(store, (each) => each.close());
    const source = keep(new SqliteStore(":memory:"));
    fill(source);
    const large = keep(new PostgresStore(server.options("first")));
    const told: string[] = [];
    copyCatalog(source, large, (text) => told.push(text));
    strictEqual(told.includes("File: 2"), true);
    deepStrictEqual(content(large), content(source));
    const back = keep(new SqliteStore(":memory:"));
    copyCatalog(large, back);
    deepStrictEqual(content(back), content(source));
    throws(() => copyCatalog(source, large), /the target is not empty, Path has rows/);

    // New rows get numbers behind those that were copied.
    const last = Number(large.one("SELECT max(JobId) AS n FROM Job")?.n);
    const catalog = new Catalog(large);
    const job = {
      job: "j",
      name: "j",
      type: "B",
      level: "F",
      schedTime: 1,
      clientId: 1,
      comment: "",
    };
    strictEqual(catalog.createJob(job), last + 1);

    // A copy that fails leaves nothing.
    const broken = keep(new SqliteStore(":memory:"));
    fill(broken);
    broken.run("UPDATE Job SET SchedTime = 'never'");
    const target = keep(new PostgresStore(server.options("second")));
    throws(() => copyCatalog(broken, target), /invalid input syntax for type timestamp/);
    strictEqual(target.one("SELECT count(*) AS n FROM Path")?.n, 0);
  },
});
