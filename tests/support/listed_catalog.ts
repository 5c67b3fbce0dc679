/** A catalog with a little of everything, and the resources that belong to it. @module */

import { catalogTime } from "../../daemon/director/report/formats.ts";

/** Resources: two clients, pools, storages and file sets; one client and one job are disabled. */
export const listedResources = `
Client { Name = alpha-fd; Address = 127.0.0.1; Password = x }
Client { Name = beta-fd; Address = 127.0.0.1; Password = x; Enabled = no }
Storage { Name = Disk; Address = 127.0.0.1; Password = x; Device = Dev; Media Type = File }
Storage { Name = Library; Address = 127.0.0.1; Password = x; Device = Changer; Media Type = LTO
  Auto Changer = yes }
FileSet { Name = Set; Include { Options { Signature = MD5 } File = /data } }
FileSet { Name = Etc; Include { File = /etc } }
Pool { Name = Full; Pool Type = Backup; Label Format = "Full-"; Maximum Volumes = 9; Recycle Pool = Scratch }
Pool { Name = Incr; Pool Type = Backup; Volume Retention = 30 days; Recycle = no; AutoPrune = no }
Pool { Name = Scratch; Pool Type = Scratch }
Schedule { Name = Hourly; Run = Level=Full Pool=Full hourly at 0:05; Run = Level=Incremental Pool=Incr hourly at 0:35 }
Schedule { Name = Never; Run = Level=Full on 31 feb at 1:00 }
Job { Name = Backup; Type = Backup; Level = Incremental; Client = alpha-fd; FileSet = Set; Storage = Disk
  Pool = Full; Messages = Standard; Schedule = Hourly }
Job { Name = Nightly; Type = Backup; Client = beta-fd; FileSet = Etc; Storage = Disk; Pool = Incr
  Messages = Standard; Enabled = no }
Job { Name = Rarely; Type = Backup; Client = alpha-fd; FileSet = Set; Storage = Disk; Pool = Incr
  Messages = Standard; Schedule = Never; Enabled = no }
Job { Name = Restore; Type = Restore; Client = alpha-fd; FileSet = Set; Storage = Disk; Pool = Full
  Messages = Standard; Where = /tmp/restored }
`;

/** When a job was due that many hours ago, in SQL. */
const ago = (hours: number): string => `'${catalogTime(Date.now() / 1000 - hours * 3600)}'`;

interface JobRow {
  readonly id: number;
  readonly name: string;
  /** Type, level and status, a letter each. */
  readonly kind: string;
  readonly clientId?: number;
  readonly poolId?: number;
  readonly fileSetId?: number;
  /** Hours ago. */
  readonly due: number;
  readonly start: string;
  readonly files?: number;
  readonly bytes?: number;
  readonly prior?: number;
}

function jobStatement(job: JobRow): string {
  const [type, level, status] = job.kind;
  const { id, name, clientId = 1, poolId = 1, fileSetId = 1, start, due } = job;
  const { files = 0, bytes = 0, prior = 0 } = job;
  return `INSERT INTO Job (JobId, Job, Name, Type, Level, ClientId, JobStatus, SchedTime, StartTime, EndTime,
  RealEndTime, JobTDate, JobFiles, JobBytes, PoolId, FileSetId, PriorJobId) VALUES
  (${id}, '${name}.2020-01-0${id}_01.00.00_0${id}', '${name}', '${type}', '${level}', ${clientId},
   '${status}', ${ago(due)}, '2020-01-0${id} ${start}', '2020-01-0${id} 04:30:0${id}',
   '2020-01-0${id} 04:30:0${id}', 157784040${id}, ${files}, ${bytes}, ${poolId}, ${fileSetId}, ${prior})`;
}

const jobs: readonly JobRow[] = [
  {
    id: 1,
    name: "Backup",
    kind: "BFT",
    due: 2400,
    start: "01:00:01",
    files: 3,
    bytes: 1234567,
  },
  {
    ...{ id: 2, name: "Backup", kind: "BIT", poolId: 2, due: 40, start: "01:00:02" },
    ...{ files: 1, bytes: 89 },
  },
  {
    ...{ id: 3, name: "Nightly", kind: "BFW", clientId: 2, poolId: 2, fileSetId: 2 },
    ...{ due: 30, start: "02:00:03", files: 2, bytes: 4096 },
  },
  {
    id: 4,
    name: "Restore",
    kind: "RFT",
    due: 5,
    start: "04:30:04",
    files: 3,
    bytes: 1234567,
  },
  { id: 5, name: "Backup", kind: "BFf", due: 3, start: "01:00:05" },
  {
    ...{ id: 6, name: "Gone", kind: "BFT", clientId: 3, due: 2, start: "01:00:06" },
    ...{ files: 1, bytes: 1000000000 },
  },
  {
    ...{ id: 7, name: "Backup", kind: "CFT", poolId: 2, due: 1.5, start: "01:00:01" },
    ...{ files: 3, bytes: 1234600, prior: 1 },
  },
  {
    id: 8,
    name: "Nightly",
    kind: "BIA",
    clientId: 2,
    poolId: 2,
    fileSetId: 2,
    due: 0.2,
    start: "02:00:08",
  },
];

