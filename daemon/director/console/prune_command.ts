/** `prune` (console.md 16.2, catalog-and-jobs.md 20). @module */
import { parseTime } from "../../config/mod.ts";
import { encodeText } from "../../../bytes/mod.ts";
import type { SqlValue } from "../../../storage/catalog/mod.ts";
import type { DirectorCatalog } from "../director_catalog.ts";
import { longRead } from "../long_reads.ts";
import { pruneVolume } from "../volumes/volume_recycling.ts";
import type { AccessKind } from "./access.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { catalogTime, periodWords } from "../report/formats.ts";
import { prunableVolumes } from "./prunable_volumes.ts";
import { catalogRowOf, keywordOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { volumeOf } from "./update_commands.ts";

type Pruner = (
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
) => Promise<boolean>;

const now = (): number => Math.floor(Date.now() / 1000);

/** What can be pruned, and the rights that it needs besides those for jobs and storages. */
const kinds: Readonly<Record<string, readonly [Pruner, ...AccessKind[]]>> = {
  files: [(session, args, catalog) => pruneClient(session, args, catalog, true)],
  jobs: [(session, args, catalog) => pruneClient(session, args, catalog, false)],
  volume: [pruneVolumes, "Client"],
  stats: [pruneStats, "Client", "Pool"],
  directory: [pruneDirectory, "Pool"],
};

/** `prune`. */
export const prune: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const word = await keywordOf(session, args, Object.keys(kinds), "Choose item to prune");
  const [run, ...more] = kinds[word] ?? [];
  requireAll(session, ["Job", "Storage", ...more]);
  return await run?.(session, args, catalog) ?? false;
};

/** Refuses a console that may not use everything of these kinds. */
export function requireAll(session: ConsoleSession, needed: readonly AccessKind[]): void {
  for (const kind of needed) {
    if (!session.access.isUnrestricted(kind)) {
      throw new CommandFailed(`Permission denied: need full ${kind.toLowerCase()} permission.`);
    }
  }
}

/** Shows a retention and asks whether to go on with it; undefined for no. */
async function confirmPeriod(
  session: ConsoleSession,
  args: Arguments,
  what: string,
  period: number,
): Promise<number | undefined> {
  let seconds = period;
  for (;;) {
    session.print(`The current ${what} retention period is: ${periodWords(seconds)}\n`);
    if (args.has("yes")) return seconds;
    if (session.isBatch) return undefined;
    const answer = (await session.ask("Continue? (yes/mod/no): ")).trim().toLowerCase();
    if (answer === "yes") return seconds;
    if (answer === "no") return undefined;
    if (answer !== "mod") continue;
    const given = parseTime(await session.ask("Enter new retention period: "));
    if (given === undefined) session.print("Invalid period.\n");
    else seconds = given;
  }
}

async function pruneClient(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
  isFiles: boolean,
): Promise<boolean> {
  const { configuration } = session.director;
  const { id, name } = await catalogRowOf(session, args, catalog, "Client");
  const client = configuration.get("Client", name);
  const pool = configuration.get("Pool", args.filled("pool") ?? "");
  const standard = isFiles ? 60 * 86_400 : 180 * 86_400;
  const period = isFiles
    ? pool?.fileRetention || client?.fileRetention || standard
    : pool?.jobRetention || client?.jobRetention || standard;
  const seconds = await confirmPeriod(session, args, isFiles ? "File" : "Job", period);
  if (seconds === undefined) return false;
  const old = catalog.prunableJobs(id, now() - seconds, isFiles);
  if (isFiles) {
    session.print("Begin pruning Files.\n");
    catalog.purgeFiles(old);
    session.print(
      old.length === 0
        ? "No Files found to prune.\n"
        : `Pruned Files from ${old.length} Jobs for client ${name} from catalog.\n`,
    );
    return true;
  }
  session.print(`Begin pruning Jobs older than ${periodWords(seconds)}.\n`);
  if (old.length === 0) {
    session.print("No jobids found to be purged\n");
    return true;
  }
  session.print(`Purging the following ${old.length} JobIds: ${old.join(",")}\n`);
  catalog.deleteJobs(old);
  const jobs = old.length === 1 ? "Job" : "Jobs";
  session.print(`Pruned ${old.length} ${jobs} for client ${name} from catalog.\n`);
  return true;
}

