import { messageOf } from "../../bytes/mod.ts";
import type { SealedBlock } from "./appender.ts";
import { SpoolError } from "./attribute_spool.ts";

/** First and last FileIndex, length: before each block, in the byte order of the machine (9.1). */
const HEADER = 12;

const ownOrder = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * A job's blocks in a file until they are written on a volume in one piece (storage-daemon.md 9.1). The
 * file exists from the first block on.
 */
export class DataSpool {
  readonly #path: string;
  readonly #header = new DataView(new ArrayBuffer(HEADER));
  #file: Deno.FsFile | undefined;
  #size = 0;

  /** A spool that writes to `path`. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** How much larger the file gets by a block. */
  static lengthOf(block: SealedBlock): number {
    return HEADER + block.bytes.length;
  }

  /** Appends a block. @throws {SpoolError}; the file is as it was before */
  append(block: SealedBlock): void {
    try {
      this.#file ??= Deno.openSync(this.#path, {
        read: true,
        write: true,
        create: true,
        truncate: true,
        mode: 0o640,
      });
      this.#header.setInt32(0, block.firstIndex, ownOrder);
      this.#header.setInt32(4, block.lastIndex, ownOrder);
      this.#header.setUint32(8, block.bytes.length, ownOrder);
      this.#file.seekSync(this.#size, Deno.SeekMode.Start);
      writeAll(this.#file, new Uint8Array(this.#header.buffer));
      writeAll(this.#file, block.bytes);
    } catch (cause) {
      const why = messageOf(cause);
      throw new SpoolError(`Error writing data to spool file. ERR=${why}\n`, { cause });
    }
    this.#size += DataSpool.lengthOf(block);
  }

  /** The blocks in their order; each is valid until the next is asked for. @throws {SpoolError} */
  *blocks(): Generator<SealedBlock> {
    const file = this.#file;
    if (file === undefined) return;
    let buffer = new Uint8Array(1 << 20);
    for (let at = 0; at < this.#size;) {
      file.seekSync(at, Deno.SeekMode.Start);
      readAll(file, new Uint8Array(this.#header.buffer), this.#path);
      const length = this.#header.getUint32(8, ownOrder);
      if (length > this.#size - at - HEADER) {
        throw new SpoolError(`Cannot read spool file ${this.#path}: it is damaged at ${at}`);
      }
      if (length > buffer.length) buffer = new Uint8Array(length);
      const bytes = buffer.subarray(0, length);
      readAll(file, bytes, this.#path);
      yield {
        firstIndex: this.#header.getInt32(0, ownOrder),
        lastIndex: this.#header.getInt32(4, ownOrder),
        bytes,
      };
      at += HEADER + length;
    }
  }

  /** Empties the file. */
  clear(): void {
    this.#file?.truncateSync(0);
    this.#size = 0;
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

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

function readAll(file: Deno.FsFile, into: Uint8Array, path: string): void {
  for (let at = 0; at < into.length;) {
    const read = file.readSync(into.subarray(at));
    if (read === null) throw new SpoolError(`Cannot read spool file ${path}: it ends too early`);
    at += read;
  }
}
