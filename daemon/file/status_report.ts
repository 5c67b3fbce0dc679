/** `status` and `.status` of the file daemon (director-client.md 15). @module */
import { fileToDirector as say, JOB_LEVELS, jobTypeText } from "../../protocol/mod.ts";
import { statusTime, withCommas, withSuffix } from "../status_header.ts";
import type { FileContext, FinishedJob } from "./file_context.ts";
import type { FileJob } from "./file_job.ts";
import { builtInPlugins } from "./plugins/mod.ts";

/** The blocks of `status`, each of them a frame; all but the first end with a zero byte there. */
export function* statusReport(context: FileContext): Generator<string> {
  yield* header(context);
  yield "\nRunning Jobs:\n";
  for (const job of context.jobs.values()) yield* runningJob(job);
  for (const { name, since } of context.consoles()) {
    yield `${name} (director) connected at: ${statusTime(since)}\n`;
  }
  if (context.jobs.size === 0) yield "No Jobs running.\n";
  yield "====\n";
  yield "\nTerminated Jobs:\n";
  if (context.finished.all.length > 0) {
    yield " JobId  Level    Files      Bytes   Status   Finished        Name \n";
    yield `${"=".repeat(70)}\n`;
    for (const job of context.finished.all) yield finishedJob(job);
  }
  yield "====\n";
}

/** The lines about the daemon itself. */
export function* header(context: FileContext): Generator<string> {
  const { identity, settings, startTime, jobs } = context;
  const debug = context.debug.settings;
  yield `${settings.name} Version: ${identity.versionText}\n`;
  yield `Daemon started ${
    statusTime(startTime)
  }. Jobs: run=${context.jobsRun} running=${jobs.size}, ` +
    `${identity.binaryInfo} binary\n`;
  yield ` Sizeof: boffset_t=8 size_t=8 debug=${debug.level} trace=${Number(debug.trace)} bwlimit=${
    Math.floor(context.bandwidth / 1024)
  }kB/s\n`;
  if (settings.secureEraseCommand !== "") {
    yield ` secure erase command='${settings.secureEraseCommand}'\n`;
  }
  const plugins = [...builtInPlugins.keys()].map((name) => ` Plugin: ${name}-fd (built in)\n`);
  yield `Plugin Info:\n${plugins.join("")}`;
}

/** Bytes per second since a job's start. */
function rateOf({ counters, startTime }: FileJob): number {
  return Math.trunc(counters.bytes / Math.max(1, Math.floor(Date.now() / 1000) - startTime));
}

function* runningJob(job: FileJob): Generator<string> {
  const { counters, announcement } = job;
  const level = JOB_LEVELS[job.level]?.fileText ?? "";
  yield `JobId ${announcement.jobId} Job ${announcement.name} is running.\n`;
  yield `    ${level} ${jobTypeText(job.type)} Job started: ${statusTime(job.startTime)}\n`;
  yield `    Files=${withCommas(counters.files)} Bytes=${withCommas(counters.bytes)} Bytes/sec=${
    withCommas(rateOf(job))
  } Errors=${job.errors}\n    Bwlimit=${withCommas(job.bandwidth)}\n`;
  yield `    Files Examined=${withCommas(counters.examined)}\n`;
  if (counters.files > 0) yield `    Processing file: ${counters.path}\n`;
  yield job.storage === undefined ? "    SDSocket closed.\n" : "    SDReadSeqNo=0 fd=0\n";
}

/** The same for programs. */
function* runningJobFields(job: FileJob): Generator<string> {
  const { counters, announcement, level, type } = job;
  yield `JobId=${announcement.jobId}\n Job=${announcement.name}\n`;
  yield ` VSS=0\n Level=${level}\n JobType=${type}\n JobStarted=${longTime(job.startTime)}\n`;
  yield ` Files=${counters.files}\n Bytes=${counters.bytes}\n Bytes/sec=${rateOf(job)}\n` +
    ` Errors=${job.errors}\n Bwlimit=${job.bandwidth}\n`;
  yield ` Files Examined=${counters.examined}\n`;
  if (counters.files > 0) yield ` Processing file=${counters.path}\n`;
  yield job.storage === undefined ? " SDSocket=closed\n" : " SDReadSeqNo=0\n fd=0\n";
}

/** `YYYY-MM-DD HH:MM:SS`, local time. */
function longTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${
    two(time.getHours())
  }:${two(time.getMinutes())}:${two(time.getSeconds())}`;
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
    statusTime(job.endTime).padEnd(8),
    `${job.name}\n`,
  ] as const;
  if (hasTabs) return columns.join("\t");
  const [id, level, files, bytes, status, time, name] = columns;
  return `${id}  ${level} ${files} ${bytes}  ${status}  ${time} ${name}`;
}

/** The texts of `.status <word>`, and whether they end with a zero byte; undefined for an unknown word. */
export function dotStatus(
  context: FileContext,
  word: string,
): { readonly texts: string[]; readonly areBlocks: boolean } | undefined {
  const blocks = (texts: Iterable<string>) => ({ texts: [...texts], areBlocks: true });
  if (word === "current" || word === "last") {
    const last = context.finished.all.at(-1);
    const lines = word === "current"
      ? [...context.jobs.values()].map((job) =>
        jobLine({ jobId: job.announcement.jobId, status: job.status, errors: job.errors })
      )
      : last === undefined
      ? []
      : [jobLine(last)];
    return { texts: [say.dotStatusOk.format({}), ...lines], areBlocks: false };
  }
  switch (word.toLowerCase()) {
    case "header":
      return blocks(header(context));
    case "running":
      return blocks([
        ...context.consoles().map(({ since }) => `DirectorConnected=${longTime(since)}\n`),
        ...[...context.jobs.values()].flatMap((job) => [...runningJobFields(job)]),
      ]);
    case "terminated":
      return blocks(context.finished.all.map((job) => finishedJob(job, true)));
    default:
      return undefined;
  }
}

function jobLine(
  { jobId, status, errors }: Pick<FinishedJob, "jobId" | "status" | "errors">,
): string {
  return say.jobStatus.format({ jobId, status, errors });
}
