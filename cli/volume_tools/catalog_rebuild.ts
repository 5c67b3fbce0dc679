/**
 * Entering into a catalog what a scan of volumes has found (storage-daemon.md 12, bscan).
 *
 * @module
 */
import { AttributeReceiver } from "../../daemon/director/mod.ts";
import type { Catalog } from "../../storage/catalog/mod.ts";
import { toFileBlock, type VolumeRecord } from "../../storage/volume/mod.ts";
import type { ScannedJob, ScannedVolume } from "./volume_scan.ts";

/** How many records of each kind were made or changed. */
export interface RebuildCounts {
  media: number;
  pools: number;
  jobs: number;
  files: number;
  restoreObjects: number;
}

/** What a {@linkcode CatalogRebuild} tells. */
export interface RebuildReport {
  line(text: string): void;
}

/** A year: what a volume that was scanned is kept, in seconds. */
const RETENTION = 365 * 24 * 3600;
const RESTORE_OBJECT = 28;

/** A job on its way into the catalog. */
interface OpenJob {
  readonly jobId: number;
  /** False if the catalog has the job with its files already. */
  readonly takesFiles: boolean;
  readonly takesMedia: boolean;
  readonly isNew: boolean;
  readonly receiver: AttributeReceiver;
  readonly writer: { flush(): void; readonly count: number };
}

/**
 * Rebuilds a catalog from volumes. A job keeps its JobId if that is free. What the catalog has already
 * is left alone, but for volumes when `updatesMedia` is set.
 */
export class CatalogRebuild {
  readonly #catalog: Catalog;
  readonly #report: RebuildReport;
  readonly #updatesMedia: boolean;
  readonly #jobs = new Map<ScannedJob, OpenJob>();
  /** What was done. */
  readonly counts: RebuildCounts = { media: 0, pools: 0, jobs: 0, files: 0, restoreObjects: 0 };

  /** Enters into `catalog`, and tells `report` what is made. */
  constructor(catalog: Catalog, report: RebuildReport, updatesMedia: boolean) {
    this.#catalog = catalog;
    this.#report = report;
    this.#updatesMedia = updatesMedia;
  }

  /** A volume has been begun. */
  volume({ label }: ScannedVolume): void {
    const catalog = this.#catalog;
    const poolId = this.#pool(label.poolName, label.poolType);
    if (catalog.mediaByName(label.volumeName) !== undefined) return;
    const media = {
      volumeName: label.volumeName,
      poolId,
      mediaType: label.mediaType,
      volStatus: "Archive",
      enabled: 1,
      recycle: false,
      volRetention: RETENTION,
      labelDate: seconds(label.labelTimeMicros),
    };
    catalog.createMedia(media);
    this.counts.media++;
    this.#report.line(`Created Media record for Volume: ${label.volumeName}`);
  }

