/** `run` and `rerun` (console.md 11). @module */
import { JOB_LEVELS, Signal } from "../../../protocol/mod.ts";
import { catalogTime } from "../report/formats.ts";
import {
  type Argument,
  Arguments,
  isJobId,
  LARGEST_ID,
  quoteWord,
  splitLine,
} from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { DialogueEnded } from "./dialogue.ts";
import { modify } from "./run_modify.ts";
import { runWords, takeOver } from "./run_keywords.ts";
import { runScreen } from "./run_screen.ts";
import { requestOf, type RunWish } from "./run_wish.ts";
import { readWish } from "./run_words.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** `run`. */
export const run: CommandHandler = async (session, args) => {
  const wish = await readWish(session, args);
  const isQuick = args.has("yes") || session.isBatch;
  if (!isQuick && !await confirm(session, wish)) {
    session.print("Job not run.\n");
    return false;
  }
  return start(session, wish);
};

/** Puts the job of a wish into the queue. */
function start(session: ConsoleSession, wish: RunWish): boolean {
  const isOwnBootstrap = wish.bootstrap !== "" &&
    wish.bootstrap.startsWith(`${session.director.resource.workingDirectory}/`);
  const jobId = session.director.run({
    ...requestOf(wish),
    ...(isOwnBootstrap && { isOwnBootstrap: true }),
  });
  session.print(`Job queued. JobId=${jobId}\n`);
  session.output.put("run", { jobid: String(jobId) });
  session.auditInfo(`Job queued. JobId=${jobId}`);
  return true;
}

/** Shows what is going to run until the user says yes or no. */
async function confirm(session: ConsoleSession, wish: RunWish): Promise<boolean> {
  for (;;) {
    const isApi = session.output.api > 0;
    if (isApi) session.output.signal(Signal.RUN_CMD);
    session.print(runScreen(session, wish));
    for (;;) {
      const answer = await answerOf(session);
      if (answer === undefined) return false;
      const lower = answer.toLowerCase();
      if (lower === "" || "yes".startsWith(lower)) return true;
      if ("no".startsWith(lower)) return false;
      if (/^\.?mod\b/.test(lower)) {
        const more = splitLine(answer).slice(1);
        try {
          if (more.length > 0) await change(session, wish, more);
          else await modify(session, wish);
        } catch (error) {
          if (error instanceof DialogueEnded) return false;
          if (!(error instanceof CommandFailed)) throw error;
          session.print(`${error.message}\n`);
        }
        break;
      }
      session.print(`Illegal response ${answer}\n`);
    }
  }
}

/** Changes what the words behind `mod` name; what was changed before stays. */
async function change(
  session: ConsoleSession,
  wish: RunWish,
  more: readonly Argument[],
): Promise<void> {
  const words = runWords(new Arguments(more));
  const isOther = words.has("job") || words.has("jobname");
  const job: readonly Argument[] = isOther ? [] : [{ keyword: "job", value: wish.job.name }];
  takeOver(wish, await readWish(session, new Arguments([...job, ...more])), words);
}

async function answerOf(session: ConsoleSession): Promise<string | undefined> {
  try {
    return (await session.ask("OK to run? (yes/mod/no): ")).trim();
  } catch (error) {
    if (error instanceof DialogueEnded) return undefined;
    throw error;
  }
}

/** Types of jobs that can be run again. */
const again = "Bcg";

/** `rerun`. */
export const rerun: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args);
  const ids = await idsOfRerun(session, args);
  let isOk = true;
  for (const jobId of ids) {
    const job = catalog.job(jobId);
    if (job === undefined || !session.allows("Job", job.name)) {
      throw new CommandFailed(`Specified jobid "${jobId}" is not valid`);
    }
    if (!again.includes(job.type)) continue;
    const row = catalog.one(
      `SELECT Client.Name AS client, Pool.Name AS pool, FileSet.FileSet AS fileset FROM Job
       LEFT JOIN Client ON Client.ClientId = Job.ClientId LEFT JOIN Pool ON Pool.PoolId = Job.PoolId
       LEFT JOIN FileSet ON FileSet.FileSetId = Job.FileSetId WHERE JobId = ?`,
      jobId,
    );
    session.print(`rerunning jobid ${jobId}\n`);
    const words = [
      ["job", job.name],
      ["level", JOB_LEVELS[job.level]?.keyword],
      ["client", row?.client],
      ["pool", row?.pool],
      ["fileset", row?.fileset],
    ].filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([key, value]) => `${key}=${quoteWord(String(value))}`);
    const line = `run ${words.join(" ")} when=now${args.has("yes") ? " yes" : ""}`;
    isOk = await session.execute(line) && isOk;
  }
  return isOk;
};

/** The JobIds that the words of `rerun` mean. */
async function idsOfRerun(session: ConsoleSession, args: Arguments): Promise<number[]> {
  const given = args.value("jobid");
  const since = args.value("since_jobid");
  const hasTime = args.has("days", "hours");
  if (given === undefined && since === undefined && !hasTime) {
    throw new CommandFailed("Please specify jobid, since_jobid, hours or days");
  }
  if (given !== undefined && since !== undefined) {
    throw new CommandFailed(
      "Please specify either jobid or since_jobid (and optionally until_jobid)",
    );
  }
  if ((given ?? since) !== undefined && hasTime) {
    throw new CommandFailed("Please specify either jobid or a timeframe");
  }
  const jobIdOf = (text: string): number => {
    if (!isJobId(text)) throw new CommandFailed(`Specified jobid "${text}" is not valid`);
    return Number(text);
  };
  if (given !== undefined) return given.split(",").map(jobIdOf);
  const now = Math.floor(Date.now() / 1000);
  const ago = args.number("days", 0) * 86_400 + args.number("hours", 0) * 3600;
  const until = jobIdOf(args.value("until_jobid") ?? String(LARGEST_ID));
  const catalog = await session.catalog(args);
  const rows = since === undefined
    ? catalog.all(
      "SELECT JobId AS id FROM Job WHERE JobStatus = 'f' AND SchedTime > ? ORDER BY JobId",
      catalogTime(now - ago),
    )
    : catalog.all(
      "SELECT JobId AS id FROM Job WHERE JobStatus = 'f' AND JobId >= ? AND JobId <= ? ORDER BY JobId",
      jobIdOf(since),
      until,
    );
  const ids = rows.map(({ id }) => Number(id));
  if (ids.length === 0) {
    throw new CommandFailed("No jobids with the specified options were found.");
  }
  session.print(`The following ids were selected for rerun:\n${ids.join(",")}\n`);
  if (
    !args.has("yes") && !session.isBatch && !await session.confirm("rerun these jobids? (yes/no): ")
  ) {
    throw new CommandFailed("");
  }
  return ids;
}
