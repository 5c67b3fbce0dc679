import { deepStrictEqual, match, strictEqual } from "node:assert";
import { EndedJobs } from "./ended_jobs.ts";

interface Sample {
  readonly jobId: number;
  readonly name: string;
}

function sample(): EndedJobs<Sample> {
  return new EndedJobs<Sample>({ jobId: "number", name: "string" });
}

Deno.test("EndedJobs keeps the last ten over a restart, and believes no other file", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/fd.jobs`;
    const first = sample();
    first.keepIn(path);
    for (let jobId = 1; jobId <= 12; jobId++) first.add({ jobId, name: `job ${jobId} \udcff` });
    const next = sample();
    next.keepIn(path);
    deepStrictEqual(next.all.map(({ jobId }) => jobId), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    deepStrictEqual(next.all, first.all);

    const broken = ["", "{}", "[1]", `[{"jobId":"1","name":"x"}]`, "x".repeat(70_000), "\0\xff"];
    for (const text of broken) {
      Deno.writeTextFileSync(path, text);
      const problems: string[] = [];
      const fresh = sample();
      fresh.keepIn(path, (problem) => problems.push(problem));
      strictEqual(fresh.all.length, 0);
      match(problems.join(), /^Cannot read the last jobs from .*fd\.jobs: .*; it is written anew$/);
      fresh.add({ jobId: 1, name: "a" });
      const after = sample();
      after.keepIn(path, (problem) => problems.push(problem));
      deepStrictEqual(after.all, [{ jobId: 1, name: "a" }]);
      strictEqual(problems.length, 1);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("EndedJobs goes on where its file cannot be written, and says so", () => {
  const problems: string[] = [];
  const jobs = sample();
  jobs.keepIn("/nonexistent/folder/fd.jobs", (problem) => problems.push(problem));
  jobs.add({ jobId: 7, name: "kept" });
  deepStrictEqual(jobs.all, [{ jobId: 7, name: "kept" }]);
  match(problems.join(), /^Cannot write the last jobs to \/nonexistent/);
});
