/**
 * Choosing resources and rows of the catalog, by keyword or by asking
 * (console.md 4.2).
 *
 * @module
 */
import type { ProgramResources } from "../../config/mod.ts";
import type { Job } from "../jobs/job.ts";
import type { SqlCatalog, SqlRow } from "../director_catalog.ts";
import type { ClientResource, StorageResource } from "../resources.ts";
import type { AccessKind } from "./access.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { sorted } from "./selection_list.ts";
import type { ConsoleSession } from "./session.ts";

/** Types of resources that are chosen from. */
export type SelectableType = "Storage" | "FileSet" | "Job" | "Client" | "Schedule" | "Pool";

/** A resource of one of those types. */
export type Selectable<T extends SelectableType> = ProgramResources["director"][T];

interface Wording {
  readonly keywords: readonly string[];
  readonly prompt: string;
  /** What is said of a name that is none. */
  readonly unknown: (name: string) => string;
}

const wordings: Readonly<Record<SelectableType, Wording>> = {
  Storage: {
    keywords: ["storage", "sd"],
    prompt: "Select Storage resource",
    unknown: (name) => `Storage resource "${name}": not found`,
  },
  FileSet: {
    keywords: ["fileset"],
    prompt: "Select FileSet resource",
    unknown: (name) => `Error: FileSet resource "${name}" does not exist.`,
  },
  Job: {
    keywords: ["job", "jobname"],
    prompt: "Select Job resource",
    unknown: (name) => `Job "${name}" not found`,
  },
  Client: {
    keywords: ["client", "fd"],
    prompt: "Select Client (File daemon) resource",
    unknown: (name) => `Error: Client resource ${name} does not exist.`,
  },
  Schedule: {
    keywords: ["schedule"],
    prompt: "Select Schedule resource",
    unknown: (name) => `Error: Schedule resource "${name}" does not exist.`,
  },
  Pool: {
    keywords: ["pool"],
    prompt: "Select Pool resource",
    unknown: (name) => `Error: Pool resource "${name}" does not exist.`,
  },
};

/** What is different from the standard words of a selector. */
export interface SelectorOptions<R> {
  readonly prompt?: string;
  readonly header?: string;
  readonly isMeant?: (resource: R) => boolean;
}

/** All resources of a type that the console may use, in the order of the configuration. */
export function permitted<T extends SelectableType>(
  session: ConsoleSession,
  type: T,
): Selectable<T>[] {
  return session.director.configuration.all(type)
    .filter(({ name }) => session.access.allows(type as AccessKind, name)) as Selectable<T>[];
}

/** Lets the user choose a resource. */
export async function chooseResource<T extends SelectableType>(
  session: ConsoleSession,
  type: T,
  options: SelectorOptions<Selectable<T>> = {},
): Promise<Selectable<T>> {
  const resources = permitted(session, type).filter(options.isMeant ?? (() => true));
  const names = sorted(resources.map(({ name }) => name));
  const at = await session.dialogue.choose({
    header: options.header ?? `The defined ${type} resources are:`,
    what: type,
    prompt: options.prompt ?? wordings[type].prompt,
    items: names,
  });
  const chosen = resources.find(({ name }) => name === names[at]);
  if (chosen === undefined) throw new RangeError(`There is no ${type} ${names[at]}`);
  return chosen;
}

/** A resource by its name, if the console may use it. */
export function findResource<T extends SelectableType>(
  session: ConsoleSession,
  type: T,
  name: string,
): Selectable<T> | undefined {
  const found = session.director.configuration.get(type, name) as Selectable<T> | undefined;
  return found !== undefined && session.allows(type as AccessKind, name) ? found : undefined;
}

/**
 * The resource that the line names; asks if it names none, or one that there is not (which is told).
 */
export async function resourceOf<T extends SelectableType>(
  session: ConsoleSession,
  args: Arguments,
  type: T,
  options: SelectorOptions<Selectable<T>> = {},
): Promise<Selectable<T>> {
  const { keywords, unknown } = wordings[type];
  const name = args.filled(...keywords);
  if (name !== undefined && name !== "?") {
    const found = findResource(session, type, name);
    if (found !== undefined && (options.isMeant?.(found) ?? true)) return found;
    session.tell("error", unknown(name));
  }
  return await chooseResource(session, type, options);
}

/** Words behind mount, label and the like that are no names of storages. */
const noStorageNames: ReadonlySet<string> = new Set([
  ...["alldrives", "barcode", "barcodes", "encrypt", "scan", "slots", "yes", "storage", "sd"],
]);

