/** Run scripts on the client (director-client.md 8). @module */
import { dirname } from "node:path";
import {
  isJobCanceled,
  isJobOk,
  JOB_LEVELS,
  JobMessageType,
  jobStatusText,
  jobTypeText,
} from "../../protocol/mod.ts";
import { withSuffix } from "../status_header.ts";
import type { FileJob, RunScript } from "./file_job.ts";
import { commandWords } from "../command_words.ts";
import { LineSplitter } from "../line_splitter.ts";
import { runProgram } from "../run_program.ts";

/** An occasion at which scripts run. */
export interface Occasion {
  readonly label: "ClientBeforeJob" | "ClientAfterJob" | "ClientRunBeforeJob";
  readonly bit: number;
}

/** The occasions of a client without volume shadow copies. */
export const occasions = {
  before: { label: "ClientBeforeJob", bit: 2 },
  after: { label: "ClientAfterJob", bit: 1 },
} as const satisfies Record<string, Occasion>;

/** What surrounds a script. */
export interface ScriptContext {
  readonly daemon: string;
  /** Folders that scripts must lie in; any if empty. */
  readonly allowedFolders: readonly string[];
}

/** Runs the job's scripts of an occasion, in order; the job's status says how it went. */
export async function runScripts(
  job: FileJob,
  occasion: Occasion,
  context: ScriptContext,
): Promise<void> {
  if (job.occasions.has(occasion.label)) return; // each of them once
  job.occasions.add(occasion.label);
  const isGood = occasion === occasions.before
    ? job.status === "C" || job.status === "R"
    : isJobOk(job.status);
  const isBad = isJobCanceled(job.status) || job.status === "D";
  for (const script of job.scripts) {
    if ((script.when & occasion.bit) === 0) continue;
    if (!((script.onSuccess && isGood) || (script.onFailure && isBad))) continue;
    if (!await runIfAllowed(job, script, occasion, context)) return;
  }
}

/** Runs a command of the obsolete form at once; the job's status says how it went. */
export async function runNow(job: FileJob, command: string, context: ScriptContext): Promise<void> {
  const { bit } = occasions.before;
  const script = { onSuccess: true, onFailure: false, failsJob: true, when: bit, command };
  await runIfAllowed(job, script, { label: "ClientRunBeforeJob", bit }, context);
}

/** False if it does not lie where scripts must lie, which the job log then says. */
async function runIfAllowed(
  job: FileJob,
  script: RunScript,
  occasion: Occasion,
  context: ScriptContext,
): Promise<boolean> {
  const program = wordsOf(script.command, job, context.daemon)[0] ?? "";
  const isPermitted = isAllowed(script.command, context.allowedFolders) &&
    isReallyIn(program, context.allowedFolders);
  if (isPermitted) {
    await run(job, script, occasion, context);
    return true;
  }
  job.message(
    JobMessageType.ERROR,
    `Runscript: run ${occasion.label} "${script.command}" could not execute, not in one of the allowed scripts dirs\n`,
  );
  job.become("E");
  return false;
}

async function run(
  job: FileJob,
  script: RunScript,
  { label }: Occasion,
  context: ScriptContext,
): Promise<void> {
  const shown = expand(script.command, job, context.daemon);
  job.message(JobMessageType.INFO, `shell command: run ${label} "${shown}"\n`);
  const lines = {
    stdout: new LineSplitter((line) => tell(line.trimEnd())),
    stderr: new LineSplitter((line) => tell(line.trimEnd())),
  };
  const tell = (line: string): void => job.message(JobMessageType.INFO, `${label}: ${line}\n`);
  const { status, why } = await runProgram(wordsOf(script.command, job, context.daemon), {
    onOutput: (bytes, from) => lines[from].push(bytes),
    // A job that is canceled already still cleans up.
    aborted: job.aborted.aborted ? undefined : job.aborted,
  });
  for (const each of Object.values(lines)) each.end();
  if (status === 0) return;
  job.message(
    JobMessageType.ERROR,
    status < 0
      ? `Runscript: ${label} could not execute. ERR=${why}\n`
      : `Runscript: ${label} returned non-zero status=${status}. ERR=${why}\n`,
  );
  if (script.failsJob) job.become("E");
}

/** The words of a command: split first, so that what a code stands for stays one word. */
function wordsOf(command: string, job: FileJob, daemon: string): string[] {
  return commandWords(command).map((word) => expand(word, job, daemon));
}

/** The folder of the command, up to its last slash, must be one of the list (director-client.md 18). */
function isAllowed(command: string, folders: readonly string[]): boolean {
  if (folders.length === 0) return true;
  const folder = command.slice(0, Math.max(0, command.lastIndexOf("/"))).toLowerCase();
  return !folder.includes("..") &&
    folders.some((allowed) => allowed.replace(/\/+$/, "").toLowerCase() === folder);
}

/** Whether a program, by its name and by where that leads, lies in one of the folders; any if none. */
export function mayRun(program: string, folders: readonly string[]): boolean {
  return isAllowed(program, folders) && isReallyIn(program, folders);
}

/**
 * Whether a program lies in one of the folders once links are followed. The text of a command alone
 * does not tell: a link in an allowed folder may lead anywhere. What does not exist cannot be run.
 */
function isReallyIn(program: string, folders: readonly string[]): boolean {
  if (folders.length === 0) return true;
  let place: string;
  try {
    place = dirname(Deno.realPathSync(program));
  } catch {
    return true; // running it will say why it cannot be
  }
  return folders.some((folder) => {
    try {
      return Deno.realPathSync(folder) === place;
    } catch {
      return false;
    }
  });
}

/** Replaces percent codes (director-client.md 8.2); unknown ones stay. */
export function expand(text: string, job: FileJob, daemon: string): string {
  const { announcement, counters } = job;
  const codes: Readonly<Record<string, () => string>> = {
    "%": () => "%",
    B: () => withSuffix(counters.bytes).trimEnd(),
    F: () => String(counters.files),
    P: () => String(Deno.pid),
    b: () => String(counters.bytes),
    c: () => daemon,
    d: () => daemon,
    D: () => job.director,
    e: () => jobStatusText(job.status),
    i: () => String(announcement.jobId),
    j: () => announcement.name,
    l: () => JOB_LEVELS[job.level]?.longText ?? job.level,
    m: () => String(job.since),
    n: () => announcement.name.replace(/\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d+$/, ""),
    r: () => "",
    s: () => "*None*",
    t: () => jobTypeText(job.type),
    v: () => "*None*",
  };
  return text.replace(/%(.)/gs, (whole, code: string) => codes[code]?.() ?? whole);
}
