import { messageOf } from "../../bytes/mod.ts";
import { formatAddress, type SessionLabel, type VolumeRecord } from "../../storage/volume/mod.ts";
import { classicBlockSize, decodeSessionLabel, LabelType } from "../../storage/volume/mod.ts";
import { type ReadProblem, VolumeReader } from "../../storage/mod.ts";
import { CompressionError } from "../../compress/mod.ts";
import { type AutoFlate, openFlate, reportFlate } from "./auto_flate.ts";
import type { Candidate } from "./candidate.ts";
import { MediaUse } from "./media_use.ts";
import { mountForReading, ReadMountError, type ReadMountParts } from "./mount_read.ts";
import { NoSuitableDeviceError } from "./reservation.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";

/** What a {@linkcode RecordSource} works with. */
export interface RecordSourceParts extends Omit<ReadMountParts, "job"> {
  /** The device of `use storage`. */
  readonly reservation: Candidate | undefined;
  /**
   * Whether damage ends the job. A restore takes what is left; a copy that is not whole must not take the
   * place of anything.
   */
  readonly isStrict?: boolean;
  /** Whether the device may compress and decompress: not for copies, unless that is configured. */
  readonly mayFlate: boolean;
  /** UNIX seconds. */
  now(): number;
}

/** Who takes the records of a {@linkcode RecordSource}. */
export interface RecordTaker {
  /** The first volume is mounted: records follow. */
  begin(): Promise<void>;
  /** One record, whole; its data is valid until this has resolved. */
  take(record: VolumeRecord): Promise<void> | void;
}

/** What is to be copied is damaged; the text is that of the job message. */
export class DamagedSourceError extends Error {
  override readonly name = "DamagedSourceError";
}

/** Bytes of a volume after which others get their turn. */
const PAUSE_EVERY = 16 << 20;

/** Damages that are named one by one; a volume that is all broken fills no log. */
const MOST_PROBLEMS = 100;

/** Sessions whose start labels are remembered. */
const MOST_LABELS = 10_000;

/**
 * The records that a job's bootstrap selects, volume after volume: mounting, damage, and the end of
 * each volume's use (storage-daemon.md 10.7). What becomes of the records is the taker's.
 */
export class RecordSource {
  readonly #job: StorageJob;
  readonly #parts: RecordSourceParts;
  readonly #labels = new Map<string, SessionLabel>();
  #media: MediaUse | undefined;
  #isReleased = false;
  #problems = 0;
  #pausedAt = 0;
  /** The largest block so far, or what the configuration expects. */
  #largestBlock = 0;
  /** The device at present: a volume of another media type needs another one. */
  #candidate: Candidate | undefined;

  /** The source of `job`'s records. */
  constructor(job: StorageJob, parts: RecordSourceParts) {
    this.#job = job;
    this.#parts = parts;
    this.#candidate = parts.reservation;
  }

  /** The label that began the session of a record, if it was passed by. */
  labelOf({ sessionId, sessionTime }: VolumeRecord): SessionLabel | undefined {
    return this.#labels.get(`${sessionId} ${sessionTime}`);
  }

  /**
   * Hands every record that the bootstrap selects to `taker`. False if there are no volumes to read;
   * `taker` has not been called then.
   * @throws whatever ends the job
   */
  async run(taker: RecordTaker): Promise<boolean> {
    const { reservation } = this.#parts;
    const job = this.#job;
    const settings = reservation?.device.settings;
    const reader = new VolumeReader({
      bootstrap: job.bootstrap ?? [],
      checksum: settings?.blockChecksum ?? true,
      positioning: settings?.blockPositioning ?? true,
      withLabels: true,
      onProblem: (problem) => this.#report(problem),
      onBlock: ({ offset, header }) => this.#note(offset + header.length, header.length),
    });
    const { volumes } = reader;
    if (volumes.length === 0 || reservation === undefined) return false;
    let isOpen = false;
    for (const volumeName of volumes) {
      const device = await this.#mount(volumeName);
      if (!isOpen) await taker.begin();
      isOpen = true;
      await this.#readVolume(taker, device, volumeName, reader);
    }
    reader.finish();
    job.log.info("End of all volumes.\n");
    return true;
  }

