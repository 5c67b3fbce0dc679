import { deepStrictEqual, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { autoPrune } from "./pruning.ts";

const DAY = 86_400;
const VERIFY = jobText("Level = InitCatalog; Prune Jobs = yes", "Check")
  .replace("Type = Backup", "Type = Verify");

/** A scene with a Full of long ago, and a newer chain. */
function sceneWith(text: string): DirectorScene {
  const scene = new DirectorScene(poolText("") + text);
  for (const age of [400, 300, 200, 100]) {
    const job = scene.job("Backup", { level: "F" });
    scene.catalog.fileSet("Set", "x", "", false);
    scene.catalog.updateJob(job.jobId, {
      jobStatus: "T",
      fileSetId: 1,
      startTime: scene.now - age * DAY,
      endTime: scene.now - age * DAY,
      jobTDate: scene.now - age * DAY,
      jobFiles: 3,
    });
    const writer = scene.catalog.fileWriter(job.jobId);
    writer.add({ fileIndex: 1, path: "/f", lstat: "", digest: "0", deltaSeq: 0 });
    writer.flush();
  }
  return scene;
}

const jobsLeft = (scene: DirectorScene) =>
  scene.catalog.all("SELECT JobId, PurgedFiles FROM Job WHERE JobStatus = 'T' ORDER BY JobId")
    .map(({ JobId, PurgedFiles }) => [JobId, PurgedFiles]);

Deno.test("autoPrune() follows any job with a client, by the client's retentions", () => {
  using scene = sceneWith(jobText() + VERIFY);
  autoPrune(scene.job("Check"), scene.now);
  deepStrictEqual(jobsLeft(scene), [[4, 0]]);
  deepStrictEqual(scene.said(), [
    "Begin pruning Jobs older than 6 months .",
    "Pruned 3 Jobs for client fd from catalog.",
    "End auto prune.",
    "",
  ]);
});

Deno.test("autoPrune() prefers the pool's retentions and leaves the jobs whose files it takes", () => {
  const text = poolText("File Retention = 150 days", "Short") +
    jobText("Prune Files = yes").replace("Pool = Full", "Pool = Short");
  using scene = sceneWith(text);
  autoPrune(scene.job("Backup"), scene.now);
  deepStrictEqual(jobsLeft(scene), [[1, 1], [2, 1], [3, 1], [4, 0]]);
  deepStrictEqual(scene.said(), [
    "Begin pruning Files.",
    "Pruned Files from 3 Jobs for client fd from catalog.",
    "End auto prune.",
    "",
  ]);
  strictEqual(scene.catalog.one("SELECT count(*) AS n FROM File")?.n, 1);
});

Deno.test("autoPrune() does nothing unless it is told to", () => {
  using scene = sceneWith(jobText());
  autoPrune(scene.job("Backup"), scene.now);
  strictEqual(jobsLeft(scene).length, 4);
  deepStrictEqual(scene.said(), []);
});
