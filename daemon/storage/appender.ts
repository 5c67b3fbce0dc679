/**
 * One job writing on one device, over as many volumes as it takes (storage-daemon.md 10.5).
 *
 * Each job fills blocks of its own; only whole blocks of several jobs interleave on a volume. A
 * block is written between two awaits, so no lock is needed for that; the device's lock is for what
 * takes time: mounting, and the change to the next volume. Who finds another volume in the device
 * than the one it wrote on last closes its part there and goes on on the new one.
 *
 * @module
 */
import { DeviceError } from "../../storage/device/mod.ts";
import { classicBlockSize, LabelFormat } from "../../storage/volume/mod.ts";
import type { AppendVolume } from "./append_volume.ts";
import type { CatalogClient } from "./catalog_client.ts";
import type { DeviceSet } from "./device_set.ts";
import { unlessAborted } from "./mutex.ts";
import { mountForAppend, type MountParts } from "./mount_append.ts";
import { OperatorTimeoutError, OperatorWait } from "./operator.ts";
import type { AppendReservation } from "./candidate.ts";
import type { Reservations } from "./reservation.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import { dateAndTime } from "./numbers.ts";
import type { VolumeFormat } from "./volume_file.ts";

/** A block of the job, sealed. */
export interface SealedBlock {
  readonly bytes: Uint8Array;
  /** First and last FileIndex > 0 in the block; 0 if it holds labels only. */
  readonly firstIndex: number;
  readonly lastIndex: number;
}

/** What an {@linkcode Appender} works with. */
export interface AppenderParts extends Omit<MountParts, "device" | "wish" | "job"> {
  readonly reservations: Reservations;
  readonly devices: DeviceSet;
  readonly catalog: CatalogClient;
  /** Whether the director knows placeholders of JobMedia (its hello has a version). */
  readonly hasPlaceholders: boolean;
}

/** Writing failed for good. The text is that of the job message. */
export class AppendError extends Error {
  override readonly name = "AppendError";
}

/** The part of the job on the current volume since the last JobMedia record. */
interface Span {
  firstIndex: number;
  lastIndex: number;
  start: number;
  end: number;
}

/** Writes blocks of a job. */
export class Appender {
  readonly #job: StorageJob;
  readonly #parts: AppenderParts;
  readonly #reservation: AppendReservation;
  readonly #device: StorageDevice;
  /** The volume this job has been counted on. */
  #volume: AppendVolume | undefined;
  #span: Span | undefined;
  /** The volume's marks when the span began. */
  #mark = 0;
  #hasPlaceholder = false;
  #isReleased = false;

  /** A writer of `job` on the device it has reserved. */
  constructor(job: StorageJob, reservation: AppendReservation, parts: AppenderParts) {
    this.#job = job;
    this.#reservation = reservation;
    this.#device = reservation.device;
    this.#parts = parts;
  }

  /** The device written on. */
  get device(): StorageDevice {
    return this.#device;
  }

  /** The pool written to. */
  get poolName(): string {
    return this.#reservation.wish.poolName;
  }

  /** Type of the pool written to. */
  get poolType(): string {
    return this.#reservation.wish.poolType;
  }

  /** The volume the job is on. */
  get volumeName(): string | undefined {
    return this.#volume?.name;
  }

  /** Whose labels sessions on the current volume get. */
  get format(): VolumeFormat {
    return this.#volume?.format ?? this.#parts.label.format;
  }

  /**
   * Size of the blocks of the current volume in bytes, header included. Bacula calls larger ones than
   * it writes itself an error (bacula.md 10.8).
   */
  get blockSize(): number {
    const wanted = this.#volume?.record.maximumBlockSize ||
      this.#device.settings.maximumBlockSize || classicBlockSize;
    return this.format === LabelFormat.bacula ? Math.min(wanted, classicBlockSize) : wanted;
  }

