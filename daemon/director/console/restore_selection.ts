/** From the words of `restore`, or from its menu, to jobs and files (console.md 12.1, 12.2). @module */
import { readFileSync } from "node:fs";
import { systemReason } from "../../system_reason.ts";
import { catalogTime } from "../report/formats.ts";
import type { SqlCatalog } from "../director_catalog.ts";
import { posixRegExp } from "../../../storage/volume/mod.ts";
import { formatRegexWhere } from "../../regex_where.ts";
import { type Arguments, isJobId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import {
  completeDate,
  copiesOf,
  type FilePlace,
  filesOfDirectory,
  filesOfTable,
  findFile,
  jobsOfState,
  justAfter,
  tableOfJobs,
} from "./restore_jobs.ts";
import { catalogRowOf } from "./selectors.ts";
import type { ConsoleSession } from "./session.ts";
import { horizontalTable } from "./table.ts";
import { sorted } from "./selection_list.ts";

/** What a restore works on while it is put together. */
export interface RestoreScene {
  readonly session: ConsoleSession;
  readonly args: Arguments;
  readonly catalog: SqlCatalog;
}

/** What is to be restored. */
export interface RestoreChoice {
  /** In the order of their age. */
  jobIds: number[];
  /** Single files; if there are any, the user does not browse. */
  files: FilePlace[];
  /** The client the files are from, if it is known. */
  client: string | undefined;
  /** Of whole jobs only the files that match. */
  fileRegex?: string;
}

/** Keywords of `restore`. */
const keywords: ReadonlySet<string> = new Set([
  ...["jobid", "current", "before", "file", "directory", "select", "pool", "all", "fileregex"],
  ...["client", "storage", "fileset", "where", "yes", "bootstrap", "done", "strip_prefix"],
  ...["add_prefix", "add_suffix", "regexwhere", "restoreclient", "copies", "comment"],
  ...["restorejob", "replace", "pluginoptions", "archive", "backupformat", "catalog"],
]);

/** Keywords without a value. */
const flags: ReadonlySet<string> = new Set([
  ...["current", "select", "all", "yes", "done", "copies", "archive"],
]);

/** Checks the words of `restore`. @throws CommandFailed if some are wrong or exclude one another */
export function checkWords(scene: RestoreScene): void {
  const { session, args, catalog } = scene;
  let date: string | undefined;
  let job: string | undefined;
  for (const { keyword, value } of args.all) {
    const word = keyword.toLowerCase();
    if (!keywords.has(word)) throw new CommandFailed(`Unknown keyword: ${keyword}`);
    if (!flags.has(word) && (value ?? "") === "" && word !== "where") {
      throw new CommandFailed(`Missing value for keyword: ${keyword}`);
    }
    const typed = value === undefined ? keyword : `${keyword}=${value}`;
    if (word === "current" || word === "before") {
      if (job !== undefined) {
        throw new CommandFailed(
          `A job was already explicitly chosen via '${job}' which is incompatible with choosing a job by date '${typed}'`,
        );
      }
      if (date !== undefined) {
        throw new CommandFailed(
          `A date was already chosen via '${date}'. Cannot choose another one via '${typed}'`,
        );
      }
      date = typed;
    }
    if (word === "jobid") {
      if (date !== undefined) {
        throw new CommandFailed(
          `A date was already chosen via '${date}' which is incompatible with choosing a job explicitly via '${typed}'`,
        );
      }
      job = typed;
    }
  }
  const before = args.value("before");
  if (before !== undefined && completeDate(before) === undefined) {
    throw new CommandFailed(`Improper date format: ${before}`);
  }
  const regexWhere = args.value("regexwhere") ?? (composedWhere(args) || undefined);
  for (
    const [title, value] of [["where", args.value("where")], ["RegexWhere", regexWhere]] as const
  ) {
    if (value !== undefined && !session.allows("Where", value)) {
      throw new CommandFailed(`"${title}" specification not authorized.`);
    }
  }
  for (const word of ["client", "restoreclient"] as const) {
    const name = args.value(word);
    if (name === undefined) continue;
    const row = catalog.one("SELECT 1 AS n FROM Client WHERE Name = ?", name);
    if (row === undefined || !session.allows("Client", name)) {
      throw new CommandFailed(`invalid ${word} argument: ${name}`);
    }
  }
  const pool = args.value("pool");
  if (pool !== undefined && poolIdOf(scene) === undefined) {
    session.tell("warning", `Pool "${pool}" not found, using any pool.`);
  }
  const regex = args.value("fileregex");
  if (regex !== undefined) {
    try {
      posixRegExp(regex);
    } catch {
      throw new CommandFailed('Invalid "FileRegex" value.');
    }
  }
}

/** The RegexWhere that a prefix to strip, one to add and a suffix amount to; empty for none. */
export function composedWhere(args: Arguments): string {
  return formatRegexWhere({
    stripPrefix: args.value("strip_prefix"),
    addPrefix: args.value("add_prefix"),
    addSuffix: args.value("add_suffix"),
  });
}

/** The date that the line names; a second from now if none. */
export function dateOf(args: Arguments): string {
  const before = args.value("before");
  return (before === undefined ? undefined : completeDate(before)) ??
    catalogTime(Math.floor(Date.now() / 1000) + 1);
}

/** A list of JobIds as typed. @throws CommandFailed if it is none */
export function parseJobIds(text: string): number[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    if (!isJobId(part)) throw new CommandFailed(`Could not parse jobid from '${part}'`);
    if (Number(part) === 0) throw new CommandFailed("0 is not a valid jobid");
    return Number(part);
  });
}

