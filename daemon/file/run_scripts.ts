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
import type { FileJob, RunScript } from "./file_job.ts";
import { splitWords } from "./fileset/mod.ts";

/** An occasion at which scripts run. */
export interface Occasion {
  readonly label: "ClientBeforeJob" | "ClientAfterJob";
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
  const isGood = occasion === occasions.before
    ? job.status === "C" || job.status === "R"
    : isJobOk(job.status);
  const isBad = isJobCanceled(job.status) || job.status === "D";
  for (const script of job.scripts) {
    if ((script.when & occasion.bit) === 0) continue;
    if (!((script.onSuccess && isGood) || (script.onFailure && isBad))) continue;
    const program = splitWords(expand(script.command, job, context.daemon))[0] ?? "";
    const isPermitted = isAllowed(script.command, context.allowedFolders) &&
      isReallyIn(program, context.allowedFolders);
    if (!isPermitted) {
      job.message(
        JobMessageType.ERROR,
        `Runscript: run ${occasion.label} "${script.command}" could not execute, not in one of the allowed scripts dirs\n`,
      );
      job.become("E");
      return;
    }
    await run(job, script, occasion, context);
  }
}

async function run(
  job: FileJob,
  script: RunScript,
  { label }: Occasion,
  context: ScriptContext,
): Promise<void> {
  const command = expand(script.command, job, context.daemon);
  job.message(JobMessageType.INFO, `shell command: run ${label} "${command}"\n`);
  const [program, ...args] = splitWords(command);
  const tell = (line: string): void => job.message(JobMessageType.INFO, `${label}: ${line}\n`);
  let failure: string | undefined;
  try {
    if (program === undefined) throw new Error("No such file or directory");
    const process = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(job.aborted.aborted ? {} : { signal: job.aborted }),
    }).spawn();
    await Promise.all([lines(process.stdout, tell), lines(process.stderr, tell)]);
    const { code } = await process.status;
    if (code !== 0) {
      failure =
        `Runscript: ${label} returned non-zero status=${code}. ERR=Child exited with code ${code}\n`;
    }
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "No such file or directory"
      : error instanceof Error
      ? error.message
      : String(error);
    failure = `Runscript: ${label} could not execute. ERR=${why}\n`;
  }
  if (failure === undefined) return;
  job.message(JobMessageType.ERROR, failure);
  if (script.failsJob) job.become("E");
}

/** The folder of the command, up to its last slash, must be one of the list (director-client.md 18). */
function isAllowed(command: string, folders: readonly string[]): boolean {
  if (folders.length === 0) return true;
  const folder = command.slice(0, Math.max(0, command.lastIndexOf("/"))).toLowerCase();
  return !folder.includes("..") &&
    folders.some((allowed) => allowed.replace(/\/+$/, "").toLowerCase() === folder);
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
    B: () => String(counters.bytes),
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

async function lines(
  stream: ReadableStream<Uint8Array>,
  tell: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const piece of stream) {
    rest += decoder.decode(piece, { stream: true });
    const parts = rest.split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) tell(line.trimEnd());
    // A line without end must not fill the memory.
    if (rest.length > 64 << 10) {
      tell(rest);
      rest = "";
    }
  }
  if (rest !== "") tell(rest);
}
