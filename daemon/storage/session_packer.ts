import {
  BlockBuilder,
  encodeSessionLabel,
  LabelType,
  toFileBlock,
} from "../../storage/volume/mod.ts";
import type { Appender, SealedBlock } from "./appender.ts";
import type { StorageJob } from "./storage_job.ts";

/**
 * A session's records in blocks: the start label, the file records, the end label (volume.md 6.1).
 * It also keeps which files a block is about, for JobMedia.
 */
export class SessionPacker {
  readonly #job: StorageJob;
  readonly #appender: Appender;
  readonly #builder: BlockBuilder;
  #firstIndex = 0;
  #lastIndex = 0;

  /** Blocks for `job` in the size of the volume that `appender` is on. */
  constructor(job: StorageJob, appender: Appender) {
    this.#job = job;
    this.#appender = appender;
    const { sessionId, sessionTime } = job;
    this.#builder = new BlockBuilder({ sessionId, sessionTime }, appender.blockSize, {
      checksum: appender.device.settings.blockChecksum,
    });
  }

  /** Whether there is nothing to write. */
  get isEmpty(): boolean {
    return this.#builder.isEmpty;
  }

  /** Puts the label that begins the session into the first block. */
  startSession(): void {
    this.#label(LabelType.startOfSession, this.#labelData(undefined));
  }

  /** Puts the label that ends the session into the block; false if it does not fit unsplit. */
  endSession(status: string): boolean {
    const data = this.#labelData(status);
    if (!this.#builder.fits(data.length)) return false;
    this.#label(LabelType.endOfSession, data);
    return true;
  }

  /** Begins a record. False: the block is full; write it, then {@linkcode resume}. */
  add(fileIndex: number, stream: number, data: Uint8Array): boolean {
    this.#builder.begin(fileIndex, stream, data);
    this.#note(fileIndex);
    return this.#builder.fill();
  }

  /** Goes on with the record that did not fit; as {@linkcode add}. */
  resume(): boolean {
    this.#note(this.#job.files);
    return this.#builder.fill();
  }

  /** The block as it goes to the volume; valid until {@linkcode nextBlock}. */
  seal(): SealedBlock {
    return {
      bytes: this.#builder.seal(),
      firstIndex: this.#firstIndex,
      lastIndex: this.#lastIndex,
    };
  }

  /** Begins the next block, of `size` bytes at most. */
  nextBlock(size: number): void {
    this.#builder.reset(size);
    this.#firstIndex = 0;
    this.#lastIndex = 0;
  }

  #note(fileIndex: number): void {
    if (this.#firstIndex === 0) this.#firstIndex = fileIndex;
    this.#lastIndex = fileIndex;
  }

  #label(type: number, data: Uint8Array): void {
    this.#builder.begin(type, this.#job.jobId, data);
    this.#builder.fill();
  }

  /** The start label, or with `status` the end label. */
  #labelData(status: string | undefined): Uint8Array {
    const job = this.#job;
    const { identity } = job;
    const { start, end } = this.#appender.position;
    const first = toFileBlock(start);
    const last = toFileBlock(end);
    return encodeSessionLabel({
      ...this.#appender.format,
      jobId: job.jobId,
      writeTimeMicros: Date.now() * 1000,
      poolName: this.#appender.poolName,
      poolType: this.#appender.poolType,
      jobName: identity.jobName,
      clientName: identity.clientName,
      job: identity.job,
      fileSetName: identity.fileSet,
      jobType: identity.type,
      jobLevel: identity.level,
      fileSetMd5: identity.fileSetMd5,
      ...(status === undefined ? {} : {
        end: {
          jobFiles: job.files,
          jobBytes: job.bytes,
          startBlock: first.block,
          endBlock: last.block,
          startFile: first.file,
          endFile: last.file,
          jobErrors: job.errors,
          jobStatus: status,
        },
      }),
    });
  }
}
