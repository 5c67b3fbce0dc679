import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { CatalogError } from "./store.ts";
import { SqliteStore } from "./sqlite_store.ts";

/** A query of the numbers 1 to `count`, with the square of each. */
const numbers = (count: number): string =>
  `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ${count})
   SELECT x AS Number, x * x AS Square FROM c`;

Deno.test("iterate() has all rows, in the order that was asked for", () => {
  const store = new SqliteStore(":memory:");
  try {
    const rows = [...store.iterate(`${numbers(1_000)} ORDER BY Number DESC`)];
    deepStrictEqual(
      rows.map(({ Number }) => Number),
      Array.from({ length: 1_000 }, (_, at) => 1_000 - at),
    );
    strictEqual(rows[0]?.Square, 1_000_000);
    deepStrictEqual([...store.iterate("SELECT JobId FROM Job")], []);
    deepStrictEqual(
      [...store.iterate(`SELECT * FROM (${numbers(10)}) WHERE Number > ?`, 8)].map(({ Number }) =>
        Number
      ),
      [9, 10],
    );
    for (const { Number } of store.iterate(numbers(10))) if (Number === 3) break;
    deepStrictEqual([...store.iterate(numbers(2))].length, 2);
  } finally {
    store.close();
  }
});

Deno.test("iterate() throws where a row cannot be read, and does not end as behind the last one", () => {
  const store = new SqliteStore(":memory:");
  try {
    const seen: unknown[] = [];
    throws(
      () => {
        // The absolute value of the smallest number is none that SQLite has.
        const broken = "CASE x WHEN 3 THEN abs(-9223372036854775808) ELSE x END AS Number";
        for (const row of store.iterate(numbers(5).replace("x AS Number", broken))) seen.push(row);
      },
      (error) => error instanceof CatalogError && /integer overflow/.test(error.message),
    );
    strictEqual(seen.length, 2);
    throws(() => [...store.iterate("SELECT NoColumn FROM Job")], /no such column/);
  } finally {
    store.close();
  }
});

Deno.test("userRows() has the rows of userQuery(), in their order, whatever a user writes", () => {
  const store = new SqliteStore(":memory:");
  try {
    for (
      const sql of [
        `${numbers(2_500)} ORDER BY Number DESC; `,
        `${numbers(9)} ORDER BY 2 DESC LIMIT 4 OFFSET 1 -- the best`,
        "VALUES (1, 'a'), (2, NULL)",
        "/* two */ SELECT 1 AS a, 2 AS a, x'00ff' AS b, 0.5 AS B, 'x' AS \"a:1\"",
        'SELECT 1 AS "end of rows"',
        "SELECT 3 AS x UNION ALL SELECT 1 ORDER BY x",
        "EXPLAIN SELECT * FROM Job",
        "PRAGMA table_info(Job)",
        "SELECT JobId FROM Job",
        "INSERT INTO Location (Location, Cost, Enabled) VALUES ('a', 1, 1) RETURNING Cost",
        "UPDATE Location SET Cost = 2",
      ]
    ) {
      const plain = (rows: Iterable<object>) => [...rows].map((row) => ({ ...row }));
      deepStrictEqual(plain(store.userRows(sql)), plain(store.userQuery(sql)), sql);
    }
    strictEqual(store.one("SELECT count(*) AS n FROM Location")?.n, 2);
    for (const row of store.userRows(numbers(1e15))) if (row.Number === 5) break;
    throws(() => [...store.userRows("SELECT 1) AS x, (SELECT 2")], /syntax error/);
    const broken = "SELECT 1 AS x, 1 AS x UNION ALL SELECT abs(-9223372036854775808), 2";
    throws(() => [...store.userRows(broken)], /Cannot read the catalog: integer overflow/);
  } finally {
    store.close();
  }
});
