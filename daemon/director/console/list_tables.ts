/**
 * What `list` and `llist` can show, as data: columns, tables, order, and which
 * keywords filter (console.md 9, catalog-and-jobs.md 26).
 *
 * @module
 */
import type { AccessKind } from "./access.ts";

/** How a value of a keyword becomes a condition; `?` stands for the value. */
export type Filters = Readonly<Record<string, string>>;

/** A table that can be listed. */
export interface ListTable {
  /** Member of the JSON result. */
  readonly key: string;
  /** Columns of `list`, and of `llist` where they differ. */
  readonly columns: string;
  readonly longColumns?: string;
  readonly from: string;
  readonly order: string;
  readonly where?: string;
  readonly filters?: Filters;
  /** Shown columns that name resources which a console must be allowed to see. */
  readonly access?: Readonly<Record<string, AccessKind>>;
  /** Values are printed as they are by `list`. */
  readonly isRaw?: boolean;
  /** The column and the type of resource that `current`, `enabled`, `disabled` look at. */
  readonly resource?: readonly [column: string, type: AccessKind];
}

const since = (column: string): string =>
  `CASE WHEN Job.StartTime IS NULL THEN NULL ELSE strftime('%s', ${column}) - strftime('%s', Job.StartTime) END`;
const seconds = `(${since("coalesce(Job.EndTime, datetime('now', 'localtime'))")})`;
const durationColumn =
  `CASE WHEN Job.StartTime IS NULL THEN NULL ELSE clock_text(max(0, ${seconds})) END AS duration`;

/** Jobs, as `jobs` and `backups` list them. */
export const jobsTable: ListTable = {
  key: "jobs",
  columns:
    `Job.JobId AS jobid, Job.Name AS name, Client.Name AS client, Job.StartTime AS starttime, ${durationColumn}, Job.Type AS type, Job.Level AS level, Job.JobFiles AS jobfiles, Job.JobBytes AS jobbytes, Job.JobStatus AS jobstatus`,
  longColumns:
    `Job.JobId AS jobid, Job.Job AS job, Job.Name AS name, Job.PurgedFiles AS purgedfiles, Job.Type AS type, Job.Level AS level, Job.ClientId AS clientid, Client.Name AS client, Job.JobStatus AS jobstatus, Job.SchedTime AS schedtime, Job.StartTime AS starttime, Job.EndTime AS endtime, Job.RealEndTime AS realendtime, ${durationColumn}, Job.JobTDate AS jobtdate, Job.VolSessionId AS volsessionid, Job.VolSessionTime AS volsessiontime, Job.JobFiles AS jobfiles, Job.JobBytes AS jobbytes, Job.JobErrors AS joberrors, Job.JobMissingFiles AS jobmissingfiles, Job.PoolId AS poolid, Pool.Name AS poolname, Job.PriorJobId AS priorjobid, Job.FileSetId AS filesetid, FileSet.FileSet AS fileset`,
  from:
    "Job LEFT JOIN Client ON Client.ClientId = Job.ClientId LEFT JOIN Pool ON Pool.PoolId = Job.PoolId LEFT JOIN FileSet ON FileSet.FileSetId = Job.FileSetId",
  where: "Job.JobId > 0",
  order: "Job.StartTime IS NULL, Job.StartTime, Job.JobId",
  filters: {
    jobid: "Job.JobId = ?",
    job: "Job.Name = ?",
    jobname: "Job.Name = ?",
    ujobid: "Job.Job = ?",
    client: "Client.Name = ?",
    pool: "Pool.Name = ?",
    volume:
      "Job.JobId IN (SELECT JobMedia.JobId FROM JobMedia JOIN Media ON Media.MediaId = JobMedia.MediaId WHERE Media.VolumeName = ?)",
  },
  access: { name: "Job", client: "Client", poolname: "Pool", fileset: "FileSet" },
  resource: ["name", "Job"],
};

