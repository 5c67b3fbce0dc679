/**
 * The query file of a new installation (console.md 19): questions that come up again and again, in words
 * that SQLite and PostgreSQL both understand.
 *
 * @module
 */

/** An entry: what the menu of `query` says, what is asked, and the statement; `%1` is the first answer. */
interface QueryEntry {
  readonly title: string;
  readonly prompts?: readonly string[];
  readonly sql: string;
}

/** Jobs in a form that a list shows: when they began, what they were. */
const jobColumns =
  "j.JobId, j.Name AS Job, c.Name AS Client, j.StartTime AS Began, j.Level, j.JobStatus AS Status";

/** Backups that went well: those of the catalog and of other kinds of jobs count too. */
const isGood = "j.Type = 'B' AND j.JobStatus IN ('T', 'W')";

const entries: readonly QueryEntry[] = [
  {
    title: "Which jobs have saved a file?",
    prompts: ["Folder of the file, with / at its end:", "Name of the file:"],
    sql: `SELECT ${jobColumns}, f.FileIndex
  FROM Path p JOIN File f ON f.PathId = p.PathId JOIN Job j ON j.JobId = f.JobId
  LEFT JOIN Client c ON c.ClientId = j.ClientId
 WHERE p.Path = '%1' AND f.Name = '%2' ORDER BY j.StartTime DESC, j.JobId DESC`,
  },
  {
    title: "Which files of a job have a name like this?",
    prompts: ["JobId:", "Name, with % for any letters:"],
    sql: `SELECT p.Path, f.Name, f.FileIndex FROM File f JOIN Path p ON p.PathId = f.PathId
 WHERE f.JobId = CAST('%1' AS INTEGER) AND lower(f.Name) LIKE lower('%2') ORDER BY p.Path, f.Name LIMIT 1000`,
  },
  {
    title: "Which volumes does the restore of a job need?",
    prompts: ["JobId:"],
    sql: `SELECT m.VolumeName AS Volume, m.MediaType, m.VolStatus AS Status, p.Name AS Pool,
       s.Name AS Storage, min(jm.FirstIndex) AS FirstFile, max(jm.LastIndex) AS LastFile
  FROM JobMedia jm JOIN Media m ON m.MediaId = jm.MediaId LEFT JOIN Pool p ON p.PoolId = m.PoolId
  LEFT JOIN Storage s ON s.StorageId = m.StorageId
 WHERE jm.JobId = CAST('%1' AS INTEGER)
 GROUP BY m.VolumeName, m.MediaType, m.VolStatus, p.Name, s.Name ORDER BY min(jm.JobMediaId)`,
  },
  {
    title: "Which jobs are on a volume?",
    prompts: ["Volume:"],
    sql: `SELECT DISTINCT ${jobColumns}, j.Type, j.JobFiles AS Files, j.JobBytes AS Bytes
  FROM Media m JOIN JobMedia jm ON jm.MediaId = m.MediaId JOIN Job j ON j.JobId = jm.JobId
  LEFT JOIN Client c ON c.ClientId = j.ClientId
 WHERE m.VolumeName = '%1' ORDER BY j.StartTime, j.JobId`,
  },
  {
    title: "Which copies of a job are there?",
    prompts: ["JobId:"],
    sql:
      `SELECT DISTINCT j.JobId, j.Name AS Job, j.StartTime AS Began, m.VolumeName AS Volume, p.Name AS Pool
  FROM Job j LEFT JOIN JobMedia jm ON jm.JobId = j.JobId LEFT JOIN Media m ON m.MediaId = jm.MediaId
  LEFT JOIN Pool p ON p.PoolId = m.PoolId
 WHERE j.PriorJobId = CAST('%1' AS INTEGER) AND j.Type = 'C' ORDER BY j.JobId`,
  },
  {
    title: "Which jobs went wrong? The last 50",
    sql: `SELECT ${jobColumns}, j.JobErrors AS Errors
  FROM Job j LEFT JOIN Client c ON c.ClientId = j.ClientId
 WHERE j.JobStatus IN ('E', 'e', 'f', 'A') ORDER BY j.JobId DESC LIMIT 50`,
  },
  {
    title: "What has each client saved, and when last?",
    sql:
      `SELECT c.Name AS Client, count(*) AS Backups, sum(j.JobFiles) AS Files, sum(j.JobBytes) AS Bytes,
       max(CASE WHEN j.Level = 'F' THEN j.StartTime END) AS LastFull, max(j.StartTime) AS LastOne
  FROM Client c JOIN Job j ON j.ClientId = c.ClientId
 WHERE ${isGood} GROUP BY c.Name ORDER BY c.Name`,
  },
  {
    title: "Which clients have no good backup since a day?",
    prompts: ["Day, as 2026-12-31:"],
    sql: `SELECT c.Name AS Client, max(j.StartTime) AS LastOne
  FROM Client c LEFT JOIN Job j ON j.ClientId = c.ClientId AND ${isGood}
 GROUP BY c.Name
HAVING max(j.StartTime) IS NULL OR max(j.StartTime) < '%1' ORDER BY c.Name`,
  },
  {
    title: "How much was saved on each day? The last 31 with backups",
    sql: `SELECT substr(CAST(j.StartTime AS TEXT), 1, 10) AS Day, count(*) AS Backups,
       sum(j.JobFiles) AS Files, sum(j.JobBytes) AS Bytes
  FROM Job j WHERE ${isGood}
 GROUP BY substr(CAST(j.StartTime AS TEXT), 1, 10) ORDER BY Day DESC LIMIT 31`,
  },
  {
    title: "Which backups were the largest? The first 20",
    sql: `SELECT ${jobColumns}, j.JobFiles AS Files, j.JobBytes AS Bytes
  FROM Job j LEFT JOIN Client c ON c.ClientId = j.ClientId
 WHERE ${isGood} ORDER BY j.JobBytes DESC, j.JobId LIMIT 20`,
  },
  {
    title: "How full is each pool?",
    sql:
      `SELECT p.Name AS Pool, m.VolStatus AS Status, count(*) AS Volumes, sum(m.VolBytes) AS Bytes,
       min(m.LastWritten) AS OldestWritten
  FROM Pool p JOIN Media m ON m.PoolId = p.PoolId
 GROUP BY p.Name, m.VolStatus ORDER BY p.Name, m.VolStatus`,
  },
  {
    title: "Which volumes had errors?",
    sql: `SELECT VolumeName AS Volume, VolStatus AS Status, VolErrors AS Errors, LastWritten
  FROM Media WHERE VolErrors > 0 OR VolStatus = 'Error' ORDER BY VolumeName`,
  },
  {
    title: "Which jobs said something like this? The last 100 messages",
    prompts: ["Text, with % for any letters:"],
    sql: `SELECT l.JobId, l.Time, l.LogText AS Message
  FROM Log l WHERE lower(l.LogText) LIKE lower('%%1%') ORDER BY l.LogId DESC LIMIT 100`,
  },
];

/** The text of the file. */
export const queryFileText =
  `# Questions for the command query of the console, and the SQL that answers them, for SQLite and
# PostgreSQL. Each begins with its title behind a colon; a line with a star asks for %1, %2 and so on.
# Add your own.

${
    entries.map(({ title, prompts = [], sql }) =>
      [`:${title}`, ...prompts.map((prompt) => `*${prompt}`), `${sql};`].join("\n")
    ).join("\n\n")
  }
`;
