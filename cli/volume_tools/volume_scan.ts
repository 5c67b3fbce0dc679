import {
  type Block,
  catalogStreams,
  decodeSessionLabel,
  decodeVolumeLabel,
  LabelType,
  RecordCursor,
  type RecordOrigin,
  type SessionKey,
  type SessionLabel,
  streamType,
  VolumeError,
  type VolumeLabel,
  type VolumeRecord,
} from "../../storage/volume/mod.ts";

/** Where a part of a job lies on one volume: what becomes a JobMedia record. */
export interface ScannedPiece {
  readonly volume: string;
  firstIndex: number;
  lastIndex: number;
  /** Address of the first block. */
  readonly start: number;
  /** Address of the end of the last one. */
  end: number;
}

/** A job as its labels and records on the volumes tell. */
export interface ScannedJob extends SessionKey {
  readonly label: SessionLabel;
  /** The label at its end; none if the job did not come to one, or that is not on these volumes. */
  end: SessionLabel | undefined;
  /** The highest FileIndex seen. */
  files: number;
  /** Bytes of all records. */
  bytes: number;
  readonly pieces: ScannedPiece[];
}

/** A volume as it was found. */
export interface ScannedVolume {
  readonly label: VolumeLabel;
  /** Bytes up to the end of the last block. */
  bytes: number;
  /** Address of that end. */
  lastAddress: number;
  blocks: number;
  jobs: number;
  /** Microseconds since 1970 UTC, of the last label; 0 if there is none. */
  lastWriteMicros: number;
}

/** Who takes what a {@linkcode VolumeScan} finds, in the order of the volumes. */
export interface ScanTaker {
  volume(volume: ScannedVolume): void;
  jobBegins(job: ScannedJob): void;
  /** An attributes, digest or restore object record. */
  catalogRecord(job: ScannedJob, record: VolumeRecord): void;
  /** The end label was found; what it says is in `job.end`. */
  jobEnds(job: ScannedJob): void;
  problem(text: string): void;
}

/**
 * Puts together what volumes hold: feed it every block and every record, labels included.
 */
export class VolumeScan {
  readonly #taker: ScanTaker;
  readonly #cursor = new RecordCursor();
  readonly #volumes = new Map<string, ScannedVolume>();
  readonly #sessions = new Map<string, ScannedJob>();
  #lastJob: ScannedJob | undefined;
  readonly #strangers = new Set<string>();
  /** Pieces of sessions whose start label has not been seen. */
  readonly #pieces = new Map<string, ScannedPiece[]>();

  /** Nothing is scanned yet. */
  constructor(taker: ScanTaker) {
    this.#taker = taker;
  }

  /** All volumes so far. */
  get volumes(): Iterable<ScannedVolume> {
    return this.#volumes.values();
  }

  /** All jobs so far. */
  get jobs(): Iterable<ScannedJob> {
    return this.#sessions.values();
  }

  /** A good block of a volume, before its records. */
  block({ header, offset, address, lastAddress, bytes }: Block, volume: string): void {
    const known = this.#volumes.get(volume);
    if (known !== undefined) {
      known.bytes = offset + header.length;
      known.lastAddress = lastAddress;
      known.blocks++;
    }
    this.#cursor.start(header, bytes);
    const indexes = this.#cursor.fileIndexes();
    if (indexes === undefined) return;
    const { first, last } = indexes;
    const key = keyOf(header);
    let pieces = this.#pieces.get(key);
    if (pieces === undefined) this.#pieces.set(key, pieces = []);
    const piece = pieces.at(-1);
    if (piece === undefined || piece.volume !== volume) {
      pieces.push({
        volume,
        firstIndex: first,
        lastIndex: last,
        start: address,
        end: lastAddress,
      });
    } else {
      piece.lastIndex = last;
      piece.end = lastAddress;
    }
  }

  /** A record or label. */
  record(record: VolumeRecord): void {
    if (record.fileIndex < 0) return this.#label(record);
    const job = this.#jobOf(record);
    if (job === undefined) {
      const key = keyOf(record);
      if (this.#strangers.has(key)) return;
      this.#strangers.add(key);
      const { sessionId, sessionTime, origin } = record;
      this.#taker.problem(
        `Records of session ${sessionId} of ${sessionTime} on Volume "${origin.volume}" belong to a ` +
          "job whose start label was not found; they are passed over.",
      );
      return;
    }
    job.files = Math.max(job.files, record.fileIndex);
    job.bytes += record.data.length;
    if (catalogStreams.has(streamType(record.stream))) this.#taker.catalogRecord(job, record);
  }

  /** The job of a session; records of one session mostly follow each other. */
  #jobOf(record: SessionKey): ScannedJob | undefined {
    const last = this.#lastJob;
    const { sessionId, sessionTime } = record;
    if (last?.sessionId === sessionId && last.sessionTime === sessionTime) return last;
    return this.#lastJob = this.#sessions.get(keyOf(record));
  }

  #label(record: VolumeRecord): void {
    const { fileIndex, data, origin } = record;
    try {
      if (fileIndex === LabelType.volume || fileIndex === LabelType.preLabel) {
        this.#volume(origin, decodeVolumeLabel(data), fileIndex);
      } else if (fileIndex === LabelType.startOfSession) {
        this.#begin(record, decodeSessionLabel(data, fileIndex));
      } else if (fileIndex === LabelType.endOfSession) {
        this.#end(record, decodeSessionLabel(data, fileIndex));
      }
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      this.#taker.problem(`${error.message} (Volume "${origin.volume}")`);
    }
  }

  #volume({ volume: name, last, address }: RecordOrigin, label: VolumeLabel, type: number): void {
    if (this.#volumes.has(name)) return;
    if (type === LabelType.preLabel) {
      this.#taker.problem("Volume is prelabeled. This tape cannot be scanned.");
      return;
    }
    const volume = {
      ...{ label, bytes: last + 1, lastAddress: address, blocks: 1, jobs: 0 },
      lastWriteMicros: label.writeTimeMicros,
    };
    this.#volumes.set(name, volume);
    this.#taker.volume(volume);
  }

  #begin(record: VolumeRecord, label: SessionLabel): void {
    const key = keyOf(record);
    this.#note(record, label);
    if (this.#sessions.has(key)) return; // some programs write the label again on the next volume
    let pieces = this.#pieces.get(key);
    if (pieces === undefined) this.#pieces.set(key, pieces = []);
    const { sessionId, sessionTime } = record;
    const job: ScannedJob = {
      sessionId,
      sessionTime,
      label,
      end: undefined,
      files: 0,
      bytes: 0,
      pieces,
    };
    this.#sessions.set(key, job);
    this.#taker.jobBegins(job);
  }

  #end(record: VolumeRecord, label: SessionLabel): void {
    this.#note(record, label);
    const job = this.#sessions.get(keyOf(record));
    if (job === undefined || job.end !== undefined) return;
    job.end = label;
    this.#taker.jobEnds(job);
  }

  #note({ origin, fileIndex }: VolumeRecord, { writeTimeMicros }: SessionLabel): void {
    const volume = this.#volumes.get(origin.volume);
    if (volume === undefined) return;
    volume.lastWriteMicros = Math.max(volume.lastWriteMicros, writeTimeMicros);
    if (fileIndex === LabelType.startOfSession) volume.jobs++;
  }
}

function keyOf({ sessionId, sessionTime }: SessionKey): string {
  return `${sessionId} ${sessionTime}`;
}
