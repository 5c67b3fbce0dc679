/** The browsing commands `.bvfs_*` (console.md 22). @module */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import { decodeStat } from "../../../storage/volume/mod.ts";
import { baseJobsOf, filesOfJobs } from "../../../storage/catalog/mod.ts";
import type { JsonValue } from "../../config/mod.ts";
import type { SqlCatalog, SqlRow } from "../director_catalog.ts";
import { type Arguments, isJobId, rowId } from "./arguments.ts";
import { clearCache, updateCache } from "./bvfs_cache.ts";
import { CommandFailed } from "./command.ts";
import { OwnerNames } from "./owner_names.ts";
import { jobsOfState, justAfter } from "./restore_jobs.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** The attributes of a folder that has none of its own. */
const noAttributes = "A A A A A A A A A A A A A A";

/** JobIds of a list which the console may see. @throws CommandFailed if none is left */
function jobsOf(session: ConsoleSession, catalog: SqlCatalog, text: string): number[] {
  const ids = text.split(",").filter(isJobId).map(Number);
  const allowed = ids.filter((id) => {
    const row = catalog.one(
      `SELECT Job.Name AS name, Client.Name AS client FROM Job LEFT JOIN Client ON Client.ClientId = Job.ClientId WHERE JobId = ?`,
      id,
    );
    return row !== undefined && session.access.allows("Job", String(row.name)) &&
      (row.client === null || session.access.allows("Client", String(row.client)));
  });
  if (allowed.length === 0) throw new CommandFailed("Unauthorized command from this console.");
  return allowed;
}

/** What lsdirs and lsfiles are asked. */
interface Listed {
  readonly jobIds: readonly number[];
  readonly pathId: number;
  readonly limit: number;
  readonly offset: number;
}

const mostRows = 2000;

async function listed(
  session: ConsoleSession,
  args: Arguments,
): Promise<{ catalog: SqlCatalog; of: Listed }> {
  const catalog = await session.catalog(args, "list");
  const jobs = args.filled("jobid");
  const path = args.value("path");
  const given = args.filled("pathid");
  if (jobs === undefined || (path === undefined && given === undefined)) {
    throw new CommandFailed("Can't find jobid, pathid or path argument");
  }
  const jobIds = jobsOf(session, catalog, jobs);
  await updateCache(catalog, jobIds);
  const pathId = given !== undefined ? rowId(given) : Number(
    catalog.one(
      "SELECT PathId AS id FROM Path WHERE Path = CAST(? AS TEXT)",
      encodeText(path ?? ""),
    )?.id ?? 0,
  );
  const visible = catalog.one(
    `SELECT 1 AS n FROM PathVisibility WHERE PathId = ? AND JobId IN (${
      jobIds.join(", ")
    }) LIMIT 1`,
    pathId,
  );
  if (visible === undefined) throw new CommandFailed("");
  return {
    catalog,
    of: {
      jobIds,
      pathId,
      limit: args.number("limit", mostRows),
      offset: args.number("offset", 0),
    },
  };
}

/** A row of a list. */
interface Entry {
  readonly pathId: number;
  readonly fileId: number;
  readonly jobId: number;
  readonly lstat: string;
  readonly name: string;
  readonly fullPath?: string;
}

function show(session: ConsoleSession, key: string, type: "D" | "F", all: readonly Entry[]): void {
  const names = new OwnerNames();
  const rows = all.map(({ pathId, fileId, jobId, lstat, name, fullPath }): JsonValue => {
    session.print(`${[pathId, fileId, jobId, lstat, name].join("\t")}\n`);
    return {
      type,
      pathid: pathId,
      fileid: fileId,
      jobid: jobId,
      lstat,
      name,
      ...(fullPath !== undefined && { fullpath: fullPath }),
      ...stat(lstat, names),
    };
  });
  session.output.put(key, rows);
}

/** `stat` and `linkfileindex` of JSON. */
function stat(lstat: string, names: OwnerNames): { [key: string]: JsonValue } {
  const fields = decodeStat(lstat);
  const { dev, ino, mode, nlink, uid, gid, rdev, size, atime, mtime, ctime } = fields;
  return {
    stat: {
      dev: Number(dev),
      ino: Number(ino),
      ...{ mode, nlink, uid, gid, user: names.user(uid), group: names.group(gid) },
      rdev: Number(rdev),
      ...{ size, atime, mtime, ctime },
    },
    linkfileindex: fields.linkFileIndex,
  };
}

