/** `restore` (console.md 12). @module */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../bytes/mod.ts";
import { baseJobsOf } from "../../../storage/catalog/mod.ts";
import { decodeStat, posixRegExp } from "../../../storage/volume/mod.ts";
import {
  type BootstrapJob,
  FileIndexes,
  LAST_FILE_INDEX,
  makeBootstrap,
} from "../peers/bootstrap.ts";
import type { DirectorCatalog } from "../director_catalog.ts";
import { withCommas } from "../report/formats.ts";
import type { JobResource } from "../resources.ts";
import { Arguments, quoteWord } from "./arguments.ts";
import { CatalogTree, type TreeFile } from "./catalog_tree.ts";
import { CommandFailed } from "./command.ts";
import { DialogueEnded } from "./dialogue.ts";
import { FileTree } from "./file_tree.ts";
import { OthersTurn } from "./others_turn.ts";
import { tableOfJobs } from "./restore_jobs.ts";
import { chooseByMenu } from "./restore_menu.ts";
import {
  addNamedFiles,
  checkWords,
  composedWhere,
  dateOf,
  mostRecent,
  offerCopies,
  parseJobIds,
  permittedJobs,
  type RestoreChoice,
  type RestoreScene,
  stateAt,
} from "./restore_selection.ts";
import { catalogRowOf, chooseResource, findResource } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { horizontalTable } from "./table.ts";
import { longRead, longReadAll } from "../long_reads.ts";
import { browse } from "./tree_commands.ts";

/** Files of a job by their index; undefined for all of it. */
type Wanted = Map<number, FileIndexes | undefined>;

/** Chooses files of earlier backups and starts a job that brings them back. */
export const restore: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const scene: RestoreScene = { session, args, catalog };
  checkWords(scene);
  requireRestoreJob(session);
  const choice: RestoreChoice = { jobIds: [], files: [], client: args.filled("client") };
  const given = args.filled("bootstrap");
  if (given !== undefined) {
    return await runRestore(scene, choice, given, 0, args.filled("storage") ?? "");
  }
  if (!await chooseJobs(scene, choice)) {
    session.print("Restore not done.\n");
    return false;
  }
  const wanted = await chooseFiles(scene, catalog, choice);
  if (wanted === undefined) {
    session.print("Restore not done.\n");
    return false;
  }
  const bootstrap = writeBootstrap(scene, catalog, wanted, choice);
  if (bootstrap === undefined) {
    session.print("No files selected to be restored.\n");
    return false;
  }
  return await runRestore(scene, choice, bootstrap.path, bootstrap.files, bootstrap.storage);
};

function requireRestoreJob(session: ConsoleSession): void {
  const jobs = session.director.configuration.all("Job");
  if (jobs.some(({ type }) => type === "R")) return;
  throw new CommandFailed(
    `No Restore Job Resource found in ${session.director.resource.name}.\n` +
      "You must create at least one before running this command.",
  );
}

/** Decides on the jobs, by keywords or by the menu; false if nothing is to be restored. */
async function chooseJobs(scene: RestoreScene, choice: RestoreChoice): Promise<boolean> {
  const { session, args } = scene;
  const listed = args.values("jobid").flatMap(parseJobIds);
  const date = dateOf(args);
  if (listed.length > 0) {
    const [first] = listed;
    choice.jobIds = args.has("select") && first !== undefined
      ? listed.flatMap((jobId) => stateAt(scene, jobId))
      : listed;
  } else if (args.has("select") && !args.has("file", "directory")) {
    const { jobIds, client } = await mostRecent(scene, date);
    choice.jobIds = jobIds;
    choice.client = client;
  } else if (!args.has("file", "directory")) {
    if (session.isBatch) throw new CommandFailed("No JobId specified cannot continue.");
    if (!await chooseByMenu(scene, choice)) return false;
  }
  await addNamedFiles(scene, choice, date);
  if (choice.files.length > 0) {
    choice.jobIds = [...new Set([...choice.files.map(({ jobId }) => jobId)])];
  } else if (args.has("file", "directory")) return false;
  if (choice.jobIds.length === 0) throw new CommandFailed("No Jobs selected.");
  await offerCopies(scene, choice);
  const before = choice.jobIds;
  choice.jobIds = permittedJobs(scene, before);
  if (choice.jobIds.length === 0) throw new CommandFailed("No Jobs selected.");
  if (choice.files.length === 0) {
    const ids = choice.jobIds.join(",");
    session.tell(
      "info",
      `You have selected the following JobId${choice.jobIds.length > 1 ? "s" : ""}: ${ids}\n`,
    );
  } else choice.files = choice.files.filter(({ jobId }) => choice.jobIds.includes(jobId));
  return true;
}

