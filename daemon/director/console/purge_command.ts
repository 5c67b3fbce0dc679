/** `purge` and `truncate` (console.md 16.3, 16.4). @module */
import { directorToStorage } from "../../../protocol/mod.ts";
import type { DirectorCatalog, MediaRecord } from "../director_catalog.ts";
import type { StorageResource } from "../resources.ts";
import { purgeVolume } from "../volumes/volume_recycling.ts";
import { type Arguments, rowId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { askStorage } from "./daemons.ts";
import { filtersOf, ListQuery } from "./list_query.ts";
import { mediaTable, statusWords } from "./list_tables.ts";
import { isUnderWay } from "./delete_command.ts";
import { requireAll } from "./prune_command.ts";
import { catalogRowOf, findResource, keywordOf, resourceOf, storageOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { volumeOf } from "./update_commands.ts";

const danger = "\nThis command can be DANGEROUS!!!\n\n" +
  "It purges (deletes) all Files from a Job,\nJobId, Client or Volume; or it purges (deletes)\n" +
  "all Jobs from a Client or Volume without regard\nto retention periods. Normally you should use the\n" +
  "PRUNE command, which respects retention periods.\nThis command requires full access to all resources.\n";

/** Something that is purged. */
interface Scene {
  readonly session: ConsoleSession;
  readonly args: Arguments;
  readonly catalog: DirectorCatalog;
}

const now = (): number => Math.floor(Date.now() / 1000);

/** `purge`. */
export const purge: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  session.tell("warning", danger);
  requireAll(session, ["Client", "Job", "Pool", "Storage"]);
  const scene: Scene = { session, args, catalog };
  const word = await keywordOf(
    session,
    args,
    ["files", "jobs", "volume", "quota"],
    "Choose item to purge",
  );
  switch (word) {
    case "files":
      return await purgeFiles(scene);
    case "jobs":
      return await purgeJobs(scene);
    case "volume":
      return await purgeVolumes(scene);
    default:
      return await purgeQuota(scene);
  }
};

/** Asks whether to purge what was found. */
async function agreed({ session, args }: Scene): Promise<boolean> {
  if (await session.confirmed(args, "Purge (yes/no)? ")) return true;
  session.print("Purge canceled.\n");
  return false;
}

/** The letters of `jobstatus=` as a condition. */
function statusTerm(args: Arguments): string {
  const given = args.value("jobstatus");
  if (given === undefined) return "";
  const letters = given.split(",").map((part) => {
    const letter = statusWords[part.toLowerCase()] ?? part;
    if (!/^[A-Za-z]$/.test(letter)) throw new CommandFailed("invalid jobstatus parameter");
    return `'${letter}'`;
  });
  return ` AND JobStatus IN (${letters.join(", ")})`;
}

function jobsWhere({ catalog, args }: Scene, term: string, id: number | string): number[] {
  return catalog.all(
    `SELECT JobId AS id FROM Job WHERE ${term}${
      statusTerm(args)
    } AND JobStatus NOT IN ('C', 'R', 'F', 'S', 'M', 'm') ORDER BY JobId`,
    id,
  ).map(({ id }) => Number(id));
}

async function purgeFiles(scene: Scene): Promise<boolean> {
  const { session, args, catalog } = scene;
  const word = await keywordOf(
    session,
    args,
    ["job", "jobid", "client", "volume"],
    "Choose item to purge",
  );
  const resource = session.catalogResource.name;
  if (word === "client") {
    const { id, name } = await catalogRowOf(session, args, catalog, "Client");
    session.print(`Begin purging files for Client "${name}"\n`);
    const ids = jobsWhere(scene, "PurgedFiles = 0 AND ClientId = ?", id);
    if (ids.length === 0) {
      session.print(`No Files found for client ${name} to purge from ${resource} catalog.\n`);
      return true;
    }
    session.print(
      `Found Files in ${ids.length} Jobs for client "${name}" in catalog "${resource}".\n`,
    );
    if (!await agreed(scene)) return false;
    catalog.purgeFiles(ids);
    return true;
  }
  let ids: number[];
  if (word === "volume") {
    const media = await volumeOf(session, args, catalog);
    ids = catalog.jobsOnVolume(media.mediaId).map(({ jobId }) => jobId);
  } else if (word === "jobid") {
    const text = args.filled("jobid") ?? await session.ask("Enter JobId to purge: ");
    ids = text.split(",").map(rowId).filter((id) => id > 0);
  } else {
    const job = await resourceOf(session, args, "Job");
    ids = jobsWhere(scene, "Name = ?", job.name);
  }
  ids = ids.filter((id) => {
    if (!isUnderWay(session, id)) return true;
    session.tell("warning", `The files of JobId ${id} are not purged: it is under way.`);
    return false;
  });
  if (ids.length === 0) return true;
  if (!await agreed(scene)) return false;
  catalog.purgeFiles(ids);
  return true;
}

async function purgeJobs(scene: Scene): Promise<boolean> {
  const { session, args, catalog } = scene;
  const word = await keywordOf(session, args, ["client", "volume", "pool"], "Choose item to purge");
  const resource = session.catalogResource.name;
  if (word === "volume") return await purgeOne(scene, await volumeOf(session, args, catalog));
  if (word === "client") {
    const { id, name } = await catalogRowOf(session, args, catalog, "Client");
    session.print(`Begin purging jobs from Client "${name}"\n`);
    const ids = jobsWhere(scene, "ClientId = ?", id);
    if (ids.length === 0) {
      session.print(`No Jobs found for client ${name} to purge from ${resource} catalog.\n`);
      return true;
    }
    session.print(`Found ${ids.length} Jobs for client "${name}" in catalog "${resource}".\n`);
    if (!await agreed(scene)) return false;
    catalog.deleteJobs(ids);
    session.print(
      `${ids.length} ${
        ids.length <= 1 ? "Job" : "Jobs"
      } on client "${name}" purged from catalog.\n`,
    );
    return true;
  }
  const { id, name } = await catalogRowOf(session, args, catalog, "Pool");
  const media = catalog.media({ poolId: id });
  if (media.length === 0) {
    session.print(`No Media found for pool ${name}.\n`);
    return true;
  }
  const jobIds = media.flatMap(({ mediaId }) =>
    catalog.jobsOnVolume(mediaId).map(({ jobId }) => jobId)
  );
  const ids = [...new Set(jobIds)].filter((jobId) => !isUnderWay(session, jobId));
  if (ids.length === 0) {
    session.print(`No Jobs found for pool ${name} to purge from catalog.\n`);
    return true;
  }
  session.print(`Found ${ids.length} Jobs for pool "${name}" in catalog.\n`);
  if (!await agreed(scene)) return false;
  catalog.deleteJobs(ids);
  session.print(
    `${ids.length} ${ids.length <= 1 ? "Job" : "Jobs"} on Pool "${name}" purged from catalog.\n`,
  );
  return true;
}

const purgeable = ["Append", "Full", "Used", "Error"];

/** Deletes all jobs on a volume and marks it. */
async function purgeOne(scene: Scene, media: MediaRecord): Promise<boolean> {
  const { session, catalog } = scene;
  const { volumeName, volStatus, mediaId } = media;
  if (!purgeable.includes(volStatus)) {
    session.tell(
      "error",
      `\nVolume "${volumeName}" has VolStatus "${volStatus}" and cannot be purged.\n` +
        "The VolStatus must be: Append, Full, Used or Error to be purged.\n",
    );
    return false;
  }
  const jobs = catalog.jobsOnVolume(mediaId);
  if (jobs.length === 0) {
    session.print(`No Jobs found for media ${volumeName} to purge from catalog.\n`);
  } else {
    session.print(`Found ${jobs.length} Jobs for media "${volumeName}" in catalog.\n`);
    if (!await agreed(scene)) return false;
  }
  // The reference has "Jobss", and so do those who read it.
  const told = jobs.length === 0
    ? ""
    : `${jobs.length} Jobss on Volume "${volumeName}" purged from catalog.\n`;
  const info = (text: string): void => session.print(`${told}${text}\n`);
  const isPurged = purgeVolume({ catalog, info, now }, media);
  if (!isPurged) session.print(told);
  return isPurged;
}

/** Volumes smaller than this hold nothing but their label. */
const smallest = { purge: 10_000, truncate: 64_512 };

async function purgeVolumes(scene: Scene): Promise<boolean> {
  const { session, args, catalog } = scene;
  const action = args.value("action")?.toLowerCase();
  const isNamed = args.filled("volume") !== undefined;
  if (isNamed || action === undefined) {
    const media = await volumeOf(session, args, catalog);
    const isDone = media.volStatus === "Purged" && action !== undefined;
    if (!isDone && !await purgeOne(scene, media)) return false;
  }
  if (action === undefined) return true;
  session.print("\n");
  const storage = await storageOf(session, args);
  // Without a word on pools it is asked for one: all of them need to be meant.
  const pool = isNamed || args.has("allpools")
    ? args.filled("pool")
    : (await resourceOf(session, args, "Pool")).name;
  const candidates = catalog.media({ statuses: ["Purged"] }).filter((media) =>
    media.recycle && media.enabled === 1 && media.volBytes > smallest.purge &&
    (args.filled("volume") ?? media.volumeName) === media.volumeName &&
    media.storageId === catalog.storage(storage) &&
    (pool === undefined || catalog.poolIdByName(pool) === media.poolId)
  );
  if (candidates.length === 0) {
    session.print(`No Volumes found to perform ${action} action.\n`);
    return true;
  }
  let isOk = true;
  for (const media of candidates) {
    if (media.actionOnPurge !== 1) {
      session.print(
        `\nThe option "Action On Purge = Truncate" was not defined in the Pool resource.\n` +
          `Unable to truncate volume "${media.volumeName}"\n`,
      );
      continue;
    }
    const isDone = await truncateOne(scene, storage, media);
    session.print(
      isDone
        ? `The volume "${media.volumeName}" has been truncated\n`
        : `Unable to truncate volume "${media.volumeName}"\n`,
    );
    isOk = isOk && isDone;
  }
  return isOk;
}

/** Labels a volume anew under its own name, which leaves nothing else on it. */
async function truncateOne(
  { session, args, catalog }: Scene,
  storage: StorageResource,
  media: MediaRecord,
): Promise<boolean> {
  const pool = catalog.one("SELECT Name AS name FROM Pool WHERE PoolId = ?", media.poolId);
  const resource = session.director.configuration.all("Pool")
    .find(({ name }) => name === String(pool?.name ?? ""));
  const command = directorToStorage.relabel.format({
    device: storage.device[0] ?? "",
    oldVolume: media.volumeName,
    volume: media.volumeName,
    pool: String(pool?.name ?? ""),
    mediaType: media.mediaType,
    slot: media.slot,
    drive: args.number("drive", 0),
    minBlockSize: media.minBlockSize,
    maxBlockSize: media.maxBlockSize,
    appendOnly: resource?.appendOnlyPeriod || undefined,
  });
  const answer = await askStorage(session, storage, command, { tail: " ..." });
  const bytes = /^3000 OK label\..*VolBytes=(\d+)/m.exec(answer?.join("") ?? "")?.[1];
  if (bytes === undefined) return false;
  catalog.updateMedia(media.mediaId, { volBytes: Number(bytes), volFiles: 0 });
  return true;
}

async function purgeQuota(scene: Scene): Promise<boolean> {
  const { session, args, catalog } = scene;
  const { id, name } = await catalogRowOf(session, args, catalog, "Client");
  if (!await agreed(scene)) return false;
  catalog.run("DELETE FROM Quota WHERE ClientId = ?", id);
  session.print(`Purged quota for Client "${name}"\n`);
  return true;
}

const truncateUsage =
  "truncate volstatus=Purged [storage=<storage>] [pool=<pool>] [volume=<volume>] [drive=<drivenum>] [yes]";

/** `truncate`. */
export const truncate: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const status = args.value("volstatus");
  if (args.all.length === 0) throw new CommandFailed(`${truncateUsage}\nmissing parameter`);
  if (status === undefined) {
    throw new CommandFailed(`${truncateUsage}\nrequired parameter 'volstatus' missing`);
  }
  if (status.toLowerCase() !== "purged") {
    throw new CommandFailed("Invalid parameter. 'volstatus' must be 'Purged'.");
  }
  const asked = args.filled("storage");
  const conditions = [
    ...filtersOf(args, mediaTable),
    ["VolStatus = ?", "Purged"],
    ["Media.Recycle = ?", 1],
    ["Media.Enabled = ?", 1],
    ["VolBytes > ?", smallest.truncate],
    ...(asked === undefined ? [] : [["Storage.Name = ?", asked]]),
  ] as [string, string | number][];
  const query = new ListQuery({ session, args, catalog, isLong: false }, mediaTable, conditions);
  query.show();
  // What the console may not see is not truncated either.
  const rows = query.rows();
  if (rows.length === 0) return true;
  if (!await session.confirmed(args, "Truncate listed volumes (yes/no)? ")) return false;
  const lost = rows.find(({ storage }) => storage === null);
  if (lost !== undefined) {
    const id = catalog.mediaByName(String(lost.volumename))?.storageId;
    throw new CommandFailed(`failed to determine storage for id ${id}`);
  }
  const storages = new Set(rows.map(({ storage }) => String(storage)));
  if (storages.size > 1) {
    throw new CommandFailed(
      "Selected volumes are from different storages. This is not supported. Please choose only volumes from a single storage.",
    );
  }
  const [name = ""] = storages;
  const storage = findResource(session, "Storage", name);
  if (storage === undefined) {
    throw new CommandFailed(`failed to determine storage resource by name ${name}`);
  }
  if (storage.protocol !== "Native") {
    throw new CommandFailed(
      "Storage uses a non-native protocol. Truncate is only supported for native protocols.",
    );
  }
  let isOk = true;
  for (const row of rows) {
    const media = catalog.mediaByName(String(row.volumename));
    if (media === undefined) continue;
    const isDone = await truncateOne({ session, args, catalog }, storage, media);
    session.print(
      isDone
        ? `The volume '${media.volumeName}' has been truncated.\n`
        : `Unable to truncate volume "${media.volumeName}"\n`,
    );
    isOk = isOk && isDone;
  }
  return isOk;
};
