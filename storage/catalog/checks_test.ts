import { deepStrictEqual, strictEqual } from "node:assert";
import { catalogTest, type OpenCatalog } from "../../tests/support/catalogs.ts";
import type { Catalog } from "./catalog.ts";
import { catalogChecks, runCheck } from "./checks.ts";

const NAMES = { clients: ["kept-fd"], storages: ["Kept"] };

/** A catalog with one thing wrong for each check, and one thing that is right beside it. */
function brokenCatalog(open: OpenCatalog): Catalog {
  const catalog = open();
  const job = (type: string, clientId: number) =>
    catalog.createJob({
      job: `j.${type}`,
      name: "j",
      type,
      level: "F",
      schedTime: 1,
      clientId,
      comment: "",
    });
  catalog.run(
    "INSERT INTO Client (Name, UName) VALUES ('fd', ''), ('kept-fd', ''), ('gone-fd', '')",
  );
  catalog.run("INSERT INTO Storage (Name) VALUES ('Kept'), ('Gone'), ('Used')");
  catalog.run(
    `INSERT INTO FileSet (FileSet, MD5, CreateTime)
     VALUES ('Used', '', '2026-01-01 00:00:00'), ('Gone', '', '2026-01-01 00:00:00')`,
  );
  const good = job("B", 1);
  catalog.updateJob(good, { fileSetId: 1 });
  job("B", 77); // its client is gone
  job("D", 1);
  job("R", 1);
  const media = catalog.createMedia({
    volumeName: "V",
    poolId: 1,
    mediaType: "F",
    volStatus: "Full",
    enabled: 1,
    storageId: 3,
  });
  for (const [jobId, mediaId] of [[good, media.mediaId], [good, 99], [99, media.mediaId]]) {
    catalog.run(
      "INSERT INTO JobMedia (JobId, MediaId, FirstIndex, LastIndex) VALUES (?, ?, 1, 1)",
      jobId ?? 0,
      mediaId ?? 0,
    );
  }
  const file = (jobId: number, path: string, name: string) =>
    catalog.run(
      "INSERT INTO File (FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (1, ?, ?, '', '0', ?)",
      jobId,
      catalog.pathId(path),
      name,
    );
  file(good, "/a/", "good");
  file(good, "/a/", "bad/");
  file(good, "/b  ", "x");
  file(good, "/b/", "y");
  file(99, "/a/", "orphan");
  catalog.pathId("/nobody/");
  return catalog;
}

catalogTest("runCheck() finds what is wrong and leaves it unless it is to mend", (open) => {
  const catalog = brokenCatalog(open);
  const look = () =>
    catalogChecks.map((check) => [check.title, runCheck(catalog, check, NAMES, false)]);
  const found = look();
  deepStrictEqual(found, [
    ["bad Filename records", 1],
    ["bad Path records", 1],
    ["duplicate Path records", 0],
    ["orphaned JobMedia records", 2],
    ["orphaned File records", 1],
    ["orphaned Path records", 1],
    ["orphaned FileSet records", 1],
    ["orphaned Client records", 1],
    ["orphaned Job records", 1],
    ["orphaned Storage records", 1],
    ["Admin records", 1],
    ["Restore records", 1],
  ]);
  deepStrictEqual(look(), found);
});

catalogTest("runCheck() mends, tells what it mends, and what is right stays", (open) => {
  const catalog = brokenCatalog(open);
  const told: string[] = [];
  for (const check of catalogChecks) runCheck(catalog, check, NAMES, true, (row) => told.push(row));
  strictEqual(told.includes("ClientId=3 Name=gone-fd"), true);
  strictEqual(told.includes("PathId=2 Text=/b  "), true);
  for (const check of catalogChecks) strictEqual(runCheck(catalog, check, NAMES, false), 0);
  deepStrictEqual([...catalog.currentFiles([1])].map(({ path }) => path), [
    "/a/bad",
    "/a/good",
    "/b/x",
    "/b/y",
  ]);
  const names = (sql: string) => catalog.all(sql).map((row) => Object.values(row)[0]);
  deepStrictEqual(names("SELECT Path FROM Path ORDER BY Path"), ["/a/", "/b/"]);
  deepStrictEqual(names("SELECT JobId FROM Job"), [1]);
  deepStrictEqual(names("SELECT Name FROM Client ORDER BY Name"), ["fd", "kept-fd"]);
  deepStrictEqual(names("SELECT Name FROM Storage ORDER BY Name"), ["Kept", "Used"]);
  deepStrictEqual(names("SELECT FileSet FROM FileSet"), ["Used"]);
  strictEqual(catalog.jobMedia(1).length, 1);
});
