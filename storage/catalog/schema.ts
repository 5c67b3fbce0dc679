/** The tables of the catalog (catalog-and-jobs.md 2) in SQLite's words. @module */

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

/**
 * Statements that make the indexes of File, where they are missing: who enters very many files into an
 * empty catalog makes them last.
 */
export const fileIndexes = `CREATE INDEX IF NOT EXISTS file_jpfid_idx ON File (JobId, PathId, Name);
CREATE INDEX IF NOT EXISTS file_pjidpart_idx ON File (PathId, JobId) WHERE FileIndex = 0 AND Name = '';`;
/** Statements that take them away. */
export const dropFileIndexes =
  "DROP INDEX IF EXISTS file_jpfid_idx; DROP INDEX IF EXISTS file_pjidpart_idx;";

/** Statements that make an empty catalog. */
export const schema = `
CREATE TABLE Version (VersionId INTEGER NOT NULL);
CREATE TABLE Path (PathId INTEGER PRIMARY KEY, Path TEXT NOT NULL);
CREATE UNIQUE INDEX path_name_idx ON Path (Path);
CREATE TABLE File (
  FileId INTEGER PRIMARY KEY, FileIndex INTEGER NOT NULL DEFAULT 0, JobId INTEGER NOT NULL,
  PathId INTEGER NOT NULL, DeltaSeq INTEGER NOT NULL DEFAULT 0, MarkId INTEGER NOT NULL DEFAULT 0,
  LStat TEXT NOT NULL, Md5 TEXT NOT NULL, Name TEXT NOT NULL,
  Fhinfo NUMERIC NOT NULL DEFAULT 0, Fhnode NUMERIC NOT NULL DEFAULT 0);
${fileIndexes}
CREATE TABLE Job (
  JobId INTEGER PRIMARY KEY AUTOINCREMENT, Job TEXT NOT NULL, Name TEXT NOT NULL, Type TEXT NOT NULL,
  Level TEXT NOT NULL, ClientId INTEGER DEFAULT 0, JobStatus TEXT NOT NULL, SchedTime TEXT,
  StartTime TEXT, EndTime TEXT, RealEndTime TEXT, JobTDate INTEGER DEFAULT 0,
  VolSessionId INTEGER DEFAULT 0, VolSessionTime INTEGER DEFAULT 0, JobFiles INTEGER DEFAULT 0,
  JobBytes INTEGER DEFAULT 0, ReadBytes INTEGER DEFAULT 0, JobErrors INTEGER DEFAULT 0,
  JobMissingFiles INTEGER DEFAULT 0, PoolId INTEGER DEFAULT 0, FileSetId INTEGER DEFAULT 0,
  PriorJobId INTEGER DEFAULT 0, PurgedFiles INTEGER DEFAULT 0, HasBase INTEGER DEFAULT 0,
  HasCache INTEGER DEFAULT 0, Reviewed INTEGER DEFAULT 0, Comment TEXT);
CREATE INDEX job_name_idx ON Job (Name);
CREATE TABLE FileSet (
  FileSetId INTEGER PRIMARY KEY, FileSet TEXT NOT NULL, FileSetText TEXT DEFAULT '', MD5 TEXT NOT NULL,
  CreateTime TEXT NOT NULL);
CREATE INDEX fileset_name_idx ON FileSet (FileSet);
CREATE TABLE Client (
  ClientId INTEGER PRIMARY KEY, Name TEXT NOT NULL, UName TEXT NOT NULL, AutoPrune INTEGER DEFAULT 0,
  FileRetention INTEGER DEFAULT 0, JobRetention INTEGER DEFAULT 0);
CREATE UNIQUE INDEX client_name_idx ON Client (Name);
CREATE TABLE JobMedia (
  JobMediaId INTEGER PRIMARY KEY, JobId INTEGER NOT NULL, MediaId INTEGER NOT NULL,
  FirstIndex INTEGER DEFAULT 0, LastIndex INTEGER DEFAULT 0, StartFile INTEGER DEFAULT 0,
  EndFile INTEGER DEFAULT 0, StartBlock INTEGER DEFAULT 0, EndBlock INTEGER DEFAULT 0,
  JobBytes INTEGER DEFAULT 0, VolIndex INTEGER DEFAULT 0);
CREATE INDEX job_media_job_id_media_id_idx ON JobMedia (JobId, MediaId);
CREATE INDEX job_media_media_id_job_id_idx ON JobMedia (MediaId, JobId);
CREATE TABLE Log (LogId INTEGER PRIMARY KEY, JobId INTEGER NOT NULL, Time TEXT, LogText TEXT NOT NULL);
CREATE INDEX log_name_idx ON Log (JobId);
CREATE TABLE Media (
  MediaId INTEGER PRIMARY KEY AUTOINCREMENT, VolumeName TEXT NOT NULL, Slot INTEGER DEFAULT 0,
  PoolId INTEGER DEFAULT 0, MediaType TEXT NOT NULL, MediaTypeId INTEGER DEFAULT 0,
  LabelType INTEGER DEFAULT 0, FirstWritten TEXT, LastWritten TEXT, LabelDate TEXT,
  VolJobs INTEGER DEFAULT 0, VolFiles INTEGER DEFAULT 0, VolBlocks INTEGER DEFAULT 0,
  VolMounts INTEGER DEFAULT 0, VolBytes INTEGER DEFAULT 0, VolErrors INTEGER DEFAULT 0,
  VolWrites INTEGER DEFAULT 0, VolCapacityBytes INTEGER DEFAULT 0, VolStatus TEXT NOT NULL
    CHECK (VolStatus IN (${quotedList(volumeStatuses)})),
  Enabled INTEGER DEFAULT 1, Recycle INTEGER DEFAULT 0, ActionOnPurge INTEGER DEFAULT 0,
  VolRetention INTEGER DEFAULT 0, VolUseDuration INTEGER DEFAULT 0, MaxVolJobs INTEGER DEFAULT 0,
  MaxVolFiles INTEGER DEFAULT 0, MaxVolBytes INTEGER DEFAULT 0, InChanger INTEGER DEFAULT 0,
  StorageId INTEGER DEFAULT 0, DeviceId INTEGER DEFAULT 0, MediaAddressing INTEGER DEFAULT 0,
  VolReadTime INTEGER DEFAULT 0, VolWriteTime INTEGER DEFAULT 0, EndFile INTEGER DEFAULT 0,
  EndBlock INTEGER DEFAULT 0, LocationId INTEGER DEFAULT 0, RecycleCount INTEGER DEFAULT 0,
  MinBlockSize INTEGER DEFAULT 0, MaxBlockSize INTEGER DEFAULT 0, InitialWrite TEXT,
  ScratchPoolId INTEGER DEFAULT 0, RecyclePoolId INTEGER DEFAULT 0, EncryptionKey TEXT,
  Comment TEXT);
CREATE UNIQUE INDEX media_volumename_id ON Media (VolumeName);
CREATE INDEX media_poolid_idx ON Media (PoolId);
CREATE TABLE Pool (
  PoolId INTEGER PRIMARY KEY, Name TEXT NOT NULL, NumVols INTEGER DEFAULT 0,
  MaxVols INTEGER DEFAULT 0, UseOnce INTEGER DEFAULT 0, UseCatalog INTEGER DEFAULT 1,
  AcceptAnyVolume INTEGER DEFAULT 0, VolRetention INTEGER DEFAULT 0,
  VolUseDuration INTEGER DEFAULT 0, MaxVolJobs INTEGER DEFAULT 0, MaxVolFiles INTEGER DEFAULT 0,
  MaxVolBytes INTEGER DEFAULT 0, AutoPrune INTEGER DEFAULT 0, Recycle INTEGER DEFAULT 0,
  ActionOnPurge INTEGER DEFAULT 0, PoolType TEXT NOT NULL
    CHECK (PoolType IN (${quotedList(poolTypes)})), LabelType INTEGER DEFAULT 0,
  LabelFormat TEXT DEFAULT '', Enabled INTEGER DEFAULT 1, ScratchPoolId INTEGER DEFAULT 0,
  RecyclePoolId INTEGER DEFAULT 0, NextPoolId INTEGER DEFAULT 0, MinBlockSize INTEGER DEFAULT 0,
  MaxBlockSize INTEGER DEFAULT 0, MigrationHighBytes INTEGER DEFAULT 0,
  MigrationLowBytes INTEGER DEFAULT 0, MigrationTime INTEGER DEFAULT 0);
CREATE UNIQUE INDEX pool_name_idx ON Pool (Name);
CREATE TABLE Storage (
  StorageId INTEGER PRIMARY KEY, Name TEXT NOT NULL, AutoChanger INTEGER DEFAULT 0);
CREATE TABLE Counters (
  Counter TEXT PRIMARY KEY, MinValue INTEGER DEFAULT 0, MaxValue INTEGER DEFAULT 0,
  CurrentValue INTEGER DEFAULT 0, WrapCounter TEXT DEFAULT '');
`;

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

