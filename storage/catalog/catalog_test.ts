import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { catalogTest, type OpenCatalog } from "../../tests/support/catalogs.ts";
import { Catalog } from "./catalog.ts";
import { catalogSeconds, catalogTime } from "./times.ts";

const clientId = 1;

/** A catalog with one FileSet and backup jobs, given as level and start in UNIX seconds. */
function catalogWith(
  open: OpenCatalog,
  jobs: readonly (readonly [level: string, start: number])[],
): Catalog {
  const catalog = open();
  catalog.run(
    "INSERT INTO FileSet (FileSet, MD5, CreateTime) VALUES ('Set', 'x', '2026-01-01 00:00:00')",
  );
  for (const [level, start] of jobs) insertJob(catalog, "B", level, start);
  return catalog;
}

function insertJob(catalog: Catalog, type: string, level: string, start: number, status = "T") {
  catalog.run(
    `INSERT INTO Job (Job, Name, Type, Level, ClientId, JobStatus, SchedTime, StartTime, JobTDate,
       FileSetId, JobFiles) VALUES ('j', 'Backup', ?, ?, ?, ?, ?, ?, ?, 1, 1)`,
    type,
    level,
    clientId,
    status,
    catalogTime(start),
    catalogTime(start),
    start,
  );
}

const chain = (catalog: Catalog, level = "I"): number[] =>
  catalog.currentJobs({ clientId, fileSetName: "Set", level, before: 2_000_000_000 });

catalogTest("the chain is the last full, the last differential and what came after it", (open) => {
  const catalog = catalogWith(open, [
    ["F", 100],
    ["I", 200],
    ["F", 300],
    ["I", 400],
    ["D", 500],
    [
      "D",
      600,
    ],
    ["I", 700],
    ["I", 800],
  ]);
  deepStrictEqual(chain(catalog), [3, 6, 7, 8]);
  deepStrictEqual(chain(catalog, "D"), [3]);
});

catalogTest(
  "jobs that started in the same second are in the chain in the order of their ids",
  (open) => {
    const catalog = catalogWith(open, [["I", 100], ["F", 100], ["I", 100], ["I", 100]]);
    deepStrictEqual(chain(catalog), [2, 3, 4]);
  },
);

catalogTest(
  "pruning leaves the chain, archives, running jobs and the newest InitCatalog",
  (open) => {
    const catalog = catalogWith(open, [["F", 100], ["I", 200], ["F", 300], ["I", 400]]);
    insertJob(catalog, "A", "F", 100);
    insertJob(catalog, "V", "V", 100);
    insertJob(catalog, "V", "V", 200);
    insertJob(catalog, "B", "F", 100, "R");
    insertJob(catalog, "B", "F", 500, "f");
    deepStrictEqual(catalog.prunableJobs(clientId, 1000, false), [1, 2, 6, 9]);
    deepStrictEqual(catalog.prunableJobs(clientId, 150, false), [1, 6]);
  },
);

catalogTest("jobs that a director left behind have failed and have an end", (open) => {
  const catalog = open();
  insertJob(catalog, "B", "F", 100, "R");
  insertJob(catalog, "B", "F", 200, "C");
  catalog.failLeftovers();
  deepStrictEqual(
    catalog.all("SELECT JobStatus, EndTime FROM Job ORDER BY JobId").map((row) => ({ ...row })),
    [{ JobStatus: "f", EndTime: catalogTime(100) }, { JobStatus: "f", EndTime: catalogTime(200) }],
  );
});

Deno.test("times come back from the catalog's text", () => {
  for (const seconds of [1, 951_782_400, 1_795_000_000, 253_000_000_000]) {
    strictEqual(catalogSeconds(catalogTime(seconds)), seconds);
  }
  strictEqual(catalogSeconds(null), 0);
  strictEqual(catalogSeconds(""), 0);
});

catalogTest("of a job that is deleted the oldest copy becomes the backup", (open) => {
  const catalog = open();
  const add = (type: string, priorJobId: number): number => {
    const jobId = catalog.createJob({
      job: `job.${type}.${priorJobId}`,
      name: "job",
      type,
      level: "F",
      schedTime: 1,
      clientId: 1,
      comment: "",
    });
    catalog.updateJob(jobId, { priorJobId });
    return jobId;
  };
  const original = add("B", 0);
  const first = add("C", original);
  const worker = add("c", first);
  const second = add("C", original);
  const other = add("C", 4711);
  catalog.deleteJobs([original]);
  const types = () => [first, second, other].map((jobId) => catalog.job(jobId)?.type);
  deepStrictEqual(types(), ["B", "C", "C"]);
  strictEqual(catalog.job(worker), undefined);
  catalog.deleteJobs([first]);
  deepStrictEqual(types(), [undefined, "B", "C"]);
});

