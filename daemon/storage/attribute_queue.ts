import { formatAttributeUpdate, FRAME_HEADER, frameInto } from "../../protocol/mod.ts";
import type { SpokenOf } from "./storage_job.ts";
import { catalogStreams, streamType } from "../../storage/volume/mod.ts";

/** Whether records of this stream go to the director (storage-daemon.md 4.6). */
export function isForDirector(stream: number): boolean {
  return catalogStreams.has(streamType(stream));
}

/** Who is named to the director. */
export interface Speaker {
  /** How. */
  readonly spokenOf: SpokenOf;
}

/**
 * Attribute records on their way to the director, as `UpdCat` frames ready to be sent.
 *
 * The records of a file are held back until the block with the file's last data is on the volume,
 * so that the catalog never knows of data that is not there.
 */
export class AttributeQueue {
  readonly #job: Speaker;
  readonly #sessionId: number;
  readonly #sessionTime: number;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(16 << 10);
  #length = 0;
  /** FileIndex of the newest records and where they begin. */
  #current = 0;
  #currentStart = 0;

  /** A queue for that job and session. */
  constructor(job: Speaker, sessionId: number, sessionTime: number) {
    this.#job = job;
    this.#sessionId = sessionId;
    this.#sessionTime = sessionTime;
  }

  /** Bytes waiting. */
  get length(): number {
    return this.#length;
  }

  /** Adds the record of a stream that {@linkcode isForDirector}. */
  add(fileIndex: number, stream: number, record: Uint8Array): void {
    if (fileIndex !== this.#current) {
      this.#current = fileIndex;
      this.#currentStart = this.#length;
    }
    const spoken = this.#job.spokenOf;
    const update = formatAttributeUpdate({
      job: spoken.job ?? spoken.jobId,
      volSessionId: this.#sessionId,
      volSessionTime: this.#sessionTime,
      fileIndex,
      stream,
      data: record,
    });
    this.#reserve(FRAME_HEADER + update.length);
    this.#length = frameInto(this.#bytes, this.#length, update);
  }

  /** Takes out the records of all files before `fileIndex`, whose data is on the volume. */
  takeBefore(fileIndex: number): Uint8Array {
    return this.#take(this.#current < fileIndex ? this.#length : this.#currentStart);
  }

  /** Takes out everything. */
  takeAll(): Uint8Array {
    return this.#take(this.#length);
  }

  #take(end: number): Uint8Array {
    const taken = this.#bytes.slice(0, end);
    this.#bytes.copyWithin(0, end, this.#length);
    this.#length -= end;
    this.#currentStart = Math.max(0, this.#currentStart - end);
    return taken;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