/** Decides on the files of the jobs; undefined if nothing is to be restored. */
async function chooseFiles(
  scene: RestoreScene,
  catalog: DirectorCatalog,
  choice: RestoreChoice,
): Promise<Wanted | undefined> {
  const { session, args } = scene;
  const wanted: Wanted = new Map();
  if (choice.files.length > 0) {
    for (const { jobId, fileIndex, firstIndex = 0 } of choice.files) {
      add(wanted, jobId, fileIndex);
      if (firstIndex > 0) add(wanted, jobId, firstIndex);
    }
    return wanted;
  }
  const regex = args.value("fileregex");
  const source = new CatalogTree(catalog, choice.jobIds);
  const total = await source.count();
  const bases = baseJobsOf(catalog, choice.jobIds);
  const lost = { kind: "lostBaseFiles", jobIds: choice.jobIds } as const;
  for (const { jobId, files } of await longReadAll(catalog, lost)) {
    session.tell(
      "warning",
      `${files} files of base JobId ${jobId} are no longer in the catalog and will not be restored.`,
    );
  }
  if (bases.length > 0) {
    session.print("The restore will use the following job(s) as Base\n");
    session.print(horizontalTable(tableOfJobs(catalog, bases)));
  }
  const isPurged = [...bases, ...choice.jobIds]
    .some((jobId) => catalog.job(jobId)?.purgedFiles === true);
  if (total === 0 || isPurged) return await chooseWhole(scene, choice);
  if (regex !== undefined && !args.has("all")) {
    if (bases.length > 0) {
      // Of base jobs only what the state has of them.
      const read = { kind: "currentIndexes", jobIds: choice.jobIds } as const;
      for await (const piece of longRead(catalog, read)) {
        for (const { jobId, fileIndex } of piece) {
          if (bases.includes(jobId)) add(wanted, jobId, fileIndex);
        }
      }
    }
    for (const jobId of choice.jobIds) wanted.set(jobId, undefined);
    return wanted;
  }
  const isAll = args.has("all");
  const tree = new FileTree(source);
  if (isAll) tree.markAll(true);
  session.print(`\nBuilding directory tree for JobId(s) ${choice.jobIds.join(",")} ...  `);
  const first = catalog.job(choice.jobIds[0] ?? 0)?.jobFiles ?? 0;
  // A mark for every fiftieth of the first job's files (recordings 06 to 08).
  const step = Math.max(1, Math.floor(first / 50)) + 1;
  session.print("+".repeat(Math.max(0, Math.min(1_000, Math.floor(total / step) - 1))));
  session.print(
    isAll
      ? `\n${
        withCommas(total - await source.countFilledFolders())
      } files inserted into the tree and marked for extraction.\n`
      : `\n${withCommas(total)} files inserted into the tree.\n`,
  );
  await session.flush();
  const isDone = isAll && (args.has("done") || session.isBatch);
  if (!isDone && !await browse(session, tree)) return undefined;
  const take = ({ jobId, fileIndex, path, lstat, deltaSeq }: MarkedFile): void => {
    if (deltaSeq > 0) return addParts(session, catalog, choice, wanted, path, deltaSeq);
    add(wanted, jobId, fileIndex);
    // The data of a hard link lies with the first of its names.
    const { linkFileIndex } = decodeStat(lstat);
    if (linkFileIndex > 0) add(wanted, jobId, linkFileIndex);
  };
  if (tree.isAllMarked) {
    // Where everything is wanted, names need not be read.
    const read = { kind: "currentIndexes", jobIds: choice.jobIds } as const;
    for await (const piece of longRead(catalog, read)) piece.forEach(take);
    return wanted;
  }
  const turn = new OthersTurn();
  for (const file of tree.marked()) {
    if (turn.isDue()) await turn.take();
    take(file);
  }
  return wanted;
}

