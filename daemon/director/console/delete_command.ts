/** `delete` (console.md 16.1). @module */
import type { DirectorCatalog } from "../director_catalog.ts";
import { type Arguments, rowId } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { DialogueEnded } from "./dialogue.ts";
import { catalogRowOf, keywordOf } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { volumeOf } from "./update_commands.ts";

type Deleter = (
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
) => Promise<boolean>;

/** A range longer than this is asked about. */
const longRange = 25;

const kinds: Readonly<Record<string, Deleter>> = {
  volume: deleteVolume,
  pool: deletePool,
  jobid: deleteJobs,
  storage: deleteStorage,
};

/** `delete`. */
export const remove: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const words = Object.keys(kinds);
  let kind = args.firstOf(words)?.keyword.toLowerCase();
  if (kind === undefined) {
    session.print(
      "In general it is not a good idea to delete either a\nPool or a Volume since they may contain data.\n\n",
    );
    try {
      kind = await keywordOf(session, args, words, "Choose catalog item to delete");
    } catch (error) {
      if (!(error instanceof DialogueEnded)) throw error;
      session.print("Nothing done.\n");
      return false;
    }
  }
  return await kinds[kind]?.(session, args, catalog) ?? false;
};

async function deleteVolume(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const media = await volumeOf(session, args, catalog);
  const { volumeName } = media;
  session.print(
    `\nThis command will delete volume ${volumeName}\nand all Jobs saved on that volume from the Catalog\n`,
  );
  const question = `Are you sure you want to delete Volume "${volumeName}"? (yes/no): `;
  if (!await session.confirmed(args, question)) return false;
  const jobIds = catalog.jobsOnVolume(media.mediaId).map(({ jobId }) => jobId);
  const busy = jobIds.find((id) => isUnderWay(session, id));
  if (busy !== undefined) {
    throw new CommandFailed(
      `Volume "${volumeName}" is not deleted: JobId ${busy}, which is under way, has data on it.`,
    );
  }
  catalog.deleteJobs(jobIds);
  if (jobIds.length > 0) {
    session.print(
      `Deleted ${jobIds.length} jobs and associated records deleted from the catalog (jobids: ${
        jobIds.join(",")
      }).\n`,
    );
  }
  catalog.transaction(() => {
    catalog.run("DELETE FROM JobMedia WHERE MediaId = ?", media.mediaId);
    catalog.run("DELETE FROM Media WHERE MediaId = ?", media.mediaId);
    countVolumes(catalog);
  });
  session.print(`Volume ${volumeName} deleted.\n`);
  session.output.merge("deleted", { jobids: jobIds.map(String), volumes: [volumeName] });
  return true;
}

function countVolumes(catalog: DirectorCatalog): void {
  catalog.run(
    "UPDATE Pool SET NumVols = (SELECT count(*) FROM Media WHERE Media.PoolId = Pool.PoolId)",
  );
}

async function deletePool(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  if (session.isBatch) {
    throw new CommandFailed("Deleting pools from the catalog is not supported in batch mode.");
  }
  const { id, name } = await catalogRowOf(session, args, catalog, "Pool");
  if (!await session.confirm(`Are you sure you want to delete Pool "${name}"? (yes/no): `)) {
    return false;
  }
  catalog.transaction(() => {
    catalog.run("DELETE FROM Media WHERE PoolId = ?", id);
    catalog.run("DELETE FROM Pool WHERE PoolId = ?", id);
  });
  return true;
}

/** Whether a job waits or runs: its records are still written. */
export function isUnderWay(session: ConsoleSession, jobId: number): boolean {
  return session.director.jobs.some((job) => job.jobId === jobId);
}

/** Numbers and ranges of a list of JobIds; what is none is told. */
async function jobIdsOf(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
  text: string,
): Promise<number[]> {
  const found = new Set<number>();
  for (const part of text.split(",").map((each) => each.trim())) {
    const range = /^(\d{1,10})-(\d{1,10})$/.exec(part);
    if (range !== null) {
      const [from, to] = [Number(range[1]), Number(range[2])];
      if (rowId(range[2]) < 0) {
        session.tell("warning", `Illegal JobId range ${from} - ${to}, ignored`);
        continue;
      }
      if (to <= from) {
        session.tell(
          "warning",
          `Illegal JobId range ${from} - ${to} should define increasing JobIds, ignored`,
        );
        continue;
      }
      if (to - from >= longRange) {
        const question = `Are you sure you want to delete ${to - from + 1} JobIds ? (yes/no): `;
        if (!await session.confirmed(args, question)) continue;
        // Of so many, only those that there are.
        const known = "SELECT JobId AS id FROM Job WHERE JobId >= ? AND JobId <= ? ORDER BY JobId";
        for (const { id } of catalog.all(known, from, to)) found.add(Number(id));
        continue;
      }
      for (let id = from; id <= to; id++) found.add(id);
    } else if (rowId(part) > 0) found.add(rowId(part));
    else if (part.includes("-")) {
      const [from, to] = [part.slice(0, part.indexOf("-")), part.slice(part.indexOf("-") + 1)];
      session.tell("warning", `Illegal JobId range ${from} - ${to}, ignored`);
    } else session.tell("warning", `Illegal JobId ${part} ignored`);
  }
  return [...found];
}

async function deleteJobs(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const given = args.values("jobid").filter((text) => text !== "");
  const texts = given.length > 0 ? given : [await session.ask("Enter JobId to delete: ")];
  const deleted: string[] = [];
  const ids = new Set<number>();
  for (const text of texts) {
    for (const id of await jobIdsOf(session, args, catalog, text)) ids.add(id);
  }
  for (const id of ids) {
    if (isUnderWay(session, id)) {
      session.tell("warning", `JobId ${id} is not deleted: it is under way. Cancel it first.`);
      continue;
    }
    const job = catalog.job(id);
    if (job !== undefined && !session.allows("Job", job.name)) continue;
    catalog.deleteJobs([id]);
    session.print(`Jobid ${id} and associated records deleted from the catalog.\n`);
    deleted.push(String(id));
  }
  session.output.merge("deleted", { jobids: deleted });
  return true;
}

async function deleteStorage(
  session: ConsoleSession,
  args: Arguments,
  catalog: DirectorCatalog,
): Promise<boolean> {
  const configured = new Set(session.director.configuration.all("Storage").map(({ name }) => name));
  const orphans = catalog.all("SELECT StorageId AS id, Name AS name FROM Storage")
    .filter(({ name }) =>
      !configured.has(String(name)) && session.access.allows("Storage", String(name))
    );
  session.print(`Found ${orphans.length} orphaned Storage records.\n`);
  const [, second] = args.values("storage");
  let name = second ?? args.filled("storage");
  if (name === undefined) {
    if (orphans.length === 0) return true;
    for (const { name } of orphans) session.print(`${name}\n`);
    name = await session.ask("Enter storage to delete: ");
  }
  const meant = orphans.filter((row) => row.name === name);
  if (meant.length === 0) {
    throw new CommandFailed(
      `The given storage '${name}' either does not exist at all, or still exists in the configuration. ` +
        "In order to remove a storage from the catalog, its configuration must be removed first.",
    );
  }
  session.print(`Deleting ${meant.length} orphaned storage record(s).\n`);
  for (const { id } of meant) catalog.run("DELETE FROM Storage WHERE StorageId = ?", Number(id));
  return true;
}
