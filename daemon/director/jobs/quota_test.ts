import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { quotaFacts, retestSoftQuota, testQuotas } from "./quota.ts";

const DAY = 86_400;
const JOB = jobText().replace("Client = fd", "Client = q");
const client = (directives: string) =>
  `Client { Name = q; Address = 127.0.0.1; Password = x; ${directives} }\n`;

/** A scene whose client has saved these bytes before, as [bytes, status, days ago]. */
function sceneWith(
  directives: string,
  ...before: readonly (readonly [bytes: number, status: string, days: number])[]
): DirectorScene {
  const scene = new DirectorScene(poolText("") + JOB + client(directives));
  for (const [jobBytes, jobStatus, days] of before) {
    const { jobId } = scene.job("Backup");
    const schedTime = scene.now - days * DAY;
    scene.catalog.updateJob(jobId, { jobStatus, jobBytes, schedTime });
  }
  return scene;
}

Deno.test("quotas are read without a warning: they have an effect", () => {
  using scene = sceneWith("Hard Quota = 1; Soft Quota = 1; Strict Quotas = yes");
  deepStrictEqual(scene.configuration.warnings.filter((text) => /quota/i.test(text)), []);
});

Deno.test("testQuotas() stops at the hard quota and tells what may still be written", () => {
  using scene = sceneWith("Hard Quota = 1000", [600, "T", 1], [300, "f", 2], [9999, "T", 400]);
  strictEqual(testQuotas(scene.job("Backup"), scene.now), 100);
  using failed = sceneWith(
    "Hard Quota = 1000; Quota Include Failed Jobs = no",
    [600, "T", 1],
    [300, "f", 2],
  );
  strictEqual(testQuotas(failed.job("Backup"), failed.now), 400);
  using full = sceneWith("Hard Quota = 1000", [1001, "W", 1]);
  throws(() => testQuotas(full.job("Backup"), full.now), /^JobFailure: Quota Exceeded\. Job term/);
  using free = sceneWith("", [1e12, "T", 1]);
  strictEqual(testQuotas(free.job("Backup"), free.now), undefined);
});

Deno.test("testQuotas() gives grace above the soft quota, then stops at what was used", () => {
  using scene = sceneWith("Soft Quota = 500; Soft Quota Grace Period = 3 days", [600, "T", 1]);
  const test = () => testQuotas(scene.job("Backup"), scene.now);
  strictEqual(test(), undefined);
  scene.now += 2 * DAY;
  strictEqual(test(), undefined);
  scene.now += 2 * DAY;
  throws(test, /Soft Quota exceeded \/ Grace Time expired/);
  throws(test, /Soft Quota exceeded \/ Grace Time expired/);
  deepStrictEqual(scene.said(), [
    "Error: Softquota Exceeded, Grace Period starts now.",
    "Error: Softquota Exceeded, will be enforced after Grace Period expires.",
    "Warning: Softquota Exceeded and Grace Period expired.",
    "Setting Burst Quota to 600 Bytes.",
    "Warning: Soft Quota exceeded, enforcing Burst Quota Limit.",
  ]);
  scene.catalog.updateJob(1, { jobBytes: 550 }); // something was pruned
  strictEqual(test(), 50);
  scene.catalog.updateJob(1, { jobBytes: 400 });
  strictEqual(test(), undefined);
  deepStrictEqual(scene.said(), ["Soft Quota reset, Grace Period ends now."]);
});

Deno.test("testQuotas() holds to the soft quota itself where quotas are strict", () => {
  using scene = sceneWith(
    "Soft Quota = 500; Soft Quota Grace Period = 1; Strict Quotas = yes",
    [600, "T", 1],
  );
  const job = scene.job("Backup");
  testQuotas(job, scene.now);
  throws(() => testQuotas(job, scene.now + 2), /Soft Quota exceeded/);
  scene.catalog.updateJob(1, { jobBytes: 550 });
  throws(() => testQuotas(job, scene.now + 2), /Soft Quota exceeded/);
});

Deno.test("retestSoftQuota() starts the grace period after the job that exceeds, and the report tells", () => {
  using scene = sceneWith("Soft Quota = 500; Hard Quota = 1500; Soft Quota Grace Period = 1 day");
  const job = scene.job("Backup");
  testQuotas(job, scene.now);
  job.counters.sdBytes = 501;
  retestSoftQuota(job, scene.now);
  deepStrictEqual(quotaFacts(job, scene.now), {
    used: 501,
    burst: 0,
    soft: 500,
    hard: 1500,
    graceEnd: scene.now + DAY,
  });
});