/** `.bvfs_lsdirs`. */
const lsdirs: CommandHandler = async (session, args) => {
  const { catalog, of } = await listed(session, args);
  const jobs = of.jobIds.join(", ");
  const { table, owner } = filesOfJobs(catalog, of.jobIds);
  const own = catalog.one(
    "SELECT PPathId AS parent FROM PathHierarchy WHERE PathId = ?",
    of.pathId,
  );
  const entry = (pathId: number, shownName: string | undefined): Entry => {
    const row = catalog.one(
      `SELECT CAST(Path.Path AS BLOB) AS path, File.FileId AS fileId, File.JobId AS jobId, File.LStat AS lstat, File.FileIndex AS fileIndex
       FROM Path LEFT JOIN ${table} ON File.PathId = Path.PathId AND File.Name = '' AND File.${owner} IN (${jobs})
       WHERE Path.PathId = ? ORDER BY File.${owner} DESC, File.FileId DESC LIMIT 1`,
      pathId,
    );
    const path = row === undefined ? "" : decodeText(row.path as Uint8Array);
    const hasOwn = row?.fileId !== null && Number(row?.fileIndex ?? 0) > 0;
    const name = shownName ?? path.slice(path.replace(/\/$/, "").lastIndexOf("/") + 1);
    return {
      pathId,
      fileId: hasOwn ? Number(row?.fileId) : 0,
      jobId: hasOwn ? Number(row?.jobId) : 0,
      lstat: hasOwn ? String(row?.lstat) : noAttributes,
      name: name === "" ? path : name,
      fullPath: shownName ?? path,
    };
  };
  const children = catalog.all(
    `SELECT PathHierarchy.PathId AS id FROM PathHierarchy JOIN Path ON Path.PathId = PathHierarchy.PathId
     WHERE PathHierarchy.PPathId = ? AND EXISTS (
       SELECT 1 FROM PathVisibility WHERE PathVisibility.PathId = PathHierarchy.PathId AND PathVisibility.JobId IN (${jobs}))
     ORDER BY Path.Path LIMIT ? OFFSET ?`,
    of.pathId,
    of.limit,
    of.offset,
  ).map(({ id }) => Number(id));
  show(session, "directories", "D", [
    entry(of.pathId, "."),
    ...(own === undefined ? [] : [entry(Number(own.parent), "..")]),
    ...children.map((id) => entry(id, undefined)),
  ]);
};

/** `.bvfs_lsfiles`. */
const lsfiles: CommandHandler = async (session, args) => {
  const { catalog, of } = await listed(session, args);
  const pattern = args.filled("pattern");
  const { table, owner } = filesOfJobs(catalog, of.jobIds);
  const rows = catalog.all(
    `SELECT FileId AS fileId, JobId AS jobId, LStat AS lstat, CAST(Name AS BLOB) AS name FROM (
       SELECT *, row_number() OVER (PARTITION BY Name ORDER BY ${owner} DESC, FileId DESC) AS place FROM ${table}
       WHERE PathId = ? AND ${owner} IN (${of.jobIds.join(", ")}) AND Name <> '') AS ranked
     WHERE place = 1 AND FileIndex > 0 ${pattern === undefined ? "" : "AND Name LIKE ?"}
     ORDER BY Name LIMIT ? OFFSET ?`,
    of.pathId,
    ...(pattern === undefined ? [] : [pattern]),
    of.limit,
    of.offset,
  );
  show(
    session,
    "files",
    "F",
    rows.map((row) => ({
      pathId: of.pathId,
      fileId: Number(row.fileId),
      jobId: Number(row.jobId),
      lstat: String(row.lstat),
      name: decodeText(row.name as Uint8Array),
    })),
  );
};

/** `.bvfs_update`. */
const update: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const jobs = args.filled("jobid");
  await updateCache(catalog, jobs === undefined ? undefined : jobsOf(session, catalog, jobs));
};

