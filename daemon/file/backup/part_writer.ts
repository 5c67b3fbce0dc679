/** Frames of a unit of work, written into shared buffers and announced part by part. @module */
import { decodeText, encodeText } from "../../../bytes/mod.ts";
import type { JobMessageType } from "../../../protocol/mod.ts";
import {
  FRAME_HEADER,
  frameInto,
  headerInto,
  MAX_FRAME_SENT,
  Signal,
} from "../../../protocol/mod.ts";
import type { DigestPlace, OutputPart, PartFigures, ThreadMessage } from "./messages.ts";
import type { SharedArea } from "./shared_area.ts";

/** The job was canceled while a thread waited. */
export class CanceledError extends Error {
  override readonly name = "CanceledError";
}

/** What a {@linkcode PartWriter} works with. */
export interface PartWriterOptions {
  readonly area: SharedArea;
  /** Announces a part to the main thread. */
  announce(part: OutputPart): void;
}

/**
 * Work in steps, so that a thread can go on with something else between two of them: `goes` if it can
 * be continued at once, `waits` if first something must change that rings the bell, `polls` if nothing
 * will ring.
 */
export type Step = "goes" | "waits" | "polls";

/** See {@linkcode Step}. Ended early by `return`, it gives back what it holds. */
export type Steps<T = void> = Generator<Step, T, undefined>;

/** Room for the headers around a record. */
const around = 128;

/**
 * Writes frames one behind the other. A full buffer is announced and the next one taken, for which
 * the thread may have to wait: so it is never more than a few buffers ahead of the network. Room is
 * made beforehand: {@linkcode makeRoom}.
 */
export class PartWriter {
  readonly #options: PartWriterOptions;
  readonly #empty = new Uint8Array(0);
  #unit = 0;
  #part = 0;
  #slot = -1;
  #buffer: Uint8Array = this.#empty;
  #length = 0;
  /** Bytes after which the buffer is announced. */
  #full = 0;
  #figures: PartFigures = noFigures();
  #messages: ThreadMessage[] = [];
  #digests: DigestPlace[] = [];
  /** Name of the file at work, while its unit is. */
  pathBytes: Uint8Array = this.#empty;

  /** A writer without a unit. */
  constructor(options: PartWriterOptions) {
    this.#options = options;
  }

  /** What the part at work adds to the job's figures. */
  get figures(): PartFigures {
    return this.#figures;
  }

  /** Name of the file at work, byte preserving. */
  get path(): string {
    return decodeText(this.pathBytes);
  }

  /** The unit at work. */
  get unit(): number {
    return this.#unit;
  }

  /** Begins a unit. */
  begin(unit: number): void {
    this.#unit = unit;
    this.#part = 0;
    this.pathBytes = this.#empty;
  }

  /** Says something in the job log, at its place among the files. */
  report(type: JobMessageType, text: string): void {
    this.#messages.push([type, text]);
  }

  /** Whether there is room for a record of so many bytes, with all that belongs to it. */
  fits(length: number): boolean {
    return this.#length + length + around <= this.#buffer.length;
  }

  /** Whether nothing has been written since the last part was announced. */
  get isFresh(): boolean {
    return this.#slot < 0;
  }