/** Columns that an older catalog of the same version may lack: table, column, definition. */
export const addedColumns = [
  ["File", "Fhinfo", "NUMERIC NOT NULL DEFAULT 0"],
  ["File", "Fhnode", "NUMERIC NOT NULL DEFAULT 0"],
] as const;

/** Statements that add what an older catalog of the same version may lack. */
export const addedTables = `
${fileIndexes}
CREATE TABLE IF NOT EXISTS MediaType (
  MediaTypeId INTEGER PRIMARY KEY, MediaType TEXT NOT NULL, ReadOnly INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS Device (
  DeviceId INTEGER PRIMARY KEY, Name TEXT NOT NULL, MediaTypeId INTEGER NOT NULL,
  StorageId INTEGER NOT NULL, DevMounts INTEGER NOT NULL DEFAULT 0,
  DevReadBytes INTEGER NOT NULL DEFAULT 0, DevWriteBytes INTEGER NOT NULL DEFAULT 0,
  DevReadBytesSinceCleaning INTEGER NOT NULL DEFAULT 0,
  DevWriteBytesSinceCleaning INTEGER NOT NULL DEFAULT 0, DevReadTime INTEGER NOT NULL DEFAULT 0,
  DevWriteTime INTEGER NOT NULL DEFAULT 0, DevReadTimeSinceCleaning INTEGER NOT NULL DEFAULT 0,
  DevWriteTimeSinceCleaning INTEGER NOT NULL DEFAULT 0, CleaningDate TEXT,
  CleaningPeriod INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS Location (
  LocationId INTEGER PRIMARY KEY, Location TEXT NOT NULL, Cost INTEGER DEFAULT 0, Enabled INTEGER);
CREATE TABLE IF NOT EXISTS LocationLog (
  LocLogId INTEGER PRIMARY KEY, Date TEXT, Comment TEXT NOT NULL, MediaId INTEGER DEFAULT 0,
  LocationId INTEGER DEFAULT 0, NewVolStatus TEXT NOT NULL
    CHECK (NewVolStatus IN (${quotedList(volumeStatuses)})), NewEnabled INTEGER);
CREATE TABLE IF NOT EXISTS RestoreObject (
  RestoreObjectId INTEGER PRIMARY KEY, ObjectName TEXT NOT NULL, RestoreObject BLOB NOT NULL,
  PluginName TEXT NOT NULL, ObjectLength INTEGER DEFAULT 0, ObjectFullLength INTEGER DEFAULT 0,
  ObjectIndex INTEGER DEFAULT 0, ObjectType INTEGER DEFAULT 0, FileIndex INTEGER DEFAULT 0,
  JobId INTEGER, ObjectCompression INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS restore_jobid_idx ON RestoreObject (JobId);
CREATE TABLE IF NOT EXISTS BaseFiles (
  BaseId INTEGER PRIMARY KEY, JobId INTEGER NOT NULL, FileId INTEGER NOT NULL, FileIndex INTEGER,
  BaseJobId INTEGER);
CREATE INDEX IF NOT EXISTS basefiles_jobid_idx ON BaseFiles (JobId, FileId);
CREATE TABLE IF NOT EXISTS PathHierarchy (
  PathId INTEGER PRIMARY KEY, PPathId INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS pathhierarchy_ppathid ON PathHierarchy (PPathId);
CREATE TABLE IF NOT EXISTS PathVisibility (
  PathId INTEGER NOT NULL, JobId INTEGER NOT NULL, Size INTEGER DEFAULT 0,
  Files INTEGER DEFAULT 0, PRIMARY KEY (JobId, PathId)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS Quota (
  ClientId INTEGER PRIMARY KEY, GraceTime INTEGER DEFAULT 0, QuotaLimit INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS NDMPLevelMap (
  ClientId INTEGER NOT NULL, FilesetId INTEGER DEFAULT 0, FileSystem TEXT NOT NULL,
  DumpLevel INTEGER NOT NULL, PRIMARY KEY (ClientId, FilesetId, FileSystem));
CREATE TABLE IF NOT EXISTS NDMPJobEnvironment (
  JobId INTEGER NOT NULL, FileIndex INTEGER NOT NULL, EnvName TEXT NOT NULL,
  EnvValue TEXT NOT NULL, PRIMARY KEY (JobId, FileIndex, EnvName));
CREATE TABLE IF NOT EXISTS JobHisto (
  JobId INTEGER, Job TEXT NOT NULL, Name TEXT NOT NULL, Type TEXT NOT NULL, Level TEXT NOT NULL,
  ClientId INTEGER DEFAULT 0, JobStatus TEXT NOT NULL, SchedTime TEXT, StartTime TEXT,
  EndTime TEXT, RealEndTime TEXT, JobTDate INTEGER DEFAULT 0, VolSessionId INTEGER DEFAULT 0,
  VolSessionTime INTEGER DEFAULT 0, JobFiles INTEGER DEFAULT 0, JobBytes INTEGER DEFAULT 0,
  ReadBytes INTEGER DEFAULT 0, JobErrors INTEGER DEFAULT 0, JobMissingFiles INTEGER DEFAULT 0,
  PoolId INTEGER DEFAULT 0, FileSetId INTEGER DEFAULT 0, PriorJobId INTEGER DEFAULT 0,
  PurgedFiles INTEGER DEFAULT 0, HasBase INTEGER DEFAULT 0, HasCache INTEGER DEFAULT 0,
  Reviewed INTEGER DEFAULT 0, Comment TEXT);
CREATE INDEX IF NOT EXISTS jobhisto_idx ON JobHisto (StartTime);
CREATE TABLE IF NOT EXISTS DeviceStats (
  DeviceId INTEGER DEFAULT 0, SampleTime TEXT NOT NULL, ReadTime INTEGER NOT NULL DEFAULT 0,
  WriteTime INTEGER NOT NULL DEFAULT 0, ReadBytes INTEGER DEFAULT 0, WriteBytes INTEGER DEFAULT 0,
  SpoolSize INTEGER DEFAULT 0, NumWaiting INTEGER DEFAULT 0, NumWriters INTEGER DEFAULT 0,
  MediaId INTEGER NOT NULL, VolCatBytes INTEGER DEFAULT 0, VolCatFiles INTEGER DEFAULT 0,
  VolCatBlocks INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS JobStats (
  DeviceId INTEGER DEFAULT 0, SampleTime TEXT NOT NULL, JobId INTEGER NOT NULL,
  JobFiles INTEGER DEFAULT 0, JobBytes INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS TapeAlerts (
  DeviceId INTEGER DEFAULT 0, SampleTime TEXT NOT NULL, AlertFlags INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS Status (
  JobStatus TEXT PRIMARY KEY, JobStatusLong TEXT, Severity INTEGER);
INSERT OR IGNORE INTO Status VALUES
  ${statusRows.map((row) => `('${row[0]}', '${row[1]}', ${row[2]})`).join(",\n  ")};
`;