catalogTest(
  "a full counts with its own version of the file set, what follows it by the set's name",
  (open) => {
    const catalog = catalogWith(open, [["F", 100], ["I", 200]]);
    catalog.run(
      "INSERT INTO FileSet (FileSet, MD5, CreateTime) VALUES ('Set', 'y', '2026-01-01 00:00:00')",
    );
    insertJob(catalog, "B", "F", 300);
    insertJob(catalog, "B", "I", 400);
    catalog.run("UPDATE Job SET FileSetId = 2 WHERE StartTime >= ?", catalogTime(300));
    const of = { clientId, fileSetName: "Set", level: "I", before: 2_000_000_000 };
    deepStrictEqual(catalog.currentJobs({ ...of, fileSetId: 1 }), [1, 2, 4]);
    deepStrictEqual(catalog.currentJobs({ ...of, fileSetId: 2 }), [3, 4]);
    deepStrictEqual(catalog.currentJobs(of), [3, 4]);
  },
);

catalogTest(
  "the chain leaves out what ran beside the full, failed, or saved nothing as a differential",
  (open) => {
    const catalog = catalogWith(open, [["F", 100], ["I", 150], ["D", 300], ["I", 400]]);
    catalog.run("UPDATE Job SET EndTime = ? WHERE JobId = 1", catalogTime(200));
    catalog.run("UPDATE Job SET JobFiles = 0 WHERE JobId = 3");
    insertJob(catalog, "B", "I", 500, "E");
    insertJob(catalog, "B", "I", 600, "W");
    deepStrictEqual(chain(catalog), [1, 4, 6]);
  },
);

catalogTest("a job that is deleted leaves nothing, and its oldest copy takes its place", (open) => {
  const catalog = catalogWith(open, [["F", 100]]);
  insertJob(catalog, "C", "F", 100);
  insertJob(catalog, "C", "F", 100);
  insertJob(catalog, "c", "F", 500);
  catalog.run("UPDATE Job SET PriorJobId = 1 WHERE Type = 'C'");
  catalog.run("UPDATE Job SET PriorJobId = 2 WHERE Type = 'c'");
  const writer = catalog.fileWriter(1);
  writer.add({ fileIndex: 1, path: "/a/b", lstat: "", digest: "0", deltaSeq: 0 });
  writer.flush();
  catalog.log(1, 100, "text");
  const types = () =>
    catalog.all("SELECT JobId, Type FROM Job ORDER BY JobId").map((row) => [row.JobId, row.Type]);
  catalog.deleteJobs([1]);
  deepStrictEqual(types(), [[2, "B"], [3, "C"]]);
  for (const table of ["File", "Log"]) {
    strictEqual(catalog.one(`SELECT count(*) AS n FROM ${table}`)?.n, 0);
  }
  catalog.deleteJobs([2]); // a copy that had become the backup: the next one follows
  deepStrictEqual(types(), [[3, "B"]]);
});

catalogTest("pruning takes old jobs without files, and files once", (open) => {
  const catalog = catalogWith(open, [["F", 100], ["I", 200]]);
  deepStrictEqual(catalog.prunableJobs(clientId, 1000, false), []);
  catalog.run("UPDATE Job SET JobFiles = 0 WHERE JobId = 2");
  deepStrictEqual(catalog.prunableJobs(clientId, 1000, false), [2]);
  deepStrictEqual(catalog.prunableJobs(clientId, 150, true), [1]);
  catalog.purgeFiles([1]);
  deepStrictEqual(catalog.prunableJobs(clientId, 150, true), []);
});

catalogTest(
  "a name without a separator is all path, and names that are not UTF-8 survive",
  (open) => {
    const catalog = open();
    const odd = "/x/\udcff\udc80";
    const writer = catalog.fileWriter(1);
    for (const path of ["plain", odd, "/d/"]) {
      writer.add({ fileIndex: 1, path, lstat: "", digest: "0", deltaSeq: 0 });
    }
    writer.flush();
    deepStrictEqual([...catalog.currentFiles([1])].map(({ path }) => path).toSorted(), [
      "/d/",
      odd,
      "plain",
    ]);
    deepStrictEqual(
      catalog.all("SELECT Path, Name FROM File JOIN Path USING (PathId) WHERE Path = 'plain'")
        .map(({ Name }) => Name),
      [""],
    );
  },
);