/** Clients. */
export const clientsTable: ListTable = {
  key: "clients",
  columns:
    "ClientId AS clientid, Name AS name, FileRetention AS fileretention, JobRetention AS jobretention",
  longColumns:
    "ClientId AS clientid, Name AS name, UName AS uname, AutoPrune AS autoprune, FileRetention AS fileretention, JobRetention AS jobretention",
  from: "Client",
  order: "ClientId",
  filters: { client: "Name = ?" },
  access: { name: "Client" },
  resource: ["name", "Client"],
};

/** Pools. */
export const poolsTable: ListTable = {
  key: "pools",
  columns:
    "PoolId AS poolid, Name AS name, NumVols AS numvols, MaxVols AS maxvols, PoolType AS pooltype, LabelFormat AS labelformat",
  longColumns:
    "PoolId AS poolid, Name AS name, NumVols AS numvols, MaxVols AS maxvols, UseOnce AS useonce, UseCatalog AS usecatalog, AcceptAnyVolume AS acceptanyvolume, VolRetention AS volretention, VolUseDuration AS voluseduration, MaxVolJobs AS maxvoljobs, MaxVolBytes AS maxvolbytes, AutoPrune AS autoprune, Recycle AS recycle, PoolType AS pooltype, LabelFormat AS labelformat, Enabled AS enabled, ScratchPoolId AS scratchpoolid, RecyclePoolId AS recyclepoolid, LabelType AS labeltype",
  from: "Pool",
  order: "PoolId",
  filters: { pool: "Name = ?", poolid: "PoolId = ?" },
  access: { name: "Pool" },
  resource: ["name", "Pool"],
};

const mediaColumns =
  "Media.MediaId AS mediaid, VolumeName AS volumename, VolStatus AS volstatus, Media.Enabled AS enabled, VolBytes AS volbytes, VolFiles AS volfiles, Media.VolRetention AS volretention, Media.Recycle AS recycle, Slot AS slot, InChanger AS inchanger, MediaType AS mediatype, LastWritten AS lastwritten, Storage.Name AS storage, CASE WHEN coalesce(EncryptionKey, '') = '' THEN 0 ELSE 1 END AS hasencryptionkey, Pool.Name AS _pool";

/** Volumes. */
export const mediaTable: ListTable = {
  key: "volumes",
  columns: mediaColumns,
  longColumns:
    "Media.MediaId AS mediaid, VolumeName AS volumename, Slot AS slot, Media.PoolId AS poolid, Pool.Name AS pool, MediaType AS mediatype, FirstWritten AS firstwritten, LastWritten AS lastwritten, LabelDate AS labeldate, VolJobs AS voljobs, VolFiles AS volfiles, VolBlocks AS volblocks, VolMounts AS volmounts, VolBytes AS volbytes, VolErrors AS volerrors, VolWrites AS volwrites, VolCapacityBytes AS volcapacitybytes, VolStatus AS volstatus, Media.Enabled AS enabled, Media.Recycle AS recycle, Media.VolRetention AS volretention, Media.VolUseDuration AS voluseduration, Media.MaxVolJobs AS maxvoljobs, Media.MaxVolFiles AS maxvolfiles, Media.MaxVolBytes AS maxvolbytes, InChanger AS inchanger, EndFile AS endfile, EndBlock AS endblock, Media.LabelType AS labeltype, Media.StorageId AS storageid, DeviceId AS deviceid, LocationId AS locationid, RecycleCount AS recyclecount, InitialWrite AS initialwrite, Media.ScratchPoolId AS scratchpoolid, scratch_pools.Name AS scratchpool, Media.RecyclePoolId AS recyclepoolid, recycle_pools.Name AS recyclepool, CASE WHEN coalesce(EncryptionKey, '') = '' THEN 0 ELSE 1 END AS hasencryptionkey, Comment AS comment, Storage.Name AS storage, Pool.Name AS _pool",
  from:
    "Media LEFT JOIN Pool ON Pool.PoolId = Media.PoolId LEFT JOIN Storage ON Storage.StorageId = Media.StorageId LEFT JOIN Pool AS scratch_pools ON scratch_pools.PoolId = Media.ScratchPoolId LEFT JOIN Pool AS recycle_pools ON recycle_pools.PoolId = Media.RecyclePoolId",
  order: "Media.MediaId",
  filters: {
    pool: "Pool.Name = ?",
    volume: "VolumeName = ?",
    media: "VolumeName = ?",
    mediaid: "Media.MediaId = ?",
    volumeid: "Media.MediaId = ?",
  },
  access: { _pool: "Pool" },
  resource: ["_pool", "Pool"],
};

