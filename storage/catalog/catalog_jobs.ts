import { encodeText } from "../../bytes/mod.ts";
import { CatalogResources } from "./catalog_resources.ts";
import { currentJobs, type StateWish } from "./job_chains.ts";
import {
  deleteJobs,
  jobsWithPrunableFiles,
  prunableJobs,
  purgeFiles,
  sweepRows,
} from "./retention.ts";
import { type JobRow, type SqlValue, toRecord } from "./rows.ts";
import { catalogTime } from "./times.ts";

/** Rows of files that are deleted at once: a tenth of a second, where the disk is slow. */
const sweptRows = 10_000;

/** Rows of jobs and of their logs: from creation to pruning. */
export class CatalogJobs extends CatalogResources {
  /** Jobs of which rows of files are left to {@linkcode sweep}: for who reads files, these are gone. */
  readonly unswept: Set<number> = new Set();

  /** Marks jobs that a director left behind, waiting or running, as failed (1.3). */
  failLeftovers(): void {
    this.run(
      `UPDATE Job SET JobStatus = 'f', StartTime = SchedTime, EndTime = SchedTime
       WHERE JobStatus = 'C' OR (JobStatus = 't' AND StartTime IS NULL)`,
    );
    this.run(
      `UPDATE Job SET JobStatus = 'f', EndTime = StartTime
       WHERE JobStatus NOT IN ('T', 'W', 'E', 'e', 'f', 'A', 'D', 'I')`,
    );
  }

  /** Makes the row of a new job. */
  createJob(
    job: {
      readonly job: string;
      readonly name: string;
      readonly type: string;
      readonly level: string;
      readonly schedTime: number;
      readonly clientId: number;
      readonly comment: string;
    },
  ): number {
    return this.run(
      "INSERT INTO Job (Job, Name, Type, Level, JobStatus, SchedTime, JobTDate, ClientId, Comment) VALUES (?, ?, ?, ?, 'C', ?, ?, ?, ?)",
      job.job,
      job.name,
      job.type,
      job.level,
      catalogTime(job.schedTime),
      job.schedTime,
      job.clientId,
      job.comment,
    );
  }

  /** Gives a job that is new another JobId, which is free. */
  renumberJob(from: number, to: number): void {
    this.run("UPDATE Job SET JobId = ? WHERE JobId = ?", to, from);
    this.keysWereGiven("Job");
  }

  /** Changes columns of a job. */
  updateJob(jobId: number, changes: object): void {
    this.update("Job", "JobId", jobId, changes);
  }

  /** A job by its id. */
  job(jobId: number): JobRow | undefined {
    return toRecord<JobRow>(this.one("SELECT * FROM Job WHERE JobId = ?", jobId));
  }

  /** The newest job by start time. */
  newestJob(
    filter: {
      readonly name?: string;
      readonly type: string;
      readonly levels?: readonly string[];
      readonly clientId?: number;
      readonly fileSetId?: number;
      readonly isGood: boolean;
    },
  ): JobRow | undefined {
    const terms = ["Type = ?", `JobStatus ${filter.isGood ? "IN" : "NOT IN"} ('T', 'W')`];
    const values: SqlValue[] = [filter.type];
    const add = (term: string, ...more: readonly SqlValue[]): void => {
      terms.push(term);
      values.push(...more);
    };
    if (filter.name !== undefined) add("Name = ?", filter.name);
    if (filter.clientId !== undefined) add("ClientId = ?", filter.clientId);
    if (filter.fileSetId !== undefined) add("FileSetId = ?", filter.fileSetId);
    if (filter.levels !== undefined) {
      add(`Level IN (${filter.levels.map(() => "?").join(", ")})`, ...filter.levels);
    }
    return toRecord<JobRow>(
      this.one(
        `SELECT * FROM Job WHERE ${
          terms.join(" AND ")
        } ORDER BY StartTime DESC NULLS LAST, JobId DESC LIMIT 1`,
        ...values,
      ),
    );
  }

  /** The jobs that make up a client's state (12.1), oldest first. */
  currentJobs(of: StateWish): number[] {
    return currentJobs(this, of);
  }

  /** Adds a line to a job's log. */
  log(jobId: number, seconds: number, text: string): void {
    this.run(
      "INSERT INTO Log (JobId, Time, LogText) VALUES (?, ?, CAST(? AS TEXT))",
      jobId,
      catalogTime(seconds),
      encodeText(text),
    );
  }

  /** Gives a job a copy of another one's log. */
  copyLog(from: number, to: number): void {
    this.run(
      "INSERT INTO Log (JobId, Time, LogText) SELECT ?, Time, LogText FROM Log WHERE JobId = ? ORDER BY LogId",
      to,
      from,
    );
  }

  /** Gives a job the log of another one, which has none then. */
  moveLog(from: number, to: number): void {
    this.run("UPDATE Log SET JobId = ? WHERE JobId = ?", to, from);
  }

  /**
   * Deletes jobs with all that belongs to them; copies take the place of originals (16.5). Many rows of
   * files are left to {@linkcode sweep}.
   */
  deleteJobs(jobIds: readonly number[]): void {
    for (const jobId of deleteJobs(this, jobIds, sweptRows)) this.unswept.add(jobId);
  }

  /** Makes the copies of a job the copies of another one. */
  adoptCopies(of: number, by: number): void {
    this.run("UPDATE Job SET PriorJobId = ? WHERE PriorJobId = ? AND Type = 'C'", by, of);
  }

  /** Deletes the File rows of jobs; many are left to {@linkcode sweep}. */
  purgeFiles(jobIds: readonly number[]): void {
    for (const jobId of purgeFiles(this, jobIds, sweptRows)) this.unswept.add(jobId);
  }

  /**
   * Deletes some of the many rows that large jobs leave behind when they, or their files, are deleted: in
   * small pieces, so that nobody waits long for the catalog.
   * @returns whether there may be more
   */
  sweep(): boolean {
    const [jobId] = this.unswept;
    if (jobId === undefined) return false;
    if (sweepRows(this, jobId, sweptRows)) this.unswept.delete(jobId);
    return this.unswept.size > 0;
  }

  /** Deletes what is left to {@linkcode sweep}, and closes the catalog. */
  override close(): void {
    try {
      while (this.sweep());
    } finally {
      super.close();
    }
  }

  /**
   * Ended jobs of a client older than `before` which themselves, or whose files (`withFiles`), may be
   * pruned (20.3).
   */
  prunableJobs(
    clientId: number,
    before: number,
    withFiles: boolean,
  ): number[] {
    return withFiles
      ? jobsWithPrunableFiles(this, clientId, before)
      : prunableJobs(this, clientId, before);
  }
}