  /** Where the job began and ended on the current volume, for its end label. */
  get position(): { readonly start: number; readonly end: number } {
    return { start: this.#span?.start ?? 0, end: this.#span?.end ?? 0 };
  }

  /**
   * Mounts a volume, or joins the jobs that write on the one mounted.
   * @throws {MountError} {@linkcode JobEndedError} and errors of the catalog
   */
  async begin(): Promise<void> {
    this.#device.reservations.delete(this.#job);
    this.#device.writers.add(this.#job);
    while (this.#volume === undefined || this.#volume !== this.#device.appending) {
      await this.#device.lock.run(() => this.#follow(""), this.#job.aborted);
    }
  }

  /**
   * Writes a block, on the next volume if this one is full.
   * @throws {AppendError} {@linkcode MountError} {@linkcode JobEndedError} and errors of the catalog
   */
  async write(block: SealedBlock): Promise<void> {
    await this.#write(block, false);
  }

  /** Writes a last block, even of a job that was cancelled. @throws as {@linkcode write} */
  async finalWrite(block: SealedBlock): Promise<void> {
    await this.#write(block, true);
  }

  async #write(block: SealedBlock, isFinal: boolean): Promise<void> {
    while (true) {
      if (!isFinal) this.#job.throwIfOver();
      const { lock } = this.#device;
      const volume = this.#volume;
      if (lock.isBusy) {
        this.#job.throwIfOver(); // who holds the lock may be waiting for an operator
        await unlessAborted(lock.left, this.#job.aborted);
      } else if (volume === undefined || volume !== this.#device.appending) {
        await lock.run(() => this.#follow(""), this.#job.aborted);
      } else if (volume.marks !== this.#mark) {
        await this.#closeSpan();
        this.#mark = volume.marks;
      } else if (this.#isMarkDue(volume, block)) {
        volume.mark();
        await this.#closeSpan();
        this.#mark = volume.marks;
        await this.#parts.catalog.updateMedia(volume.record, this.#parts.now());
      } else if (this.#tryWrite(volume, block)) {
        return await this.#afterWrite(volume);
      } else {
        await lock.run(() => this.#changeVolume(volume, block), this.#job.aborted);
        if (this.#volume !== volume) return;
      }
    }
  }

  /**
   * Makes what is written so far known to the catalog, so that it can be restored whatever happens next:
   * on the medium first, then JobMedia.
   * @throws errors of device and catalog
   */
  async checkpoint(): Promise<void> {
    const volume = this.#volume;
    if (volume === undefined) return;
    await volume.sync();
    await this.#closeSpan();
    await this.#parts.catalog.updateMedia(volume.record, this.#parts.now());
  }

  /**
   * Ends the job's part: everything is on the medium, JobMedia and the volume's record are in the
   * catalog, the device is released. `isGood` false if the catalog cannot be reached any more.
   */
  async release(isGood: boolean): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const { catalog, reservations, now } = this.#parts;
    const device = this.#device;
    const volume = this.#volume;
    try {
      if (volume !== undefined) {
        this.#job.log.info(`Releasing device ${device.printName}.\n`);
        if (isGood) {
          await this.#sync(volume);
          await this.#closeSpan();
          await catalog.updateMedia(volume.record, now());
        }
      }
    } finally {
      reservations.release(this.#job, device);
    }
  }

  /** Nobody waits for a program that does not read a pipe when the job is to end. */
  async #sync(volume: AppendVolume): Promise<void> {
    if (!this.#device.volumes.isStream) return await volume.sync();
    try {
      await unlessAborted(volume.sync(), this.#job.aborted);
    } catch (error) {
      if (!this.#job.aborted.aborted) throw error;
    }
  }

  /** Goes on on the volume in the device; if there is none, mounts one. Under the lock. */
  async #follow(previousVolume: string): Promise<AppendVolume> {
    const { catalog, now } = this.#parts;
    if (this.#volume !== undefined) await this.#closeSpan();
    this.#volume = undefined;
    const volume = this.#device.appending ?? await this.#mount(previousVolume);
    volume.record.jobs++;
    await catalog.updateMedia(volume.record, now());
    this.#volume = volume;
    this.#mark = volume.marks;
    this.#hasPlaceholder = false;
    return volume;
  }

  async #mount(previousVolume: string): Promise<AppendVolume> {
    const { wish } = this.#reservation;
    const parts: MountParts = { ...this.#parts, job: this.#job, device: this.#device, wish };
    const before = this.#device.blocked;
    const { status } = this.#job;
    this.#device.blocked = "acquiring";
    this.#device.loaded = undefined;
    try {
      const volume = await mountForAppend(parts, previousVolume);
      this.#job.setStatus(status); // an operator may have been waited for
      return volume;
    } finally {
      if (this.#device.blocked === "acquiring") this.#device.blocked = before;
    }
  }

  #isMarkDue(volume: AppendVolume, block: SealedBlock): boolean {
    const limit = this.#device.settings.maximumFileSize;
    return limit > 0 && volume.bytesSinceMark > 0 &&
      volume.bytesSinceMark + block.bytes.length >= limit;
  }

  /** True if the block is on the volume; false if the volume is full. */
  #tryWrite(volume: AppendVolume, block: SealedBlock): boolean {
    const device = this.#device.printName;
    const { length } = block.bytes;
    const limits = [this.#device.settings.maximumVolumeSize, volume.record.maximumBytes];
    const limit = Math.min(...limits.filter((bytes) => bytes > 0));
    if (volume.hasData && volume.position + length >= limit) {
      this.#job.log.info(
        `User defined maximum volume capacity ${limit} exceeded on device ${device}.\n`,
      );
      return false;
    }
    const at = volume.position;
    try {
      volume.write(block.bytes);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      const where = `${Math.floor(at / 2 ** 32)}:${at % 2 ** 32}`;
      if (!error.isFull) {
        this.#job.log.error(`Write error at ${where} on device ${device}. ERR=${error.reason}.\n`);
      }
      this.#job.log.info(
        `End of Volume "${volume.name}" at ${where} on device ${device}. ` +
          `Write of ${length} bytes got ${error.written}.\n`,
      );
      return false;
    }
    this.#extendSpan(block, volume.addressOf(at), volume.addressOf(at + length - 1));
    return true;
  }

  #extendSpan(block: SealedBlock, start: number, end: number): void {
    if (this.#span !== undefined) {
      this.#span.end = end;
      if (block.lastIndex > 0) this.#span.lastIndex = block.lastIndex;
    } else if (block.firstIndex > 0) {
      const { firstIndex, lastIndex } = block;
      this.#span = { firstIndex, lastIndex, start, end };
    }
  }

  async #afterWrite(volume: AppendVolume): Promise<void> {
    const drained = volume.drained();
    if (drained !== undefined) await unlessAborted(drained, this.#job.aborted);
    if (this.#hasPlaceholder || this.#span === undefined || !this.#parts.hasPlaceholders) return;
    this.#hasPlaceholder = true;
    const { mediaId } = volume.record;
    await this.#parts.catalog.createJobMedia({
      firstIndex: 0,
      lastIndex: 0,
      start: 0,
      end: 0,
      mediaId,
    });
  }

  async #closeSpan(): Promise<void> {
    const span = this.#span;
    const volume = this.#volume;
    this.#span = undefined;
    if (span === undefined || volume === undefined) return;
    await this.#parts.catalog.createJobMedia({ ...span, mediaId: volume.record.mediaId });
  }

  /**
   * Ends a full volume and writes the block on the next one, which may have been used before and have no room
   * for it either. Under the lock.
   */
  async #changeVolume(volume: AppendVolume, block: SealedBlock): Promise<void> {
    if (this.#device.appending !== volume) return; // another job has changed it meanwhile
    let next = await this.#nextVolume(volume);
    while (!await this.#writeFirst(next, block)) next = await this.#nextVolume(next);
    await this.#afterWrite(next);
  }

  /** Ends a full volume and mounts the next one. */
  async #nextVolume(volume: AppendVolume): Promise<AppendVolume> {
    const device = this.#device;
    const { catalog, devices, now } = this.#parts;
    const { log } = this.#job;
    await volume.sync();
    await this.#closeSpan();
    volume.record.status = "Full";
    await catalog.updateMedia(volume.record, now());
    log.info(
      `End of medium on Volume "${volume.name}" Bytes=${volume.position} ` +
        `Blocks=${volume.record.blocks} at ${dateAndTime(now())}.\n`,
    );
    volume.close();
    device.appending = undefined;
    devices.volumes.releaseDevice(device);
    this.#volume = undefined;
    const next = await this.#follow(volume.name);
    log.info(
      `New volume "${next.name}" mounted on device ${device.printName} at ${dateAndTime(now())}.\n`,
    );
    return next;
  }

  /**
   * Writes a block on a volume that was just mounted; false if that has data and no room for more.
   * @throws {AppendError} if nothing can be written on an empty one
   */
  async #writeFirst(volume: AppendVolume, block: SealedBlock): Promise<boolean> {
    const device = this.#device;
    const operator = OperatorWait.of({ ...this.#parts, job: this.#job, device });
    while (!this.#tryWrite(volume, block)) {
      this.#job.throwIfOver();
      if (volume.hasData) return false;
      const { lastError } = volume;
      if (lastError?.isFull !== true) {
        throw new AppendError(
          `Catastrophic error. Cannot write overflow block to device ${device.printName}. ` +
            `ERR=${lastError?.reason ?? "the volume is full"}\n`,
        );
      }
      // The disk has no room for a block: no other volume would help, but an operator can.
      this.#job.log.warning(
        `${lastError.reason}: device ${device.printName} has no room for a block of Volume ` +
          `"${volume.name}". Make room and enter "mount", or cancel the job.\n`,
      );
      await this.#askForRoom(operator, volume);
    }
    return true;
  }

  async #askForRoom(operator: OperatorWait, { name }: AppendVolume): Promise<void> {
    const { poolName, mediaType } = this.#reservation.wish;
    const kind = "mount for append";
    const before = this.#job.status;
    try {
      await operator.ask({ kind, volumeName: name, poolName, mediaType });
    } catch (error) {
      if (!(error instanceof OperatorTimeoutError)) throw error;
      throw new AppendError(error.message, { cause: error });
    }
    this.#job.setStatus(before);
  }
}
