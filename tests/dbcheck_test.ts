/** `roost dbcheck` on the catalog of an installation, in one go and by its menu. */
import { match, strictEqual } from "node:assert";
import { Catalog } from "../storage/catalog/mod.ts";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test("dbcheck finds orphans, mends them when told to, and knows what is configured", async () => {
  await using installation = await Installation.create({ backup: "/nowhere" });
  const path = join(installation.folder, "work/catalog.db");
  const catalog = Catalog.open(path);
  catalog.run("INSERT INTO Client (Name, UName) VALUES ('roost-fd', ''), ('gone-fd', '')");
  catalog.run(
    "INSERT INTO File (FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (1, 9, 9, '', '0', 'x')",
  );
  catalog.close();

  const where = await installation.run(["dbcheck", "-c", installation.folder, "-B"]);
  match(where.stdout, new RegExp(`db_name=${path}`));
  const look = await installation.run(["dbcheck", "-c", installation.folder, "-b", "-v"]);
  match(look.stdout, /Found 1 orphaned Client records\.\n/);
  match(look.stdout, / {2}ClientId=2 Name=gone-fd\n/);
  match(look.stdout, /Found 1 orphaned File records\.\n/);
  strictEqual(look.status, 0);

  const menu = await installation.run(["dbcheck", "-c", installation.folder], "1\n10\n7\n0\n");
  match(menu.stdout, /Modify database is ON/);
  match(menu.stdout, /Found 1 orphaned Client records\. Mended 1\.\n/);
  match(menu.stdout, /Found 1 orphaned File records\. Mended 1\.\n/);
  const after = await installation.run(["dbcheck", "-c", installation.folder, "-b", "-f"]);
  strictEqual(/Found [1-9]/.test(after.stdout), false);
  strictEqual((await installation.run(["dbcheck", "--nonsense"])).status, 1);
});
