/** What the words of `run` wish for (console.md 11.1). @module */
import { JOB_LEVELS } from "../../../protocol/mod.ts";
import { catalogSeconds } from "../report/formats.ts";
import type { JobRequest } from "../jobs/job_request.ts";
import { choosePool, chooseStorage } from "../volumes/pool_choice.ts";
import type { Picked } from "../jobs/job.ts";
import type {
  CatalogResource,
  ClientResource,
  FileSetResource,
  JobResource,
  PoolResource,
  StorageResource,
} from "../resources.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { commentProblem } from "./names.ts";
import { chooseResource, findResource } from "./selectors.ts";
import type { ConsoleSession } from "./session.ts";

/** A job as it is going to run, which the user may still change. */
export interface RunWish {
  job: JobResource;
  level: string;
  client: ClientResource | undefined;
  /** Restore: where the files come from, if not the client that gets them. */
  backupClient: ClientResource | undefined;
  fileSet: FileSetResource | undefined;
  pool: Picked<PoolResource> | undefined;
  nextPool: Picked<PoolResource> | undefined;
  storage: Picked<StorageResource> | undefined;
  catalog: CatalogResource | undefined;
  /** UNIX seconds; 0 for now. */
  when: number;
  priority: number;
  since: number | undefined;
  where: string | undefined;
  regexWhere: string | undefined;
  replace: string | undefined;
  bootstrap: string;
  files: number;
  verifyJob: JobResource | undefined;
  jobIds: number[];
  pluginOptions: string;
  backupFormat: string;
  comment: string;
  spoolData: boolean | undefined;
  accurate: boolean | undefined;
  ignoreDuplicateCheck: boolean | undefined;
  cloned: boolean;
}

/** Keywords and what is said when one comes twice; several may be one. */
const keywords: Readonly<Record<string, string>> = {
  job: "Job name",
  jobname: "Job name",
  jobid: "JobId",
  client: "Client",
  fd: "Client",
  fileset: "FileSet",
  level: "Level",
  storage: "Storage",
  sd: "Storage",
  regexwhere: "RegexWhere or Where",
  where: "Where or RegexWhere",
  bootstrap: "Bootstrap",
  replace: "Replace",
  when: "When",
  priority: "Priority",
  verifyjob: "Verify Job",
  files: "files",
  catalog: "Catalog",
  since: "Since",
  cloned: "Cloned",
  migrationjob: "Migration Job",
  pool: "Pool",
  nextpool: "NextPool",
  backupclient: "Client",
  restoreclient: "Restore Client",
  pluginoptions: "Plugin Options",
  spooldata: "Spool flag",
  comment: "Comment",
  ignoreduplicatecheck: "IgnoreDuplicateCheck flag",
  accurate: "Accurate flag",
  backupformat: "Backup Format",
  consolidatejob: "Consolidate Job",
};

/** Keywords that are one directive. */
const sameAs: Readonly<Record<string, string>> = {
  jobname: "job",
  fd: "client",
  sd: "storage",
  backupclient: "client",
  regexwhere: "where",
};

/** Letters of replacement by their words. */
export const replaceLetters: Readonly<Record<string, string>> = {
  always: "a",
  ifnewer: "w",
  ifolder: "o",
  never: "n",
};

const plain = (text: string): CommandFailed => new CommandFailed(text, "plain");

/** The words of the line by keyword. @throws CommandFailed if one is wrong */
function words(args: Arguments): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  args.all.forEach(({ keyword, value }, at) => {
    const word = keyword.toLowerCase();
    if (word === "yes" && value === undefined) return;
    const what = keywords[word];
    if (what === undefined) {
      // A first word that is no keyword names the job.
      if (value === undefined && at === 0) found.set("job", keyword);
      else throw plain(`Invalid keyword: ${keyword}`);
      return;
    }
    if (value === undefined || (value === "" && word !== "where")) {
      throw plain(`Value missing for keyword ${keyword}`);
    }
    const key = sameAs[word] ?? word;
    if (seen.has(key)) throw plain(`${what} specified twice.`);
    seen.add(key);
    found.set(word, value);
  });
  return found;
}

/** Reads `YYYY-MM-DD HH:MM:SS`, or `now`. */
export function timeOf(text: string): number | undefined {
  if (text.trim().toLowerCase() === "now" || text.trim() === "") {
    return Math.floor(Date.now() / 1000);
  }
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text.trim())
    ? catalogSeconds(text.trim()) || undefined
    : undefined;
}

/** The letter of a level that is written as a word. */
export function levelLetter(word: string): string | undefined {
  const wanted = word.toLowerCase();
  return Object.entries(JOB_LEVELS).find(([, { keyword }]) => keyword.toLowerCase() === wanted)
    ?.[0];
}