/** `.bvfs_clear_cache`. */
const clear: CommandHandler = async (session, args) => {
  if (!args.has("yes")) throw new CommandFailed("Can't find 'yes' argument");
  clearCache(await session.catalog(args, "list"));
  session.tell("info", "OK\n");
};

/** `.bvfs_get_jobids`. */
const getJobIds: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const [jobId, unique] = [args.filled("jobid"), args.filled("ujobid")];
  if (jobId === undefined && unique === undefined) {
    throw new CommandFailed("Can't find ujobid or jobid argument");
  }
  const [first = ""] = (jobId ?? "").split(",");
  const row = catalog.one(
    `SELECT Job.JobId AS id, Job.ClientId AS client, Job.StartTime AS start, Job.Level AS level, FileSet.FileSet AS fileset
     FROM Job LEFT JOIN FileSet ON FileSet.FileSetId = Job.FileSetId WHERE ${
      unique === undefined ? "Job.JobId = ?" : "Job.Job = ?"
    }`,
    unique ?? (rowId(first)),
  );
  if (row === undefined) {
    throw new CommandFailed(`Unable to get Job record for JobId=${jobId ?? unique}: ERR=unknown`);
  }
  jobsOf(session, catalog, String(row.id));
  const fileSets = args.has("all")
    ? catalog.all(
      `SELECT DISTINCT FileSet.FileSet AS name FROM Job JOIN FileSet ON FileSet.FileSetId = Job.FileSetId
       WHERE Job.ClientId = ? AND Job.Type = 'B' ORDER BY 1`,
      Number(row.client),
    ).map(({ name }) => String(name))
    : [String(row.fileset ?? "")];
  const found = String(row.level) === "B" ? [Number(row.id)] : fileSets
    .filter((name) => session.access.allows("FileSet", name))
    .flatMap((fileSet) => stateOf(catalog, row, fileSet));
  const ids = [...new Set(found)].sort((a, b) => a - b);
  session.print(`${ids.join(",")}\n`);
  session.output.put("jobids", ids.map((id) => ({ id: String(id) })));
};

/** The jobs of a FileSet at the time of a job. */
function stateOf(catalog: SqlCatalog, row: SqlRow, fileSet: string): number[] {
  try {
    const jobs = jobsOfState(catalog, {
      clientId: Number(row.client),
      fileSet,
      before: justAfter(String(row.start ?? "")),
      poolId: undefined,
      isArchive: false,
    });
    const own = jobs.indexOf(Number(row.id));
    return own < 0 ? jobs : jobs.slice(0, own + 1);
  } catch (error) {
    if (error instanceof CommandFailed) return []; // this FileSet has no full backup
    throw error;
  }
}

/** `.bvfs_versions`. */
const versions: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const client = args.filled("client");
  const name = args.filled("fname", "filename", "name");
  const pathId = args.filled("pathid");
  if (client === undefined || name === undefined || pathId === undefined) {
    throw new CommandFailed("Can't find client or fname argument");
  }
  if (!session.allows("Client", client)) {
    throw new CommandFailed("Unauthorized command from this console.");
  }
  const types = args.has("copies") ? "'B', 'A', 'C'" : "'B', 'A'";
  const rows = catalog.all(
    `SELECT File.PathId AS pathId, File.FileId AS fileId, File.JobId AS jobId, File.LStat AS lstat, File.Md5 AS md5,
       Media.VolumeName AS volume, Media.InChanger AS inChanger, Job.Name AS job
     FROM File JOIN Job ON Job.JobId = File.JobId JOIN Client ON Client.ClientId = Job.ClientId
     JOIN JobMedia ON JobMedia.JobId = Job.JobId AND File.FileIndex BETWEEN JobMedia.FirstIndex AND JobMedia.LastIndex
     JOIN Media ON Media.MediaId = JobMedia.MediaId
     WHERE File.PathId = ? AND File.Name = CAST(? AS TEXT) AND File.FileIndex > 0 AND Client.Name = ? AND Job.Type IN (${types})
     ORDER BY File.JobId, File.FileId, JobMedia.JobMediaId`,
    rowId(pathId),
    encodeText(name),
    client,
  ).filter(({ fileId, job }, at, all) =>
    // A file on several volumes is told of once, with the first of them.
    all[at - 1]?.fileId !== fileId && session.access.allows("Job", String(job))
  );
  const names = new OwnerNames();
  session.output.put(
    "versions",
    rows.map((row): JsonValue => {
      const lstat = String(row.lstat);
      const cells = [row.pathId, row.fileId, row.jobId, lstat, row.md5, row.volume, row.inChanger];
      session.print(`${cells.join("\t")}\n`);
      const { stat: attributes = {} } = stat(lstat, names);
      return {
        type: "V",
        pathid: Number(row.pathId),
        fileid: Number(row.fileId),
        jobid: Number(row.jobId),
        lstat,
        md5: String(row.md5),
        volumename: String(row.volume),
        volumeinchanger: Number(row.inChanger),
        stat: attributes,
      };
    }),
  );
};

