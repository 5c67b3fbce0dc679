/**
 * How many rows of files a second SQLite takes at best: the limit of `bscan` and of the director. All of it
 * in one thread, in processor time, into a new catalog below a folder.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import process from "node:process";
import { encodeText } from "../../bytes/mod.ts";
import { Catalog } from "../../storage/catalog/mod.ts";
import { join } from "../support/paths.ts";

/** Rows a processor second of one way to enter them. */
export interface RowsFigure {
  readonly what: string;
  readonly perSecond: number;
}

const rows = 200_000;
const lstat = "P0D BAAA IGk B A A A A BAA I BpJ7Zq BpJ7Zq BpJ7Zq A A C";
const digest = "1B2M2Y8AsgTpgAmY7PhCfg";
const columns = "(FileIndex, JobId, PathId, DeltaSeq, LStat, Md5, Name)";

/** Measures each way. */
export async function measureRows(folder: string): Promise<RowsFigure[]> {
  const figures: RowsFigure[] = [];
  const measure = async (
    what: string,
    work: (database: DatabaseSync) => void,
    isIndexed = true,
  ): Promise<void> => {
    const path = join(folder, "rows.db");
    Catalog.open(path).close();
    const database = new DatabaseSync(path);
    const indexes = database.prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'File'",
    ).all();
    for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
    const before = process.cpuUsage();
    database.exec("BEGIN");
    work(database);
    database.exec("COMMIT");
    if (isIndexed) { for (const { sql } of indexes) database.exec(String(sql)); }
    const { user, system } = process.cpuUsage(before);
    database.close();
    await Deno.remove(path);
    figures.push({ what, perSecond: rows / (user + system) * 1e6 });
  };
  for (const each of [1, 50, 200]) {
    const name = `a loop of statements of ${each} rows`;
    await measure(name, (database) => insert(database, each), false);
    if (each === 200) await measure(`${name}, then the indexes`, (it) => insert(it, each));
  }
  await measure("one statement that makes the rows itself", (database) =>
    database.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
       INSERT INTO File ${columns} SELECT i, 1, i / 500, 0, '${lstat}', '${digest}', 'file' || i FROM n`,
    ), false);
  figures.push(await measureWriter(folder));
  return figures;
}

function insert(database: DatabaseSync, each: number): void {
  const row = "(?, ?, ?, ?, ?, ?, CAST(? AS TEXT))";
  const statement = database.prepare(
    `INSERT INTO File ${columns} VALUES ${Array(each).fill(row).join(", ")}`,
  );
  const values = new Array<string | number>(each * 7);
  let to = 0;
  for (let at = 0; at < rows; at++) {
    for (const value of [at, 1, Math.floor(at / 500), 0, lstat, digest, `file${at}`]) {
      values[to++] = value;
    }
    if (to < values.length) continue;
    statement.run(...values);
    to = 0;
  }
}

/** The catalog's own way, from bytes, with the indexes in the end. */
async function measureWriter(folder: string): Promise<RowsFigure> {
  const path = join(folder, "rows.db");
  const catalog = Catalog.open(path);
  const [stat, md5] = [encodeText(lstat), new Uint8Array(16)];
  const paths = Array.from({ length: 500 }, (_, at) => encodeText(`/some/folder/file${at}`));
  const before = process.cpuUsage();
  catalog.fillFiles(() => {
    const writer = catalog.fileWriter(1);
    for (let at = 0; at < rows; at++) {
      writer.addBytes(at, 0, paths[at % paths.length] ?? stat, stat);
      writer.addDigest(md5);
    }
    writer.flush();
  });
  const { user, system } = process.cpuUsage(before);
  catalog.close();
  await Deno.remove(path);
  return {
    what: "the catalog's writer, then the indexes",
    perSecond: rows / (user + system) * 1e6,
  };
}
