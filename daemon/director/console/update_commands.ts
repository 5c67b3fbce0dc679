/** `update` (console.md 15.3). @module */
import { catalogSeconds } from "../report/formats.ts";
import { parseTime } from "../../config/mod.ts";
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import { Arguments, rowId } from "./arguments.ts";
import { updateSlots } from "./changer.ts";
import { CommandFailed } from "./command.ts";
import { ListQuery } from "./list_query.ts";
import { poolsTable } from "./list_tables.ts";
import { resourceOf, storageOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { changeVolume, volumeKeywords, volumeMenu } from "./update_volume.ts";

/** What the first of these words decides. */
const words = ["media", "volume", "pool", "slots", "slot", "jobid", "stats"];

/** `update`. */
export const update: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const word = args.firstOf(words)?.keyword.toLowerCase();
  switch (word) {
    case "media":
    case "volume":
      return await updateVolume(session, args, catalog);
    case "pool":
      return await updatePool(session, args, catalog);
    case "slots":
    case "slot":
      return await slots(session, args, catalog);
    case "jobid":
      return updateJob(session, args, catalog);
    case "stats":
      return updateStats(session, args, catalog);
  }
  const at = await session.dialogue.choose({
    header: "Update choice:",
    what: "",
    prompt: "Choose catalog item to update",
    items: [
      "Volume parameters",
      "Pool from resource",
      "Slots from autochanger",
      "Long term statistics",
    ],
  });
  const none = new Arguments([]);
  if (at === 0) return await updateVolume(session, none, catalog);
  if (at === 1) return await updatePool(session, none, catalog);
  if (at === 2) return await slots(session, none, catalog);
  return updateStats(session, none, catalog);
};

async function slots(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const storage = await storageOf(session, args, {
    takesWord: true,
    header: "The defined Autochanger Storage resources are:",
    isMeant: (each) => each.autoChanger,
  });
  return await updateSlots(session, args, storage, catalog);
}

/** The volume that the line names, or that the user chooses by name or `*MediaId`. */
export async function volumeOf(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
  keywords: readonly string[] = ["volume", "media"],
): Promise<MediaRecord> {
  const name = args.filled(...keywords);
  if (name !== undefined) {
    const media = catalog.mediaByName(name);
    if (media === undefined) throw new CommandFailed(`Volume "${name}" not found in catalog.`);
    return permitted(session, catalog, media);
  }
  const pool = await resourceOf(session, args, "Pool");
  await session.execute(`list media pool="${pool.name}"`);
  session.print(
    "Enter the volume name or MediaId of the volume prefixed with an asterisk (*).\n",
  );
  const answer = (await session.ask('E.g. "full-0001" or "*42": ')).trim();
  const row = answer.startsWith("*")
    ? catalog.one("SELECT VolumeName AS name FROM Media WHERE MediaId = ?", rowId(answer.slice(1)))
    : { name: answer };
  const media = row === undefined ? undefined : catalog.mediaByName(String(row.name));
  if (media === undefined) throw new CommandFailed(`Volume "${answer}" not found in catalog.`);
  return permitted(session, catalog, media);
}

function permitted(
  session: ConsoleSession,
  catalog: DirectorCatalog,
  media: MediaRecord,
): MediaRecord {
  const row = catalog.one("SELECT Name AS name FROM Pool WHERE PoolId = ?", media.poolId);
  const pool = String(row?.name ?? "");
  if (row !== undefined && !session.allows("Pool", pool)) {
    throw new CommandFailed(`No access to Pool "${pool}"`);
  }
  return media;
}

async function updateVolume(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const [first] = args.all;
  const changes = args.all.filter((each) =>
    each !== first && volumeKeywords.has(each.keyword.toLowerCase())
  );
  const needsVolume = changes.length === 0 ||
    changes.some(({ keyword }) => !/^(all)?from(all)?pools?$/i.test(keyword)) ||
    args.filled("volume", "media") !== undefined;
  if (changes.length === 0) {
    await volumeMenu(session, catalog, await volumeOf(session, args, catalog));
    return true;
  }
  const media = needsVolume ? await volumeOf(session, args, catalog) : undefined;
  for (const { keyword, value } of changes) {
    changeVolume(session, catalog, media, keyword.toLowerCase(), value);
  }
  return true;
}

