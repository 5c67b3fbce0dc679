/** `prune directory` of a running director, whose next jobs save the same folders (console.md 16.2). */
import assert from "node:assert/strict";
import { Catalog } from "../storage/catalog/mod.ts";
import { ConsoleScene, enterJobs, sceneTest } from "./support/console_scene.ts";
import { join } from "./support/paths.ts";

const lines = (text: string): string[] => text.split("\n").filter((line) => line.includes("/"));

sceneTest(
  "a folder whose path was pruned is saved and found again by the same director",
  async (open) => {
    const folder = await Deno.makeTempDir({ prefix: "roost-prune-" });
    try {
      let own: Catalog | undefined; // that of the director, which opens it last
      const files = ["/kept/a", "/gone/", "/gone/b", "/gone/deep/c"];
      await using scene = await ConsoleScene.start({
        open: () => own = open?.() ?? Catalog.open(join(folder, "catalog.db")),
        fill: () => {},
      });
      const session = await scene.login();
      await session.call("use catalog=MyCatalog");
      await session.call("list clients");
      assert.ok(own);
      enterJobs(own, [{ files }]);
      await session.call("prune directory=/gone client=fd recursive yes");
      assert.deepEqual(
        own.all("SELECT Path FROM Path ORDER BY Path").map(({ Path }) => Path),
        ["/kept/"],
      );
      const other = ["/other/d"];
      enterJobs(own, [{ files: [...other, ...files], start: "2026-01-02 10:00:00" }]);
      const listed = lines(await session.call("list files jobid=2")).map((line) => line.trim());
      assert.deepEqual(listed.sort(), [...files, ...other].sort());
      await session.call("restore client=fd restorejob=Restore jobid=2");
      assert.match(await session.call("find *"), /\/gone\/deep\/c/);
      await session.call("quit");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

sceneTest(
  "many files of a folder are pruned piece by piece, those of one client alone",
  async (open) => {
    const folder = await Deno.makeTempDir({ prefix: "roost-prune-" });
    try {
      let own: Catalog | undefined;
      await using scene = await ConsoleScene.start({
        open: () => own = open?.() ?? Catalog.open(join(folder, "catalog.db")),
        fill: (catalog) => {
          const many = Array.from({ length: 2_500 }, (_, at) => `/many/${at % 7}/${at}`);
          enterJobs(catalog, [
            { files: ["/kept/a", ...many] },
            { files: ["/many/of-another"], client: "fd2", start: "2026-01-02 10:00:00" },
          ]);
          // as in a catalog that is large, which is read apart
          catalog.run("UPDATE File SET FileId = FileId + 60000");
        },
      });
      const session = await scene.login();
      await session.call("prune directory=/many client=fd recursive yes");
      const left = own?.all(
        "SELECT Path || Name AS name FROM File JOIN Path ON Path.PathId = File.PathId ORDER BY FileId",
      );
      assert.deepEqual(left?.map(({ name }) => name), ["/kept/a", "/many/of-another"]);
      const paths = own?.all("SELECT Path FROM Path ORDER BY Path").map(({ Path }) => Path);
      assert.deepEqual(paths, ["/kept/", "/many/"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