async function pruneVolumes(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const named = args.filled("volume");
  const pool = args.filled("pool");
  const names = named === undefined && (args.has("all") || pool !== undefined)
    ? catalog.all(
      `SELECT VolumeName AS name FROM Media JOIN Pool ON Pool.PoolId = Media.PoolId
       WHERE VolStatus IN ('Full', 'Used') ${
        pool === undefined ? "" : "AND Pool.Name = ?"
      } ORDER BY LastWritten NULLS FIRST, MediaId`,
      ...(pool === undefined ? [] : [pool]),
    ).map(({ name }) => String(name))
    : undefined;
  if (names === undefined) {
    const media = await volumeOf(session, args, catalog);
    return await pruneOne(session, args, catalog, media.volumeName);
  }
  if (pool !== undefined && !args.has("all", "yes") && !session.isBatch) {
    return await choosePrunable(session, catalog, pool);
  }
  let isOk = true;
  for (const name of names) isOk = await pruneOne(session, args, catalog, name) && isOk;
  return isOk;
}

/** Prunes one volume after the user has agreed to its retention. */
async function pruneOne(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
  name: string,
): Promise<boolean> {
  const media = catalog.mediaByName(name);
  if (media === undefined) return false;
  if (media.enabled === 2) {
    session.print(`Cannot prune Volume "${name}" because it is archived.\n`);
    return false;
  }
  const seconds = await confirmPeriod(session, args, "Volume", media.volRetention);
  if (seconds === undefined) return false;
  if (!["Full", "Used"].includes(media.volStatus)) {
    session.print(
      `Pruning volume ${name}: cannot prune as Volstatus is ${media.volStatus} but needs to be Full or Used.\n`,
    );
    return false;
  }
  const limit = now() - seconds;
  const jobs = catalog.jobsOnVolume(media.mediaId);
  const expired = jobs.filter(({ jobTDate }) => jobTDate < limit);
  session.print(
    `Pruning volume ${name}: ${expired.length} Jobs have expired and can be pruned.\n`,
  );
  if (jobs.length === 0) {
    session.print(
      `Volume "${name}" seems to be empty. Make sure that it is not currently in use, then call 'purge volume="${name}"'`,
    );
    return true;
  }
  const info = (text: string): void => session.print(`${text}\n`);
  const isPurged = pruneVolume({ catalog, info, now }, { ...media, volRetention: seconds });
  session.print(
    `Volume "${name}" ${isPurged ? "contains no" : "still contains"} jobs after pruning.\n`,
  );
  return true;
}

/** Shows the prunable volumes of a pool and prunes those that the user names. */
async function choosePrunable(
  session: ConsoleSession,
  catalog: DirectorCatalog,
  pool: string,
): Promise<boolean> {
  const prunable = prunableVolumes(catalog, catalog.poolIdByName(pool) ?? 0, now())
    .map(({ media, jobs }) => ({ name: media.volumeName, media, jobs }));
  if (prunable.length === 0) {
    throw new CommandFailed(`No prunable volumes found in Pool "${pool}".`, "info");
  }
  session.print(`Prunable volumes in Pool "${pool}" (oldest data first):\n`);
  prunable.forEach(({ name, media, jobs }, at) => {
    const written = media.lastWritten === 0 ? "" : catalogTime(media.lastWritten);
    session.print(
      ` ${
        at + 1
      }: ${name} | lastwritten=${written} | jobs=${jobs.length} | bytes=${media.volBytes}\n`,
    );
  });
  const answer = (await session.ask(
    'Enter volume numbers or names separated by commas (or "all"): ',
  )).trim();
  if (answer === "") throw new CommandFailed("No volumes selected.", "info");
  const chosen = answer === "all" ? prunable : answer.split(",").map((part) => {
    const word = part.trim();
    const found = prunable[Number(word) - 1] ?? prunable.find(({ name }) => name === word);
    if (found !== undefined) return found;
    if (/^\d+$/.test(word)) throw new CommandFailed(`Invalid prune selection "${word}".`);
    throw new CommandFailed(
      catalog.mediaByName(word)?.poolId === catalog.poolIdByName(pool)
        ? `Volume "${word}" is not currently prunable in Pool "${pool}".`
        : `Volume "${word}" is not in Pool "${pool}".`,
    );
  });
  for (const { media } of chosen) {
    const info = (text: string): void => session.print(`${text}\n`);
    pruneVolume({ catalog, info, now }, media);
  }
  return true;
}

