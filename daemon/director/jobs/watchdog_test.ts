import { strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import type { Job } from "./job.ts";
import { exceededLimit, startLimit } from "./watchdog.ts";

const RUN = "Max run time exceeded. Job canceled.";

/** A job that has run for `seconds`. */
function running(scene: DirectorScene, seconds: number, level = "F"): Job {
  const job = scene.job("Backup", { level });
  job.startTime = scene.now;
  job.isStarted = true;
  job.setStatus("R");
  scene.now += seconds;
  return job;
}

function limitAfter(directives: string, seconds: number, level = "F", absolute = 0) {
  using scene = new DirectorScene(poolText("") + jobText(directives));
  return exceededLimit(running(scene, seconds, level), scene.now, absolute);
}

Deno.test("exceededLimit() ends jobs that run too long, by level and for all", () => {
  strictEqual(limitAfter("Max Run Time = 60", 60), undefined);
  strictEqual(limitAfter("Max Run Time = 60", 61), RUN);
  strictEqual(limitAfter("Full Max Run Time = 60", 61), RUN);
  strictEqual(limitAfter("Full Max Run Time = 60", 61, "I"), undefined);
  strictEqual(limitAfter("Incremental Max Run Time = 60", 61, "I"), RUN);
  strictEqual(limitAfter("Differential Max Run Time = 60", 61, "D"), RUN);
  strictEqual(limitAfter("", 61, "F", 60), RUN);
  strictEqual(limitAfter("", 1e9), undefined);
});

Deno.test("exceededLimit() counts from the first scheduled time, waiting included", () => {
  using scene = new DirectorScene(poolText("") + jobText("Max Run Sched Time = 100"));
  const job = scene.job("Backup", {
    again: { count: 1, firstScheduledTime: scene.now - 90 },
    when: scene.now + 30,
  });
  strictEqual(exceededLimit(job, scene.now + 5, 0), undefined);
  strictEqual(exceededLimit(job, scene.now + 11, 0), "Max run sched time exceeded. Job canceled.");
});

Deno.test("exceededLimit() adds up what a job waits for, not what it works", () => {
  using scene = new DirectorScene(poolText("") + jobText("Max Wait Time = 100"));
  const job = scene.job("Backup");
  for (const status of ["p", "R", "S", "R", "F", "R"]) {
    job.setStatus(status);
    scene.now += 50;
  }
  strictEqual(exceededLimit(job, scene.now, 0), "Max wait time exceeded. Job canceled.");
  strictEqual(job.waitedSeconds, 150);
});

Deno.test("startLimit() tells that it is too late to begin", () => {
  using scene = new DirectorScene(
    poolText("") + jobText("Max Start Delay = 60") + jobText("Max Run Sched Time = 60", "Sched"),
  );
  const job = scene.job("Backup");
  strictEqual(startLimit(job, scene.now + 60), undefined);
  strictEqual(
    startLimit(job, scene.now + 61),
    "Job canceled because max start delay time exceeded.",
  );
  strictEqual(
    startLimit(scene.job("Sched"), scene.now + 61),
    "Job canceled because max run sched time exceeded.",
  );
});
