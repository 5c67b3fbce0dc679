/** Which states of a volume an operator may set (catalog-and-jobs.md 18.7). */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "./support/paths.ts";
import { Installation } from "./support/roost.ts";

Deno.test("an operator sets every state of a volume but those that come by themselves", async () => {
  await using installation = await Installation.create({ backup: Deno.cwd() });
  await installation.start();
  match(
    await installation.console("label storage=File volume=Vol1 pool=Full slot=0 drive=0"),
    /Catalog record for Volume "Vol1", Slot 0 successfully created\./,
  );
  using database = new DatabaseSync(join(installation.folder, "work/catalog.db"), {
    timeout: 30_000, // the director writes, too
  });
  const status = (): unknown =>
    database.prepare("SELECT VolStatus AS s FROM Media WHERE VolumeName = 'Vol1'").get()?.s;
  const set = async (word: string): Promise<unknown> => {
    await installation.console(`update volume=Vol1 volstatus=${word}`);
    return status();
  };
  strictEqual(status(), "Append");
  const permitted = [
    ...["Append", "Archive", "Disabled", "Full", "Used", "Cleaning", "Recycle", "Read-Only"],
    "Error",
  ];
  const found: unknown[] = [];
  for (const word of permitted) found.push(await set(word));
  deepStrictEqual(found, permitted);
  const refused: unknown[] = [];
  for (const word of ["Purged", "Unlabeled", "Busy", "Scratch", "Lost"]) {
    refused.push(await set(word));
  }
  deepStrictEqual(new Set(refused), new Set(["Error"]));
  match(
    await installation.console(
      "relabel storage=File oldvolume=Vol1 volume=Vol2 pool=Full slot=0 drive=0",
    ),
    /Volume "Vol1" has VolStatus Error\. It must be Purged or Recycled before relabeling\./,
  );
});
