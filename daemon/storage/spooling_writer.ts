import { messageOf } from "../../bytes/mod.ts";
import { JobStatus } from "../../protocol/mod.ts";
import type { Appender, SealedBlock } from "./appender.ts";
import { SpoolError } from "./attribute_spool.ts";
import { DataSpool } from "./data_spool.ts";
import { asClock, withCommas, withSuffix } from "./numbers.ts";
import type { SpoolTotals } from "./spool_totals.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** What a {@linkcode SpoolingWriter} works with. */
export interface SpoolingParts {
  readonly job: StorageJob;
  readonly appender: Appender;
  /** The spool file. */
  readonly path: string;
  readonly totals: SpoolTotals;
}

/**
 * Writes a job's blocks to a spool file, and from there to the volume whenever a limit is reached and at
 * the end (storage-daemon.md 9.1). One job of a device despools at a time, so that its blocks lie
 * together; jobs that do not spool write on.
 */
export class SpoolingWriter {
  readonly #job: StorageJob;
  readonly #appender: Appender;
  readonly #device: StorageDevice;
  readonly #spool: DataSpool;
  readonly #totals: SpoolTotals;
  #isEnded = false;

  /** Begins to spool. */
  constructor({ job, appender, path, totals }: SpoolingParts) {
    this.#job = job;
    this.#appender = appender;
    this.#device = appender.device;
    this.#spool = new DataSpool(path);
    this.#totals = totals;
    totals.begin();
    job.spooling = "spooling";
    job.log.info("Spooling data ...\n");
  }

  /**
   * Takes a block; despools if it would pass a limit, or if the disk of the spool file is full.
   * @throws {SpoolError} and what writing on the volume throws
   */
  async write(block: SealedBlock): Promise<void> {
    const length = DataSpool.lengthOf(block);
    const reached = this.#limitReached(length);
    if (reached !== undefined) {
      this.#job.log.info(reached);
      await this.#despoolAndGoOn();
    }
    try {
      this.#spool.append(block);
    } catch (error) {
      if (!(error instanceof SpoolError)) throw error;
      this.#job.log.warning(error.message);
      if (this.#spool.size === 0) {
        this.#job.log.warning("Despooling zero bytes. Your disk is probably FULL!\n");
        throw error;
      }
      await this.#despoolAndGoOn();
      this.#spool.append(block);
    }
    this.#device.spooledBytes += length;
    this.#totals.grow(length, this.#spool.size);
  }

  /** Writes what is in the spool file, which is the last of the job. @throws as {@linkcode write} */
  async commit(): Promise<void> {
    const { size } = this.#spool;
    if (size > 0) {
      this.#job.log.info(
        `Committing spooled data to Volume "${this.#appender.volumeName ?? ""}". ` +
          `Despooling ${withCommas(size)} bytes ...\n`,
      );
      await this.#despool(JobStatus.Committing);
    }
    this.discard();
  }

  /** Deletes the spool file with what is in it. Doing so twice is fine. */
  discard(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#job.spooling = "none";
    this.#forget(this.#spool.size);
    this.#totals.end();
    try {
      this.#spool.discard();
    } catch (error) {
      const why = messageOf(error);
      this.#job.log.warning(`Cannot remove data spool file: ${why}\n`);
    }
  }

  #limitReached(length: number): string | undefined {
    const { maximumJobSpoolSize, maximumSpoolSize } = this.#device.settings;
    const ofJob = this.#job.announcement.spoolSize || maximumJobSpoolSize;
    const { size } = this.#spool;
    if (size === 0) return undefined; // a block that is larger than the limit is spooled all the same
    if (ofJob > 0 && size + length > ofJob) {
      return `User specified Job spool size reached: JobSpoolSize=${withCommas(size)} ` +
        `MaxJobSpoolSize=${withCommas(ofJob)}\n`;
    }
    const { spooledBytes } = this.#device;
    if (maximumSpoolSize > 0 && spooledBytes + length > maximumSpoolSize) {
      return `User specified Device spool size reached: DevSpoolSize=${withCommas(spooledBytes)} ` +
        `MaxDevSpoolSize=${withCommas(maximumSpoolSize)}\n`;
    }
    return undefined;
  }

  async #despoolAndGoOn(): Promise<void> {
    this.#job.log.info(
      `Writing spooled data to Volume. Despooling ${withCommas(this.#spool.size)} bytes ...\n`,
    );
    await this.#despool(JobStatus.DataDespooling);
    this.#job.setStatus(JobStatus.Running);
    this.#job.log.info("Spooling data again ...\n");
  }

  async #despool(status: string): Promise<void> {
    const job = this.#job;
    const { despooling } = this.#device;
    job.setStatus(status);
    job.spooling = "waiting to despool";
    await despooling.run(async () => {
      job.spooling = "despooling";
      const began = performance.now();
      const { size } = this.#spool;
      for (const block of this.#spool.blocks()) await this.#appender.write(block);
      this.#spool.clear();
      this.#forget(size);
      const seconds = Math.max(1, Math.round((performance.now() - began) / 1000));
      job.log.info(
        `Despooling elapsed time = ${asClock(seconds)}, ` +
          `Transfer rate = ${withSuffix(size / seconds)} Bytes/second\n`,
      );
    }, job.aborted);
    job.spooling = "spooling";
  }

  #forget(bytes: number): void {
    this.#device.spooledBytes -= bytes;
    this.#totals.shrink(bytes);
  }
}
