import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { Catalog } from "./mod.ts";

const file = "gB EtaH IGk B Po Po A DA5 BAA g BlU/EA Bku1qA Bku1qB A A C"; // the reference's example (3.2)

Deno.test("decode_lstat and bareos_frombase64 read what File.LStat holds", () => {
  const catalog = Catalog.open(":memory:");
  const value = (sql: string): unknown => catalog.one(`SELECT ${sql} AS v`)?.v;
  strictEqual(value("bareos_frombase64('BlU/EA')"), 1_700_000_000);
  strictEqual(value("bareos_frombase64(NULL)"), null);
  strictEqual(value(`decode_lstat('${file}', 'st_size')`), 12_345);
  strictEqual(value(`decode_lstat('${file}', 'st_mode') & 511`), 0o644);
  deepStrictEqual(JSON.parse(String(value(`decode_lstat('${file}', 'st_uid', 'data')`))), {
    st_uid: 1000,
    data: 2,
  });
  deepStrictEqual(JSON.parse(String(value(`decode_lstat('${file}')`))), {
    ...{ st_dev: 2049, st_ino: 1_234_567, st_mode: 0o100644, st_nlink: 1, st_uid: 1000 },
    ...{ st_gid: 1000, st_rdev: 0, st_size: 12_345, st_blksize: 4096, st_blocks: 32 },
    ...{ st_atime: 1_700_000_000, st_mtime: 1_690_000_000, st_ctime: 1_690_000_001 },
    ...{ linkfi: 0, st_flags: 0, data: 2 },
  });
  strictEqual(value(`decode_lstat('A A', 'st_ctime')`), null, "a short one of an old daemon");
  throws(() => value(`decode_lstat('${file}', 'st_nothing')`), /An LStat has no st_nothing/);
  catalog.close();
});

Deno.test("a catalog of the same version gets the columns that it lacks; statuses are checked", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/catalog.db`;
    const first = Catalog.open(path);
    first.run("ALTER TABLE File DROP COLUMN Fhinfo");
    first.close();
    const second = Catalog.open(path);
    second.run("INSERT INTO File (JobId, PathId, LStat, Md5, Name) VALUES (1, 1, '', '', '')");
    strictEqual(second.one("SELECT Fhinfo FROM File")?.Fhinfo, 0);
    throws(
      () => second.createMedia({ volumeName: "v", mediaType: "f", volStatus: "Lost" }),
      /CHECK constraint failed/,
    );
    second.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