/** The client by keyword or choice, and its FileSet by keyword or choice. */
async function clientAndFileSet(
  scene: RestoreScene,
): Promise<{ clientId: number; client: string; fileSet: string }> {
  const { session, args, catalog } = scene;
  const { id, name } = await clientOf(scene);
  const names = catalog.all(
    `SELECT DISTINCT FileSet.FileSet AS name FROM Job JOIN FileSet ON FileSet.FileSetId = Job.FileSetId
     WHERE Job.ClientId = ? AND Job.Type IN ('B', 'A')`,
    id,
  ).map((row) => String(row.name)).filter((fileSet) => session.access.allows("FileSet", fileSet));
  const wanted = args.filled("fileset");
  if (wanted !== undefined) {
    if (names.includes(wanted)) return { clientId: id, client: name, fileSet: wanted };
    session.tell("error", `Error getting FileSet "${wanted}": ERR=unknown`);
  }
  if (names.length === 0) throw new CommandFailed(`No FileSet found for client "${name}".`);
  const items = sorted(names);
  const at = await session.dialogue.choose({
    header: "The defined FileSet resources are:",
    what: "FileSet",
    prompt: "Select FileSet resource",
    items,
  });
  return { clientId: id, client: name, fileSet: items[at] ?? "" };
}

/** The client by keyword or choice. */
export async function clientOf(
  { session, args, catalog }: RestoreScene,
): Promise<{ id: number; name: string }> {
  const given = args.filled("client");
  if (given !== undefined) {
    const row = catalog.one("SELECT ClientId AS id FROM Client WHERE Name = ?", given);
    if (row === undefined || !session.allows("Client", given)) {
      throw new CommandFailed(`invalid client argument: ${given}`);
    }
    return { id: Number(row.id), name: given };
  }
  return await catalogRowOf(session, args, catalog, "Client");
}

/** The pool that backups must lie in, if the line names one that there is. */
function poolIdOf({ session, args, catalog }: RestoreScene): number | undefined {
  const name = args.filled("pool");
  if (name === undefined || !session.access.allows("Pool", name)) return undefined;
  const row = catalog.one("SELECT PoolId AS id FROM Pool WHERE Name = ?", name);
  return row && Number(row.id);
}

/** The jobs of a client's state before a date, shown in a table. */
export async function mostRecent(
  scene: RestoreScene,
  before: string,
): Promise<{ jobIds: number[]; client: string }> {
  const { session, args, catalog } = scene;
  const { clientId, client, fileSet } = await clientAndFileSet(scene);
  const jobIds = jobsOfState(catalog, {
    clientId,
    fileSet,
    before,
    poolId: poolIdOf(scene),
    isArchive: args.has("archive"),
  });
  session.output.decorate(horizontalTable(tableOfJobs(catalog, jobIds)));
  return { jobIds, client };
}

/** The jobs of the full state at the time of one. */
export function stateAt({ session, args, catalog }: RestoreScene, jobId: number): number[] {
  const row = catalog.one(
    `SELECT Job.ClientId AS client, Job.StartTime AS start, Job.Name AS name, Job.Type AS type, Job.PriorJobId AS prior, FileSet.FileSet AS fileset FROM Job
     LEFT JOIN FileSet ON FileSet.FileSetId = Job.FileSetId WHERE JobId = ?`,
    jobId,
  );
  if (row === undefined) {
    throw new CommandFailed(`Unable to get Job record for JobId=${jobId}: ERR=unknown`);
  }
  if (!session.allows("Job", String(row.name))) {
    throw new CommandFailed(
      `Access to JobId=${jobId} (Job "${row.name}") not authorized. Not selected.`,
    );
  }
  const start = String(row.start ?? "");
  session.print(`Selecting jobs to build the Full state at ${start}\n`);
  const all = jobsOfState(catalog, {
    clientId: Number(row.client),
    fileSet: String(row.fileset ?? ""),
    before: justAfter(start),
    poolId: undefined,
    isArchive: args.has("archive"),
  });
  // Of a copy that was asked for, the original's place in the chain is the copy's.
  const original = String(row.type) === "C" ? Number(row.prior) : jobId;
  const end = all.indexOf(original);
  return end < 0 ? all : [...all.slice(0, end), jobId];
}

