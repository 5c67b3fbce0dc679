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
import type { VolumeRecord } from "../../storage/volume/mod.ts";
import { RecordSource, type RecordSourceParts } from "./record_source.ts";
import type { StorageJob } from "./storage_job.ts";
import type { Throttle } from "../throttle.ts";

/** Frames are gathered into writes of this size. */
const GATHER = 512 << 10;

/** Longest header of a record. */
const HEADER_ROOM = 80;

/** A restore's data on its way from volumes to a file daemon (storage-daemon.md 6.3). */
export class ReadSession {
  readonly #job: StorageJob;
  readonly #source: RecordSource;
  readonly #throttle: Throttle;
  readonly #buffer = new Uint8Array(GATHER);
  #used = 0;
  #lastFile = 0;
  #lastSession = 0;

  /** A session of `job`. */
  constructor(job: StorageJob, parts: RecordSourceParts) {
    this.#job = job;
    this.#source = new RecordSource(job, parts);
    this.#throttle = job.makeThrottle();
  }

  /**
   * Sends every record that the bootstrap selects, volume after volume.
   * @throws whatever ends the job; the file daemon has been told nothing then
   */
  async send(connection: Connection): Promise<void> {
    const found = await this.#source.run({
      begin: () => connection.send(storageToFile.dataOk.format({})),
      take: (record) => this.#put(connection, record),
    });
    if (!found) {
      this.#job.log.fatal("No Volume names found for restore.\n");
      return await connection.send(storageToFile.readError.format({}));
    }
    await this.#flush(connection);
    await connection.sendSignal(Signal.EOD);
  }

  /** Gives the device back and tells the catalog. Doing so twice is fine. */
  async release(): Promise<void> {
    await this.#source.release();
  }

  /** The end of the session. Never throws. */
  async finish(): Promise<void> {
    await this.#source.finish();
  }

  /** Puts header and data into the gather buffer; longer records go out by themselves. */
  async #put(connection: Connection, record: VolumeRecord): Promise<void> {
    const { sessionId, sessionTime, fileIndex, stream, data } = record;
    this.#count(record);
    if (this.#used + data.length + HEADER_ROOM > GATHER) {
      await this.#flush(connection);
      this.#job.throwIfOver();
    }
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
      await connection.send(data);
      return await this.#throttle.pace(data.length);
    }
    this.#used = frameInto(this.#buffer, this.#used, header);
    this.#used = frameInto(this.#buffer, this.#used, data);
  }

  #count({ sessionId, fileIndex, data }: VolumeRecord): void {
    const { sent } = this.#job;
    if (fileIndex !== this.#lastFile || sessionId !== this.#lastSession) sent.files++;
    this.#lastFile = fileIndex;
    this.#lastSession = sessionId;
    sent.bytes += data.length;
  }

  async #flush(connection: Connection): Promise<void> {
    if (this.#used === 0) return;
    const gathered = this.#buffer.subarray(0, this.#used);
    await this.#throttle.pass(gathered, (slice) => connection.sendRaw(slice));
    this.#used = 0;
  }
}
