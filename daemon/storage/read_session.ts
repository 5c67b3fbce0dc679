import {
  type Connection,
  dataHeader,
  FRAME_HEADER,
  frameInto,
  MAX_FRAME_SENT,
  Signal,
  storageToFile,
} from "../../protocol/mod.ts";
import { encodeText } from "../../bytes/mod.ts";
import { type ReadProblem, VolumeReader } from "../../storage/mod.ts";
import { formatAddress, type VolumeRecord } from "../../storage/volume/mod.ts";
import type { Candidate } from "./candidate.ts";
import { MediaUse } from "./media_use.ts";
import { mountForReading, ReadMountError, type ReadMountParts } from "./mount_read.ts";
import { NoSuitableDeviceError } from "./reservation.ts";
import type { StorageDevice } from "./storage_device.ts";
import type { StorageJob } from "./storage_job.ts";
import { Throttle } from "./throttle.ts";

/** What a {@linkcode ReadSession} works with. */
export interface ReadSessionParts extends Omit<ReadMountParts, "job"> {
  /** The device of `use storage`. */
  readonly reservation: Candidate | undefined;
  /** UNIX seconds. */
  now(): number;
}

/** Frames are gathered into writes of this size. */
const GATHER = 512 << 10;

/** Bytes of a volume after which others get their turn. */
const PAUSE_EVERY = 16 << 20;

/** Damages that are named one by one; a volume that is all broken fills no log. */
const MOST_PROBLEMS = 100;

/** Longest header of a record. */
const HEADER_ROOM = 80;

/** A restore's data on its way from volumes to a file daemon (storage-daemon.md 6.3). */
export class ReadSession {
  readonly #job: StorageJob;
  readonly #parts: ReadSessionParts;
  readonly #throttle: Throttle;
  readonly #buffer = new Uint8Array(GATHER);
  #used = 0;
  #media: MediaUse | undefined;
  #isReleased = false;
  #problems = 0;
  #pausedAt = 0;
  /** The device at present: a volume of another media type needs another one. */
  #candidate: Candidate | undefined;

  /** A session of `job`. */
  constructor(job: StorageJob, parts: ReadSessionParts) {
    this.#job = job;
    this.#parts = parts;
    this.#candidate = parts.reservation;
    this.#throttle = new Throttle(() => job.bandwidth);
  }

  /**
   * Sends every record that the bootstrap selects, volume after volume.
   * @throws whatever ends the job; the file daemon has been told nothing then
   */
  async send(connection: Connection): Promise<void> {
    const { reservation } = this.#parts;
    const job = this.#job;
    const settings = reservation?.device.settings;
    const reader = new VolumeReader({
      bootstrap: job.bootstrap ?? [],
      checksum: settings?.blockChecksum ?? true,
      positioning: settings?.blockPositioning ?? true,
      onProblem: (problem) => this.#report(problem),
      onBlock: ({ offset, header }) => this.#note(offset + header.length),
    });
    const { volumes } = reader;
    if (volumes.length === 0 || reservation === undefined) {
      job.log.fatal("No Volume names found for restore.\n");
      return await connection.send(storageToFile.readError.format({}));
    }
    let isOpen = false;
    for (const volumeName of volumes) {
      const device = await this.#mount(volumeName);
      if (!isOpen) await connection.send(storageToFile.dataOk.format({}));
      isOpen = true;
      await this.#sendVolume(connection, device, volumeName, reader);
    }
    reader.finish();
    await this.#flush(connection);
    await connection.sendSignal(Signal.EOD);
    job.log.info("End of all volumes.\n");
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
      this.#job.log.error(error instanceof Error ? error.message : String(error));
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

  async #sendVolume(
    connection: Connection,
    device: StorageDevice,
    volumeName: string,
    reader: VolumeReader,
  ): Promise<void> {
    const { log } = this.#job;
    const volume = device.volumes.open(volumeName, "read");
    const began = performance.now();
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
        if (this.#used + record.data.length + HEADER_ROOM > GATHER) {
          await this.#flush(connection);
          this.#job.throwIfOver();
        }
        await this.#put(connection, record);
      }
      const file = Math.floor((device.reading?.position ?? 0) / 2 ** 32);
      log.info(
        `End of Volume at file ${file} on device ${device.printName}, Volume "${volumeName}"\n`,
      );
    } finally {
      volume.close();
      this.#media?.countRead(performance.now() - began);
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

  /** A block has been read up to `position`. */
  #note(position: number): void {
    const reading = this.#candidate?.device.reading;
    if (reading === undefined) return;
    reading.bytes += Math.max(0, position - Math.max(reading.position, 0));
    reading.blocks++;
    reading.position = position;
  }

  /** Damage is an error of the job; the rest is read all the same. */
  #report({ message }: ReadProblem): void {
    this.#problems++;
    if (this.#problems <= MOST_PROBLEMS) this.#job.log.error(message);
  }

  /** Puts header and data into the gather buffer; longer records go out by themselves. */
  async #put(connection: Connection, record: VolumeRecord): Promise<void> {
    const { sessionId, sessionTime, fileIndex, stream, data } = record;
    const header = encodeText(dataHeader.record.format({
      volSessionId: sessionId,
      volSessionTime: sessionTime,
      fileIndex,
      stream,
      length: data.length,
    }));
    const room = FRAME_HEADER * 2 + header.length + data.length;
    if (data.length > MAX_FRAME_SENT || room > GATHER) {
      await this.#flush(connection);
      connection.queue(header);
      return await connection.send(data);
    }
    this.#used = frameInto(this.#buffer, this.#used, header);
    this.#used = frameInto(this.#buffer, this.#used, data);
    if (this.#throttle.isActive) await this.#throttle.pace(data.length);
  }

  async #flush(connection: Connection): Promise<void> {
    if (this.#used === 0) return;
    await connection.sendRaw(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
