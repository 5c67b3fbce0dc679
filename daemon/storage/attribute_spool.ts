/** How much of a spool file is sent in one piece. */
import { messageOf } from "../../bytes/mod.ts";
const CHUNK = 256 << 10;

/** Attribute spooling failed. */
export class SpoolError extends Error {
  override readonly name = "SpoolError";
}

/**
 * A job's attributes in a file until the job has ended (storage-daemon.md 9.2): the frames as they
 * go to the director, one after the other. The file exists from the first frame on.
 */
export class AttributeSpool {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  #size = 0;

  /** A spool that writes to `path`. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Where the frames are. */
  get path(): string {
    return this.#path;
  }

  /** Bytes spooled. */
  get size(): number {
    return this.#size;
  }

  /** Appends frames. @throws {SpoolError} */
  append(frames: Uint8Array): void {
    if (frames.length === 0) return;
    try {
      this.#file ??= Deno.openSync(this.#path, {
        read: true,
        write: true,
        create: true,
        truncate: true,
        mode: 0o640,
      });
      for (let at = 0; at < frames.length;) at += this.#file.writeSync(frames.subarray(at));
    } catch (cause) {
      throw new SpoolError(
        `Cannot write attribute spool file ${this.#path}: ${messageOf(cause)}`,
        { cause },
      );
    }
    this.#size += frames.length;
  }

  /** The spooled frames in pieces that need not end where a frame ends. @throws {SpoolError} */
  *read(): Generator<Uint8Array> {
    if (this.#file === undefined) return;
    this.#file.seekSync(0, Deno.SeekMode.Start);
    for (let left = this.#size; left > 0;) {
      const chunk = new Uint8Array(Math.min(CHUNK, left));
      const read = this.#file.readSync(chunk);
      if (read === null) {
        throw new SpoolError(
          `Cannot read attribute spool file ${this.#path}: ${left} bytes missing`,
        );
      }
      left -= read;
      yield chunk.subarray(0, read);
    }
  }

  /** Deletes the file. */
  discard(): void {
    if (this.#file === undefined) return;
    this.#file.close();
    this.#file = undefined;
    this.#size = 0;
    Deno.removeSync(this.#path);
  }
}