const tableName = /^b2\d{1,18}$/;

/** `.bvfs_restore`: prepares a table of files for `restore file=?NAME`. */
const prepare: CommandHandler = async (session, args) => {
  const catalog = await session.catalog(args, "list");
  const name = args.filled("path") ?? "";
  const jobs = args.filled("jobid");
  const list = (keyword: string): number[] =>
    (args.filled(keyword) ?? "").split(",").filter((part) => /^\d{1,15}$/.test(part)).map(Number);
  const [files, folders, links] = [list("fileid"), list("dirid"), list("hardlink")];
  if (!tableName.test(name) || jobs === undefined || links.length % 2 !== 0) {
    throw new CommandFailed("Can't create restore list");
  }
  const jobIds = jobsOf(session, catalog, jobs);
  const { table, owner } = filesOfJobs(catalog, jobIds);
  const inJobs = `File.${owner} IN (${jobIds.join(", ")})`;
  const readable = [...jobIds, ...baseJobsOf(catalog, jobIds)];
  catalog.transaction(() => {
    catalog.run(`DROP TABLE IF EXISTS ${name}`);
    catalog.run(`CREATE TABLE ${name} (JobId INTEGER, FileIndex INTEGER, FileId INTEGER)`);
    catalog.run(
      `INSERT INTO ${name} SELECT JobId, FileIndex, FileId FROM ${table}
       WHERE FileId IN (${files.join(", ") || "0"}) AND ${inJobs} AND FileIndex > 0`,
    );
    for (const folder of folders) {
      const row = catalog.one(
        "SELECT CAST(Path AS BLOB) AS path FROM Path WHERE PathId = ?",
        folder,
      );
      if (row === undefined) continue;
      const path = row.path as Uint8Array;
      catalog.run(
        `INSERT INTO ${name} SELECT JobId, FileIndex, FileId FROM (
           SELECT File.*, row_number() OVER (PARTITION BY File.PathId, File.Name ORDER BY File.${owner} DESC, File.FileId DESC) AS place
           FROM ${table} JOIN Path ON Path.PathId = File.PathId
           WHERE Path.Path >= CAST(? AS TEXT) AND Path.Path < CAST(? AS TEXT) AND ${inJobs}) AS ranked
         WHERE place = 1 AND FileIndex > 0`,
        path,
        new Uint8Array([...path, 0xff]),
      );
    }
    for (let at = 0; at + 1 < links.length; at += 2) {
      const [jobId = 0, fileIndex = 0] = [links[at], links[at + 1]];
      if (readable.includes(jobId)) {
        catalog.run(`INSERT INTO ${name} VALUES (?, ?, 0)`, jobId, fileIndex);
      }
    }
  });
  session.tell("info", "OK\n");
};

/** `.bvfs_cleanup`. */
const cleanup: CommandHandler = async (session, args) => {
  const name = args.filled("path") ?? "";
  if (!tableName.test(name)) throw new CommandFailed("Can't find path argument");
  (await session.catalog(args, "list")).run(`DROP TABLE IF EXISTS ${name}`);
};

/** All of these commands. */
export const bvfsCommands: Readonly<Record<string, CommandHandler>> = {
  ".bvfs_lsdirs": lsdirs,
  ".bvfs_lsfiles": lsfiles,
  ".bvfs_update": update,
  ".bvfs_get_jobids": getJobIds,
  ".bvfs_versions": versions,
  ".bvfs_restore": prepare,
  ".bvfs_cleanup": cleanup,
  ".bvfs_clear_cache": clear,
};