/** Statements that fill the catalog of these resources. */
export const listedCatalog: string = `
INSERT INTO Client (ClientId, Name, UName, FileRetention, JobRetention) VALUES (3, 'gone-fd', '19.2', 1, 2);
UPDATE Client SET UName = '26.0.0 (01Jan26) Linux', AutoPrune = 1 WHERE ClientId = 1;
INSERT INTO FileSet VALUES (1, 'Set', 'FileSet { }', 'digest-1', '2020-01-01 01:00:00');
INSERT INTO FileSet VALUES (2, 'Etc', '', 'digest-2', '2020-01-02 01:00:00');
INSERT INTO FileSet VALUES (3, 'Left', '', 'digest-3', '2020-01-03 01:00:00');
INSERT INTO Pool (PoolId, Name, PoolType, LabelFormat, UseCatalog) VALUES (9, 'Old', 'Backup', '*', 1);
INSERT INTO Storage VALUES (9, 'Attic', 0);
INSERT INTO Media (MediaId, VolumeName, PoolId, MediaType, VolStatus, VolBytes, VolJobs, VolFiles, Recycle,
  VolRetention, StorageId, FirstWritten, LastWritten, LabelDate, RecyclePoolId, Comment)
  VALUES (1, 'Full-0001', 1, 'File', 'Append', 1300000, 2, 3, 1, 31536000, 1, '2020-01-01 01:00:01',
  '2020-01-05 01:00:05', '2020-01-01 00:00:00', 3, 'the first');
INSERT INTO Media (MediaId, VolumeName, PoolId, MediaType, VolStatus, VolBytes, Recycle, VolRetention, StorageId,
  Slot, InChanger, LastWritten) VALUES (2, 'Incr-0001', 2, 'File', 'Full', 99, 0, 2592000, 1, 5, 1,
  '2020-01-03 02:00:03');
INSERT INTO Media (MediaId, VolumeName, PoolId, MediaType, VolStatus, Enabled, EncryptionKey) VALUES
  (3, 'Copy-0001', 2, 'LTO', 'Used', 2, 'key');
INSERT INTO Media (MediaId, VolumeName, PoolId, MediaType, VolStatus) VALUES (4, 'Old-0001', 9, 'File', 'Error');
${jobs.map((job) => `${jobStatement(job)};\n`).join("")}
INSERT INTO JobMedia VALUES (1, 1, 1, 1, 2, 0, 0, 64, 900, 1000, 1);
INSERT INTO JobMedia VALUES (2, 1, 2, 2, 3, 0, 1, 64, 4000, 2000, 2);
INSERT INTO JobMedia VALUES (3, 2, 2, 1, 1, 1, 1, 4001, 5000, 89, 1);
INSERT INTO JobMedia VALUES (4, 3, 2, 1, 2, 1, 1, 5001, 6000, 4096, 1);
INSERT INTO JobMedia VALUES (5, 7, 3, 1, 3, 0, 0, 64, 900, 3000, 1);
INSERT INTO Path VALUES (1, '/data/');
INSERT INTO Path VALUES (2, '/data/sub dir/');
INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (1, 1, 1, 1, 'A', '0', 'a.txt');
INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (2, 2, 1, 2, 'A', '0', 'ü "b"');
INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (3, 3, 1, 2, 'A', '0', '');
INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (4, 0, 2, 1, 'A', '0', 'a.txt');
INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (5, 1, 2, 1, 'A', '0', 'c.txt');
INSERT INTO BaseFiles VALUES (1, 2, 1, 1, 1);
INSERT INTO Log VALUES (1, 1, '2020-01-01 01:00:01', 'dir JobId 1: Start Backup
');
INSERT INTO Log VALUES (2, 1, '2020-01-01 01:00:02', 'dir JobId 1: two
  lines
');
INSERT INTO Log VALUES (3, 3, '2020-01-03 02:00:03', 'dir JobId 3: Warning: w
');
INSERT INTO Log VALUES (4, 7, '2020-01-07 01:00:07', 'dir JobId 7: of a copy
');
INSERT INTO Log VALUES (5, 0, '2020-01-07 02:00:00', 'dir: of the daemon
');
INSERT INTO JobStats VALUES (1, '2020-01-01 01:00:10', 1, 1, 500000);
INSERT INTO JobStats VALUES (1, '2020-01-01 01:00:20', 1, 3, 1234567);
`;
