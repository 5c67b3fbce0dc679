/**
 * From an older schema to the next one (catalog-and-jobs.md 1.2), one step a release of Bareos. Each runs
 * in a transaction of its own that ends with the new number.
 *
 * @module
 */
import { indexes, quotedList, statusRowsSql, volumeStatuses } from "../tables.ts";
import { createTable, functionsSql } from "./schema.ts";

/** One step. */
export interface UpgradeStep {
  /** Number of the schema that it begins with. */
  readonly from: number;
  /** Number of the schema that it makes. */
  readonly to: number;
  /** Its statements. */
  readonly sql: string;
}

/** Columns of Media that were INTEGER. */
const widened = [
  ...["Slot", "VolJobs", "VolFiles", "VolBlocks", "VolMounts", "VolErrors", "VolWrites"],
  ...["MaxVolJobs", "MaxVolFiles", "EndFile", "EndBlock", "RecycleCount"],
  ...["MinBlockSize", "MaxBlockSize"],
];

/** A check on a column, whatever its name, is replaced. */
function replaceCheck(table: string, column: string, words: readonly string[]): string {
  return `DO $body$
DECLARE old text;
BEGIN
  FOR old IN SELECT conname FROM pg_constraint
    WHERE conrelid = '${table}'::regclass AND contype = 'c'
    AND pg_get_constraintdef(oid) ILIKE '%${column}%'
  LOOP
    EXECUTE 'ALTER TABLE ${table} DROP CONSTRAINT ' || quote_ident(old);
  END LOOP;
END $body$;
ALTER TABLE ${table} ADD CONSTRAINT ${table}_${column}_check
  CHECK (${column} IN (${quotedList(words)}));`;
}

/** The steps in their order. */
export const upgradeSteps: readonly UpgradeStep[] = [
  {
    from: 2001,
    to: 2002,
    // DeviceStats and JobStats come in the next step, which makes them anew.
    sql: `${createTable("NDMPJobEnvironment")}
ALTER TABLE Media ADD COLUMN MinBlockSize INTEGER DEFAULT 0, ADD COLUMN MaxBlockSize INTEGER DEFAULT 0;
ALTER TABLE Pool ADD COLUMN MinBlockSize INTEGER DEFAULT 0, ADD COLUMN MaxBlockSize INTEGER DEFAULT 0;`,
  },
  {
    from: 2002,
    to: 2003,
    sql: `DROP TABLE IF EXISTS DeviceStats; DROP TABLE IF EXISTS JobStats;
DROP TABLE IF EXISTS CDImages;
${createTable("DeviceStats")} ${createTable("JobStats")} ${createTable("TapeAlerts")}`,
  },
  { from: 2003, to: 2004, sql: "ALTER TABLE FileSet ADD COLUMN FileSetText TEXT DEFAULT '';" },
  {
    from: 2004,
    to: 2171,
    // The rows of File are written anew, in the new order of columns.
    sql: `ALTER TABLE File RENAME TO oldfile;
ALTER TABLE oldfile DROP CONSTRAINT IF EXISTS file_pkey;
DROP INDEX IF EXISTS file_jpfid_idx; DROP INDEX IF EXISTS file_jobid_idx;
ALTER SEQUENCE file_fileid_seq RENAME TO oldfile_fileid_seq;
${createTable("File")}
INSERT INTO File (FileId, FileIndex, JobId, PathId, DeltaSeq, MarkId, LStat, Md5, Name)
  SELECT f.FileId, f.FileIndex, f.JobId, f.PathId, f.DeltaSeq, f.MarkId, f.LStat, f.Md5, n.Name
  FROM oldfile AS f JOIN Filename AS n ON n.FilenameId = f.FilenameId;
SELECT setval('file_fileid_seq', (SELECT coalesce(max(FileId), 0) + 1 FROM File), false);
DROP TABLE oldfile; DROP TABLE Filename; DROP TABLE IF EXISTS UnsavedFiles;
CREATE INDEX file_jpfid_idx ON ${indexes.file_jpfid_idx};
CREATE INDEX file_jobid_idx ON File (JobId);
CREATE INDEX file_pjidpart_idx ON ${indexes.file_pjidpart_idx};
ALTER TABLE JobMedia ADD COLUMN JobBytes NUMERIC(20) DEFAULT 0;`,
  },
  {
    from: 2171,
    to: 2192,
    sql: `ALTER TABLE BaseFiles ALTER COLUMN BaseId TYPE BIGINT;
ALTER SEQUENCE IF EXISTS basefiles_baseid_seq AS BIGINT;
DROP INDEX IF EXISTS pathvisibility_jobid;`,
  },
  {
    from: 2192,
    to: 2210,
    sql:
      `CREATE INDEX IF NOT EXISTS job_media_media_id_job_id_idx ON ${indexes.job_media_media_id_job_id_idx};`,
  },
  {
    from: 2210,
    to: 2230,
    sql: `${functionsSql}
ALTER TABLE Media ${widened.map((name) => `ALTER COLUMN ${name} TYPE BIGINT`).join(", ")};`,
  },
  { from: 2230, to: 2240, sql: "DROP INDEX IF EXISTS file_jobid_idx;" },
  {
    from: 2240,
    to: 2250,
    sql: `${replaceCheck("media", "volstatus", volumeStatuses)}
${replaceCheck("locationlog", "newvolstatus", volumeStatuses)}
${statusRowsSql}`,
  },
];