/** What must be known of a file that is to be restored. */
type MarkedFile = Pick<TreeFile, "jobId" | "fileIndex" | "path" | "lstat" | "deltaSeq">;

/** Adds all parts of a file of which a plugin has saved changes only (catalog-and-jobs.md 14.2). */
function addParts(
  session: ConsoleSession,
  catalog: DirectorCatalog,
  { jobIds }: RestoreChoice,
  wanted: Wanted,
  path: string,
  deltaSeq: number,
): void {
  const parts = catalog.deltaParts(jobIds, path);
  if (parts.length !== deltaSeq + 1) {
    session.tell(
      "warning",
      `Something is wrong with the Delta sequence of ${path}, skipping new parts. ` +
        `Current sequence is ${parts.length - 1}`,
    );
  }
  for (const { jobId, fileIndex } of parts) add(wanted, jobId, fileIndex);
}

function add(wanted: Wanted, jobId: number, fileIndex: number): void {
  const before = wanted.get(jobId);
  if (before === undefined) wanted.set(jobId, new FileIndexes([fileIndex]));
  else before.add(fileIndex);
}

/** Jobs whose files the catalog no longer knows can only be restored as a whole, or by a pattern. */
async function chooseWhole(
  { session, args }: RestoreScene,
  choice: RestoreChoice,
): Promise<Wanted | undefined> {
  session.print(
    "\n\nFor one or more of the JobIds selected, no files were found,\nso file selection is not possible.\n" +
      "Most likely your retention policy pruned the files.\n",
  );
  const whole: Wanted = new Map(choice.jobIds.map((jobId) => [jobId, undefined]));
  if (args.has("all", "yes")) return whole;
  if (session.isBatch) return undefined;
  if (await session.confirm("\nDo you want to restore all the files? (yes|no): ")) return whole;
  for (;;) {
    const pattern = await session.ask("\nRegexp matching files to restore? (empty to abort): ");
    if (pattern === "") return undefined;
    try {
      posixRegExp(pattern);
      choice.fileRegex = pattern;
      return whole;
    } catch (error) {
      session.print(`Regex compile error: ${messageOf(error)}\n`);
    }
  }
}