/** Volumes of one job. */
export const jobVolumesTable: ListTable = {
  key: "volumes",
  columns: "DISTINCT VolumeName AS volumename",
  longColumns:
    "JobMediaId AS jobmediaid, JobMedia.JobId AS jobid, JobMedia.MediaId AS mediaid, VolumeName AS volumename",
  from: "JobMedia JOIN Media ON Media.MediaId = JobMedia.MediaId",
  order: "JobMedia.JobMediaId",
  filters: { jobid: "JobMedia.JobId = ?" },
};

/** Tables that are listed by one word. */
export const simpleTables: Readonly<Record<string, ListTable>> = {
  storages: {
    key: "storages",
    columns: "StorageId AS storageid, Name AS name, AutoChanger AS autochanger",
    from: "Storage",
    order: "StorageId",
    access: { name: "Storage" },
    resource: ["name", "Storage"],
  },
  filesets: {
    key: "filesets",
    columns:
      "FileSetId AS filesetid, FileSet AS fileset, MD5 AS md5, CreateTime AS createtime, FileSetText AS filesettext",
    from: "FileSet",
    order: "FileSetId",
    filters: {
      filesetid: "FileSetId = ?",
      jobid: "FileSetId IN (SELECT FileSetId FROM Job WHERE JobId = ?)",
      ujobid: "FileSetId IN (SELECT FileSetId FROM Job WHERE Job = ?)",
    },
    access: { fileset: "FileSet" },
    resource: ["fileset", "FileSet"],
  },
  jobmedia: {
    key: "jobmedia",
    columns:
      "JobMedia.JobId AS jobid, VolumeName AS volumename, FirstIndex AS firstindex, LastIndex AS lastindex, Job.Name AS _name, Client.Name AS _client",
    longColumns:
      "JobMediaId AS jobmediaid, JobMedia.JobId AS jobid, JobMedia.MediaId AS mediaid, VolumeName AS volumename, FirstIndex AS firstindex, LastIndex AS lastindex, JobMedia.StartFile AS startfile, JobMedia.EndFile AS endfile, JobMedia.StartBlock AS startblock, JobMedia.EndBlock AS endblock, Job.Name AS _name, Client.Name AS _client",
    from:
      "JobMedia JOIN Media ON Media.MediaId = JobMedia.MediaId LEFT JOIN Job ON Job.JobId = JobMedia.JobId LEFT JOIN Client ON Client.ClientId = Job.ClientId",
    order: "JobMedia.JobMediaId",
    filters: { jobid: "JobMedia.JobId = ?" },
    access: { _name: "Job", _client: "Client" },
  },
  joblog: {
    key: "joblog",
    columns: "Time AS time, CAST(LogText AS BLOB) AS logtext",
    from: "Log",
    order: "LogId",
    filters: { jobid: "Log.JobId = ?" },
    isRaw: true,
  },
  jobstatistics: {
    key: "jobstats",
    columns:
      "DeviceId AS deviceid, SampleTime AS sampletime, JobId AS jobid, JobFiles AS jobfiles, JobBytes AS jobbytes",
    from: "JobStats",
    order: "SampleTime",
    filters: { jobid: "JobId = ?" },
  },
};

/** Words of `jobstatus=`. */
export const statusWords: Readonly<Record<string, string>> = {
  terminated: "T",
  warnings: "W",
  canceled: "A",
  running: "R",
  error: "E",
  fatal: "f",
};
