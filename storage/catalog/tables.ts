/**
 * The tables of the catalog (catalog-and-jobs.md 2), as a Bareos director of schema 2250 has them in
 * PostgreSQL. This is their one description: `sqlite_schema.ts` and
 * `postgres/schema.ts` make statements of it.
 *
 * @module
 */

/** The version of the schema, as the table Version has it (1.2). */
export const schemaVersion = 2250;

/** What a volume can be (2.2, 18.7). */
export const volumeStatuses = [
  ...["Unlabeled", "Full", "Archive", "Append", "Recycle", "Purged", "Read-Only", "Disabled"],
  ...["Error", "Busy", "Used", "Cleaning", "Scratch"],
] as const;

/** What a pool can be for. */
export const poolTypes = ["Backup", "Copy", "Cloned", "Archive", "Migration", "Scratch"] as const;

/** Words as a list of SQL. */
export const quotedList = (words: readonly string[]): string =>
  words.map((word) => `'${word}'`).join(", ");

/** The states of jobs: letter, words, severity (2.3). */
export const statusRows = [
  ["C", "Created, not yet running", 15],
  ["R", "Running", 15],
  ["B", "Blocked", 15],
  ["T", "Completed successfully", 10],
  ["E", "Terminated with errors", 25],
  ["e", "Non-fatal error", 20],
  ["f", "Fatal error", 100],
  ["D", "Verify found differences", 15],
  ["A", "Canceled by user", 90],
  ["I", "Incomplete job", 15],
  ["L", "Committing data", 15],
  ["W", "Terminated with warnings", 20],
  ["l", "Doing data despooling", 15],
  ["q", "Queued waiting for device", 15],
  ["F", "Waiting for Client", 15],
  ["S", "Waiting for Storage daemon", 15],
  ["m", "Waiting for new media", 15],
  ["M", "Waiting for media mount", 15],
  ["s", "Waiting for storage resource", 15],
  ["j", "Waiting for job resource", 15],
  ["c", "Waiting for client resource", 15],
  ["d", "Waiting on maximum jobs", 15],
  ["t", "Waiting on start time", 15],
  ["p", "Waiting on higher priority jobs", 15],
  ["a", "SD despooling attributes", 15],
  ["i", "Doing batch insert file records", 15],
] as const;

