/**
 * The catalog (catalog-and-jobs.md 1 to 4). Calls are
 * synchronous; rows of files go in by the thousand in one transaction.
 *
 * Names and paths are bytes on disk: they are written as bytes and read as bytes,
 * so that a name which is not UTF-8 survives.
 *
 * @module
 */
import { CatalogFiles } from "./catalog_files.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { type JobMediaRow, type MediaRow, type SqlValue, toColumn, toRecord } from "./rows.ts";

/** A job with data on a volume. */
export interface JobOnVolume {
  /** The job. */
  readonly jobId: number;
  /** UNIX seconds. */
  readonly jobTDate: number;
  /** Letter of its status. */
  readonly jobStatus: string;
}

/** An open catalog: on top of resources, jobs and files, the volumes and what lies on them. */
export class Catalog extends CatalogFiles {
  /** Opens a catalog in a file, which is made if there is none. @throws CatalogError if that cannot be done */
  static open(path: string): Catalog {
    const isOurs = path === "" || path === ":memory:";
    return new Catalog(new SqliteStore(path), isOurs ? undefined : { driver: "sqlite3", path });
  }

  /** Volumes with these properties, in the order of their rows. */
  media(
    filter: {
      readonly poolId?: number;
      readonly mediaType?: string;
      readonly statuses?: readonly string[];
    },
  ): MediaRow[] {
    const terms = ["1 = 1"];
    const values: SqlValue[] = [];
    if (filter.poolId !== undefined) {
      terms.push("PoolId = ?");
      values.push(filter.poolId);
    }
    if (filter.mediaType !== undefined) {
      terms.push("MediaType = ?");
      values.push(filter.mediaType);
    }
    if (filter.statuses !== undefined) {
      terms.push(`VolStatus IN (${filter.statuses.map(() => "?").join(", ")})`);
      values.push(...filter.statuses);
    }
    return this.all(`SELECT * FROM Media WHERE ${terms.join(" AND ")} ORDER BY MediaId`, ...values)
      .map((row) => toRecord<MediaRow>(row) as MediaRow);
  }

  /** A volume by its name. */
  mediaByName(volumeName: string): MediaRow | undefined {
    return toRecord<MediaRow>(this.one("SELECT * FROM Media WHERE VolumeName = ?", volumeName));
  }

  /** Makes the row of a new volume. */
  createMedia(media: Pick<MediaRow, "volumeName"> & Partial<MediaRow>): MediaRow {
    const entries = Object.entries(media).filter(([, value]) => value !== undefined);
    this.run(
      `INSERT INTO Media (${
        entries.map(([name]) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`).join(", ")
      }) VALUES (${entries.map(() => "?").join(", ")})`,
      ...entries.map(([name, value]) => toColumn(name, value)),
    );
    this.countVolumes();
    return this.mediaByName(media.volumeName) as MediaRow;
  }

  /** Changes columns of a volume. */
  updateMedia(mediaId: number, changes: object): void {
    this.update("Media", "MediaId", mediaId, changes);
    if ("poolId" in changes) this.countVolumes();
  }

  /** A slot holds one volume: every other one that was in it is in none (18.4). */
  freeSlot(slot: number, storageId: number, exceptMediaId: number): void {
    this.run(
      `UPDATE Media SET InChanger = 0, Slot = 0
       WHERE Slot = ? AND StorageId = ? AND MediaId <> ?`,
      slot,
      storageId,
      exceptMediaId,
    );
  }

  /** The largest MediaId of all pools. */
  largestMediaId(): number {
    return Number(this.one("SELECT max(MediaId) AS n FROM Media")?.n ?? 0);
  }

  /** Adds a piece of a job on a volume. */
  addJobMedia(
    piece: {
      readonly jobId: number;
      readonly mediaId: number;
      readonly firstIndex: number;
      readonly lastIndex: number;
      readonly startFile: number;
      readonly endFile: number;
      readonly startBlock: number;
      readonly endBlock: number;
    },
  ): void {
    this.run(
      `INSERT INTO JobMedia (JobId, MediaId, FirstIndex, LastIndex, StartFile, EndFile, StartBlock, EndBlock, VolIndex)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT count(*) + 1 FROM JobMedia WHERE JobId = ?))`,
      piece.jobId,
      piece.mediaId,
      piece.firstIndex,
      piece.lastIndex,
      piece.startFile,
      piece.endFile,
      piece.startBlock,
      piece.endBlock,
      piece.jobId,
    );
    if (piece.firstIndex === 0) return; // a placeholder: where the volume ends is not known yet
    this.run(
      "UPDATE Media SET EndFile = ?, EndBlock = ? WHERE MediaId = ?",
      piece.endFile,
      piece.endBlock,
      piece.mediaId,
    );
  }

  /** Forgets the placeholders of a job. */
  deleteNullJobMedia(jobId: number): void {
    this.run("DELETE FROM JobMedia WHERE JobId = ? AND FirstIndex = 0 AND LastIndex = 0", jobId);
  }

  /** The pieces of a job in their order, placeholders left out. */
  jobMedia(jobId: number): JobMediaRow[] {
    return this.all(
      `SELECT JobMedia.*, Media.VolumeName, Media.MediaType, Media.Slot, Media.StorageId FROM JobMedia JOIN Media USING (MediaId)
       WHERE JobId = ? AND NOT (FirstIndex = 0 AND LastIndex = 0) ORDER BY VolIndex, JobMediaId`,
      jobId,
    ).map((row) => toRecord<JobMediaRow>(row) as JobMediaRow);
  }

  /** Jobs with a piece, placeholders included, on a volume. */
  jobsOnVolume(mediaId: number): JobOnVolume[] {
    return this.all(
      `SELECT DISTINCT Job.JobId, JobTDate, JobStatus FROM JobMedia JOIN Job USING (JobId)
       WHERE MediaId = ?`,
      mediaId,
    ).map(({ JobId, JobTDate, JobStatus }) => ({
      jobId: Number(JobId),
      jobTDate: Number(JobTDate),
      jobStatus: String(JobStatus),
    }));
  }
}
