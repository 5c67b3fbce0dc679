import { deepStrictEqual, strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { nextAttempt } from "./reschedule.ts";

const AGAIN = "Reschedule On Error = yes; Reschedule Interval = 10 minutes; Reschedule Times = 2";

Deno.test("nextAttempt() runs the same row again as long as nothing was saved", () => {
  using scene = new DirectorScene(poolText("") + jobText(AGAIN));
  scene.now = new Date(2026, 10, 24, 23, 55, 1).getTime() / 1000;
  const job = scene.job("Backup", { priority: 7 });
  job.setStatus("f");
  const next = nextAttempt(job, scene.now);
  deepStrictEqual(next?.again, {
    count: 1,
    firstScheduledTime: scene.now,
    row: { jobId: job.jobId, uniqueName: job.uniqueName },
  });
  deepStrictEqual([next?.when, next?.priority], [scene.now + 600, 7]);
  strictEqual(scene.catalog.job(job.jobId)?.jobStatus, "t");
  deepStrictEqual(scene.said(), [
    `Rescheduled Job ${job.uniqueName} at 24-Nov-2026 23:55 to re-run in 600 seconds ` +
    "(25-Nov-2026 00:05).",
  ]);
  const second = scene.job("Backup", next);
  deepStrictEqual([second.jobId, second.uniqueName], [job.jobId, job.uniqueName]);
});

Deno.test("nextAttempt() makes a new job of one that has saved something, with what it was", () => {
  using scene = new DirectorScene(poolText("") + poolText("", "Inc") + jobText(AGAIN));
  const job = scene.job("Backup");
  job.level = "D";
  job.counters.fdBytes = 1;
  job.setStatus("E");
  const next = nextAttempt(job, scene.now);
  const second = scene.job("Backup", next);
  deepStrictEqual(
    [second.level, second.storage?.source, second.rescheduleCount, second.firstScheduledTime],
    ["D", "previous Job", 1, job.scheduledTime],
  );
  strictEqual(second.jobId, job.jobId + 1);
});

Deno.test("nextAttempt() gives up: wanted or well ended, too often, no backup", () => {
  using scene = new DirectorScene(
    poolText("") + jobText(AGAIN) + jobText("", "Once") +
      jobText(AGAIN, "Admin").replace("Type = Backup", "Type = Admin"),
  );
  const attempt = (name: string, status: string, count = 0) => {
    const job = scene.job(name, { again: { count, firstScheduledTime: 0 } });
    job.setStatus(status);
    return nextAttempt(job, scene.now) !== undefined;
  };
  deepStrictEqual(
    [attempt("Backup", "f"), attempt("Backup", "E", 1), attempt("Backup", "I")],
    [true, true, true],
  );
  deepStrictEqual(
    [
      attempt("Backup", "f", 2),
      attempt("Backup", "T"),
      attempt("Backup", "W"),
      attempt("Backup", "A"),
      attempt("Once", "f"),
      attempt("Admin", "f"),
    ],
    [false, false, false, false, false, false],
  );
});
