/** `status` and `.status` of the file daemon (director-client.md 15). @module */
import { JOB_LEVELS, jobTypeText } from "../../protocol/mod.ts";
import { statusTime, withCommas, withSuffix } from "../status_header.ts";
import type { FileContext, FinishedJob } from "./file_context.ts";
import type { FileJob } from "./file_job.ts";

/** The blocks of `status`, each of them a frame. */
export function* statusReport(context: FileContext): Generator<string> {
  yield "\n";
  yield* header(context);
  yield "\nRunning Jobs:\n";
  for (const job of context.jobs.values()) yield runningJob(job);
  for (const { name, since } of context.directors) {
    yield `${name} (director) connected at: ${statusTime(since)}\n`;
  }
  if (context.jobs.size === 0) yield "No Jobs running.\n";
  yield "====\n";
  yield "\nTerminated Jobs:\n";
  if (context.finished.length > 0) {
    yield " JobId  Level    Files      Bytes   Status   Finished        Name \n";
    yield `${"=".repeat(70)}\n`;
    for (const job of context.finished) yield finishedJob(job);
  }
  yield "====\n";
}

/** The lines about the daemon itself. */
export function* header(context: FileContext): Generator<string> {
  const { identity, settings } = context;
  yield `${settings.name} Version: ${identity.versionText}\n` +
    `Daemon started ${
      statusTime(context.startTime)
    }. Jobs: run=${context.jobsRun} running=${context.jobs.size}, ${identity.binaryInfo}\n` +
    ` Sizeof: boffset_t=8 size_t=8 debug=${context.debug.level} trace=${context.debug.trace} bwlimit=${
      Math.floor(context.bandwidth / 1024)
    }kB/s\n`;
}

function runningJob(job: FileJob): string {
  const { counters, announcement } = job;
  const seconds = Math.max(1, Math.floor(Date.now() / 1000) - job.startTime);
  const level = JOB_LEVELS[job.level]?.fileText ?? "";
  const lines = [
    `JobId ${announcement.jobId} Job ${announcement.name} is running.`,
    `    ${level} ${jobTypeText(job.type)} Job started: ${statusTime(job.startTime)}`,
    `    Files=${withCommas(counters.files)} Bytes=${withCommas(counters.bytes)} Bytes/sec=${
      withCommas(counters.bytes / seconds)
    } Errors=${job.errors}`,
    `    Bwlimit=${withCommas(job.bandwidth)}`,
    `    Files Examined=${withCommas(counters.examined)}`,
  ];
  if (counters.files > 0) lines.push(`    Processing file: ${counters.path}`);
  lines.push(job.storage === undefined ? "    SDSocket closed." : "    SDReadSeqNo=0 fd=0");
  return `${lines.join("\n")}\n`;
}

const statusWords: Readonly<Record<string, string>> = {
  C: "Created",
  E: "Error",
  f: "Error",
  D: "Diffs",
  A: "Cancel",
  T: "OK",
  W: "OK",
};

function finishedJob(job: FinishedJob, hasTabs = false): string {
  const hasLevel = job.type !== "R" && job.type !== "D";
  const columns = [
    String(job.jobId).padStart(6),
    (hasLevel ? JOB_LEVELS[job.level]?.fileText ?? "" : "").slice(0, 4).padEnd(6),
    withCommas(job.files).padStart(8),
    withSuffix(job.bytes).padStart(10),
    (statusWords[job.status] ?? "Other").padEnd(7),
    statusTime(job.endTime),
    `${job.name}\n`,
  ] as const;
  if (hasTabs) return columns.join("\t");
  const [id, level, files, bytes, status, time, name] = columns;
  return `${id}  ${level} ${files} ${bytes}  ${status}  ${time} ${name}`;
}

/** The lines of `.status <word>`; undefined for an unknown word. */
export function dotStatus(context: FileContext, word: string): string[] | undefined {
  if (word === "current") return [...context.jobs.values()].map(jobLine);
  if (word === "last") {
    const last = context.finished.at(-1);
    return last === undefined
      ? []
      : [`JobId=${last.jobId} JobStatus=${last.status} JobErrors=${last.errors}\n`];
  }
  switch (word.toLowerCase()) {
    case "header":
      return [...header(context)];
    case "running":
      return [...context.jobs.values()].map(runningJob);
    case "terminated":
      return context.finished.map((job) => finishedJob(job, true));
    default:
      return undefined;
  }
}

function jobLine(job: FileJob): string {
  return `JobId=${job.announcement.jobId} JobStatus=${job.status} JobErrors=${job.errors}\n`;
}
