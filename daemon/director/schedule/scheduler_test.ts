import { deepStrictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { Scheduler } from "./scheduler.ts";

const SCHEDULE = `Schedule { Name = S; Run = Full at 12:00; Run = Incremental at 12:00
  Run = Incremental hourly at 0:30 }
`;
const NOON = new Date(2026, 10, 24, 12, 0, 0).getTime() / 1000;

/** Levels that are started while a scheduler of `jobs` looks at these times. */
function started(jobs: string, ...times: readonly number[]): string[] {
  using scene = new DirectorScene(poolText("") + SCHEDULE + jobs);
  const seen: string[] = [];
  const [first = 0, ...others] = times;
  const scheduler = new Scheduler(
    first,
    (job, { level }) => void seen.push(`${job.name} ${level}`),
  );
  for (const now of others) scheduler.look(scene.configuration.all("Job"), now);
  return seen;
}

const JOB = jobText("Schedule = S");

Deno.test("Scheduler starts what is due, once, and one of two that are due together", () => {
  deepStrictEqual(started(JOB, NOON - 5, NOON - 1), []);
  deepStrictEqual(started(JOB, NOON - 1, NOON, NOON + 1), ["Backup F"]);
  deepStrictEqual(started(JOB + jobText("Schedule = S", "Other"), NOON - 1, NOON + 3), [
    "Backup F",
    "Other F",
  ]);
  deepStrictEqual(started(JOB, NOON - 1, NOON, NOON + 1800), ["Backup F", "Backup I"]);
});

Deno.test("Scheduler skips what lies more than 59 seconds back after a long sleep", () => {
  deepStrictEqual(started(JOB, NOON - 100, NOON + 59), ["Backup F"]);
  deepStrictEqual(started(JOB, NOON - 100, NOON + 60), []);
  deepStrictEqual(started(JOB, NOON - 86_400 * 7, NOON + 5), ["Backup F"]);
});

Deno.test("Scheduler leaves disabled jobs, schedules and clients alone", () => {
  deepStrictEqual(started(jobText("Schedule = S; Enabled = no"), NOON - 1, NOON), []);
  const off = `Schedule { Name = Off; Enabled = no; Run = Full at 12:00 }\n`;
  deepStrictEqual(started(jobText("Schedule = Off") + off, NOON - 1, NOON), []);
  const client = "Client { Name = off; Address = 127.0.0.1; Password = x; Enabled = no }\n";
  const job = jobText("Schedule = S").replace("Client = fd", "Client = off");
  deepStrictEqual(started(job + client, NOON - 1, NOON), []);
});