  /** Makes room where a record of so many bytes does not fit. */
  *makeRoom(length: number): Steps {
    this.flush();
    const { area } = this.#options;
    while (this.#slot < 0) {
      const slot = area.takeBuffer(this.#unit);
      if (slot === undefined) yield "waits";
      else {
        this.#slot = slot;
        this.#buffer = area.buffer(slot);
        this.#full = area.fullLength(slot);
      }
    }
    if (!this.fits(length)) {
      throw new RangeError(`Cannot write ${length} bytes at once: a buffer is smaller`);
    }
  }

  /** Says what went wrong with a file, and counts it. */
  fail(type: JobMessageType, text: string): void {
    this.#figures.errors++;
    this.report(type, text);
  }

  /** Writes a message. */
  message(payload: Uint8Array): void {
    if (payload.length > MAX_FRAME_SENT) {
      throw new RangeError(`Cannot send a record of ${payload.length} bytes: it is too long`);
    }
    this.#length = frameInto(this.#buffer, this.#length, payload);
  }

  /** Writes the header of a stream of a file. */
  header(fileIndex: number, stream: number): void {
    this.message(encodeText(`${fileIndex} ${stream} 0`));
  }

  /** Writes the end of a stream. */
  endOfData(): void {
    this.#length = headerInto(this.#buffer, this.#length, Signal.EOD);
  }

  /** Writes a stream of one record. */
  record(fileIndex: number, stream: number, payload: Uint8Array): void {
    this.header(fileIndex, stream);
    this.message(payload);
    this.endOfData();
  }

  /** The same, with room made for it. */
  *put(fileIndex: number, stream: number, payload: Uint8Array): Steps {
    if (!this.fits(payload.length)) yield* this.makeRoom(payload.length);
    this.record(fileIndex, stream, payload);
  }

  /**
   * Writes the digest of a file with several names, or room for it where another name repeats it: the
   * main thread, which sees all parts in order, puts it in.
   */
  sharedDigest(
    fileIndex: number,
    stream: number,
    digest: Uint8Array,
    { firstIndex, isOwn }: { readonly firstIndex: number; readonly isOwn: boolean },
  ): void {
    const start = this.#length;
    this.header(fileIndex, stream);
    const at = this.#length + FRAME_HEADER;
    this.message(digest);
    this.endOfData();
    this.#digests.push({ firstIndex, isOwn, start, at, end: this.#length });
  }

  /** A place for the payload of the next message; {@linkcode commit} makes it one. */
  reserve(most: number): Uint8Array {
    if (!this.fits(most)) throw new RangeError(`No room was made for ${most} bytes`);
    const start = this.#length + FRAME_HEADER;
    return this.#buffer.subarray(start, start + most);
  }

  /** Makes the first `length` bytes of the reserved place a message. */
  commit(length: number): void {
    headerInto(this.#buffer, this.#length, length);
    this.#length += FRAME_HEADER + length;
    if (this.#length >= this.#full) this.flush();
  }

  /** The same with bytes that count as the job's. */
  commitContent(length: number): void {
    this.#figures.bytes += length;
    this.commit(length);
  }

  /** Announces what was written so far. */
  flush(): void {
    if (this.#length > 0) this.#announce(false, 0);
  }

  /** Leaves a number in the order of parts to another thread; announces what was written so far. */
  skipPart(): number {
    this.flush();
    return this.#part++;
  }

  /** Announces the end of the unit. */
  end(examined: number): void {
    this.#announce(true, examined);
  }

  /** Gives back what is held, after a failure. */
  drop(): void {
    if (this.#slot >= 0) this.#options.area.freeBuffer(this.#slot);
    this.#forget();
    this.#figures = noFigures();
    this.#messages = [];
  }

  #announce(isLast: boolean, examined: number): void {
    if (this.#slot >= 0 && this.#length === 0) {
      this.#options.area.freeBuffer(this.#slot);
      this.#slot = -1;
    }
    this.#options.announce({
      kind: "part",
      unit: this.#unit,
      part: this.#part++,
      isLast,
      buffer: this.#slot,
      length: this.#length,
      figures: this.#figures,
      examined,
      path: this.path,
      messages: this.#messages,
      digests: this.#digests,
    });
    this.#figures = noFigures();
    this.#messages = [];
    this.#forget();
  }

  #forget(): void {
    this.#slot = -1;
    this.#buffer = this.#empty;
    this.#length = 0;
    this.#digests = [];
  }
}

/** Figures of nothing. */
export function noFigures(): PartFigures {
  return { files: 0, bytes: 0, readBytes: 0, errors: 0, aclErrors: 0, attributeErrors: 0 };
}
