import { deepStrictEqual, strictEqual } from "node:assert";
import { BaseFileWriter, baseJobsOf, copyBaseFiles, lostBaseFiles } from "./base_files.ts";
import { catalogTest, type OpenCatalog } from "../../tests/support/catalogs.ts";
import type { Catalog } from "./catalog.ts";

/** A catalog in which jobs have these files, each with its FileIndex. */
function catalogWith(
  open: OpenCatalog,
  jobs: Readonly<Record<number, readonly (readonly [path: string, fileIndex: number])[]>>,
): Catalog {
  const catalog = open();
  for (const [jobId, files] of Object.entries(jobs)) {
    const writer = catalog.fileWriter(Number(jobId));
    for (const [path, fileIndex] of files) {
      writer.add({ fileIndex, path, lstat: `${jobId}`, digest: "0", deltaSeq: 0 });
    }
    writer.flush();
  }
  return catalog;
}

const state = (catalog: Catalog, jobIds: readonly number[]): string[] =>
  [...catalog.currentFiles(jobIds)].map(({ path, jobId, fileIndex }) =>
    `${path} ${jobId}/${fileIndex}`
  );

catalogTest("a job's state has the files of its base jobs that it uses, and no others", (open) => {
  const catalog = catalogWith(open, {
    2: [["/d/kept", 1], ["/d/unused", 2], ["/d/", 3], ["/twice", 4]],
    3: [["/twice", 9], ["/gone", 10]],
    5: [["/own", 1], ["/d/kept", 0]], // an incremental has told the file of the base job to be gone
    4: [["/own", 2]],
  });
  const writer = new BaseFileWriter(catalog, 4, [2, 3]);
  for (const path of ["/d/kept", "/d/", "/twice", "/nowhere"]) writer.add(path);
  strictEqual(writer.count, 0);
  writer.flush();
  deepStrictEqual([writer.count, writer.unknown], [3, 1]);
  deepStrictEqual(baseJobsOf(catalog, [4]), [2, 3]);
  deepStrictEqual(baseJobsOf(catalog, [5]), []);
  deepStrictEqual(baseJobsOf(catalog, []), []);
  // Of two base jobs the later one in the list has the file.
  deepStrictEqual(state(catalog, [4]), ["/d/kept 2/1", "/d/ 2/3", "/twice 3/9", "/own 4/2"]);
  deepStrictEqual(state(catalog, [4, 5]), ["/d/ 2/3", "/twice 3/9", "/own 5/1"]);
  deepStrictEqual(
    [...catalog.currentIndexes([4, 5])].map(({ jobId, fileIndex }) => [jobId, fileIndex]),
    [
      [2, 3],
      [3, 9],
      [5, 1],
    ],
  );
  const marks = catalog.fileMarks(4, 9);
  strictEqual(marks.see("/d/kept")?.jobId, 2);
  strictEqual(marks.see("/d/unused"), undefined);
  deepStrictEqual([...marks.missing()].map(({ path }) => path).toSorted(), [
    "/d/",
    "/own",
    "/twice",
  ]);
  // Where both are asked for, the base job's own state is part of the answer.
  deepStrictEqual(baseJobsOf(catalog, [2, 4]), [3]);
});

catalogTest(
  "names of base files that are not UTF-8 are found, thousands of them in turns",
  (open) => {
    const strange = "/\udcff\udcfe";
    const many = Array.from({ length: 2_500 }, (_, at) => [`/f${at}`, at + 2] as const);
    const catalog = catalogWith(open, { 1: [[strange, 1], ...many] });
    const writer = new BaseFileWriter(catalog, 2, [1]);
    for (const [path] of many) writer.add(path);
    strictEqual(writer.count, 2_000);
    writer.add(strange);
    writer.flush();
    writer.flush();
    strictEqual(writer.count, 2_501);
    strictEqual(state(catalog, [2])[0], `${strange} 1/1`);
  },
);

catalogTest(
  "a job that takes a base job's place has its files; what is lost is counted",
  (open) => {
    const catalog = catalogWith(open, {
      1: [["/a", 1], ["/b", 2], ["/c", 3]],
      2: [["/own", 1]],
      5: [["/c", 7], ["/b", 6], ["/else", 8]],
    });
    for (const [jobId, type, prior] of [[1, "B", 0], [2, "B", 0], [5, "C", 1]] as const) {
      catalog.run(
        `INSERT INTO Job (JobId, Job, Name, Type, Level, JobStatus, PriorJobId)
       VALUES (?, 'j', 'Base', ?, 'F', 'T', ?)`,
        jobId,
        type,
        prior,
      );
    }
    const writer = new BaseFileWriter(catalog, 2, [1]);
    for (const path of ["/a", "/b", "/c"]) writer.add(path);
    writer.flush();
    copyBaseFiles(catalog, 2, 3);
    deepStrictEqual(state(catalog, [3]), ["/a 1/1", "/b 1/2", "/c 1/3"]);
    deepStrictEqual(lostBaseFiles(catalog, [2]), []);
    // The copy has two of the three files.
    catalog.deleteJobs([1]);
    deepStrictEqual(baseJobsOf(catalog, [2]), [1, 5]);
    deepStrictEqual(state(catalog, [2]), ["/b 5/6", "/c 5/7", "/own 2/1"]);
    deepStrictEqual(lostBaseFiles(catalog, [2]), [{ jobId: 1, files: 1 }]);
    deepStrictEqual(lostBaseFiles(catalog, []), []);
  },
);

catalogTest("a base job that another client's job uses is not pruned", (open) => {
  const catalog = catalogWith(open, { 1: [["/a", 1]], 2: [["/b", 1]], 3: [["/own", 1]] });
  for (const [jobId, clientId, level] of [[1, 1, "B"], [2, 1, "B"], [3, 2, "F"]] as const) {
    catalog.run(
      `INSERT INTO Job (JobId, Job, Name, Type, Level, JobStatus, ClientId, JobFiles, JobTDate)
       VALUES (?, 'j', 'Base', 'B', ?, 'T', ?, 1, 1000)`,
      jobId,
      level,
      clientId,
    );
  }
  deepStrictEqual(catalog.prunableJobs(1, 2_000, false), [1, 2]);
  const writer = new BaseFileWriter(catalog, 3, [1]);
  writer.add("/a");
  writer.flush();
  deepStrictEqual(catalog.prunableJobs(1, 2_000, false), [2]);
});