async function updatePool(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const pool = await resourceOf(session, args, "Pool");
  catalog.pool(pool);
  catalog.linkPool(pool);
  new ListQuery({ session, args, catalog, isLong: false }, poolsTable, [["Name = ?", pool.name]])
    .show();
  session.print("Pool DB record updated from resource.\n");
  return true;
}

/** The changes of a job that a line asks for, as columns. */
function updateJob(session: ConsoleSession, args: Arguments, catalog: DirectorCatalog): boolean {
  const jobId = args.filled("jobid");
  if (jobId === undefined || !/^\d+$/.test(jobId)) {
    throw new CommandFailed("Expect JobId keyword, not found.");
  }
  const job = catalog.job(rowId(jobId));
  if (job === undefined || !session.allows("Job", job.name)) {
    throw new CommandFailed(`Unable to get Job record for JobId=${jobId}: ERR=unknown`);
  }
  const set = (column: string, value: string | number): void => {
    catalog.run(`UPDATE Job SET ${column} = ? WHERE JobId = ?`, value, job.jobId);
  };
  const client = args.filled("client");
  const start = args.filled("starttime");
  const fileSetId = args.filled("filesetid");
  if (fileSetId !== undefined && rowId(fileSetId) < 0) {
    throw new CommandFailed(`Expected a positive integer, got: ${fileSetId}`);
  }
  const name = args.filled("jobname");
  const type = args.filled("jobtype");
  if (
    client === undefined && start === undefined && fileSetId === undefined && name === undefined &&
    type === undefined
  ) {
    throw new CommandFailed(
      "Neither Client, StartTime, Filesetid, JobType nor Name specified.",
    );
  }
  const clientRow = client === undefined
    ? undefined
    : catalog.one("SELECT ClientId AS id FROM Client WHERE Name = ?", client);
  if (client !== undefined && clientRow === undefined) {
    throw new CommandFailed(`Could not find Client "${client}": ERR=unknown`);
  }
  const seconds = start === undefined ? 0 : catalogSeconds(start);
  if (start !== undefined && seconds === 0) {
    throw new CommandFailed(`Improper date format: ${start}`);
  }
  catalog.transaction(() => {
    if (clientRow !== undefined) set("ClientId", Number(clientRow.id));
    if (fileSetId !== undefined) set("FileSetId", rowId(fileSetId));
    if (name !== undefined) set("Name", name);
    if (type !== undefined) set("Type", type.charAt(0));
    if (start !== undefined) {
      // Scheduled and end time move along.
      const shift = seconds - job.startTime;
      const endTime = job.endTime === 0 ? 0 : job.endTime + shift;
      catalog.updateJob(job.jobId, {
        startTime: seconds,
        schedTime: job.schedTime + shift,
        endTime,
        jobTDate: job.jobTDate + shift,
      });
    }
  });
  return true;
}

/** Copies ended jobs to the table that outlives pruning. */
function updateStats(session: ConsoleSession, args: Arguments, catalog: DirectorCatalog): boolean {
  const days = args.value("days");
  const age = days === undefined ? 0 : parseTime(`${days} days`) ?? 0;
  const limit = Math.floor(Date.now() / 1000) - age;
  const columns =
    "JobId, Job, Name, Type, Level, ClientId, JobStatus, SchedTime, StartTime, EndTime, RealEndTime, JobTDate, VolSessionId, VolSessionTime, JobFiles, JobBytes, ReadBytes, JobErrors, JobMissingFiles, PoolId, FileSetId, PriorJobId, PurgedFiles, HasBase, HasCache, Reviewed, Comment";
  const rows = catalog.all(
    `INSERT INTO JobHisto (${columns}) SELECT ${columns} FROM Job
     WHERE JobStatus IN ('T', 'W', 'f', 'A', 'E') AND JobTDate < ? AND NOT EXISTS (
       SELECT 1 FROM JobHisto WHERE JobHisto.JobId = Job.JobId) RETURNING JobId`,
    limit + (age === 0 ? 1 : 0),
  );
  session.print(`Updating ${rows.length} job(s).\n`);
  return true;
}