/** Writes the bootstrap and tells what it needs; undefined if there is nothing in it. */
function writeBootstrap(
  { session, args }: RestoreScene,
  catalog: DirectorCatalog,
  wanted: Wanted,
  { jobIds, fileRegex }: RestoreChoice,
): { readonly path: string; readonly files: number; readonly storage: string } | undefined {
  const { configuration, resource } = session.director;
  const all = [...baseJobsOf(catalog, jobIds), ...jobIds];
  const jobs: BootstrapJob[] = all.filter((jobId) => wanted.has(jobId)).map((jobId) => {
    const row = catalog.job(jobId);
    return {
      volSessionId: row?.volSessionId ?? 0,
      volSessionTime: row?.volSessionTime ?? 0,
      jobMedia: catalog.jobMedia(jobId),
      fileIndexes: wanted.get(jobId),
    };
  });
  const inChanger = new Set<string>();
  const asked = args.filled("storage");
  const bootstrap = makeBootstrap(jobs, (piece) => {
    if (piece.slot > 0) inChanger.add(piece.volumeName);
    const name = asked ?? catalog.storageName(piece.storageId);
    const found = configuration.get("Storage", name ?? "");
    const storage = found ??
      configuration.all("Storage").find(({ mediaType }) => mediaType === piece.mediaType);
    if (found === undefined && storage !== undefined) {
      session.tell(
        "warning",
        `Storage "${name}" not found, using Storage "${storage.name}" from MediaType "${piece.mediaType}".`,
      );
    }
    return storage && { name: storage.name, device: storage.device[0] };
  }, args.value("fileregex") ?? fileRegex ?? "");
  const isWhole = [...wanted.values()].includes(undefined);
  if (bootstrap.text === "") return undefined;
  const path = newPath(resource.workingDirectory, resource.name);
  writeFileSync(path, bootstrap.text, { mode: 0o600 });
  session.print(`Bootstrap records written to ${path}\n\nThe job will require the following\n`);
  session.print("   Volume(s)                 Storage(s)                SD Device(s)\n");
  session.print(`${"=".repeat(75)}\n   \n`);
  for (const { volumeName, storage, device } of bootstrap.volumes) {
    const flag = inChanger.has(volumeName) ? "*" : " ";
    session.print(
      `   ${flag}${volumeName.padEnd(25)} ${storage.padEnd(25)} ${device.padEnd(25)}\n`,
    );
  }
  if (bootstrap.volumes.length === 0) session.print("No Volumes found to restore.\n");
  else session.print('\nVolumes marked with "*" are online.\n');
  session.print("\n");
  const files = isWhole
    ? jobIds.reduce((sum, jobId) => sum + (catalog.job(jobId)?.jobFiles ?? 0), 0)
    : Math.min(bootstrap.files, LAST_FILE_INDEX);
  session.print(
    files === 1
      ? "\n1 file selected to be restored.\n\n"
      : `\n${withCommas(files)} files selected to be restored.\n\n`,
  );
  return { path, files, storage: bootstrap.volumes[0]?.storage ?? "" };
}

/** A path that no other restore has. */
function newPath(folder: string, director: string): string {
  return join(folder, `${director}.restore.${crypto.getRandomValues(new Uint32Array(1))[0]}.bsr`);
}

/** Puts the restore job together and runs it. */
async function runRestore(
  scene: RestoreScene,
  choice: RestoreChoice,
  bootstrap: string,
  files: number,
  storage: string,
): Promise<boolean> {
  const { session, args, catalog } = scene;
  const job = await restoreJobOf(session, args);
  const client = choice.client ??
    (await catalogRowOf(session, new Arguments([]), catalog, "Client")).name;
  const restoreClient = args.filled("restoreclient") ?? client;
  const words: [string, string][] = [
    ["job", job.name],
    ["client", client],
    ["restoreclient", restoreClient],
    ["storage", storage],
    ["bootstrap", bootstrap],
    ["files", String(files)],
    ["catalog", session.catalogResource.name],
    ["backupformat", args.value("backupformat") ?? ""],
    ...locations(args),
    ["replace", args.value("replace") ?? ""],
    ["pluginoptions", args.value("pluginoptions") ?? ""],
    ["comment", args.value("comment") ?? ""],
  ];
  const line = words.filter(([key, value]) => value !== "" || key === "where")
    .map(([key, value]) => `${key}=${quoteWord(value)}`).join(" ");
  return await session.execute(`run ${line}${args.has("yes") ? " yes" : ""}`);
}

/** Where files go, as `run` takes it. */
function locations(args: Arguments): [string, string][] {
  const regex = args.value("regexwhere") ?? composedWhere(args);
  if (regex !== "") return [["regexwhere", regex]];
  const where = args.value("where");
  return where === undefined ? [] : [["where", where]];
}

async function restoreJobOf(session: ConsoleSession, args: Arguments): Promise<JobResource> {
  const name = args.filled("restorejob");
  if (name !== undefined) {
    const found = findResource(session, "Job", name);
    if (found !== undefined && found.type === "R") return found;
    session.tell("error", `Error: Restore Job resource "${name}" does not exist.`);
    if (session.isBatch) throw new DialogueEnded(name);
  }
  return await chooseResource(session, "Job", {
    header: "The defined Restore Job resources are:",
    prompt: "Select Restore Job",
    isMeant: ({ type }) => type === "R",
  });
}
