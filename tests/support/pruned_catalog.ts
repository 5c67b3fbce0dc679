/** A catalog of jobs and volumes of many ages, for what deletes from catalogs. @module */

import { catalogTime } from "../../daemon/director/report/formats.ts";

/** Resources: two clients, a pool with a recycle pool, one that is full. */
export const prunedResources = `
Client { Name = alpha-fd; Address = 127.0.0.1; Password = x; File Retention = 60 days; Job Retention = 180 days }
Client { Name = beta-fd; Address = 127.0.0.1; Password = x }
Storage { Name = Disk; Address = 127.0.0.1; Password = x; Device = Dev; Media Type = File }
Storage { Name = Library; Address = 127.0.0.1; Password = x; Device = Changer; Media Type = LTO
  Auto Changer = yes }
FileSet { Name = Set; Include { Options { Signature = MD5 } File = /data } }
Pool { Name = Main; Pool Type = Backup; Recycle Pool = Reuse; Volume Retention = 30 days; Maximum Volumes = 20
  Volume Use Duration = 3 days; Maximum Volume Jobs = 7; Maximum Volume Files = 8; Maximum Volume Bytes = 9G
  Recycle = yes; Action On Purge = Truncate }
Pool { Name = Short; Pool Type = Backup; File Retention = 5 days; Job Retention = 6 days; Maximum Volumes = 1 }
Pool { Name = Reuse; Pool Type = Backup }
Job { Name = Backup; Type = Backup; Level = Incremental; Client = alpha-fd; FileSet = Set; Storage = Disk
  Pool = Main; Messages = Standard }
Job { Name = Restore; Type = Restore; Client = alpha-fd; FileSet = Set; Storage = Disk; Pool = Main
  Messages = Standard; Where = /tmp/restored }
`;

/** A job that ended this many days ago: name, type, level, status, client, files. */
type Row = readonly [
  id: number,
  days: number,
  name: string,
  kind: string,
  clientId: number,
  files: number,
];

const jobs: readonly Row[] = [
  [1, 400, "Backup", "BFT", 1, 2],
  [2, 200, "Backup", "BFT", 1, 2],
  [3, 100, "Backup", "BIT", 1, 1],
  [4, 300, "Restore", "RFT", 1, 2],
  [5, 190, "Backup", "BFf", 1, 0],
  [6, 10, "Other", "BFT", 2, 1],
  [7, 400, "Other", "BFA", 2, 1],
  [8, 300, "Backup", "CFT", 1, 2],
];

const ago = (days: number): number => Math.floor(Date.now() / 1000) - days * 86_400;
const jobStatements = jobs.map(([id, days, name, kind, clientId, files]) => {
  const [type, level, status] = kind;
  const time = `'${catalogTime(ago(days))}'`;
  return `INSERT INTO Job (JobId, Job, Name, Type, Level, ClientId, JobStatus, SchedTime, StartTime, EndTime,
  RealEndTime, JobTDate, JobFiles, JobBytes, PoolId, FileSetId, PriorJobId) VALUES
  (${id}, '${name}.2020-01-0${id}_01.00.00_0${id}', '${name}', '${type}', '${level}', ${clientId}, '${status}',
   ${time}, ${time}, ${time}, ${time}, ${ago(days)}, ${files}, ${files * 100}, 1, 1, ${
    type === "C" ? 1 : 0
  });\n`;
}).join("");

/** Volume, status, pool, enabled, retention in days, recycle pool, bytes. */
const volumes = [
  ["Old", "Full", 1, 1, 365, 3, 70_000],
  ["Mixed", "Used", 1, 1, 30, 0, 70_000],
  ["Young", "Append", 1, 1, 30, 0, 70_000],
  ["Empty", "Full", 1, 1, 30, 0, 70_000],
  ["Kept", "Full", 1, 2, 30, 0, 70_000],
  ["Free", "Purged", 1, 1, 30, 0, 200],
  ["Lone", "Used", 2, 1, 30, 0, 70_000],
] as const;

const volumeStatements = volumes.map((
  [name, status, pool, enabled, days, recyclePool, bytes],
  at,
) =>
  `INSERT INTO Media (MediaId, VolumeName, PoolId, MediaType, VolStatus, Enabled, VolRetention, Recycle,
  RecyclePoolId, StorageId, VolBytes, FirstWritten, LastWritten) VALUES (${
    at + 1
  }, '${name}', ${pool}, 'File',
  '${status}', ${enabled}, ${days * 86_400}, 1, ${recyclePool}, 1, ${bytes}, '2020-01-0${
    at + 1
  } 01:00:00',
  '2020-02-0${at + 1} 01:00:00');\n`
).join("");

/** JobId and MediaId of what lies where. */
const places = [[1, 1], [2, 2], [3, 2], [3, 3], [6, 3], [7, 5], [8, 7]] as const;

/** Statements that fill the catalog of these resources. */
export const prunedCatalog: string = `
INSERT INTO FileSet VALUES (1, 'Set', '', 'digest', '2020-01-01 01:00:00');
${jobStatements}${volumeStatements}${
  places.map(([job, media], at) =>
    `INSERT INTO JobMedia (JobMediaId, JobId, MediaId, FirstIndex, LastIndex) VALUES (${
      at + 1
    }, ${job}, ${media}, 1, 1);\n`
  ).join("")
}INSERT INTO Path VALUES (1, '/data/');
INSERT INTO Path VALUES (2, '/data/sub/');
INSERT INTO Path VALUES (3, '/data/sub/deep/');
${
  [[1, 1], [1, 2], [2, 1], [2, 3], [3, 2], [6, 1], [8, 1]].map(([job, path], at) =>
    `INSERT INTO File (FileId, FileIndex, JobId, PathId, LStat, Md5, Name) VALUES (${
      at + 1
    }, 1, ${job}, ${path}, 'A', '0', 'f');\n`
  ).join("")
}INSERT INTO Log VALUES (1, 1, '2020-01-01 01:00:00', 'x');
INSERT INTO Storage VALUES (7, 'Attic', 0);
INSERT INTO Quota VALUES (1, 5, 6);
INSERT INTO JobHisto (JobId, Job, Name, Type, Level, JobStatus, JobTDate) VALUES (90, 'x', 'x', 'B', 'F', 'T', 1);
INSERT INTO DeviceStats (DeviceId, SampleTime, MediaId) VALUES (1, '2001-01-01 00:00:00', 1);
INSERT INTO JobStats VALUES (1, '2001-01-01 00:00:00', 1, 1, 1);
INSERT INTO JobStats VALUES (1, '2999-01-01 00:00:00', 2, 1, 1);
`;
