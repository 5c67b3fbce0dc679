/** `list` and `llist` (console.md 9): a table of queries. @module */
import type { Arguments } from "./arguments.ts";
import type { ConsoleCommand, ConsoleSession } from "./session.ts";
import { type Cell, horizontalTable, type Rows, verticalTable } from "./table.ts";

/** Lets queries be put to the catalog. */
export interface QueryableCatalog {
  /** All rows of a query. */
  all(sql: string, ...values: Cell[]): Rows;
}

/** One thing that can be listed. */
interface Listing {
  /** Words that mean it. */
  readonly words: readonly string[];
  /** SELECT for `list` and for `llist`, without WHERE. */
  readonly columns: string;
  readonly longColumns?: string;
  readonly from: string;
  readonly order: string;
  /** Conditions of keywords: `?` stands for the value. */
  readonly filters?: Readonly<Record<string, string>>;
  /** Rows are printed as they are, not in a table. */
  readonly isRaw?: boolean;
}

const jobId = "Job.JobId = ?";
const duration = `printf('%02d:%02d:%02d', (julianday(EndTime) - julianday(StartTime)) * 24,
  ((julianday(EndTime) - julianday(StartTime)) * 1440) % 60,
  round((julianday(EndTime) - julianday(StartTime)) * 86400) % 60) AS duration`;

const listings: readonly Listing[] = [
  {
    words: ["jobs", "job", "jobname", "jobid", "ujobid"],
    columns:
      `Job.JobId AS jobid, Job.Name AS name, Client.Name AS client, StartTime AS starttime, ${duration}, Type AS type, Level AS level, JobFiles AS jobfiles, JobBytes AS jobbytes, JobStatus AS jobstatus`,
    longColumns:
      `Job.JobId AS jobid, Job.Job AS job, Job.Name AS name, PurgedFiles AS purgedfiles, Type AS type, Level AS level, Job.ClientId AS clientid, Client.Name AS client, JobStatus AS jobstatus, SchedTime AS schedtime, StartTime AS starttime, EndTime AS endtime, RealEndTime AS realendtime, ${duration}, JobTDate AS jobtdate, VolSessionId AS volsessionid, VolSessionTime AS volsessiontime, JobFiles AS jobfiles, JobBytes AS jobbytes, JobErrors AS joberrors, JobMissingFiles AS jobmissingfiles, Job.PoolId AS poolid, Pool.Name AS poolname, PriorJobId AS priorjobid, Job.FileSetId AS filesetid, FileSet.FileSet AS fileset`,
    from:
      "Job LEFT JOIN Client ON Client.ClientId = Job.ClientId LEFT JOIN Pool ON Pool.PoolId = Job.PoolId LEFT JOIN FileSet ON FileSet.FileSetId = Job.FileSetId",
    order: "StartTime, Job.JobId",
    filters: {
      jobid: jobId,
      job: "Job.Name = ?",
      jobname: "Job.Name = ?",
      ujobid: "Job.Job = ?",
      client: "Client.Name = ?",
      jobstatus: "JobStatus = ?",
      joblevel: "Level = ?",
      jobtype: "Type = ?",
    },
  },
  {
    words: ["clients", "client"],
    columns:
      "ClientId AS clientid, Name AS name, FileRetention AS fileretention, JobRetention AS jobretention",
    longColumns:
      "ClientId AS clientid, Name AS name, UName AS uname, AutoPrune AS autoprune, FileRetention AS fileretention, JobRetention AS jobretention",
    from: "Client",
    order: "ClientId",
    filters: { client: "Name = ?" },
  },
  {
    words: ["pools", "pool", "poolid"],
    columns:
      "PoolId AS poolid, Name AS name, NumVols AS numvols, MaxVols AS maxvols, PoolType AS pooltype, LabelFormat AS labelformat",
    longColumns:
      "PoolId AS poolid, Name AS name, NumVols AS numvols, MaxVols AS maxvols, UseOnce AS useonce, UseCatalog AS usecatalog, AcceptAnyVolume AS acceptanyvolume, VolRetention AS volretention, VolUseDuration AS voluseduration, MaxVolJobs AS maxvoljobs, MaxVolBytes AS maxvolbytes, AutoPrune AS autoprune, Recycle AS recycle, PoolType AS pooltype, LabelFormat AS labelformat, Enabled AS enabled, ScratchPoolId AS scratchpoolid, RecyclePoolId AS recyclepoolid, LabelType AS labeltype",
    from: "Pool",
    order: "PoolId",
    filters: { pool: "Name = ?", poolid: "PoolId = ?" },
  },
  {
    words: ["storages"],
    columns: "StorageId AS storageid, Name AS name, AutoChanger AS autochanger",
    from: "Storage",
    order: "StorageId",
  },
  {
    words: ["filesets", "fileset"],
    columns:
      "FileSetId AS filesetid, FileSet AS fileset, MD5 AS md5, CreateTime AS createtime, FileSetText AS filesettext",
    from: "FileSet",
    order: "FileSetId",
    filters: { filesetid: "FileSetId = ?" },
  },
  {
    words: ["volumes", "media", "volume", "mediaid", "volumeid"],
    columns:
      "MediaId AS mediaid, VolumeName AS volumename, VolStatus AS volstatus, Media.Enabled AS enabled, VolBytes AS volbytes, VolFiles AS volfiles, Media.VolRetention AS volretention, Media.Recycle AS recycle, Slot AS slot, InChanger AS inchanger, MediaType AS mediatype, LastWritten AS lastwritten, Storage.Name AS storage",
    longColumns:
      "MediaId AS mediaid, VolumeName AS volumename, Slot AS slot, Media.PoolId AS poolid, Pool.Name AS pool, MediaType AS mediatype, FirstWritten AS firstwritten, LastWritten AS lastwritten, LabelDate AS labeldate, VolJobs AS voljobs, VolFiles AS volfiles, VolBlocks AS volblocks, VolMounts AS volmounts, VolBytes AS volbytes, VolErrors AS volerrors, VolWrites AS volwrites, VolCapacityBytes AS volcapacitybytes, VolStatus AS volstatus, Media.Enabled AS enabled, Media.Recycle AS recycle, Media.VolRetention AS volretention, Media.VolUseDuration AS voluseduration, Media.MaxVolJobs AS maxvoljobs, Media.MaxVolFiles AS maxvolfiles, Media.MaxVolBytes AS maxvolbytes, InChanger AS inchanger, EndFile AS endfile, EndBlock AS endblock, RecycleCount AS recyclecount, Storage.Name AS storage",
    from:
      "Media LEFT JOIN Pool ON Pool.PoolId = Media.PoolId LEFT JOIN Storage ON Storage.StorageId = Media.StorageId",
    order: "MediaId",
    filters: {
      volume: "VolumeName = ?",
      mediaid: "MediaId = ?",
      volumeid: "MediaId = ?",
      pool: "Pool.Name = ?",
      jobid: "MediaId IN (SELECT MediaId FROM JobMedia WHERE JobId = ?)",
    },
  },
  {
    words: ["jobmedia"],
    columns:
      "JobId AS jobid, VolumeName AS volumename, FirstIndex AS firstindex, LastIndex AS lastindex",
    longColumns:
      "JobMediaId AS jobmediaid, JobId AS jobid, JobMedia.MediaId AS mediaid, VolumeName AS volumename, FirstIndex AS firstindex, LastIndex AS lastindex, JobMedia.StartFile AS startfile, JobMedia.EndFile AS endfile, JobMedia.StartBlock AS startblock, JobMedia.EndBlock AS endblock",
    from: "JobMedia JOIN Media USING (MediaId)",
    order: "JobMediaId",
    filters: { jobid: "JobId = ?" },
  },
  {
    words: ["joblog"],
    columns: "Time || ' ' || LogText AS logtext",
    from: "Log",
    order: "LogId",
    filters: { jobid: "JobId = ?" },
    isRaw: true,
  },
  {
    words: ["files"],
    columns: "' ' || Path.Path || File.Name || char(10) AS filename",
    from: "File JOIN Path USING (PathId)",
    order: "FileIndex",
    filters: { jobid: "FileIndex > 0 AND JobId = ?" },
    isRaw: true,
  },
];

