import assert from "node:assert/strict";
import { join } from "node:path";
import { Catalog } from "../../../storage/catalog/mod.ts";
import { CatalogTree } from "./catalog_tree.ts";
import { wildcard } from "./file_tree.ts";

const lstat = "A A A A A A A A A A A A A A A A";

/** A catalog with jobs of these files; a path with a minus before it is deleted in that job. */
async function withCatalog(
  jobs: readonly (readonly string[])[],
  work: (catalog: Catalog) => void | Promise<void>,
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
    await work(catalog);
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
  ], async (catalog) => {
    const tree = new CatalogTree(catalog, [1, 2]);
    assert.deepEqual(names(tree, ""), ["/"]);
    assert.deepEqual(names(tree, "/"), ["a/1", "c2"]);
    assert.deepEqual(names(tree, "/a/"), ["deep/", "x2"]);
    assert.deepEqual([...tree.files("/a/")].map(({ path, jobId }) => path + jobId), [
      "/a/1",
      "/a/x2",
      "/a/deep/er/z1",
    ]);
    assert.equal(await tree.count(), 4);
    assert.equal(await tree.count("/a/"), 3);
    assert.equal(await tree.count("/a/x"), 1);
    assert.equal(await tree.count("/a/y"), 0);
    assert.equal(tree.file("/a/")?.jobId, 1);
    assert.equal(tree.file("/a/y"), undefined);
    assert.equal(await tree.countFilledFolders(), 1);
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

Deno.test("CatalogTree finds names anywhere: files, folders, those that were not saved themselves", async () => {
  await withCatalog([
    ["/a/x_1", "/a/x%1", "/a/", "/a/deep/x/z", "/bx/gone", "C:/x1", "/\udcffx/Xy"],
    ["-/bx/gone", "/a/x_1"],
  ], async (catalog) => {
    const tree = new CatalogTree(catalog, [1, 2]);
    const found = async (pattern: string): Promise<string[]> => {
      const isName = wildcard(pattern);
      return (await Array.fromAsync(tree.named((name) => isName.test(name), pattern)))
        .map(({ path, entry }) => `${path}${entry.file?.jobId ?? ""}`).toSorted();
    };
    assert.deepEqual(await found("x*"), ["/a/deep/x/", "/a/x%11", "/a/x_12", "C:/x11"]);
    assert.deepEqual(await found("x_1"), ["/a/x_12"]);
    assert.deepEqual(await found("x[_%]1"), ["/a/x%11", "/a/x_12"]);
    assert.deepEqual(await found("?x"), ["/\udcffx/"]);
    assert.deepEqual(await found("a"), ["/a/1"]);
    assert.deepEqual(await found("C:"), ["C:/"]);
    assert.deepEqual(await found("X?"), ["/\udcffx/Xy1"]);
    assert.deepEqual(await found("!*"), []);
  });
});
