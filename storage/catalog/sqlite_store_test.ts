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