/** Things of which only those of one job can be listed. */
const needsJobId: ReadonlySet<string> = new Set(["joblog", "files"]);

function show(session: ConsoleSession, args: Arguments, isLong: boolean): void {
  const [first] = args.all;
  if (first === undefined) {
    session.print("list command requires a keyword\n");
    return;
  }
  const word = first.keyword.toLowerCase();
  const listing = listings.find(({ words }) => words.includes(word));
  if (listing === undefined) {
    session.print(`Unknown list keyword: ${first.keyword}\n`);
    return;
  }
  if (needsJobId.has(word) && args.value("jobid") === undefined) {
    session.print("no jobid given\n");
    return;
  }
  const terms: string[] = [];
  const values: Cell[] = [];
  for (const [keyword, term] of Object.entries(listing.filters ?? {})) {
    const value = args.value(keyword);
    if (value === undefined) continue;
    terms.push(term);
    values.push(/^\d+$/.test(value) ? Number(value) : value);
  }
  const where = terms.length === 0 ? "" : ` WHERE ${terms.join(" AND ")}`;
  const limit = Number(args.value("limit") ?? 0);
  const columns = isLong ? listing.longColumns ?? listing.columns : listing.columns;
  const catalog = session.director.catalog as unknown as QueryableCatalog;
  const rows = catalog.all(
    `SELECT ${columns} FROM ${listing.from}${where} ORDER BY ${listing.order}${
      limit > 0 ? ` LIMIT ${limit}` : ""
    }`,
    ...values,
  );
  session.print(`Using Catalog "${session.director.configuration.first("Catalog").name}"\n`);
  if (listing.isRaw) {
    for (const row of rows) session.print(Object.values(row).map(String).join(" "));
  } else session.print(isLong ? verticalTable(rows) : horizontalTable(rows));
}

/** Lists rows of the catalog in a table. */
export const listCommand: ConsoleCommand = {
  name: "list",
  help: "List objects from catalog",
  run: (session, args) => show(session, args, false),
};

/** Lists rows of the catalog, a record a paragraph. */
export const longListCommand: ConsoleCommand = {
  name: "llist",
  help: "Full or long list like list command",
  run: (session, args) => show(session, args, true),
};