  /** A job's start label. */
  jobBegins(job: ScannedJob): void {
    const { label, sessionId, sessionTime } = job;
    const catalog = this.#catalog;
    const known = catalog.one(
      "SELECT JobId FROM Job WHERE Job = ? AND VolSessionId = ? AND VolSessionTime = ?",
      label.job,
      sessionId,
      sessionTime,
    );
    const jobId = known === undefined ? this.#newJob(job) : Number(known.JobId);
    const has = (table: "File" | "JobMedia") =>
      catalog.one(`SELECT 1 FROM ${table} WHERE JobId = ? LIMIT 1`, jobId) !== undefined;
    const writer = catalog.fileWriter(jobId);
    this.#jobs.set(job, {
      jobId,
      isNew: known === undefined,
      takesFiles: known === undefined || !has("File"),
      takesMedia: known === undefined || !has("JobMedia"),
      writer,
      receiver: new AttributeReceiver(writer, (text) => this.#report.line(text)),
    });
  }

  /** A record that the catalog gets. */
  catalogRecord(job: ScannedJob, { fileIndex, stream, data }: VolumeRecord): void {
    const open = this.#jobs.get(job);
    if (!open?.takesFiles) return;
    if (stream === RESTORE_OBJECT) this.counts.restoreObjects++;
    open.receiver.take({
      job: job.label.job,
      volSessionId: job.sessionId,
      volSessionTime: job.sessionTime,
      fileIndex,
      stream,
      data,
    });
  }

  /** A job's end label: its files are complete. */
  jobEnds(job: ScannedJob): void {
    const open = this.#jobs.get(job);
    if (!open?.takesFiles) return;
    open.receiver.finish();
    open.writer.flush();
  }

  /** All volumes are read: the files of jobs without an end are entered. */
  flush(): void {
    for (const { takesFiles, receiver, writer } of this.#jobs.values()) {
      if (!takesFiles) continue;
      receiver.finish();
      writer.flush();
    }
  }

  /** All volumes are read: what is known only now is entered. */
  finish(jobs: Iterable<ScannedJob>, volumes: Iterable<ScannedVolume>): void {
    for (const volume of volumes) this.#endVolume(volume);
    for (const job of jobs) this.#endJob(job);
  }

  #endVolume({ label, bytes, lastAddress, blocks, jobs, lastWriteMicros }: ScannedVolume): void {
    const catalog = this.#catalog;
    const media = catalog.mediaByName(label.volumeName);
    if (media === undefined || (media.volStatus !== "Archive" && !this.#updatesMedia)) return;
    const end = toFileBlock(lastAddress);
    catalog.updateMedia(media.mediaId, {
      volBytes: bytes,
      volBlocks: blocks,
      volJobs: jobs,
      volFiles: end.file,
      endFile: end.file,
      endBlock: end.block,
      firstWritten: seconds(label.writeTimeMicros),
      lastWritten: seconds(lastWriteMicros),
    });
    if (media.volStatus !== "Archive") this.counts.media++;
  }

  #endJob(job: ScannedJob): void {
    const open = this.#jobs.get(job);
    if (open === undefined) return;
    const catalog = this.#catalog;
    const { jobId, isNew, takesFiles, takesMedia, receiver, writer } = open;
    if (takesFiles) {
      receiver.finish();
      writer.flush();
      this.counts.files += writer.count;
      catalog.updateJob(jobId, { purgedFiles: false });
    }
    if (isNew) this.#completeJob(job, jobId);
    if (!takesMedia) return;
    for (const { volume, firstIndex, lastIndex, start, end } of job.pieces) {
      const media = catalog.mediaByName(volume);
      if (media === undefined) continue;
      const [first, last] = [toFileBlock(start), toFileBlock(end)];
      catalog.addJobMedia({
        jobId,
        mediaId: media.mediaId,
        firstIndex,
        lastIndex,
        startFile: first.file,
        startBlock: first.block,
        endFile: last.file,
        endBlock: last.block,
      });
      this.#report.line(`Created JobMedia record JobId ${jobId}, MediaId ${media.mediaId}`);
    }
  }

  #completeJob(job: ScannedJob, jobId: number): void {
    const { label, end, files, bytes } = job;
    const catalog = this.#catalog;
    const start = startOf(label);
    const endTime = end === undefined ? start : seconds(end.writeTimeMicros);
    const totals = end?.end;
    catalog.updateJob(jobId, {
      jobStatus: totals?.jobStatus ?? "f",
      startTime: start,
      endTime,
      realEndTime: endTime,
      jobTDate: endTime,
      jobFiles: totals?.jobFiles ?? files,
      jobBytes: totals?.jobBytes ?? bytes,
      jobErrors: totals?.jobErrors ?? 1,
    });
    if (end !== undefined && files > 0) this.#recognizeCopy(jobId);
  }

  /**
   * A job with the same files, to the last bit of their attributes and digests, as an earlier one of
   * that name in another pool is its copy. (If it was a backup of its own, nothing had changed in between.)
   */
  #recognizeCopy(jobId: number): void {
    const catalog = this.#catalog;
    const files = "SELECT FileIndex, PathId, Name, LStat, Md5 FROM File WHERE JobId = ?";
    const twins = catalog.all(
      `SELECT other.JobId, other.StartTime > job.StartTime AS IsLater FROM Job AS job JOIN Job AS other
       USING (Name, Level, ClientId, FileSetId, JobFiles, JobBytes)
       WHERE job.JobId = ? AND other.PoolId <> job.PoolId AND other.Type = 'B'
       AND other.PurgedFiles = 0 AND other.JobStatus IN ('T', 'W') ORDER BY other.StartTime`,
      jobId,
    );
    for (const { JobId, IsLater } of twins) {
      const other = Number(JobId);
      const differing = catalog.one(
        `SELECT 1 FROM (${files} EXCEPT ${files}) AS differing`,
        jobId,
        other,
      );
      if (differing !== undefined) continue;
      const [original, copy] = Number(IsLater) !== 0 ? [jobId, other] : [other, jobId];
      catalog.updateJob(copy, { type: "C", priorJobId: original });
      // it stands for the time of its original, which the labels of another storage daemon do not tell
      catalog.run(
        `UPDATE Job SET (StartTime, EndTime, JobTDate) =
           (SELECT StartTime, EndTime, JobTDate FROM Job WHERE JobId = ?) WHERE JobId = ?`,
        original,
        copy,
      );
      this.#report.line(`JobId=${copy} is a copy of JobId=${original}`);
      return;
    }
  }

  #newJob({ label, sessionId, sessionTime }: ScannedJob): number {
    const catalog = this.#catalog;
    const isFree = label.jobId > 0 &&
      catalog.one("SELECT 1 FROM Job WHERE JobId = ?", label.jobId) === undefined;
    const start = startOf(label);
    const { clientId } = this.#client(label.clientName);
    const created = catalog.createJob({
      job: label.job,
      name: label.jobName,
      type: label.jobType,
      level: label.jobLevel,
      schedTime: start,
      clientId,
      comment: "",
    });
    const jobId = isFree ? label.jobId : created;
    if (isFree) catalog.renumberJob(created, jobId);
    catalog.updateJob(jobId, {
      jobStatus: "f",
      startTime: start,
      poolId: this.#pool(label.poolName, label.poolType),
      fileSetId: this.#fileSet(label.fileSetName, label.fileSetMd5),
      volSessionId: sessionId,
      volSessionTime: sessionTime,
    });
    this.counts.jobs++;
    this.#report.line(`Created new JobId=${jobId} record for original JobId=${label.jobId}`);
    return jobId;
  }

  #client(name: string): { readonly clientId: number } {
    const row = this.#catalog.one("SELECT ClientId FROM Client WHERE Name = ?", name);
    if (row !== undefined) return { clientId: Number(row.ClientId) };
    return this.#catalog.client({ name, autoPrune: false, fileRetention: 0, jobRetention: 0 });
  }

  #fileSet(name: string, md5: string): number {
    return this.#catalog.fileSet(name, md5, "", false).fileSetId;
  }

  #pool(name: string, type: string): number {
    const catalog = this.#catalog;
    const known = catalog.poolIdByName(name);
    if (known !== undefined) return known;
    this.counts.pools++;
    this.#report.line(`Created Pool record for Pool: ${name}`);
    return catalog.run(
      "INSERT INTO Pool (Name, PoolType, LabelFormat, UseCatalog) VALUES (?, ?, '*', 1)",
      name,
      type || "Backup",
    );
  }
}

function seconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}

/**
 * When a job began: the time in its unique name, when it was made. The start label is written later,
 * and that of a copy when the copy was made; who takes the earlier time loses no changes in between.
 */
function startOf({ job, writeTimeMicros }: ScannedJob["label"]): number {
  const labelled = seconds(writeTimeMicros);
  const match = /\.(\d{4})-(\d\d)-(\d\d)_(\d\d)\.(\d\d)\.(\d\d)_\d+$/.exec(job);
  if (match === null) return labelled;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(
    Number,
  );
  const named = Math.floor(new Date(year, month - 1, day, hour, minute, second).getTime() / 1000);
  return named > 0 && named <= labelled ? named : labelled;
}
