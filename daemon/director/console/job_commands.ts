/** `cancel` and `wait` (console.md 13). @module */
import { directorToStorage, jobStatusText } from "../../../protocol/mod.ts";
import type { Job } from "../jobs/job.ts";
import type { EndedJob } from "../jobs/job_control.ts";
import { rowId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { askStorage } from "./daemons.ts";
import { selectJobs } from "./job_selection.ts";
import { findResource } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** Statuses of jobs that wait in the director's queue. */
const queued = "Cjcspdt";

/** `cancel`. */
export const cancel: CommandHandler = async (session, args) => {
  if (args.value("storage") !== undefined) return await cancelAtStorage(session, args);
  for (const job of await selectJobs(session, args, { verb: "cancel", gerund: "cancelling" })) {
    if (!job.isStarted && queued.includes(job.status)) {
      session.print(`JobId ${job.jobId}, Job ${job.uniqueName} marked to be canceled.\n`);
    }
    await session.director.cancel(job, (text) => session.print(text));
  }
  return true;
};

const cancelAtStorage: CommandHandler = async (session, args) => {
  const name = args.value("storage") ?? "";
  const jobId = args.value("jobid");
  if (jobId === undefined) {
    throw new CommandFailed("Missing jobid=JobId specification", "warning");
  }
  if (!/^\d+$/.test(jobId)) throw new CommandFailed(`JobId ${jobId} not a number`, "warning");
  const storage = findResource(session, "Storage", name);
  if (storage === undefined) throw new CommandFailed(`Storage resource "${name}": not found`);
  const known = session.director.catalog.job(rowId(jobId));
  if (known !== undefined && !session.allows("Job", known.name)) {
    throw new CommandFailed("Unauthorized command from this console.");
  }
  const command = directorToStorage.cancel.format({ job: jobId });
  return await askStorage(session, storage, command, { isOneText: true }) !== undefined;
};

/** Exit statuses of `wait` by the letter of the job's status. */
const exitStatus: Readonly<Record<string, number>> = { T: 0, W: 0, e: 1, f: 2, E: 2, A: 2 };

/** `wait`. */
export const wait: CommandHandler = async (session, args) => {
  const { director } = session;
  if (args.has("mount")) return await waitForMount(session, args.number("timeout", 0));
  const jobId = args.value("jobid");
  const name = args.value("jobname", "job");
  const unique = args.value("ujobid");
  if (jobId === undefined && name === undefined && unique === undefined) {
    while (director.jobs.length > 0 && !session.isGone) {
      await Promise.all(director.jobs.map((job) => job.done));
    }
    return true;
  }
  const isMeant = (job: Pick<EndedJob, "jobId" | "name" | "uniqueName">): boolean =>
    session.access.allows("Job", job.name) &&
    (job.jobId === rowId(jobId) || job.uniqueName === (unique ?? "\0") ||
      job.uniqueName === (name ?? "\0") || job.name === (name ?? "\0"));
  const running = director.jobs.find(({ jobId, uniqueName, resource }) =>
    isMeant({ jobId, uniqueName, name: resource.name })
  );
  await running?.done;
  const ended = running ?? director.ended.findLast(isMeant);
  const id = ended !== undefined
    ? undefined
    : jobId !== undefined
    ? rowId(jobId)
    : newestJob(session, unique ?? name ?? "");
  const found = id === undefined ? undefined : director.catalog.job(id);
  const row = found !== undefined && session.access.allows("Job", found.name) ? found : undefined;
  const status = ended?.status ?? row?.jobStatus;
  if (status === undefined) throw new CommandFailed("ERR: Job was not found");
  const ofJob = ended?.jobId ?? row?.jobId ?? 0;
  const text = jobStatusText(status);
  session.print(`JobId=${ofJob}\nJobStatus=${text} (${status})\n`);
  session.output.put("job", {
    jobid: ofJob,
    jobstatuslong: text,
    jobstatus: status,
    exitstatus: exitStatus[status] ?? 3,
  });
  return true;
};

/** The newest job of the catalog by its unique or its own name. */
function newestJob(session: ConsoleSession, name: string): number | undefined {
  const row = session.director.catalog.one(
    "SELECT JobId AS id FROM Job WHERE Job = ? OR Name = ? ORDER BY JobId DESC LIMIT 1",
    name,
    name,
  );
  return row === undefined ? undefined : Number(row.id);
}

/** Milliseconds between two looks at the running jobs. */
const lookMs = 200;

/** Until a job waits for media or a mount; `timeout` in seconds, 0 for ever. */
async function waitForMount(session: ConsoleSession, timeout: number): Promise<boolean> {
  const end = timeout > 0 ? Date.now() + timeout * 1000 : Infinity;
  const waits = (job: Job): boolean => "mM".includes(job.sdStatus || "-");
  while (!session.isGone && session.director.jobs.length > 0) {
    if (session.director.jobs.some(waits)) return true;
    if (Date.now() >= end) {
      session.print("Wait on mount timed out\n");
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  return true;
}
