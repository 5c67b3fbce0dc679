import { catalogAnswer, catalogRequest, jobMediaEntry } from "../../protocol/mod.ts";
import type { DirectorLink } from "./director_link.ts";
import type { StorageWish } from "./candidate.ts";
import type { Speaker } from "./attribute_queue.ts";
import type { SpokenOf } from "./storage_job.ts";
import { adoptDecisions, type MediaRecord } from "./media_record.ts";

/** A record of JobMedia: what of a job lies where on a volume (storage-daemon.md 4.5.5). */
export interface JobMediaSpan {
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset of the last byte. */
  readonly end: number;
  readonly mediaId: number;
}

/** The director's answer about a volume. */
export type VolumeAnswer =
  | { readonly record: MediaRecord; readonly refusal?: undefined }
  | { readonly refusal: string };

/** The director refused a request that a job cannot do without. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
}

const TWO_TO_32 = 0x1_0000_0000;

/** Bacula's number for volumes on disk. */
export const FILE_VOLUME = 1;

/** What Bacula wants to hear of a volume besides (bacula.md 10.4). */
const BACULA_MEDIA = {
  adataBytes: 0,
  holeBytes: 0,
  holes: 0,
  volumeType: FILE_VOLUME,
  parts: 0,
  cloudParts: 0,
  lastPartBytes: 0,
} as const;

/** A job's requests to the catalog, which the director answers (storage-daemon.md 4.5). */
export class CatalogClient {
  readonly #speaker: Speaker;
  readonly #link: DirectorLink;

  /** Requests in the name under which `speaker` speaks at the time. */
  constructor(speaker: Speaker, link: DirectorLink) {
    this.#speaker = speaker;
    this.#link = link;
  }

  get #spoken(): SpokenOf {
    return this.#speaker.spokenOf;
  }

  /** Whether the director is one of Bacula, whose requests have other fields (bacula.md 10.4). */
  get #isForBacula(): boolean {
    return this.#spoken.jobId !== undefined;
  }

  /** The `index`th best volume of the pool, undefined if there is none. */
  async findMedia(
    index: number,
    wish: StorageWish,
    unwanted: readonly string[],
  ): Promise<MediaRecord | undefined> {
    const answer = await this.#link.request(catalogRequest.findMedia.format({
      ...this.#spoken,
      index,
      poolName: wish.poolName,
      mediaType: wish.mediaType,
      ...(this.#isForBacula ? { volumeType: FILE_VOLUME } : { unwanted: unwanted.join(",") }),
    }));
    return toRecord(answer);
  }

  /** What the catalog says of a volume; with `forWriting`, whether the job may write on it. */
  async getVolume(volumeName: string, forWriting: boolean): Promise<VolumeAnswer> {
    const answer = await this.#link.request(catalogRequest.getVolumeInfo.format({
      ...this.#spoken,
      volume: volumeName,
      write: forWriting ? 1 : 0,
    }));
    const record = toRecord(answer);
    return record === undefined ? { refusal: answer } : { record };
  }

  /**
   * Tells the catalog our counters and takes over what the director decides; `isLabelled` right
   * after a label was written.
   * @throws {CatalogError} if the director refuses
   */
  async updateMedia(record: MediaRecord, now: number, isLabelled = false): Promise<void> {
    if (isLabelled) record.status = "Append";
    const answer = await this.#link.request(catalogRequest.updateMedia.format({
      ...this.#spoken,
      volume: record.volumeName,
      jobs: record.jobs,
      files: record.files,
      blocks: record.blocks,
      bytes: record.bytes,
      mounts: record.mounts,
      errors: record.errors,
      writes: record.writes,
      maxBytes: record.maximumBytes,
      endTime: now,
      status: record.status,
      slot: record.slot,
      relabel: isLabelled ? 1 : 0,
      inChanger: record.inChanger ? 1 : 0,
      readTime: record.readTime,
      writeTime: record.writeTime,
      firstWritten: record.firstWritten,
      ...(this.#isForBacula && {
        ...BACULA_MEDIA,
        enabled: record.enabled ?? 1,
        recycle: record.recycle ?? 1,
      }),
    }));
    const updated = toRecord(answer);
    if (updated === undefined) {
      throw new CatalogError(
        `Cannot update catalog record of Volume "${record.volumeName}": ${answer.trim()}`,
      );
    }
    adoptDecisions(record, updated);
  }

  /** Records where a part of the job lies. @throws {CatalogError} if the director refuses */
  async createJobMedia(span: JobMediaSpan): Promise<void> {
    const fields = {
      firstIndex: span.firstIndex,
      lastIndex: span.lastIndex,
      startFile: Math.floor(span.start / TWO_TO_32),
      endFile: Math.floor(span.end / TWO_TO_32),
      startBlock: span.start % TWO_TO_32,
      endBlock: span.end % TWO_TO_32,
      mediaId: span.mediaId,
    };
    const answer = this.#isForBacula
      ? await this.#link.request(
        catalogRequest.createJobMediaList.format(this.#spoken),
        [jobMediaEntry.format(fields)],
      )
      : await this.#link.request(
        catalogRequest.createJobMedia.format({ ...this.#spoken, ...fields, copy: 0, stripe: 0 }),
      );
    if (!answer.startsWith("1000")) {
      throw new CatalogError(`Error creating JobMedia record: ${answer}`);
    }
  }

  /** Offers the director a file of attribute records; false if it wants them sent. */
  async blastAttributes(path: string): Promise<boolean> {
    const answer = await this.#link.request(
      catalogRequest.blastAttributes.format({ ...this.#spoken, path }),
    );
    return catalogAnswer.blastAttributesOk.matches(answer);
  }

  /** Makes the files and counters sent so far visible; not answered (storage-daemon.md 4.5.6). */
  async checkpoint(jobFiles: number, jobBytes: number): Promise<void> {
    const { job } = this.#spoken;
    if (job === undefined) return; // unknown to Bacula
    await this.#link.send(catalogRequest.updateFileList.format({ job }));
    await this.#link.send(catalogRequest.updateJobRecord.format({ job, jobFiles, jobBytes }));
  }

  /** Removes the job's placeholders; false if the director could not. */
  async deletePlaceholders(jobId: number): Promise<boolean> {
    const { job } = this.#spoken;
    if (job === undefined) return true; // Bacula knows no placeholders of ours
    const answer = await this.#link.request(
      catalogRequest.deleteNullJobMedia.format({ job, jobId }),
    );
    return answer.startsWith("1000");
  }
}

/** Reads a volume record; the two last fields may be missing (storage-daemon.md 4.5.1). */
function toRecord(answer: string): MediaRecord | undefined {
  const fields = catalogAnswer.volume.parse(answer);
  if (fields === undefined) return undefined;
  return {
    volumeName: fields.volume,
    jobs: fields.jobs,
    files: fields.files,
    blocks: fields.blocks,
    bytes: fields.bytes,
    mounts: fields.mounts,
    errors: fields.errors,
    writes: fields.writes,
    maximumBytes: fields.maxBytes,
    status: fields.status,
    slot: fields.slot,
    maximumJobs: fields.maxJobs,
    maximumFiles: fields.maxFiles,
    inChanger: fields.inChanger !== 0,
    readTime: fields.readTime,
    writeTime: fields.writeTime,
    mediaId: fields.mediaId,
    minimumBlockSize: fields.minBlockSize ?? 0,
    maximumBlockSize: fields.maxBlockSize ?? 0,
    appendOnlyPeriod: fields.appendOnly ?? 0,
    firstWritten: 0,
    enabled: fields.enabled,
    recycle: fields.recycle,
  };
}