/** Tables: name, columns and constraints, with the types of PostgreSQL. */
export const tables = {
  Path: `PathId SERIAL PRIMARY KEY, Path TEXT NOT NULL`,
  File: `FileId BIGSERIAL PRIMARY KEY, FileIndex INTEGER NOT NULL DEFAULT 0, JobId INTEGER NOT NULL,
    PathId INTEGER NOT NULL, DeltaSeq SMALLINT NOT NULL DEFAULT 0, MarkId INTEGER NOT NULL DEFAULT 0,
    Fhinfo NUMERIC(20) NOT NULL DEFAULT 0, Fhnode NUMERIC(20) NOT NULL DEFAULT 0, LStat TEXT NOT NULL,
    Md5 TEXT NOT NULL, Name TEXT NOT NULL`,
  Job: `JobId SERIAL PRIMARY KEY, Job TEXT NOT NULL, Name TEXT NOT NULL, Type CHAR(1) NOT NULL,
    Level CHAR(1) NOT NULL, ClientId INTEGER DEFAULT 0, JobStatus CHAR(1) NOT NULL,
    SchedTime TIMESTAMP WITHOUT TIME ZONE, StartTime TIMESTAMP WITHOUT TIME ZONE,
    EndTime TIMESTAMP WITHOUT TIME ZONE, RealEndTime TIMESTAMP WITHOUT TIME ZONE,
    JobTDate BIGINT DEFAULT 0, VolSessionId INTEGER DEFAULT 0, VolSessionTime INTEGER DEFAULT 0,
    JobFiles INTEGER DEFAULT 0, JobBytes BIGINT DEFAULT 0, ReadBytes BIGINT DEFAULT 0,
    JobErrors INTEGER DEFAULT 0, JobMissingFiles INTEGER DEFAULT 0, PoolId INTEGER DEFAULT 0,
    FileSetId INTEGER DEFAULT 0, PriorJobId INTEGER DEFAULT 0, PurgedFiles SMALLINT DEFAULT 0,
    HasBase SMALLINT DEFAULT 0, HasCache SMALLINT DEFAULT 0, Reviewed SMALLINT DEFAULT 0,
    Comment TEXT`,
  FileSet: `FileSetId SERIAL PRIMARY KEY, FileSet TEXT NOT NULL, FileSetText TEXT DEFAULT '',
    MD5 TEXT NOT NULL, CreateTime TIMESTAMP WITHOUT TIME ZONE NOT NULL`,
  Client: `ClientId SERIAL PRIMARY KEY, Name TEXT NOT NULL, UName TEXT NOT NULL,
    AutoPrune SMALLINT DEFAULT 0, FileRetention BIGINT DEFAULT 0, JobRetention BIGINT DEFAULT 0`,
  JobMedia: `JobMediaId SERIAL PRIMARY KEY, JobId INTEGER NOT NULL, MediaId INTEGER NOT NULL,
    FirstIndex INTEGER DEFAULT 0, LastIndex INTEGER DEFAULT 0, StartFile INTEGER DEFAULT 0,
    EndFile INTEGER DEFAULT 0, StartBlock BIGINT DEFAULT 0, EndBlock BIGINT DEFAULT 0,
    JobBytes NUMERIC(20) DEFAULT 0, VolIndex INTEGER DEFAULT 0`,
  RestoreObject: `RestoreObjectId SERIAL PRIMARY KEY, ObjectName TEXT NOT NULL,
    RestoreObject BYTEA NOT NULL, PluginName TEXT NOT NULL, ObjectLength INTEGER DEFAULT 0,
    ObjectFullLength INTEGER DEFAULT 0, ObjectIndex INTEGER DEFAULT 0, ObjectType INTEGER DEFAULT 0,
    FileIndex INTEGER DEFAULT 0, JobId INTEGER, ObjectCompression INTEGER DEFAULT 0`,
  BaseFiles: `BaseId BIGSERIAL PRIMARY KEY, JobId INTEGER NOT NULL, FileId BIGINT NOT NULL,
    FileIndex INTEGER, BaseJobId INTEGER`,
  Log: `LogId SERIAL PRIMARY KEY, JobId INTEGER NOT NULL, Time TIMESTAMP WITHOUT TIME ZONE,
    LogText TEXT NOT NULL`,
  PathHierarchy: `PathId INTEGER PRIMARY KEY, PPathId INTEGER NOT NULL`,
  PathVisibility: `PathId INTEGER NOT NULL, JobId INTEGER NOT NULL, Size BIGINT DEFAULT 0,
    Files INTEGER DEFAULT 0, PRIMARY KEY (JobId, PathId)`,
  Media: `MediaId SERIAL PRIMARY KEY, VolumeName TEXT NOT NULL, Slot BIGINT DEFAULT 0,
    PoolId INTEGER DEFAULT 0, MediaType TEXT NOT NULL, MediaTypeId INTEGER DEFAULT 0,
    LabelType INTEGER DEFAULT 0, FirstWritten TIMESTAMP WITHOUT TIME ZONE,
    LastWritten TIMESTAMP WITHOUT TIME ZONE, LabelDate TIMESTAMP WITHOUT TIME ZONE,
    VolJobs BIGINT DEFAULT 0, VolFiles BIGINT DEFAULT 0, VolBlocks BIGINT DEFAULT 0,
    VolMounts BIGINT DEFAULT 0, VolBytes BIGINT DEFAULT 0, VolErrors BIGINT DEFAULT 0,
    VolWrites BIGINT DEFAULT 0, VolCapacityBytes BIGINT DEFAULT 0,
    VolStatus TEXT NOT NULL CHECK (VolStatus IN (${quotedList(volumeStatuses)})),
    Enabled SMALLINT DEFAULT 1, Recycle SMALLINT DEFAULT 0, ActionOnPurge SMALLINT DEFAULT 0,
    VolRetention BIGINT DEFAULT 0, VolUseDuration BIGINT DEFAULT 0, MaxVolJobs BIGINT DEFAULT 0,
    MaxVolFiles BIGINT DEFAULT 0, MaxVolBytes BIGINT DEFAULT 0, InChanger SMALLINT DEFAULT 0,
    StorageId INTEGER DEFAULT 0, DeviceId INTEGER DEFAULT 0, MediaAddressing SMALLINT DEFAULT 0,
    VolReadTime BIGINT DEFAULT 0, VolWriteTime BIGINT DEFAULT 0, EndFile BIGINT DEFAULT 0,
    EndBlock BIGINT DEFAULT 0, LocationId INTEGER DEFAULT 0, RecycleCount BIGINT DEFAULT 0,
    MinBlockSize BIGINT DEFAULT 0, MaxBlockSize BIGINT DEFAULT 0,
    InitialWrite TIMESTAMP WITHOUT TIME ZONE, ScratchPoolId INTEGER DEFAULT 0,
    RecyclePoolId INTEGER DEFAULT 0, EncryptionKey TEXT, Comment TEXT`,
  Pool: `PoolId SERIAL PRIMARY KEY, Name TEXT NOT NULL, NumVols INTEGER DEFAULT 0,
    MaxVols INTEGER DEFAULT 0, UseOnce SMALLINT DEFAULT 0, UseCatalog SMALLINT DEFAULT 0,
    AcceptAnyVolume SMALLINT DEFAULT 0, VolRetention BIGINT DEFAULT 0,
    VolUseDuration BIGINT DEFAULT 0, MaxVolJobs INTEGER DEFAULT 0, MaxVolFiles INTEGER DEFAULT 0,
    MaxVolBytes BIGINT DEFAULT 0, AutoPrune SMALLINT DEFAULT 0, Recycle SMALLINT DEFAULT 0,
    ActionOnPurge SMALLINT DEFAULT 0,
    PoolType TEXT CHECK (PoolType IN (${quotedList(poolTypes)})), LabelType INTEGER DEFAULT 0,
    LabelFormat TEXT NOT NULL, Enabled SMALLINT DEFAULT 1, ScratchPoolId INTEGER DEFAULT 0,
    RecyclePoolId INTEGER DEFAULT 0, NextPoolId INTEGER DEFAULT 0, MinBlockSize INTEGER DEFAULT 0,
    MaxBlockSize INTEGER DEFAULT 0, MigrationHighBytes BIGINT DEFAULT 0,
    MigrationLowBytes BIGINT DEFAULT 0, MigrationTime BIGINT DEFAULT 0`,
  MediaType: `MediaTypeId SERIAL PRIMARY KEY, MediaType TEXT NOT NULL, ReadOnly INTEGER DEFAULT 0`,
  Storage: `StorageId SERIAL PRIMARY KEY, Name TEXT NOT NULL, AutoChanger INTEGER DEFAULT 0`,
  Device: `DeviceId SERIAL PRIMARY KEY, Name TEXT NOT NULL, MediaTypeId INTEGER NOT NULL,
    StorageId INTEGER NOT NULL, DevMounts INTEGER NOT NULL DEFAULT 0,
    DevReadBytes BIGINT NOT NULL DEFAULT 0, DevWriteBytes BIGINT NOT NULL DEFAULT 0,
    DevReadBytesSinceCleaning BIGINT NOT NULL DEFAULT 0,
    DevWriteBytesSinceCleaning BIGINT NOT NULL DEFAULT 0, DevReadTime BIGINT NOT NULL DEFAULT 0,
    DevWriteTime BIGINT NOT NULL DEFAULT 0, DevReadTimeSinceCleaning BIGINT NOT NULL DEFAULT 0,
    DevWriteTimeSinceCleaning BIGINT NOT NULL DEFAULT 0, CleaningDate TIMESTAMP WITHOUT TIME ZONE,
    CleaningPeriod BIGINT NOT NULL DEFAULT 0`,
  Location: `LocationId SERIAL PRIMARY KEY, Location TEXT NOT NULL, Cost INTEGER DEFAULT 0,
    Enabled SMALLINT`,
  LocationLog:
    `LocLogId SERIAL PRIMARY KEY, Date TIMESTAMP WITHOUT TIME ZONE, Comment TEXT NOT NULL,
    MediaId INTEGER DEFAULT 0, LocationId INTEGER DEFAULT 0,
    NewVolStatus TEXT NOT NULL CHECK (NewVolStatus IN (${quotedList(volumeStatuses)})),
    NewEnabled SMALLINT`,
  Version: `VersionId INTEGER NOT NULL`,
  Counters: `Counter TEXT PRIMARY KEY, MinValue INTEGER DEFAULT 0, MaxValue INTEGER DEFAULT 0,
    CurrentValue INTEGER DEFAULT 0, WrapCounter TEXT NOT NULL`,
  Quota: `ClientId INTEGER PRIMARY KEY, GraceTime BIGINT DEFAULT 0, QuotaLimit BIGINT DEFAULT 0`,
  NDMPLevelMap: `ClientId INTEGER NOT NULL, FilesetId INTEGER DEFAULT 0, FileSystem TEXT NOT NULL,
    DumpLevel INTEGER NOT NULL, PRIMARY KEY (ClientId, FilesetId, FileSystem)`,
  NDMPJobEnvironment: `JobId INTEGER NOT NULL, FileIndex INTEGER NOT NULL, EnvName TEXT NOT NULL,
    EnvValue TEXT NOT NULL, PRIMARY KEY (JobId, FileIndex, EnvName)`,
  DeviceStats: `DeviceId INTEGER DEFAULT 0, SampleTime TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    ReadTime BIGINT NOT NULL DEFAULT 0, WriteTime BIGINT NOT NULL DEFAULT 0,
    ReadBytes BIGINT DEFAULT 0, WriteBytes BIGINT DEFAULT 0, SpoolSize BIGINT DEFAULT 0,
    NumWaiting SMALLINT DEFAULT 0, NumWriters SMALLINT DEFAULT 0, MediaId INTEGER NOT NULL,
    VolCatBytes BIGINT DEFAULT 0, VolCatFiles BIGINT DEFAULT 0, VolCatBlocks BIGINT DEFAULT 0`,
  JobStats: `DeviceId INTEGER DEFAULT 0, SampleTime TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    JobId INTEGER NOT NULL, JobFiles INTEGER DEFAULT 0, JobBytes BIGINT DEFAULT 0`,
  TapeAlerts: `DeviceId INTEGER DEFAULT 0, SampleTime TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    AlertFlags BIGINT DEFAULT 0`,
  Status: `JobStatus CHAR(1) PRIMARY KEY, JobStatusLong TEXT, Severity INTEGER`,
} as const;