/** The storage of a command: named, of a running job, as a bare word (`takesWord`), or asked for. */
export async function storageOf(
  session: ConsoleSession,
  args: Arguments,
  options: SelectorOptions<Selectable<"Storage">> & { takesWord?: boolean } = {},
): Promise<Selectable<"Storage">> {
  if (args.values("storage", "sd").length > 1) {
    throw new CommandFailed("Storage name given twice.");
  }
  if (args.filled("storage", "sd") === undefined) {
    const job = runningJobOf(session, args);
    if (job?.storage !== undefined && session.allows("Storage", job.storage.resource.name)) {
      return job.storage.resource;
    }
    const word = options.takesWord === true
      ? args.all.find(({ keyword, value }) =>
        value === undefined && !noStorageNames.has(keyword.toLowerCase())
      )?.keyword
      : undefined;
    if (word !== undefined && word !== "?") {
      const found = findResource(session, "Storage", word);
      if (found !== undefined) return found;
      session.tell("error", wordings.Storage.unknown(word));
    }
  }
  return await resourceOf(session, args, "Storage", options);
}

/** The running job that the line names, if it names one. @throws CommandFailed if it does not run */
function runningJobOf(session: ConsoleSession, args: Arguments): Job | undefined {
  const { jobs } = session.director;
  const jobId = args.value("jobid");
  if (jobId !== undefined) {
    if (!/^\d+$/.test(jobId)) throw new CommandFailed(`Expecting jobid=nn command, got: ${jobId}`);
    const job = jobs.find((each) => each.jobId === Number(jobId));
    if (job === undefined) throw new CommandFailed(`JobId ${jobId} is not running.`);
    return job;
  }
  const name = args.value("job", "jobname", "ujobid");
  if (name === undefined) return undefined;
  const job = jobs.find((each) => each.uniqueName === name) ??
    jobs.find((each) => each.uniqueName.startsWith(`${name}.`));
  if (job === undefined) throw new CommandFailed(`Job "${name}" is not running.`);
  return job;
}

/** Tables of the catalog that are chosen from, by the name of a row. */
export const catalogLists = {
  Client: {
    header: "Defined Clients:",
    prompt: "Select the Client",
    empty: "No clients defined. You must run a job before using this command.",
    unknown: (name: string) => `Could not find Client "${name}": ERR=unknown`,
  },
  Pool: {
    header: "Defined Pools:",
    prompt: "Select the Pool",
    empty: 'No pools defined. Use the "create" command to create one.',
    unknown: (name: string) => `Could not find Pool "${name}": ERR=unknown`,
  },
  Storage: {
    header: "Defined Storages:",
    prompt: "Select the Storage",
    empty: "No storages defined.",
    unknown: (name: string) => `Could not find Storage "${name}": ERR=unknown`,
  },
} as const;

/** The row of a Client, Pool or Storage in the catalog, by keyword or by asking. */
export async function catalogRowOf(
  session: ConsoleSession,
  args: Arguments,
  catalog: SqlCatalog,
  type: keyof typeof catalogLists,
): Promise<{ readonly id: number; readonly name: string }> {
  const words = catalogLists[type];
  const rows = catalog.all(`SELECT ${type}Id AS id, Name AS name FROM ${type} ORDER BY ${type}Id`)
    .map((row: SqlRow) => ({ id: Number(row.id), name: String(row.name) }))
    .filter(({ name }) => session.access.allows(type, name));
  const named = args.filled(type.toLowerCase());
  if (named !== undefined) {
    const found = rows.find(({ name }) => name === named);
    if (found !== undefined) return found;
    if (!session.access.allows(type, named)) {
      session.tell("error", `No access to ${type} "${named}"`);
    } else session.tell("error", words.unknown(named));
  }
  if (rows.length === 0) throw new CommandFailed(words.empty);
  const names = sorted(rows.map(({ name }) => name));
  const at = await session.dialogue.choose({ ...words, what: type, items: names });
  const found = rows.find(({ name }) => name === names[at]);
  if (found === undefined) throw new RangeError(`There is no ${type} ${names[at]}`);
  return found;
}

/** One of several keywords: the first on the line, or asked for. */
export async function keywordOf(
  session: ConsoleSession,
  args: Arguments,
  keywords: readonly string[],
  prompt: string,
): Promise<string> {
  const given = args.firstOf(keywords);
  if (given !== undefined) return given.keyword.toLowerCase();
  const at = await session.dialogue.choose({
    header: "You have the following choices:",
    what: "",
    prompt,
    items: keywords,
  });
  return keywords[at] ?? "";
}

/** The number of a drive; 0 where there is but one. */
export async function driveOf(
  session: ConsoleSession,
  args: Arguments,
  storage: Selectable<"Storage">,
): Promise<number> {
  const given = args.value("drive");
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  if (!storage.autoChanger || storage.device.length <= 1) return 0;
  return await session.dialogue.choose({
    header: "Select Drive:",
    what: "Drive",
    prompt: "Select drive",
    items: storage.device.map((_device, at) => `Drive ${at}`),
  });
}

/** Resources with an address and port that none before has. */
export function distinct(
  session: ConsoleSession,
  type: "Storage" | "Client",
): readonly (StorageResource | ClientResource)[] {
  const seen = new Set<string>();
  return session.director.configuration.all(type).filter(({ name, address, port }) => {
    const place = `${address}:${port}`;
    if (!session.access.allows(type, name) || seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}
