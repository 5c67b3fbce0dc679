import { decodeText, messageOf } from "../../bytes/mod.ts";
import { type Connection, dataHeader, JobStatus, Signal, signalName } from "../../protocol/mod.ts";
import { Appender, type AppenderParts } from "./appender.ts";
import { reportFlate } from "./auto_flate.ts";
import { openWritingFlate, type WritingFlate } from "./flate_thread.ts";
import { isForDirector } from "./attribute_queue.ts";
import { DirectorLostError } from "./director_link.ts";
import { asClock, withSuffix } from "./numbers.ts";
import type { AppendReservation } from "./candidate.ts";
import { JobEndedError, type StorageJob } from "./storage_job.ts";
import type { Throttle } from "../throttle.ts";
import { SessionPacker } from "./session_packer.ts";
import { type SessionAttributeParts, SessionAttributes } from "./session_attributes.ts";
import type { SpoolingWriter } from "./spooling_writer.ts";

/** What an {@linkcode AppendSession} works with. */
export interface AppendSessionParts extends AppenderParts, SessionAttributeParts {
  /** The reservation made at `use storage`, if it was not put off until data arrives. */
  readonly reservation: AppendReservation | undefined;
  /** Milliseconds between two checkpoints, 0 for none (storage-daemon.md 9.2). */
  readonly checkpointMs: number;
  /** The spool of the job's data, if it is spooled. */
  openSpool(appender: Appender): SpoolingWriter | undefined;
  /** Whether the device may compress and decompress: not for copies, unless that is configured. */
  readonly mayFlate: boolean;
  /** Who sends the data, as job messages call it; `FD` if not given. */
  readonly peer?: "FD" | "SD";
}

/** The peer broke the rules of the data phase, or the job may not go on. */
class DataError extends Error {
  override readonly name = "DataError";
}

/**
 * A backup's data on its way from a file daemon to a volume and to the catalog (storage-daemon.md
 * 6.2, 4.6). The device is reserved and mounted when the first data arrives, unless it was reserved
 * before.
 */
export class AppendSession {
  readonly #job: StorageJob;
  readonly #parts: AppendSessionParts;
  readonly #attributes: SessionAttributes;
  readonly #throttle: Throttle;
  #appender: Appender | undefined;
  #packer: SessionPacker | undefined;
  #dataSpool: SpoolingWriter | undefined;
  #flate: WritingFlate | undefined;
  #isLabelled = false;
  #nextCheckpoint = 0;
  #hasReceived = false;
  #hasWriteFailed = false;
  #isEnded = false;
  /** What is added to the FileIndexes of the peer: files that came from others before. */
  #filesBefore = 0;

  /** A session of `job`; nothing happens before data arrives. */
  constructor(job: StorageJob, parts: AppendSessionParts) {
    this.#job = job;
    this.#parts = parts;
    this.#attributes = new SessionAttributes(job, parts);
    this.#throttle = job.makeThrottle();
  }