/** A table of the catalog. */
export type TableName = keyof typeof tables;

/** The columns of JobHisto: those of Job, whose rows it keeps under their numbers. */
export const jobHisto: string = tables.Job.replace("SERIAL PRIMARY KEY", "INTEGER");

/** Indexes: name, what they are on. */
export const indexes = {
  file_jpfid_idx: "File (JobId, PathId, Name)",
  file_pjidpart_idx: "File (PathId, JobId) WHERE FileIndex = 0 AND Name = ''",
  job_name_idx: "Job (Name)",
  jobhisto_idx: "JobHisto (StartTime)",
  fileset_name_idx: "FileSet (FileSet)",
  job_media_job_id_media_id_idx: "JobMedia (JobId, MediaId)",
  job_media_media_id_job_id_idx: "JobMedia (MediaId, JobId)",
  restore_jobid_idx: "RestoreObject (JobId)",
  basefiles_jobid_idx: "BaseFiles (JobId)",
  log_name_idx: "Log (JobId)",
  pathhierarchy_ppathid: "PathHierarchy (PPathId)",
  media_poolid_idx: "Media (PoolId)",
  pool_name_idx: "Pool (Name)",
} as const;

/** Indexes without doubles. */
export const uniqueIndexes = {
  path_name_idx: "Path (Path)",
  client_name_idx: "Client (Name)",
  media_volumename_id: "Media (VolumeName)",
} as const;

/** The states of jobs in words. */
export const statusRowsSql: string = `INSERT INTO Status (JobStatus, JobStatusLong, Severity) VALUES
  ${
  statusRows.map(([letter, text, severity]) => `('${letter}', '${text}', ${severity})`).join(
    ",\n  ",
  )
}
  ON CONFLICT DO NOTHING;`;

/** A column of a table. */
export interface TableColumn {
  /** As the schema spells it. */
  readonly name: string;
  /** The first word of its type: `TEXT`, `BIGSERIAL`, `TIMESTAMP`, `BYTEA` ... */
  readonly type: string;
}

function columnsOf(text: string): TableColumn[] {
  return text.split(/,(?![^()]*\))/).flatMap((part) => {
    const [, name = "", type = ""] = /^\s*(\w+) ([A-Z]+)/.exec(part) ?? [];
    return name === "" || name === "PRIMARY" ? [] : [{ name, type }];
  });
}

/** The columns of every table, in their order. */
export const tableColumns: ReadonlyMap<string, readonly TableColumn[]> = new Map(
  [...Object.entries(tables), ["JobHisto", jobHisto] as const]
    .map(([name, columns]) => [name, columnsOf(columns)]),
);
