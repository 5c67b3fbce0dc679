/** `status director` in all its sections (console.md 14.2). @module */
import { JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import { PLATFORM, PRODUCT, VERSION, VERSION_DATE } from "../../version.ts";
import { statusTime, withCommas, withSuffix } from "../report/formats.ts";
import type { Job } from "../jobs/job.ts";
import { dueTimes } from "../schedule/schedule.ts";
import { longVersion } from "../report/version_text.ts";
import type { Arguments } from "./arguments.ts";
import { outlook } from "./next_volume.ts";
import type { ConsoleSession } from "./session.ts";

/** Phrases of the status of a job that has not ended. */
const phrases: Readonly<Record<string, string>> = {
  C: "is waiting execution",
  R: "is running",
  B: "is blocked",
  T: "has terminated",
  W: "has terminated with warnings",
  E: "has erred",
  e: "has errors",
  f: "has a fatal error",
  D: "has verify differences",
  A: "has been canceled",
  s: "is waiting on max Storage jobs",
  c: "is waiting on max Client jobs",
  j: "is waiting on max Job jobs",
  d: "is waiting on max total jobs",
  p: "is waiting for higher priority jobs to finish",
  L: "SD committing Data",
  l: "SD despooling Data",
  a: "SD despooling Attributes",
  i: "Dir inserting Attributes",
};

/** What a running job does, in words. */
function statusPhrase(job: Job): string {
  const client = job.client?.name ?? "";
  const storage = job.storage?.resource.name;
  if (job.sdStatus === "M") return "is waiting for a mount request";
  if (job.sdStatus === "m") return "is waiting for an appendable Volume";
  if (job.sdStatus === "F") {
    return storage === undefined
      ? "is waiting for Client to connect to Storage daemon"
      : `is waiting for Client ${client} to connect to Storage ${storage}`;
  }
  if (job.status === "F") return `is waiting on Client ${client}`;
  if (job.status === "S") {
    return storage === undefined ? "is waiting on Storage" : `is waiting on Storage "${storage}"`;
  }
  if (job.status === "t") {
    return `is waiting for its start time at ${statusTime(job.scheduledTime)}`;
  }
  return phrases[job.status] ?? `is in unknown state ${job.status}`;
}

/** Words of the status of ended jobs. */
const endWords: Readonly<Record<string, string>> = {
  T: "OK",
  W: "OK -- with warnings",
  E: "Error",
  f: "Error",
  e: "Error",
  D: "Diffs",
  A: "Cancel",
  C: "Created",
};

const levelWord = (job: Pick<Job, "type" | "level">): string =>
  "DRO".includes(job.type) ? "" : JOB_LEVELS[job.level]?.longText ?? "";

/** Name, version, start and number of jobs. */
export function statusHeader(session: ConsoleSession): string {
  const { director } = session;
  const { name, secureEraseCommand } = director.resource;
  const running = director.jobs.length;
  const database = director.catalog.dialect === "sqlite" ? "sqlite3" : "postgresql";
  return `${name} Version: ${longVersion()}\n` +
    `Daemon started ${statusTime(director.startTime)}. Jobs: run=${director.jobsRun}, ` +
    `running=${running} db:${database}, ${PRODUCT} binary\n` +
    (secureEraseCommand === "" ? "" : ` secure erase command='${secureEraseCommand}'\n`) +
    (director.configuration.warnings.length === 0
      ? ""
      : "\nThere are WARNINGS for the director configuration!\n" +
        "See 'status configuration' for details.\n\n");
}

/** The sections of `status director`, by the words of `.status dir`. */
export const directorSections: Readonly<
  Record<string, (session: ConsoleSession, args: Arguments) => void>
> = { header, scheduled, running, terminated };

/** `status director`. */
export function statusDirector(session: ConsoleSession, args: Arguments): void {
  for (const section of Object.values(directorSections)) section(session, args);
  const { output } = session;
  const columns = ["Connect time", "Protocol", "Authenticated"].map((text) => text.padEnd(20));
  output.decorate("\nClient Initiated Connections (waiting for jobs):\n");
  output.decorate(`${columns.join("")}${"Name".padEnd(40)}\n${"=".repeat(100)}\n`);
  const waiting = session.director.waitingClients.list().filter(({ name }) =>
    session.access.allows("Client", name)
  );
  output.put(
    "client-connection",
    waiting.map(({ name, since, fdVersion }) => ({
      connecttime: statusTime(since),
      protocol_version: fdVersion,
      authenticated: true,
      name,
    })),
  );
  for (const { name, since, fdVersion } of waiting) {
    const cells = [statusTime(since), String(fdVersion), "1"].map((cell) => cell.padEnd(20));
    output.print(`${cells.join("")}${name.padEnd(40)}\n`);
  }
  output.decorate("====\n");
}

function header(session: ConsoleSession): void {
  session.output.print(statusHeader(session));
  const { director } = session;
  session.output.put("header", {
    director: director.resource.name,
    version: VERSION,
    release_date: VERSION_DATE,
    os: PLATFORM,
    binary_info: PRODUCT,
    daemon_started: statusTime(director.startTime),
    jobs_run: director.jobsRun,
    jobs_running: director.jobs.length,
    config_warnings: director.configuration.warnings.length > 0,
  });
}

/** Most days that are looked ahead. */
const mostDays = 500;

function scheduled(session: ConsoleSession, args: Arguments): void {
  const { output, director } = session;
  const given = args.value("days");
  let days = given === undefined ? 1 : /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (!(days >= 0 && days <= mostDays)) {
    session.tell("warning", "Ignoring invalid value for days. Max is 500.");
    days = 1;
  }
  const now = Math.floor(Date.now() / 1000);
  const rows = director.configuration.all("Job").flatMap((job) => {
    const isOff = !job.enabled || job.schedule?.enabled !== true || job.client?.enabled === false;
    if (isOff || !session.access.allows("Job", job.name)) return [];
    return (job.schedule?.run ?? []).flatMap((runLine) => {
      const [time] = dueTimes(runLine.times, now, now + days * 86_400);
      return time === undefined ? [] : [{ time, job, ...outlook(session, job, runLine) }];
    });
  }).toSorted((a, b) => a.time - b.time || a.priority - b.priority);
  output.put(
    "scheduled",
    rows.map(({ time, job, level, priority, volume, pool, storage }) => ({
      name: job.name,
      type: jobTypeText(job.type),
      level: JOB_LEVELS[level]?.longText ?? "",
      priority,
      scheduled: statusTime(time),
      volume: volume ?? "*unknown*",
      ...(pool !== "" && { pool }),
      ...(storage !== "" && { storage }),
    })),
  );
  if (rows.length === 0) {
    output.decorate("No Scheduled Jobs.\n====\n");
    return;
  }
  output.decorate(
    "\nScheduled Jobs:\n" +
      "Level          Type     Pri  Scheduled          Name               Volume\n" +
      `${"=".repeat(83)}\n`,
  );
  for (const { time, job, level, priority, volume } of rows) {
    const cells = [
      JOB_LEVELS[level]?.longText ?? "",
      jobTypeText(job.type),
      String(priority).padStart(3),
      statusTime(time),
      job.name,
      volume ?? "*unknown*",
    ] as const;
    output.print(
      output.api > 0
        ? `${cells.map((cell) => cell.trim()).join("\t")}\n`
        : `${cells[0].padEnd(14)} ${cells[1].padEnd(8)} ${cells[2]}  ${cells[3].padEnd(18)} ${
          cells[4].padEnd(18)
        } ${cells[5]}\n`,
    );
  }
  output.decorate("====\n");
}

function running(session: ConsoleSession): void {
  const { output, director } = session;
  const jobs = director.jobs.filter((job) => session.access.allows("Job", job.resource.name));
  output.put(
    "running",
    jobs.map((job) => ({
      jobid: job.jobId,
      name: job.uniqueName,
      level: levelWord(job),
      type: jobTypeText(job.type),
      status: statusPhrase(job),
      start_time: job.startTime === 0 ? "" : statusTime(job.startTime),
      files: job.counters.fdFiles,
      bytes: job.counters.fdBytes,
      ...((job.request.comment ?? "") !== "" && { comment: job.request.comment ?? "" }),
    })),
  );
  output.decorate("\nRunning Jobs:\n");
  for (const { since } of director.consoles) {
    output.decorate(`Console connected at ${statusTime(since)}\n`);
  }
  if (jobs.length === 0) {
    output.decorate("No Jobs running.\n====\n");
    return;
  }
  output.decorate(` JobId Level   Name                       Status\n${"=".repeat(70)}\n`);
  for (const job of jobs) {
    const level = levelWord(job).slice(0, 7);
    const id = String(job.jobId).padStart(6);
    const comment = job.request.comment ?? "";
    if (output.api > 0) {
      const cells = [id, level, job.uniqueName, statusPhrase(job), comment];
      output.print(`${cells.join("\t")}\n`);
      continue;
    }
    output.print(`${id} ${level.padEnd(6)}  ${job.uniqueName.padEnd(20)} ${statusPhrase(job)}\n`);
    if (comment !== "") output.print(`               ${comment.padEnd(30)}\n`);
  }
  output.decorate("====\n");
}

function terminated(session: ConsoleSession): void {
  const { output, director } = session;
  const ended = director.ended.filter(({ name }) => session.access.allows("Job", name));
  output.put(
    "terminated",
    ended.map((job) => ({
      jobid: job.jobId,
      name: job.name,
      level: levelWord(job),
      type: jobTypeText(job.type),
      status: endWords[job.status] ?? "Other",
      files: job.files,
      bytes: job.bytes,
      finished: statusTime(job.endTime),
    })),
  );
  if (ended.length === 0) {
    output.decorate("No Terminated Jobs.\n");
    return;
  }
  output.decorate(
    "\nTerminated Jobs:\n JobId  Level    Files      Bytes   Status   Finished        Name \n" +
      `${"=".repeat(68)}\n`,
  );
  for (const job of ended) {
    const cells = [
      String(job.jobId).padStart(6),
      levelWord(job).slice(0, 4),
      withCommas(job.files),
      withSuffix(job.bytes),
      endWords[job.status] ?? "Other",
      statusTime(job.endTime),
      job.name,
    ] as const;
    output.print(
      output.api > 0
        ? `${cells.join("\t")}\n`
        : `${cells[0]}  ${cells[1].padEnd(6)} ${cells[2].padStart(8)} ${cells[3].padStart(10)}  ${
          cells[4].padEnd(7)
        }  ${cells[5].padEnd(8)} ${cells[6]}\n`,
    );
  }
  output.decorate("\n");
}
