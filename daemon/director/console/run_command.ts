/** The console's `run` (console.md 11). @module */
import { JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import { reportTime } from "../formats.ts";
import type { JobRequest } from "../job_request.ts";
import { previewRun } from "../job_preparation.ts";
import type { ConsoleCommand, ConsoleSession } from "./session.ts";

/** Starts a job. */
export const runCommand: ConsoleCommand = {
  name: "run",
  help: "Run a job",
  async run(session, args) {
    const { configuration } = session.director;
    const jobs = configuration.all("Job").map(({ name }) => name).toSorted();
    let name = args.value("job", "jobname") ?? args.all.find(({ value }) => value === undefined)
      ?.keyword;
    if (name !== undefined && configuration.get("Job", name) === undefined) {
      if (name.toLowerCase() !== "yes") session.print(`Job "${name}" not found\n`);
      name = undefined;
    }
    session.print(`Using Catalog "${configuration.first("Catalog").name}"\n`);
    if (name === undefined) {
      session.print("A job name must be specified.\n");
      name = await session.choose("Job", "Select Job resource", jobs);
    }
    const job = configuration.get("Job", name);
    if (job === undefined || !session.allows("jobAcl", name)) {
      session.print(`No authorization. Job "${name}".\n`);
      return;
    }
    const find = <T extends "Client" | "FileSet" | "Pool" | "Storage">(type: T, word: string) => {
      const value = args.value(word);
      if (value === undefined) return undefined;
      const found = configuration.get(type, value);
      if (found === undefined) throw new Error(`${type} "${value}" not found.`);
      return found;
    };
    const levelWord = args.value("level");
    const level = levelWord === undefined ? undefined : levelLetter(levelWord);
    if (levelWord !== undefined && level === undefined) {
      session.print(`Level "${levelWord}" not valid.\n`);
      return;
    }
    const priority = args.value("priority");
    const accurate = args.value("accurate");
    const request: JobRequest = {
      job: job,
      trigger: "User",
      level,
      client: find("Client", "client"),
      fileSet: find("FileSet", "fileset"),
      pool: find("Pool", "pool"),
      storage: find("Storage", "storage"),
      priority: priority === undefined ? undefined : Number(priority),
      accurate: accurate === undefined ? undefined : accurate === "yes",
      comment: args.value("comment"),
      where: args.value("where"),
      bootstrap: args.value("bootstrap"),
      when: whenOf(args.value("when")),
      since: whenOf(args.value("since")),
      cloned: args.value("cloned") === "yes",
    };
    if (!args.has("yes")) {
      showJob(session, request);
      for (;;) {
        const answer = (await session.ask("OK to run? (yes/mod/no): ")).toLowerCase();
        if (answer === "yes") break;
        if (answer === "no") {
          session.print("Job not run.\n");
          return;
        }
        session.print("Give the changes on the command line: run job=... level=... pool=...\n");
      }
    }
    session.print(`Job queued. JobId=${session.director.run(request)}\n`);
  },
};

/** The letter of a level that is written as a word. */
export function levelLetter(word: string): string | undefined {
  const wanted = word.toLowerCase();
  return Object.entries(JOB_LEVELS).find(([, { keyword }]) => keyword.toLowerCase() === wanted)
    ?.[0];
}

function whenOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text.replace(" ", "T")).getTime();
  if (Number.isNaN(time)) throw new Error("Invalid time, using current time.");
  return Math.floor(time / 1000);
}

function showJob(session: ConsoleSession, request: JobRequest): void {
  const { job } = request;
  const preview = previewRun(job, undefined);
  const level = request.level ?? preview.level;
  session.print(
    `Run ${jobTypeText(job.type)} Job\n` +
      `JobName:  ${job.name}\n` +
      (level === " " ? "" : `Level:    ${JOB_LEVELS[level]?.longText ?? level}\n`) +
      `Client:   ${(request.client ?? job.client)?.name ?? ""}\n` +
      `FileSet:  ${(request.fileSet ?? job.fileSet)?.name ?? ""}\n` +
      `Pool:     ${request.pool?.name ?? preview.poolName}\n` +
      `Storage:  ${request.storage?.name ?? preview.storageName}\n` +
      `When:     ${reportTime(request.when ?? Math.floor(Date.now() / 1000))}\n` +
      `Priority: ${request.priority ?? job.priority}\n`,
  );
}
