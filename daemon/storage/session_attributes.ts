import { messageOf } from "../../bytes/mod.ts";
import { JobStatus } from "../../protocol/mod.ts";
import { AttributeQueue } from "./attribute_queue.ts";
import { AttributeSpool } from "./attribute_spool.ts";
import type { CatalogClient } from "./catalog_client.ts";
import { withCommas } from "./numbers.ts";
import type { SpoolTotals } from "./spool_totals.ts";
import type { StorageJob } from "./storage_job.ts";

/** What {@linkcode SessionAttributes} work with. */
export interface SessionAttributeParts {
  readonly catalog: CatalogClient;
  /** Where attributes are spooled. */
  readonly spoolPath: string;
  /** Counts attributes that are spooled. */
  readonly attributeTotals: SpoolTotals;
}

/** Bytes of attributes that may wait for the end of their file. */
const MOST_ATTRIBUTES = 8 << 20;

/**
 * The attributes of a session on their way to the director (storage-daemon.md 4.6): held back until their files
 * are on the volume, then sent at once, or spooled to the end of the job (9.2).
 */
export class SessionAttributes {
  readonly #job: StorageJob;
  readonly #parts: SessionAttributeParts;
  readonly #queue: AttributeQueue;
  readonly #spool: AttributeSpool | undefined;

  /** Those of a job, which says whether they are spooled. */
  constructor(job: StorageJob, parts: SessionAttributeParts) {
    const { spoolAttributes, spoolData } = job.announcement;
    this.#job = job;
    this.#parts = parts;
    this.#queue = new AttributeQueue(job, job.sessionId, job.sessionTime);
    this.#spool = spoolAttributes || spoolData ? new AttributeSpool(parts.spoolPath) : undefined;
  }

  /** Whether the director gets them at the end only. */
  get isSpooled(): boolean {
    return this.#spool !== undefined;
  }

  /** Takes a record. */
  add(fileIndex: number, stream: number, data: Uint8Array): void {
    this.#queue.add(fileIndex, stream, data);
  }

  /** Lets go those of the files before `fileIndex`: they are on the volume. */
  passOnBefore(fileIndex: number): Promise<void> {
    // one file with more attributes than memory is no file, and does not get to hold them back
    const isFlooded = this.#queue.length > MOST_ATTRIBUTES;
    return this.#passOn(isFlooded ? this.#queue.takeAll() : this.#queue.takeBefore(fileIndex));
  }

  /** Lets go all of them. */
  passOnAll(): Promise<void> {
    return this.#passOn(this.#queue.takeAll());
  }

  async #passOn(frames: Uint8Array): Promise<void> {
    if (frames.length === 0) return;
    const spool = this.#spool;
    if (spool === undefined) return await this.#job.director.sendRaw(frames);
    const { attributeTotals } = this.#parts;
    if (spool.size === 0) attributeTotals.begin();
    spool.append(frames);
    attributeTotals.grow(frames.length, spool.size);
  }

  /** Sends what was spooled; a failed job's attributes are not worth sending. */
  async sendSpooled(): Promise<void> {
    const spool = this.#spool;
    const job = this.#job;
    if (spool === undefined || spool.size === 0 || job.isOver) return;
    job.setStatus(JobStatus.AttributeDespooling);
    job.log.info(
      `Sending spooled attrs to the Director. Despooling ${withCommas(spool.size)} bytes ...\n`,
    );
    if (await this.#parts.catalog.blastAttributes(spool.path)) return;
    for (const frames of spool.read()) {
      job.throwIfOver();
      await job.director.sendRaw(frames);
    }
  }

  /** Removes the spool file, if there is one. */
  discard(): void {
    const { size = 0 } = this.#spool ?? {};
    if (size > 0) {
      this.#parts.attributeTotals.shrink(size);
      this.#parts.attributeTotals.end();
    }
    try {
      this.#spool?.discard();
    } catch (error) {
      this.#job.log.warning(`Cannot remove attribute spool file: ${messageOf(error).trimEnd()}\n`);
    }
  }
}