/** A name as typed, or from a list, and how it is told if nothing has it. */
export interface AskedName {
  readonly path: string;
  readonly shown: string;
}

/** What the name of a file begins with: the root, a drive, a plugin's place. */
const absolute = /^(\/|[A-Za-z]:|@)/;

/**
 * A name; behind `<`, those in a file on the director, one a line. Lines that are no names are told by
 * their number only: the file may be another than the user may read.
 */
export function namesOf(text: string): AskedName[] {
  if (!text.startsWith("<")) return [{ path: text, shown: text }];
  const file = text.slice(1);
  try {
    return readFileSync(file, "utf8").split("\n").map((line, at) => ({
      path: line,
      shown: absolute.test(line) ? line : `line ${at + 1} of ${file}`,
    })).filter(({ path }) => path !== "");
  } catch (cause) {
    throw new CommandFailed(`Cannot open file ${file}: ERR=${systemReason(cause)}`);
  }
}

/** Adds the files that `file=` and `directory=` name. */
export async function addNamedFiles(
  scene: RestoreScene,
  choice: RestoreChoice,
  before: string,
): Promise<void> {
  const { args, catalog } = scene;
  for (const text of args.values("file")) {
    if (text.startsWith("?")) choice.files.push(...filesOfTable(catalog, text.slice(1)));
    else for (const name of namesOf(text)) await addFile(scene, choice, name, before);
  }
  for (const text of args.values("directory")) {
    if (choice.jobIds.length === 0) {
      const { jobIds, client } = await mostRecent(scene, before);
      choice.jobIds = jobIds;
      choice.client = client;
    }
    for (const name of namesOf(text)) addDirectory(scene, choice, name);
  }
}

/** Adds the newest version of a file; tells if there is none. */
export async function addFile(
  scene: RestoreScene,
  choice: RestoreChoice,
  { path, shown }: AskedName,
  before: string,
): Promise<void> {
  const client = choice.client === undefined && choice.jobIds.length === 0
    ? await clientOf(scene)
    : undefined;
  if (client !== undefined) choice.client = client.name;
  const row = scene.catalog.one(
    "SELECT ClientId AS id FROM Client WHERE Name = ?",
    choice.client ?? "",
  );
  const found = findFile(scene.catalog, path, {
    clientId: Number(row?.id ?? 0),
    before,
    jobIds: choice.jobIds,
    poolId: choice.jobIds.length > 0 ? undefined : poolIdOf(scene),
    isArchive: scene.args.has("archive"),
  });
  if (found === undefined) scene.session.tell("error", `No database record found for: ${shown}`);
  else choice.files.push(found);
}

/** Adds what lies directly in a directory; tells if there is nothing. */
export function addDirectory(
  scene: RestoreScene,
  choice: RestoreChoice,
  { path, shown }: AskedName,
): void {
  const found = filesOfDirectory(scene.catalog, path, choice.jobIds);
  if (found.length === 0) scene.session.tell("error", `No database record found for: ${shown}`);
  choice.files.push(...found);
}

/** Offers copies in place of the jobs, where `copies` is on the line. */
export async function offerCopies(scene: RestoreScene, choice: RestoreChoice): Promise<void> {
  const { session, args, catalog } = scene;
  if (!args.has("copies")) return;
  const copies = copiesOf(catalog, choice.jobIds);
  if (copies.size === 0) return;
  await session.execute(`list copies jobid=${choice.jobIds.join(",")}`);
  if (
    args.has("yes") || session.isBatch ||
    await session.confirm("\nDo you want to restore from these copies? (yes|no): ")
  ) {
    choice.jobIds = choice.jobIds.map((jobId) => copies.get(jobId) ?? jobId);
  }
}

/** JobIds that the console may restore from, in the order of their age, each once. */
export function permittedJobs(scene: RestoreScene, jobIds: readonly number[]): number[] {
  const { session, catalog } = scene;
  const found: { id: number; start: string }[] = [];
  for (const id of new Set(jobIds)) {
    const row = catalog.one(
      `SELECT Job.Name AS name, Job.StartTime AS start, Client.Name AS client FROM Job
       LEFT JOIN Client ON Client.ClientId = Job.ClientId WHERE JobId = ?`,
      id,
    );
    if (row === undefined) {
      throw new CommandFailed(`Unable to get Job record for JobId=${id}: ERR=unknown`);
    }
    if (
      !session.allows("Job", String(row.name)) ||
      (row.client !== null && !session.allows("Client", String(row.client)))
    ) {
      session.tell(
        "warning",
        `Access to JobId=${id} (Job "${row.name}") not authorized. Not selected.`,
      );
    } else found.push({ id, start: String(row.start ?? "") });
  }
  return found.toSorted((a, b) => a.start < b.start ? -1 : a.start > b.start ? 1 : a.id - b.id)
    .map(({ id }) => id);
}