/** Takes the words of `run` for a wish. @throws CommandFailed if they cannot be carried out */
export async function readWish(session: ConsoleSession, args: Arguments): Promise<RunWish> {
  const given = words(args);
  const { configuration } = session.director;
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
  const catalogName = word("catalog");
  const catalog = catalogName === undefined ? undefined : configuration.get("Catalog", catalogName);
  if (catalogName !== undefined && catalog === undefined) {
    throw new CommandFailed(`Catalog "${catalogName}" not found`);
  }
  const isRestore = job.type === "R";
  const client = await pick("Client", "Client", word("client", "fd", "backupclient"));
  const restoreClient = await pick("Client", "Restore Client", word("restoreclient"));
  const pool = await pick("Pool", "Pool", word("pool"));
  const nextPool = await pick("Pool", "NextPool", word("nextpool"));
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
      throw new CommandFailed("Consolidate Job option is only valid for virtual full jobs.");
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

/** The level that a job has of itself. */
function standardLevel(job: JobResource): string {
  if ("DAOR".includes(job.type)) return " ";
  return job.level || (job.type === "V" ? "C" : job.type === "B" ? "I" : "F");
}

function idsOf(text: string): number[] {
  return text.split(",").map((part) => {
    if (!/^\d{1,10}$/.test(part)) throw plain(`JobId ${part} not found in catalog. `);
    return Number(part);
  });
}

function checkJobIds(session: ConsoleSession, jobIds: readonly number[]): void {
  for (const jobId of jobIds) {
    if (session.director.catalogOf(session.catalogResource).job(jobId) === undefined) {
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
  if (/^(yes|true|1)$/i.test(text)) return true;
  if (/^(no|false|0)$/i.test(text)) return false;
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

/** Whether the console may use what the job would use of itself. */
function checkAccess(session: ConsoleSession, wish: RunWish): void {
  const { client } = wish;
  if (client !== undefined && !session.allows("Client", client.name)) {
    throw new CommandFailed(`No authorization. Client "${client.name}".`);
  }
  const storage = storageOfWish(wish);
  if (storage !== undefined && !session.allows("Storage", storage.resource.name)) {
    throw new CommandFailed(`No authorization. Storage "${storage.resource.name}".`);
  }
}

/** The request that a wish amounts to. */
export function requestOf(wish: RunWish): JobRequest {
  return {
    job: wish.job,
    trigger: "User",
    ...(wish.level !== " " && { level: wish.level }),
    client: wish.client,
    fileSet: wish.fileSet,
    pool: wish.pool?.resource,
    poolSource: wish.pool?.source,
    nextPool: wish.nextPool?.resource,
    storage: wish.storage?.resource,
    storageSource: wish.storage?.source,
    catalog: wish.catalog,
    priority: wish.priority,
    when: wish.when === 0 ? undefined : wish.when,
    since: wish.since,
    accurate: wish.accurate,
    spoolData: wish.spoolData,
    comment: wish.comment === "" ? undefined : wish.comment,
    pluginOptions: wish.pluginOptions === "" ? undefined : wish.pluginOptions,
    ignoreDuplicateCheck: wish.ignoreDuplicateCheck,
    cloned: wish.cloned || undefined,
    where: wish.regexWhere === undefined ? wish.where ?? (wish.job.where || undefined) : undefined,
    regexWhere: wish.regexWhere,
    replace: wish.replace,
    bootstrap: wish.bootstrap === "" ? undefined : wish.bootstrap,
    files: wish.files === 0 ? undefined : wish.files,
    verifyJob: wish.verifyJob,
    jobIds: wish.jobIds.length === 0 ? undefined : wish.jobIds,
  };
}

/** The pool that a wish writes to. */
export function poolOfWish(wish: RunWish): Picked<PoolResource> {
  return choosePool(requestOf(wish), wish.level, false);
}

/** The pool that copies, migrations and virtual fulls write to. */
export function nextPoolOfWish(wish: RunWish): Picked<PoolResource> | undefined {
  if (wish.nextPool !== undefined) return wish.nextPool;
  const ofJob = wish.job.nextPool;
  if (ofJob !== undefined) return { resource: ofJob, source: "Job's NextPool resource" };
  const ofPool = poolOfWish(wish).resource.nextPool;
  return ofPool && { resource: ofPool, source: "Pool resource" };
}

/** The storage of a wish. */
export function storageOfWish(wish: RunWish): Picked<StorageResource> | undefined {
  return chooseStorage(requestOf(wish), poolOfWish(wish).resource);
}
