import assert from "node:assert/strict";
import { join } from "node:path";
import { Catalog } from "../../../storage/catalog/mod.ts";
import { CatalogTree } from "./catalog_tree.ts";

const lstat = "A A A A A A A A A A A A A A A A";

/** A catalog with jobs of these files; a path with a minus before it is deleted in that job. */
async function withCatalog(
  jobs: readonly (readonly string[])[],
  work: (catalog: Catalog) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const catalog = Catalog.open(join(folder, "catalog.db"));
  try {
    for (const paths of jobs) {
      const jobId = catalog.createJob({
        ...{ job: `j${Math.random()}`, name: "j", type: "B", level: "F", schedTime: 1 },
        ...{ clientId: 1, comment: "" },
      });
      const writer = catalog.fileWriter(jobId);
      paths.forEach((path, at) => {
        const isGone = path.startsWith("-");
        writer.add({
          fileIndex: isGone ? 0 : at + 1,
          path: isGone ? path.slice(1) : path,
          lstat,
          digest: "0",
          deltaSeq: 0,
        });
      });
      writer.flush();
    }
    work(catalog);
  } finally {
    catalog.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (tree: CatalogTree, folder: string): string[] =>
  tree.entries(folder).map(({ name, file }) => `${name}${file === undefined ? "" : file.jobId}`);

Deno.test("CatalogTree shows the newest version of each file, folder by folder", async () => {
  await withCatalog([
    ["/a/x", "/a/y", "/a/", "/a/deep/er/z", "/b/only"],
    ["/a/x", "-/a/y", "-/b/only", "/c"],
  ], (catalog) => {
    const tree = new CatalogTree(catalog, [1, 2]);
    assert.deepEqual(names(tree, ""), ["/"]);
    assert.deepEqual(names(tree, "/"), ["a/1", "c2"]);
    assert.deepEqual(names(tree, "/a/"), ["deep/", "x2"]);
    assert.deepEqual([...tree.files("/a/")].map(({ path, jobId }) => path + jobId), [
      "/a/1",
      "/a/x2",
      "/a/deep/er/z1",
    ]);
    assert.equal(tree.count(), 4);
    assert.equal(tree.countFilledFolders(), 1);
  });
});

Deno.test("CatalogTree knows drives, bytes that are no text, and jobs without files", async () => {
  await withCatalog([["C:/Users/a", "D:/b", "/n\udcff/x"]], (catalog) => {
    const tree = new CatalogTree(catalog, [1]);
    assert.deepEqual(names(tree, ""), ["/", "C:/", "D:/"]);
    assert.deepEqual(names(tree, "/"), ["n\udcff/"]);
    assert.deepEqual(names(new CatalogTree(catalog, [7]), ""), []);
  });
});