catalogTest(
  "volumes count in their pools, a slot holds one of them, a key may be missing",
  (open) => {
    const catalog = open();
    const media = (volumeName: string, slot: number) =>
      catalog.createMedia({
        volumeName,
        poolId: 1,
        mediaType: "T",
        volStatus: "Append",
        enabled: 1,
        slot,
        storageId: 3,
        inChanger: true,
      });
    catalog.run(
      "INSERT INTO Pool (Name, PoolType, LabelFormat, MaxVols) VALUES ('P', 'Backup', '*', 1)",
    );
    strictEqual(media("A", 7).encryptionKey, "");
    const second = media("B", 7);
    catalog.freeSlot(7, 3, second.mediaId);
    deepStrictEqual([catalog.mediaByName("A")?.slot, catalog.mediaByName("B")?.slot], [0, 7]);
    deepStrictEqual({ ...catalog.one("SELECT NumVols, MaxVols FROM Pool") }, {
      NumVols: 2,
      MaxVols: 2,
    });
    catalog.updateMedia(second.mediaId, { poolId: 2 });
    strictEqual(catalog.one("SELECT NumVols FROM Pool")?.NumVols, 1);
  },
);

catalogTest(
  "paths that are gone are made again: after a failed transaction, after another program",
  (open) => {
    const catalog = open("both");
    const other = open("both");
    throws(() =>
      catalog.transaction(() => {
        catalog.pathId("/a/");
        throw new Error("disk full");
      }), /disk full/);
    const add = (path: string) => {
      const writer = catalog.fileWriter(1);
      writer.add({ fileIndex: 1, path, lstat: "", digest: "0", deltaSeq: 0 });
      writer.flush();
    };
    add("/a/one");
    other.run("DELETE FROM File");
    other.run("DELETE FROM Path");
    add("/a/two");
    deepStrictEqual([...catalog.currentFiles([1])].map(({ path }) => path), ["/a/two"]);
  },
);

catalogTest(
  "a path that was deleted is made again, with a number that no other one had, and one in use stays",
  (open) => {
    const catalog = open();
    const add = (jobId: number, path: string) => {
      const writer = catalog.fileWriter(jobId);
      writer.add({ fileIndex: 1, path, lstat: "", digest: "0", deltaSeq: 0 });
      writer.flush();
    };
    const ids = () =>
      catalog.all("SELECT PathId FROM Path ORDER BY PathId").map(({ PathId }) => Number(PathId));
    for (const path of ["/used/f", "/above/f", "/gone/f", "/last/f"]) add(1, path);
    const [used = 0, above = 0, gone = 0, last = 0] = ids();
    catalog.run("DELETE FROM File WHERE PathId <> ?", used);
    catalog.run("INSERT INTO PathHierarchy (PathId, PPathId) VALUES (?, ?)", used, above);
    catalog.deletePaths([used, above, gone, last]);
    deepStrictEqual(ids(), [used, above]);
    for (const path of ["/new/f", "/last/f", "/gone/f"]) add(2, path);
    deepStrictEqual([...catalog.currentFiles([2])].map(({ path }) => path).sort(), [
      "/gone/f",
      "/last/f",
      "/new/f",
    ]);
    strictEqual(ids().some((id) => id === gone || id === last), false);
  },
);

catalogTest("a path that a user deleted by a query of his own is made again", (open) => {
  const catalog = open();
  const add = (jobId: number) => {
    const writer = catalog.fileWriter(jobId);
    writer.add({ fileIndex: 1, path: "/d/f", lstat: "", digest: "0", deltaSeq: 0 });
    writer.flush();
  };
  add(1);
  for (const table of ["File", "Path"]) catalog.userQuery(`DELETE FROM ${table}`);
  add(2);
  deepStrictEqual([...catalog.currentFiles([2])].map(({ path }) => path), ["/d/f"]);
});

catalogTest("a transaction inside of another is a part of it", (open) => {
  const catalog = open();
  throws(() =>
    catalog.transaction(() => {
      catalog.transaction(() => catalog.log(1, 1, "inner"));
      throw new Error("outer");
    }), /outer/);
  strictEqual(catalog.one("SELECT count(*) AS n FROM Log")?.n, 0);
  catalog.transaction(() => catalog.log(1, 1, "again"));
  strictEqual(catalog.one("SELECT count(*) AS n FROM Log")?.n, 1);
});

