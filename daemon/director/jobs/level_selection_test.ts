import { deepStrictEqual, strictEqual } from "node:assert";
import { chooseLevel, type LevelWish, type PriorJob, type PriorJobs } from "./level_selection.ts";

const DAY = 86400;

function history(
  good: Record<string, number>,
  failed: Record<string, number> = {},
): PriorJobs {
  const newest = (from: Record<string, number>) => (levels: readonly string[]) => {
    const found = levels.filter((level) => level in from)
      .map((level): PriorJob => ({ level, job: `${level}-job`, startTime: from[level] ?? 0 }))
      .sort((a, b) => b.startTime - a.startTime);
    return found[0];
  };
  return { newestGood: newest(good), newestFailed: newest(failed) };
}

function choose(wish: Partial<LevelWish>, prior: PriorJobs, now = 100 * DAY): string {
  const chosen = chooseLevel({ level: "I", rerunFailedLevels: false, ...wish }, prior, now);
  return `${chosen.level} ${chosen.since / DAY} ${chosen.previousJob ?? "-"}${
    chosen.isUpgraded ? " !" : ""
  }`;
}

Deno.test("chooseLevel() makes the first job a Full", () => {
  const chosen = chooseLevel({ level: "I", rerunFailedLevels: false }, history({}), 0);
  strictEqual(chosen.level, "F");
  strictEqual(chosen.note, " (upgraded from Incremental)");
  deepStrictEqual(chosen.messages, [
    "No prior Full backup Job record found.",
    "No prior or suitable Full backup found in catalog. Doing FULL backup.",
  ]);
});

Deno.test("chooseLevel() takes since from the right job", () => {
  const all = history({ F: 90 * DAY, D: 95 * DAY, I: 97 * DAY });
  strictEqual(choose({}, all), "I 97 I-job");
  strictEqual(choose({ level: "D" }, all), "D 90 F-job");
  strictEqual(choose({}, history({ F: 98 * DAY, D: 95 * DAY, I: 97 * DAY })), "I 98 F-job");
  strictEqual(choose({ level: "F" }, all), "F 0 -");
  strictEqual(choose({ level: "f" }, all), "f 0 -");
  strictEqual(choose({ since: 3 * DAY }, all), "I 3 -");
});

Deno.test("chooseLevel() upgrades by the intervals, Full first", () => {
  const all = history({ F: 80 * DAY, D: 90 * DAY, I: 97 * DAY });
  strictEqual(choose({ maxDiffInterval: 10 * DAY }, all), "D 80 F-job !");
  strictEqual(choose({ maxDiffInterval: 11 * DAY }, all), "I 97 I-job");
  strictEqual(choose({ maxFullInterval: 20 * DAY, maxDiffInterval: DAY }, all), "F 0 - !");
  strictEqual(
    choose({ maxVirtualFullInterval: 20 * DAY, maxDiffInterval: DAY }, all),
    "f 97 I-job !",
  );
  strictEqual(
    choose({ maxFullInterval: 30 * DAY, maxVirtualFullInterval: 20 * DAY }, all),
    "I 97 I-job",
  );
});

Deno.test("chooseLevel() reruns failed levels", () => {
  const all = history({ F: 80 * DAY, I: 97 * DAY }, { D: 98 * DAY });
  strictEqual(choose({ rerunFailedLevels: true }, all), "D 80 F-job !");
  strictEqual(choose({ rerunFailedLevels: false }, all), "I 97 I-job");
  const older = history({ F: 80 * DAY, I: 97 * DAY }, { F: 96 * DAY });
  strictEqual(choose({ rerunFailedLevels: true }, older), "I 97 I-job");
});