async function pruneStats(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const { statisticsRetention } = session.director.resource;
  const seconds = await confirmPeriod(session, args, "Statistics", statisticsRetention);
  if (seconds === undefined) return false;
  const limit = now() - seconds;
  catalog.run("DELETE FROM JobHisto WHERE JobTDate < ?", limit);
  session.print("Pruned Jobs from JobHisto in catalog.\n");
  catalog.run("DELETE FROM DeviceStats WHERE SampleTime < ?", catalogTime(limit));
  session.print("Pruned Statistics from DeviceStats in catalog.\n");
  catalog.run("DELETE FROM JobStats WHERE SampleTime < ?", catalogTime(limit));
  session.print("Pruned Statistics from JobStats in catalog.\n");
  catalog.run("DELETE FROM TapeAlerts WHERE SampleTime < ?", catalogTime(limit));
  return true;
}

/** Deletes what a query finds, a piece after the other: everybody else has a turn between two of them. */
async function deleteFound(
  catalog: DirectorCatalog,
  sql: string,
  values: readonly SqlValue[],
  deleteRows: (ids: readonly number[]) => void,
): Promise<void> {
  for await (const piece of longRead(catalog, { kind: "query", sql, values })) {
    deleteRows(piece.map(({ id }) => Number(id)));
  }
}

/** One text for all pieces: statements are remembered by it. */
const deleteFiles =
  "DELETE FROM File WHERE FileId IN (SELECT CAST(value AS BIGINT) FROM json_each(?))";

async function pruneDirectory(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const client = args.filled("client");
  const isRecursive = args.has("recursive");
  if (client === undefined) {
    const question =
      "No client restriction given really remove directory for all clients (yes/no): ";
    if (!await session.confirmed(args, question)) return false;
  }
  const path = args.filled("directory") ?? await session.ask(
    isRecursive
      ? "Please enter the full path prefix to remove: "
      : "Please enter the full path to remove: ",
  );
  const folder = encodeText(path.endsWith("/") ? path : `${path}/`);
  const paths = isRecursive
    ? "Path.Path >= CAST(? AS TEXT) AND Path.Path < CAST(? AS TEXT)"
    : "Path.Path = CAST(? AS TEXT)";
  const bounds = isRecursive ? [folder, new Uint8Array([...folder, 0xff])] : [folder];
  const jobs = client === undefined
    ? ""
    : "AND JobId IN (SELECT JobId FROM Job JOIN Client ON Client.ClientId = Job.ClientId WHERE Client.Name = ?)";
  await deleteFound(
    catalog,
    `SELECT FileId AS id FROM File JOIN Path ON Path.PathId = File.PathId WHERE ${paths} ${jobs}`,
    client === undefined ? bounds : [...bounds, client],
    (ids) => catalog.run(deleteFiles, JSON.stringify(ids)),
  );
  if (await session.confirmed(args, "Cleanup orphaned path records (yes/no):")) {
    const isOrphan = `NOT EXISTS (SELECT 1 FROM File WHERE File.PathId = Path.PathId) AND NOT EXISTS
       (SELECT 1 FROM PathHierarchy WHERE PPathId = Path.PathId OR PathHierarchy.PathId = Path.PathId)`;
    await deleteFound(
      catalog,
      `SELECT PathId AS id FROM Path WHERE ${paths} AND ${isOrphan}`,
      bounds,
      (ids) => catalog.deletePaths(ids),
    );
  }
  return true;
}
