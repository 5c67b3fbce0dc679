/** `wait`, `cancel`, `messages` (console.md 13). @module */
import { jobStatusText } from "../../../protocol/mod.ts";
import type { Job } from "../job.ts";
import { connectStorage, CONSOLE_PATIENCE } from "../daemon_connections.ts";
import { passThrough } from "./pass_through.ts";
import type { ConsoleCommand, ConsoleSession } from "./session.ts";

/** Waits until no job runs, or until one is over. */
export const waitCommand: ConsoleCommand = {
  name: "wait",
  help: "Wait until no jobs are running",
  async run(session, args) {
    const { director } = session;
    const jobId = args.value("jobid");
    const name = args.value("jobname", "job", "ujobid");
    if (jobId === undefined && name === undefined) {
      while (director.jobs.length > 0 && !session.isGone) {
        await Promise.all(director.jobs.map((job) => job.done));
      }
      return;
    }
    const isMeant = (job: Job): boolean =>
      job.jobId === Number(jobId) || job.uniqueName === name || job.resource.name === name;
    await director.jobs.find(isMeant)?.done;
    const row = jobId === undefined
      ? director.ended.findLast(isMeant)
      : director.catalog.job(Number(jobId));
    if (row === undefined) {
      session.print("ERR: Job was not found\n");
      return;
    }
    const status = "jobStatus" in row ? row.jobStatus : row.status;
    session.print(`JobId=${row.jobId}\nJobStatus=${jobStatusText(status)} (${status})\n`);
  },
};

/** Shows what has gathered for the consoles. */
export const messagesCommand: ConsoleCommand = {
  name: "messages",
  help: "Display pending messages",
  run(session) {
    const pending = session.director.messages.takePending();
    if (pending.length === 0) session.print("You have no messages.\n");
    for (const text of pending) session.print(text);
  },
};

const waitingStates = "FSmMsjcdp";

/** Which jobs `state=` means. */
const states: Readonly<Record<string, (job: Job) => boolean>> = {
  created: (job) => job.status === "C",
  blocked: (job) => job.isStarted && job.status === "B",
  running: (job) => job.isStarted && job.status === "R",
  waiting: (job) =>
    waitingStates.includes(job.status) || waitingStates.includes(job.sdStatus || "-"),
};

/** Cancels jobs. */
export const cancelCommand: ConsoleCommand = {
  name: "cancel",
  help: "Cancel a job",
  async run(session, args) {
    const storage = args.value("storage");
    if (storage !== undefined) return await cancelAtStorage(session, storage, args.value("jobid"));
    const jobs = session.director.jobs.filter((job) => session.allows("jobAcl", job.resource.name));
    const named = [
      ...args.values("jobid"),
      ...args.values("job"),
      ...args.values("ujobid"),
    ];
    if (named.length > 0) {
      for (const word of named) await cancelNamed(session, jobs, word);
      return;
    }
    if (jobs.length === 0) {
      session.print("No Jobs running.\n");
      return;
    }
    const state = args.value("state")?.toLowerCase();
    if (state !== undefined && states[state] === undefined) {
      session.print("Illegal state either created, blocked, waiting or running\n");
      return;
    }
    if (args.has("all") || state !== undefined) {
      const isMeant = args.value("state") === undefined || state === undefined
        ? () => true
        : states[state] as (job: Job) => boolean;
      const selected = jobs.filter(isMeant);
      if (selected.length === 0) {
        session.print("No Jobs selected.\n");
        return;
      }
      for (const job of selected) session.print(`Selected Job ${job.jobId} for cancelling\n`);
      if (!args.has("yes") && !await session.confirm("Confirm cancel (yes/no): ")) return;
      for (const job of selected) await cancel(session, job);
      return;
    }
    const items = jobs.map((job) => `JobId=${job.jobId} Job=${job.uniqueName}`);
    session.print("Select Job:\n");
    const [only] = jobs;
    if (jobs.length === 1 && only !== undefined) {
      session.print(`${items[0]}\n`);
      if (await session.confirm("Confirm cancel (yes/no): ")) await cancel(session, only);
      return;
    }
    session.print(items.map((item, at) => `${at + 1}: ${item}\n`).join(""));
    const answer = await session.ask(`Choose Job to cancel (1-${items.length}): `);
    const job = jobs[Number(answer) - 1];
    if (job !== undefined) await cancel(session, job);
  },
};

async function cancelNamed(
  session: ConsoleSession,
  jobs: readonly Job[],
  word: string,
): Promise<void> {
  const isNumber = /^\d+$/.test(word);
  const job = jobs.find((candidate) =>
    isNumber
      ? candidate.jobId === Number(word)
      : candidate.uniqueName === word || candidate.uniqueName.startsWith(word)
  );
  if (job !== undefined) return await cancel(session, job);
  session.print(
    isNumber
      ? `JobId ${word} is not running. Use Job name to cancel inactive jobs.\n`
      : `Warning Job ${word} is not running. Continuing anyway ...\n`,
  );
}

async function cancel(session: ConsoleSession, job: Job): Promise<void> {
  if (!job.isStarted) {
    session.print(`JobId ${job.jobId}, Job ${job.uniqueName} marked to be canceled.\n`);
  }
  await session.director.cancel(job, (text) => session.print(text));
}

async function cancelAtStorage(
  session: ConsoleSession,
  name: string,
  jobId: string | undefined,
): Promise<void> {
  if (jobId === undefined) {
    session.print("Missing jobid=JobId specification\n");
    return;
  }
  if (!/^\d+$/.test(jobId)) {
    session.print(`JobId ${jobId} not a number\n`);
    return;
  }
  const storage = session.director.configuration.get("Storage", name);
  if (storage === undefined) {
    session.print(`Storage resource ${name} not found.\n`);
    return;
  }
  try {
    const connection = await connectStorage(storage, {
      director: session.director.resource.name,
      patience: CONSOLE_PATIENCE,
    });
    await passThrough(connection, `cancel Job=${jobId}\n`, (text) => session.print(text));
  } catch (error) {
    session.print(`Failed to connect to Storage daemon. ${(error as Error).message}\n`);
  }
}
