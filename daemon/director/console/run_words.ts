/** From the words of `run` to a wish (console.md 11.1). @module */
import type { JobResource } from "../resources.ts";
import { type Arguments, isJobId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { commentProblem } from "./names.ts";
import { plain, runWords } from "./run_keywords.ts";
import {
  levelLetter,
  replaceLetters,
  type RunWish,
  standardLevel,
  storageOfWish,
  timeOf,
} from "./run_wish.ts";
import { chooseResource, findResource } from "./selectors.ts";
import type { ConsoleSession } from "./session.ts";

/** Takes the words of `run` for a wish. @throws CommandFailed if they cannot be carried out */
export async function readWish(session: ConsoleSession, args: Arguments): Promise<RunWish> {
  const given = runWords(args);
  const { configuration } = session.director;
  const catalogName = given.get("catalog");
  if (catalogName !== undefined && configuration.get("Catalog", catalogName) === undefined) {
    throw new CommandFailed(`Catalog "${catalogName}" not found`);
  }
  await session.catalog(args);
  const word = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = given.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const job = await jobOf(session, word("job", "jobname"));
  const jobIds = word("jobid") === undefined ? [] : idsOf(word("jobid") ?? "");
  const pick = async <T extends "Client" | "Pool" | "Storage">(
    type: T,
    what: string,
    name: string | undefined,
  ) => {
    if (name === undefined) return undefined;
    const found = findResource(session, type, name);
    if (found !== undefined) return found;
    if (configuration.get(type, name) !== undefined && type !== "Pool") {
      throw new CommandFailed(`No authorization. ${type} "${name}".`);
    }
    session.tell("warning", `${what} "${name}" not found.`);
    return await chooseResource(session, type);
  };
  const named = <T extends "Job" | "FileSet">(type: T, what: string, name: string | undefined) => {
    if (name === undefined) return undefined;
    const found = findResource(session, type, name);
    if (found === undefined) throw plain(`${what} "${name}" not found.`);
    return found;
  };
  const catalog = catalogName === undefined ? undefined : configuration.get("Catalog", catalogName);
  const isRestore = job.type === "R";
  const client = await pick("Client", "Client", word("client", "fd", "backupclient"));
  const restoreClient = await pick("Client", "Restore Client", word("restoreclient"));
  const pool = await pick("Pool", "Pool", word("pool"));
  const nextPool = await pick("Pool", "Pool", word("nextpool"));
  const storage = await pick("Storage", "Storage", word("storage", "sd"));
  const levelWord = word("level");
  const level = levelWord === undefined ? undefined : levelLetter(levelWord);
  if (levelWord !== undefined && level === undefined) {
    throw plain(`Level "${levelWord}" not valid.`);
  }
  const consolidates = word("consolidatejob");
  if (consolidates !== undefined) {
    const consolidate = named("Job", "Consolidate Job", consolidates);
    if (consolidate?.type !== "O") {
      throw new CommandFailed(
        `Invalid Consolidate Job "${consolidates}". Job type is "${consolidate?.type}" but expected "O".`,
      );
    }
    if (level !== "f") {
      throw plain("Consolidate Job option is only valid for virtual full jobs.");
    }
  }
  const wish: RunWish = {
    job,
    level: level ?? standardLevel(job),
    client: isRestore ? restoreClient ?? client ?? job.client : client ?? job.client,
    backupClient: isRestore ? client ?? job.client : undefined,
    fileSet: named("FileSet", "FileSet", word("fileset")) ?? job.fileSet,
    pool: pool && { resource: pool, source: "command line" },
    nextPool: nextPool && { resource: nextPool, source: "command line" },
    storage: storage && { resource: storage, source: "command line" },
    catalog,
    when: whenOf(word("when")),
    priority: priorityOf(session, word("priority"), job),
    since: sinceOf(word("since")),
    where: whereOf(session, "where", word("where")),
    regexWhere: whereOf(session, "regexwhere", word("regexwhere")),
    replace: replaceOf(word("replace")),
    bootstrap: word("bootstrap") ?? "",
    files: Number(word("files") ?? 0),
    verifyJob: named("Job", "Verify Job", word("verifyjob")) ?? job.jobToVerify,
    jobIds,
    pluginOptions: pluginOptionsOf(session, word("pluginoptions")),
    backupFormat: word("backupformat") ?? job.backupFormat,
    comment: commentOf(word("comment")),
    spoolData: flagOf("spooldata", word("spooldata")),
    accurate: flagOf("accurate", word("accurate")),
    ignoreDuplicateCheck: flagOf("ignoreduplicatecheck", word("ignoreduplicatecheck")),
    cloned: word("cloned") === "yes",
  };
  named("Job", "Migration Job", word("migrationjob")?.replace(/\.\d{4}-.*$/, ""));
  checkJobIds(session, jobIds);
  checkAccess(session, wish);
  return wish;
}

async function jobOf(session: ConsoleSession, name: string | undefined): Promise<JobResource> {
  if (name !== undefined) {
    const found = findResource(session, "Job", name);
    if (found !== undefined) return found;
    session.print(`Job "${name}" not found\n`);
    if (session.isBatch) throw new CommandFailed("");
  } else {
    session.print("A job name must be specified.\n");
    if (session.isBatch) throw new CommandFailed("");
  }
  return await chooseResource(session, "Job");
}

function idsOf(text: string): number[] {
  return text.split(",").map((part) => {
    if (!isJobId(part)) throw plain(`JobId ${part} not found in catalog. `);
    return Number(part);
  });
}

function checkJobIds(session: ConsoleSession, jobIds: readonly number[]): void {
  for (const jobId of jobIds) {
    const job = session.director.catalogOf(session.catalogResource).job(jobId);
    // One that the console may not see is none.
    if (job === undefined || !session.allows("Job", job.name)) {
      throw plain(`JobId ${jobId} not found in catalog. `);
    }
  }
}

function whenOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const time = timeOf(text);
  if (time === undefined) {
    throw plain('Invalid time specification in when; expected: "YYYY-MM-DD HH:MM:SS"');
  }
  return time;
}

function sinceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = timeOf(text);
  if (time === undefined) {
    throw plain(`Since option expects string in format "yyyy-mm-dd hh:mm:ss", but is: ${text}`);
  }
  return time;
}

function priorityOf(session: ConsoleSession, text: string | undefined, job: JobResource): number {
  if (text === undefined) return job.priority;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  session.print("Priority must be positive nonzero setting it to 10.\n");
  return 10;
}

function flagOf(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^yes$/i.test(text)) return true;
  if (/^no$/i.test(text)) return false;
  throw plain(`Invalid ${name} flag.`);
}

function replaceOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const letter = replaceLetters[text.toLowerCase()];
  if (letter === undefined) throw plain(`Invalid replace option: ${text}`);
  return letter;
}

function whereOf(
  session: ConsoleSession,
  keyword: string,
  text: string | undefined,
): string | undefined {
  if (text !== undefined && !session.allows("Where", text)) {
    throw plain(`No authorization for "${keyword}" specification.`);
  }
  return text;
}

function pluginOptionsOf(session: ConsoleSession, text: string | undefined): string {
  if (text !== undefined && !session.allows("PluginOptions", text)) {
    throw plain('No authorization for "PluginOptions" specification.');
  }
  return text ?? "";
}

function commentOf(text: string | undefined): string {
  const problem = text === undefined ? undefined : commentProblem(text);
  if (problem !== undefined) throw new CommandFailed(problem);
  return text ?? "";
}

/** Types of jobs that read from or write to a storage of their own. */
const withStorage = "BAVR";

/** Whether the console may use what the job would use of itself. */
function checkAccess(session: ConsoleSession, wish: RunWish): void {
  const { client } = wish;
  if (client !== undefined && !session.allows("Client", client.name)) {
    throw new CommandFailed(`No authorization. Client "${client.name}".`);
  }
  const storage = storageOfWish(wish);
  if (storage === undefined && withStorage.includes(wish.job.type)) {
    throw new CommandFailed("No storage specified.");
  }
  if (storage !== undefined && !session.allows("Storage", storage.resource.name)) {
    throw new CommandFailed(`No authorization. Storage "${storage.resource.name}".`);
  }
}
