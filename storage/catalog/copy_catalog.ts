/** From one catalog to another, whatever keeps them. @module */
import { tableColumns } from "./tables.ts";
import type { SqlRow, SqlValue } from "./rows.ts";
import { CatalogError, type SqlStore } from "./store.ts";

/** Rows that are read and entered at once. */
const batchRows = 2000;
/** Tables that a new catalog has filled. */
const ownTables: ReadonlySet<string> = new Set(["Version", "Status"]);

/**
 * Copies all rows of a catalog into one without any, in one transaction: if it fails, the target is as
 * it was.
 * @param tell told each table with the number of its rows
 * @throws CatalogError if the target has rows or cannot take them
 */
export function copyCatalog(
  from: SqlStore,
  to: SqlStore,
  tell: (text: string) => void = () => {},
): void {
  const tables = [...tableColumns].filter(([table]) => !ownTables.has(table));
  for (const [table] of tables) {
    if (to.one(`SELECT 1 AS n FROM ${table} LIMIT 1`) === undefined) continue;
    throw new CatalogError(`Cannot copy the catalog: the target is not empty, ${table} has rows`);
  }
  to.begin();
  try {
    for (const [table, columns] of tables) {
      // Texts are read as bytes: a name may be no UTF-8. Numbers and times stay what they are.
      const wanted = columns.map(({ name, type }) =>
        type === "TEXT" || type === "CHAR" ? `CAST(${name} AS BLOB) AS ${name}` : name
      );
      let batch: SqlValue[][] = [];
      let count = 0;
      const flush = (): void => {
        to.addRows(table, columns, batch);
        count += batch.length;
        batch = [];
      };
      for (const row of from.iterate(`SELECT ${wanted.join(", ")} FROM ${table}`)) {
        batch.push(columns.map(({ name }) => valueOf(row, name)));
        if (batch.length >= batchRows) flush();
      }
      if (batch.length > 0) flush();
      to.keysWereGiven?.(table);
      if (count > 0) tell(`${table}: ${count}`);
    }
    to.commit();
  } catch (error) {
    to.rollBack();
    throw error;
  }
}

/** A column of a row; SQLite spells some in another way. */
function valueOf(row: SqlRow, name: string): SqlValue {
  if (name in row) return row[name] ?? null;
  const other = Object.keys(row).find((each) => each.toLowerCase() === name.toLowerCase());
  return other === undefined ? null : row[other] ?? null;
}
