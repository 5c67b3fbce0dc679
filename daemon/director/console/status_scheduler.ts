/** `status scheduler` (console.md 14.7). @module */
import { JOB_LEVELS } from "../../../protocol/mod.ts";
import { strftime } from "../../strftime.ts";
import type { RunLine, ScheduleResource } from "../resources.ts";
import { dueTimes } from "../schedule/schedule.ts";
import type { Arguments } from "./arguments.ts";
import type { ConsoleSession } from "./session.ts";

/** Days that may be looked ahead and back. */
const mostDays = 366;
const standardDays = 7;

/** The overrides of a Run line as text, in their order. */
function overrides(run: RunLine): string {
  return [
    run.level !== undefined && `Level=${JOB_LEVELS[run.level]?.keyword ?? run.level}`,
    run.priority !== undefined && `Priority=${run.priority}`,
    run.spoolData !== undefined && `Spool Data=${run.spoolData ? 1 : 0}`,
    run.accurate !== undefined && `Accurate=${run.accurate ? 1 : 0}`,
    run.pool !== undefined && `Pool=${run.pool.name}`,
    run.storage !== undefined && `Storage=${run.storage.name}`,
    run.messages !== undefined && `Messages=${run.messages.name}`,
  ].filter((part) => part !== false).join(" ");
}

/** The time to look at, in UNIX seconds, from `days=`. */
function period(
  session: ConsoleSession,
  args: Arguments,
): { from: number; to: number; days: string } {
  const now = Math.floor(Date.now() / 1000);
  const standard = { from: now, to: now + standardDays * 86_400, days: String(standardDays) };
  const given = args.value("days");
  if (given === undefined) return standard;
  const numbers = given.split(",").map((part) => /^-?\d{1,5}$/.test(part) ? Number(part) : NaN);
  const isValid = numbers.every((number) => number >= -mostDays && number <= mostDays);
  const [first = NaN, second] = numbers;
  if (!isValid || numbers.length > 2 || (second !== undefined && second < first)) {
    session.tell(
      "warning",
      second === undefined
        ? "Ignoring invalid value for days. Allowed is -366 < days < 366.\n"
        : "Ignoring invalid days range. Allowed: -366..366.\n",
    );
    return standard;
  }
  if (second !== undefined) {
    return { from: now + first * 86_400, to: now + second * 86_400, days: given };
  }
  return first < 0
    ? { from: now + first * 86_400, to: now, days: given }
    : { from: now, to: now + first * 86_400, days: given };
}

/** `status scheduler`. */
export function statusScheduler(session: ConsoleSession, args: Arguments): void {
  const { output, director: { configuration } } = session;
  const client = args.filled("client");
  const job = args.filled("job");
  const schedule = args.filled("schedule");
  const jobs = configuration.all("Job").filter((each) =>
    (job === undefined || each.name === job) &&
    (client === undefined || each.client?.name === client) &&
    session.access.allows("Job", each.name)
  );
  const meant = configuration.all("Schedule").filter((each) =>
    (schedule === undefined || each.name === schedule) &&
    session.access.allows("Schedule", each.name) &&
    ((job === undefined && client === undefined) ||
      jobs.some((candidate) => candidate.schedule?.name === each.name))
  );
  output.decorate(
    `Scheduler Jobs:\n\nSchedule               Jobs Triggered\n${"=".repeat(59)}\n`,
  );
  const listed = [];
  for (const each of meant) {
    const triggered = jobs.filter((candidate) => candidate.schedule?.name === each.name)
      .map(({ name, enabled, client }) => ({
        name,
        enabled: enabled && client?.enabled !== false,
      }));
    output.print(`${each.name}${each.enabled ? "" : " (disabled)"}\n`);
    for (const { name, enabled } of triggered) {
      output.print(`                       ${name}${enabled ? "" : " (disabled)"}\n`);
    }
    output.decorate("\n");
    listed.push({ name: each.name, enabled: each.enabled, jobs: triggered });
  }
  output.put("schedules", listed);
  output.decorate("====\n\n");
  preview(session, args, meant);
}

function preview(
  session: ConsoleSession,
  args: Arguments,
  schedules: readonly ScheduleResource[],
): void {
  const { output } = session;
  const { from, to, days } = period(session, args);
  output.decorate(`Scheduler Preview for ${days} days:\n\n`);
  const rows = schedules.filter(({ enabled }) => enabled).flatMap((schedule) =>
    schedule.run.flatMap((run) =>
      [...dueTimes(run.times, from, to)].map((time) => ({
        time,
        date: strftime("%a %d-%b-%Y %H:%M", new Date(time * 1000)),
        schedule: schedule.name,
        run,
      }))
    )
  ).toSorted((a, b) => a.time - b.time);
  const width = Math.max(4, ...rows.map(({ date }) => date.length));
  output.decorate(
    `${"Date".padEnd(width)}  ${"Schedule".padEnd(22)}  Overrides\n${"=".repeat(62)}\n`,
  );
  output.put(
    "preview",
    rows.map(({ time, date, schedule, run }) => ({
      datetime: date,
      runtime: time,
      schedule,
      ...(run.level !== undefined && { level: JOB_LEVELS[run.level]?.keyword ?? run.level }),
      ...(run.priority !== undefined && { priority: run.priority }),
      ...(run.pool !== undefined && { pool: run.pool.name }),
      ...(run.storage !== undefined && { storage: run.storage.name }),
      ...(run.messages !== undefined && { messages: run.messages.name }),
      ...(run.spoolData !== undefined && { spool_data: run.spoolData }),
      ...(run.accurate !== undefined && { accurate: run.accurate }),
    })),
  );
  for (const { date, schedule, run } of rows) {
    output.print(
      `${date.padEnd(width)}  ${schedule.slice(0, 22).padEnd(22)}  ${overrides(run)}\n`,
    );
  }
  output.decorate("====\n");
}