  get #peer(): string {
    return this.#parts.peer ?? "FD";
  }

  /**
   * Receives all streams up to the final EOD. False after an error, which the job log has. The files of
   * a second connection follow those of the first: each peer counts its own from 1.
   */
  async receive(connection: Connection): Promise<boolean> {
    this.#filesBefore = this.#job.files;
    try {
      while (await this.#receiveStream(connection));
      this.#hasReceived = true;
      return true;
    } catch (error) {
      if (this.#job.aborted.aborted) return false; // cancelled: what broke, we broke
      this.#job.log.fatal(messageOf(error));
      return false;
    }
  }

  /**
   * Ends the session: end label, last block, catalog, device, attributes. Never throws; doing so twice
   * is fine.
   */
  async finish(): Promise<void> {
    await this.#end(async () => {
      await this.#releaseDevice();
      await this.#deletePlaceholders();
      await this.#attributes.sendSpooled();
      this.#reportRate();
    });
  }

  /** As {@linkcode finish}, in the order of a copy within this daemon (8.2). */
  async finishCopy(): Promise<void> {
    await this.#end(async () => {
      this.#reportRate();
      await this.#attributes.sendSpooled();
      await this.#releaseDevice();
    });
  }

  async #end(afterLabel: () => Promise<void>): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    try {
      await this.#endSession();
    } catch (error) {
      this.#fail(error);
    }
    try {
      await afterLabel();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#flate?.close();
      this.#discardSpool();
    }
  }

  /** One stream with its header; false at the end of all. */
  async #receiveStream(connection: Connection): Promise<boolean> {
    const header = connection.takeBuffered() ?? await connection.receive();
    if (header === undefined) {
      throw new DataError(
        `Error reading data header from ${this.#peer}. ERR=${lossOf(connection)}\n`,
      );
    }
    if (header.kind === "signal") {
      if (header.signal === Signal.EOD) return false;
      if (header.signal === Signal.HEARTBEAT) return true;
      throw this.#unexpected(header.signal);
    }
    const fields = dataHeader.stream.parse(header.payload);
    if (fields === undefined || header.payload.length === 0) {
      const text = decodeText(header.payload.subarray(0, 200));
      throw new DataError(`Malformed data header from ${this.#peer}: ${text}\n`);
    }
    const { stream } = fields;
    const fileIndex = fields.fileIndex > 0
      ? this.#filesBefore + fields.fileIndex
      : fields.fileIndex;
    this.#checkSequence(fileIndex);
    this.#job.files = fileIndex;
    const goesToDirector = isForDirector(stream) && !this.#job.announcement.noAttributes;
    while (true) {
      const frame = connection.takeBuffered() ?? await connection.receive();
      if (frame === undefined) {
        throw new DataError(
          `Network error reading from ${this.#peer}. ERR=${lossOf(connection)}\n`,
        );
      }
      if (frame.kind === "signal") {
        if (frame.signal === Signal.EOD) return true;
        if (frame.signal === Signal.HEARTBEAT) continue;
        throw this.#unexpected(frame.signal);
      }
      const done = this.#put(fileIndex, stream, goesToDirector, frame.payload);
      if (done !== undefined) await done;
    }
  }

  #unexpected(signal: Signal): DataError {
    const what = `${signal} (${signalName(signal)})`;
    const isEarlyEnd = signal === Signal.TERMINATE;
    return new DataError(
      `Unexpected signal from ${this.#peer}: ${what}` +
        `${isEarlyEnd ? ": it has ended before it had sent all of its data" : ""}\n`,
    );
  }

  /**
   * Writes a record that does not come from a connection: a copy within this daemon. Its data is not
   * needed any more when this has resolved.
   * @throws whatever ends the job
   */
  take(fileIndex: number, stream: number, data: Uint8Array): Promise<void> | undefined {
    this.#checkSequence(fileIndex);
    this.#job.files = fileIndex;
    const goesToDirector = isForDirector(stream) && !this.#job.announcement.noAttributes;
    return this.#put(fileIndex, stream, goesToDirector, data);
  }

  /** All records were taken: the end label may say that all is well. */
  complete(): void {
    this.#hasReceived = true;
  }

  #put(
    fileIndex: number,
    stream: number,
    goesToDirector: boolean,
    data: Uint8Array,
  ): Promise<void> | undefined {
    const packer = this.#packer;
    if (packer === undefined || !this.#isLabelled) {
      return this.#begin().then(() => this.#put(fileIndex, stream, goesToDirector, data));
    }
    const flate = this.#flate;
    if (flate === undefined) return this.#store(packer, fileIndex, stream, goesToDirector, data);
    const made = flate.apply(stream, data);
    return made instanceof Promise
      ? made.then((record) =>
        this.#store(packer, fileIndex, record.stream, goesToDirector, record.data)
      )
      : this.#store(packer, fileIndex, made.stream, goesToDirector, made.data);
  }

  #store(
    packer: SessionPacker,
    fileIndex: number,
    stream: number,
    goesToDirector: boolean,
    data: Uint8Array,
  ): Promise<void> | undefined {
    // attributes first: writing may release what is complete, and this record is not
    if (goesToDirector) this.#attributes.add(fileIndex, stream, data);
    if (!packer.add(fileIndex, stream, data)) return this.#spill(packer, data.length);
    this.#count(data.length);
    return this.#throttle.isActive ? this.#throttle.pace(data.length) : undefined;
  }

  /** Writes full blocks until the rest of a record fits. */
  async #spill(packer: SessionPacker, length: number): Promise<void> {
    do await this.#writeBlock(packer); while (!packer.resume());
    this.#count(length);
    if (this.#throttle.isActive) await this.#throttle.pace(length);
  }

  #checkSequence(fileIndex: number): void {
    const last = this.#job.files;
    const isNext = fileIndex > 0 && (fileIndex === last || fileIndex === last + 1);
    const mayBegin = this.#job.announcement.rerunning && last === 0 && fileIndex > 0;
    if (isNext || mayBegin) return;
    throw new DataError(
      `FileIndex=${fileIndex} from ${this.#peer} not positive or sequential=${last}\n`,
    );
  }

  #count(length: number): void {
    const job = this.#job;
    job.bytes += length;
    const { quota } = job.announcement;
    if (quota > 0 && job.bytes > quota) throw new DataError("Quota Exceeded. Job Terminated.\n");
  }

  /** Reserves and mounts on the first data, then writes the start label. */
  async #begin(): Promise<void> {
    await this.acquire();
    this.#packer?.startSession();
    this.#isLabelled = true;
  }

  /**
   * Reserves a device if that was put off (storage-daemon.md 5.5), and mounts a volume. A copy does so
   * before it reads, and without a word about it (`isQuiet`); otherwise the first record does.
   * @throws whatever ends the job
   */
  async acquire(isQuiet = false): Promise<void> {
    if (this.#packer !== undefined) return;
    const job = this.#job;
    const { reservations, catalog } = this.#parts;
    let reservation = this.#parts.reservation;
    if (reservation === undefined) {
      if (!isQuiet) job.log.info("JustInTime Reservation: Finding drive to reserve.\n");
      job.setStatus(JobStatus.WaitingForStorageDaemon);
      reservation = await reservations.reserveAppend(job, catalog);
      if (!isQuiet) job.log.info(`Using Device ${reservation.device.printName} to write.\n`);
    }
    this.#appender = new Appender(job, reservation, this.#parts);
    job.writer = this.#appender;
    await this.#appender.begin();
    job.setStatus(JobStatus.Running);
    job.startedAt = Date.now();
    this.#dataSpool = this.#parts.openSpool(this.#appender);
    this.#flate = this.#parts.mayFlate ? openWritingFlate(job, this.#appender.device) : undefined;
    this.#packer = new SessionPacker(job, this.#appender);
  }

  async #writeBlock(packer: SessionPacker): Promise<void> {
    const appender = this.#appender;
    if (appender === undefined) return;
    const volumeBefore = appender.volumeName;
    await this.#guard((this.#dataSpool ?? appender).write(packer.seal()));
    packer.nextBlock(appender.blockSize);
    await this.#attributes.passOnBefore(this.#job.files);
    if (this.#parts.checkpointMs > 0 && !this.#attributes.isSpooled) {
      await this.#checkpointIfDue(appender, volumeBefore);
    }
  }

  /** At a change of volume and by time: what is on the volume can be restored from now on (9.2). */
  async #checkpointIfDue(appender: Appender, volumeBefore: string | undefined): Promise<void> {
    const { checkpointMs, catalog } = this.#parts;
    const { log, files, bytes } = this.#job;
    const now = performance.now();
    if (this.#nextCheckpoint === 0) this.#nextCheckpoint = now + checkpointMs;
    if (appender.volumeName !== volumeBefore) log.info("Volume changed, doing checkpoint:\n");
    else if (now >= this.#nextCheckpoint) {
      log.info(
        `Doing timed backup checkpoint. Next checkpoint in ${checkpointMs / 1000} seconds\n`,
      );
    } else return;
    this.#nextCheckpoint = now + checkpointMs;
    await appender.checkpoint();
    await catalog.checkpoint(files, bytes);
  }

  /** Remembers that the device failed. */
  async #guard(write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (error) {
      if (!(error instanceof JobEndedError)) this.#hasWriteFailed = true;
      throw error;
    }
  }

  async #endSession(): Promise<void> {
    const packer = this.#packer;
    const appender = this.#appender;
    const job = this.#job;
    if (packer === undefined || appender === undefined || !this.#isLabelled) {
      if (this.#hasReceived && appender === undefined) {
        job.log.info(
          "Because no backup data was received, no device was reserved. " +
            "As such no Session Labels were written for this job.\n",
        );
      }
      return;
    }
    if (this.#hasWriteFailed) return; // what cannot be written cannot be labelled either
    try {
      const status = job.isOver ? job.status : JobStatus.Terminated;
      // what a failed job has spooled is not worth the room on the volume (9.1)
      if (this.#dataSpool !== undefined && job.isOver) return;
      const write = (): Promise<void> => {
        const block = packer.seal();
        return this.#dataSpool?.write(block) ?? appender.finalWrite(block);
      };
      if (!packer.endSession(status)) {
        await write();
        packer.nextBlock(appender.blockSize);
        packer.endSession(status);
      }
      await write();
      await this.#dataSpool?.commit();
    } catch (error) {
      if (error instanceof DirectorLostError || error instanceof JobEndedError) throw error;
      throw new DataError(`Error writing end session label. ERR=${messageOf(error).trimEnd()}\n`, {
        cause: error,
      });
    }
    await this.#attributes.passOnAll();
  }

  async #releaseDevice(): Promise<void> {
    const { reservation, reservations } = this.#parts;
    if (this.#appender !== undefined) {
      await this.#appender.release(!this.#job.director.lost.aborted);
    } else if (reservation !== undefined) {
      reservations.release(this.#job, reservation.device);
    }
  }

  async #deletePlaceholders(): Promise<void> {
    const { hasPlaceholders, catalog } = this.#parts;
    if (!hasPlaceholders || this.#job.director.lost.aborted) return;
    if (await catalog.deletePlaceholders(this.#job.jobId)) return;
    this.#job.log.warning("Could not delete placeholder media records.\n");
  }

  #discardSpool(): void {
    this.#dataSpool?.discard();
    this.#attributes.discard();
  }

  #reportRate(): void {
    const job = this.#job;
    if (this.#flate !== undefined) reportFlate(job, this.#flate);
    if (job.startedAt === undefined) return;
    const seconds = Math.max(1, Math.round((Date.now() - job.startedAt) / 1000));
    const rate = withSuffix(job.bytes / seconds);
    job.log.info(`Elapsed time=${asClock(seconds)}, Transfer rate=${rate} Bytes/second\n`);
  }

  #fail(error: unknown): void {
    if (error instanceof JobEndedError || error instanceof DirectorLostError) return;
    this.#job.log.fatal(messageOf(error));
  }
}

function lossOf(connection: Connection): string {
  return connection.failure?.message ?? "connection closed by peer";
}
