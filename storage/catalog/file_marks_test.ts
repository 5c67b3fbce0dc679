import { deepStrictEqual, strictEqual } from "node:assert";
import { catalogTest } from "../../tests/support/catalogs.ts";

catalogTest(
  "CatalogFileMarks finds files of one job, and tells those that were not seen",
  (open) => {
    const catalog = open();
    const files = catalog.fileWriter(7);
    const add = (fileIndex: number, path: string, digest = "0"): void =>
      files.add({ fileIndex, path, lstat: "A", digest, deltaSeq: 0 });
    add(1, "/a/one", "old");
    add(2, "/a/one", "new");
    add(3, "/a/");
    add(4, "/a/\udce9");
    add(0, "/a/gone");
    add(5, "/b/left");
    for (let n = 6; n < 6006; n++) add(n, `/many/${n}`);
    files.flush();
    const other = catalog.fileWriter(8);
    other.add({ fileIndex: 1, path: "/c", lstat: "A", digest: "0", deltaSeq: 0 });
    other.flush();

    const marks = catalog.fileMarks(7, 9);
    strictEqual(marks.see("/a/one")?.digest, "new");
    strictEqual(marks.see("/a/")?.fileIndex, 3);
    strictEqual(marks.see("/a/\udce9")?.path, "/a/\udce9");
    strictEqual(marks.see("/a/gone"), undefined);
    strictEqual(marks.see("/c"), undefined, "a file of another job");
    strictEqual(marks.see("/never"), undefined);
    for (let n = 6; n < 6005; n++) marks.see(`/many/${n}`);
    deepStrictEqual([...marks.missing()].map(({ path }) => path), ["/b/left", "/many/6005"]);
    // Another verify begins anew.
    strictEqual([...catalog.fileMarks(7, 10).missing()].length, 6005);
  },
);