  /** Gives the device back and tells the catalog. Doing so twice is fine. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const candidate = this.#candidate;
    if (candidate === undefined) return;
    try {
      if (this.#media !== undefined) {
        this.#job.log.info(`Releasing device ${candidate.device.printName}.\n`);
        await this.#endVolume();
      }
    } finally {
      this.#giveBack(candidate);
    }
  }

  /** The end of the session. Never throws. */
  async finish(): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (this.#job.aborted.aborted) return;
      this.#job.log.error(messageOf(error));
    }
    const unnamed = this.#problems - MOST_PROBLEMS;
    if (unnamed > 0) this.#job.log.error(`${unnamed} block read errors not printed.\n`);
  }

  /** Makes the volume ready; the device that it is on. */
  async #mount(volumeName: string): Promise<StorageDevice> {
    await this.#endVolume();
    const candidate = await this.#deviceFor(volumeName);
    const { device, wish: { poolName } } = candidate;
    const mounted = await mountForReading(
      { ...this.#parts, job: this.#job },
      candidate,
      volumeName,
    );
    this.#media = new MediaUse(mounted, this.#parts);
    const counters = { bytes: 0, blocks: 0, position: 0 };
    device.reading = { name: volumeName, poolName, job: this.#job, ...counters };
    this.#job.reader = { device, poolName, volumeName };
    return device;
  }

  /** The device the job has, or one of the volume's media type in exchange for it (10.7). */
  async #deviceFor(volumeName: string): Promise<Candidate> {
    const job = this.#job;
    const { reservations, devices } = this.#parts;
    const candidate = this.#candidate;
    if (candidate === undefined) throw new ReadMountError("No device is reserved for reading.\n");
    const { device, wish } = candidate;
    const { mediaType: have } = device.settings;
    const want = job.bootstrap?.find(({ volumes }) => volumes.includes(volumeName))?.mediaType;
    if (want === undefined || want === have) return candidate;
    job.log.info(
      `Changing read device. Want Media Type="${want}" have="${have}"\n` +
        `  device=${device.printName}\n`,
    );
    this.#giveBack(candidate);
    const names = devices.devices.map(({ name }) => name);
    job.readWishes = [{ ...wish, mediaType: want, devices: names }];
    try {
      this.#candidate = await reservations.reserveRead(job);
    } catch (error) {
      if (!(error instanceof NoSuitableDeviceError)) throw error;
      throw new ReadMountError(`No suitable device found to read Volume "${volumeName}"\n`, {
        cause: error,
      });
    }
    job.log.info(
      `Media Type change.  New read device ${this.#candidate.device.printName} chosen.\n`,
    );
    return this.#candidate;
  }

  #giveBack({ device }: Candidate): void {
    device.reading = undefined;
    this.#candidate = undefined;
    this.#parts.reservations.release(this.#job, device);
  }

  async #endVolume(): Promise<void> {
    const media = this.#media;
    this.#media = undefined;
    await media?.end();
  }

  async #readVolume(
    taker: RecordTaker,
    device: StorageDevice,
    volumeName: string,
    reader: VolumeReader,
  ): Promise<void> {
    const { log } = this.#job;
    const volume = device.volumes.open(volumeName, "read");
    const began = performance.now();
    const flate = openFlate(this.#job, device, "read", this.#parts.mayFlate);
    try {
      const start = reader.startOf(volumeName);
      if (start > 0) {
        log.info(`Forward spacing Volume "${volumeName}" to file:block ${formatAddress(start)}.\n`);
      }
      for (const record of reader.readWithPauses(volume)) {
        if (record === undefined) {
          await this.#pause(device);
          continue;
        }
        if (record.fileIndex < 0) {
          this.#noteLabel(record);
          continue;
        }
        const taken = taker.take(flate === undefined ? record : this.#flated(flate, record));
        if (taken !== undefined) await taken;
      }
      const file = Math.floor((device.reading?.position ?? 0) / 2 ** 32);
      log.info(
        `End of Volume at file ${file} on device ${device.printName}, Volume "${volumeName}"\n`,
      );
      if (flate !== undefined) reportFlate(this.#job, flate);
    } finally {
      volume.close();
      this.#media?.countRead(performance.now() - began);
    }
  }

  /** The record as the device is to give it; one that is damaged goes on as it is, with an error. */
  #flated(flate: AutoFlate, record: VolumeRecord): VolumeRecord {
    try {
      return { ...record, ...flate.apply(record.stream, record.data) };
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      const { volume, offset } = record.origin;
      const where = `Volume data error at ${formatAddress(offset)}!`;
      const message = `${where} File ${record.fileIndex}: ${error.message}\n`;
      this.#report({ volume, offset, length: 0, message });
      return record;
    }
  }

  /** Lets others have their turn when much is passed over, and notices the end of the job. */
  async #pause({ reading }: StorageDevice): Promise<void> {
    const position = reading?.position ?? 0;
    if (Math.abs(position - this.#pausedAt) < PAUSE_EVERY) return;
    this.#pausedAt = position;
    this.#job.throwIfOver();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** A block of `length` bytes has been read, up to `position`. */
  #note(position: number, length: number): void {
    if (length > this.#largestBlock) this.#noteLargeBlock(length);
    const reading = this.#candidate?.device.reading;
    if (reading === undefined) return;
    reading.bytes += Math.max(0, position - Math.max(reading.position, 0));
    reading.blocks++;
    reading.position = position;
  }

  /**
   * A block larger than the configured size is news, and no error: it is read like any other (volume.md
   * 3.5, step 7).
   */
  #noteLargeBlock(length: number): void {
    const { maximumBlockSize } = this.#candidate?.device.settings ?? {};
    const buffer = Math.max(
      this.#largestBlock,
      this.#media?.blockSize || maximumBlockSize || classicBlockSize,
    );
    this.#largestBlock = Math.max(buffer, length);
    if (length <= buffer) return;
    this.#job.log.info(
      `Block length ${length} is greater than buffer ${buffer}. Attempting recovery.\n`,
    );
    this.#job.log.info(`Setting block buffer size to ${length} bytes.\n`);
  }

  /** Damage is an error of the job; the rest is read all the same. @throws {DamagedSourceError} */
  #report({ message }: ReadProblem): void {
    if (this.#parts.isStrict) throw new DamagedSourceError(message);
    this.#problems++;
    if (this.#problems <= MOST_PROBLEMS) this.#job.log.error(message);
  }

  /** Remembers start labels; what they tell is wanted when a session is copied. */
  #noteLabel({ sessionId, sessionTime, fileIndex, data }: VolumeRecord): void {
    if (fileIndex !== LabelType.startOfSession || this.#labels.size >= MOST_LABELS) return;
    try {
      this.#labels.set(`${sessionId} ${sessionTime}`, decodeSessionLabel(data, fileIndex));
    } catch {
      // the reader has reported the damage; the session is then copied under the job's own names
    }
  }
}