catalogTest(
  "the state of several jobs has each file once, and deleted ones only if asked for",
  (open) => {
    const catalog = open();
    const save = (jobId: number, ...files: (readonly [path: string, fileIndex: number])[]) => {
      const writer = catalog.fileWriter(jobId);
      for (const [path, fileIndex] of files) {
        writer.add({ fileIndex, path, lstat: `${jobId}`, digest: "0", deltaSeq: 0 });
      }
      writer.flush();
    };
    save(7, ["/a", 1], ["/b", 2], ["/c", 3]);
    save(3, ["/b", 1], ["/a", 0]);
    const state = (withDeleted: boolean) =>
      [...catalog.currentFiles([7, 3], withDeleted)].map(({ path, jobId, fileIndex }) =>
        `${path} ${jobId} ${fileIndex}`
      );
    deepStrictEqual(state(false), ["/c 7 3", "/b 3 1"]);
    deepStrictEqual(state(true), ["/c 7 3", "/a 3 0", "/b 3 1"]);
    const file = { deltaSeq: 0, path: "" };
    deepStrictEqual([...catalog.currentIndexes([7, 3])], [
      { ...file, jobId: 7, fileIndex: 3, lstat: "7" },
      { ...file, jobId: 3, fileIndex: 1, lstat: "3" },
    ]);
  },
);

catalogTest("deltaParts() gives what makes up the newest version, up to a gap", (open) => {
  const catalog = open();
  const add = (jobId: number, fileIndex: number, path: string, deltaSeq: number): void => {
    const files = catalog.fileWriter(jobId);
    files.add({ fileIndex, path, deltaSeq, lstat: "A", digest: "0" });
    files.flush();
  };
  const parts = (path: string, jobIds = [1, 2, 3, 4]): string[] =>
    catalog.deltaParts(jobIds, path).map(({ jobId, fileIndex }) => `${jobId}/${fileIndex}`);
  add(1, 1, "/whole", 0);
  for (const [jobId, deltaSeq] of [[1, 0], [2, 1], [3, 2], [4, 3]] as const) {
    add(jobId, 5, "/chain", deltaSeq);
    if (jobId !== 3) add(jobId, 6, "/gap", deltaSeq);
  }
  deepStrictEqual([...catalog.currentIndexes([1, 2])].map(({ path }) => path), [
    "",
    "/chain",
    "/gap",
  ]);
  add(1, 7, "/anew", 0);
  add(2, 7, "/anew", 1);
  add(3, 7, "/anew", 0);
  add(4, 7, "/anew", 1);
  add(1, 8, "/gone", 0);
  add(2, 0, "/gone", 0);
  deepStrictEqual(parts("/whole"), ["1/1"]);
  deepStrictEqual(parts("/chain"), ["1/5", "2/5", "3/5", "4/5"]);
  deepStrictEqual(parts("/chain", [1, 2]), ["1/5", "2/5"]);
  deepStrictEqual(parts("/gap"), ["1/6", "2/6"]);
  deepStrictEqual(parts("/anew"), ["3/7", "4/7"]);
  deepStrictEqual(parts("/gone"), []);
});

Deno.test("files that are entered by the hundred are all there, in a filled catalog with its indexes", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/catalog.db`;
  const indexes = (catalog: Catalog): number =>
    Number(
      catalog.one(
        "SELECT count(*) AS n FROM sqlite_master WHERE type = 'index' AND tbl_name = 'File'",
      )?.n,
    );
  try {
    const catalog = Catalog.open(path);
    const before = indexes(catalog);
    const names = Array.from({ length: 2_345 }, (_, i) => `/folder${i % 7}/name\udcff-${i}`);
    catalog.fillFiles(() => {
      const writer = catalog.fileWriter(1);
      for (const [i, name] of names.entries()) {
        const [path, lstat] = [i % 2 === 0 ? name : name.toWellFormed(), `A ${i}`];
        writer.add({ fileIndex: i + 1, path, lstat, digest: "0", deltaSeq: 0 });
      }
      writer.flush();
      strictEqual(writer.count, names.length);
    });
    strictEqual(indexes(catalog), before);
    deepStrictEqual(
      [...catalog.currentFiles([1])].map(({ path, fileIndex }) => [path, fileIndex]),
      names.map((name, i) => [i % 2 === 0 ? name : name.toWellFormed(), i + 1]),
    );
    // A program that died while it filled the catalog leaves no indexes: who opens it next makes them.
    throws(() => catalog.fillFiles(() => deepStrictEqual(indexes(catalog), before)), /0/);
    catalog.run("DROP INDEX file_jpfid_idx");
    catalog.close();
    const again = Catalog.open(path);
    strictEqual(indexes(again), before);
    insertJob(again, "B", "F", 1);
    again.fillFiles(() => strictEqual(indexes(again), before)); // one that is in use keeps them
    again.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
