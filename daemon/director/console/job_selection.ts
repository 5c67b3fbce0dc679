/** Choosing running jobs, for `cancel` and `setbandwidth` (console.md 13.1). @module */
import type { Job } from "../jobs/job.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import type { ConsoleSession } from "./session.ts";

/** The words of a command that chooses jobs. */
export interface SelectionWords {
  /** `cancel`. */
  readonly verb: string;
  /** `cancelling`. */
  readonly gerund: string;
}

const waitingStates = "FSmMsjcdp";
const storageStates = "mMqd";

/** Which jobs `state=` means. */
const states: Readonly<Record<string, (job: Job) => boolean>> = {
  created: (job) => job.status === "C",
  blocked: (job) => job.isStarted && job.status === "B",
  running: (job) => job.isStarted && job.status === "R",
  waiting: (job) =>
    waitingStates.includes(job.status) ||
    (job.sdStatus !== "" && storageStates.includes(job.sdStatus)),
};

/** The running jobs that the line names, or that the user chooses. @throws CommandFailed if none is */
export async function selectJobs(
  session: ConsoleSession,
  args: Arguments,
  words: SelectionWords,
): Promise<Job[]> {
  const named = namedJobs(session, args);
  if (named.length > 0) return named;
  const all = session.director.jobs;
  if (all.length === 0) {
    session.print("No Jobs running.\n");
    throw new CommandFailed("");
  }
  const jobs = all.filter((job) => session.access.allows("Job", job.resource.name));
  if (jobs.length === 0) {
    session.print("None of your jobs are running.\n");
    throw new CommandFailed("");
  }
  if (args.has("all", "state")) return await severalJobs(session, args, jobs, words);
  const items = jobs.map((job) => `JobId=${job.jobId} Job=${job.uniqueName}`);
  const [only] = jobs;
  const verb = words.verb;
  if (jobs.length === 1 && only !== undefined) {
    if (session.isBatch) return jobs;
    if (session.output.api > 0) {
      const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
      session.print(`${title}: ${items[0]}\n\n`);
      return await session.confirm(`Confirm ${verb}?`) ? jobs : [];
    }
    session.print(`Automatically selected Job: ${items[0]}\n`);
    return await session.confirm(`Confirm ${verb} (yes/no): `) ? jobs : [];
  }
  const at = await session.dialogue.choose({
    header: "Select Job:",
    what: "Job",
    prompt: `Choose Job to ${verb}`,
    items,
  });
  const chosen = jobs[at];
  if (chosen === undefined) return [];
  if (!session.director.jobs.includes(chosen)) {
    session.tell("warning", `Job "${chosen.uniqueName}" not found.`);
    return [];
  }
  return [chosen];
}

/** The running jobs that `jobid=`, `job=` and `ujobid=` name. What does not run is told. */
function namedJobs(session: ConsoleSession, args: Arguments): Job[] {
  const found: Job[] = [];
  for (const { keyword, value } of args.all) {
    const word = keyword.toLowerCase();
    if (value === undefined || !["jobid", "job", "ujobid"].includes(word)) continue;
    if (word === "jobid") {
      for (const id of value.split(",")) {
        const job = session.director.jobs.find((each) => each.jobId === Number(id));
        if (job === undefined) {
          session.tell(
            "error",
            `JobId ${id} is not running. Use Job name to cancel inactive jobs.\n`,
          );
        } else found.push(permitted(session, job));
      }
      continue;
    }
    const { jobs } = session.director;
    const job = jobs.find(({ uniqueName }) => uniqueName === value) ??
      jobs.find(({ uniqueName }) => uniqueName.startsWith(value));
    if (job === undefined) {
      session.tell("warning", `Warning Job ${value} is not running. Continuing anyway ...\n`);
    } else found.push(permitted(session, job));
  }
  return [...new Set(found)];
}

function permitted(session: ConsoleSession, job: Job): Job {
  if (session.allows("Job", job.resource.name)) return job;
  throw new CommandFailed("Unauthorized command from this console.");
}

async function severalJobs(
  session: ConsoleSession,
  args: Arguments,
  jobs: readonly Job[],
  { verb, gerund }: SelectionWords,
): Promise<Job[]> {
  const state = args.value("state")?.toLowerCase();
  const isState = args.has("all") ? () => true : states[state ?? ""];
  if (isState === undefined) {
    throw new CommandFailed("Illegal state either created, blocked, waiting or running");
  }
  const selected = jobs.filter(isState);
  if (selected.length === 0) {
    session.print("No Jobs selected.\n");
    throw new CommandFailed("");
  }
  for (const job of selected) session.print(`Selected Job ${job.jobId} for ${gerund}\n`);
  if (args.has("yes") || session.isBatch) return selected;
  return await session.confirm(`Confirm ${verb} (yes/no): `) ? selected : [];
}
