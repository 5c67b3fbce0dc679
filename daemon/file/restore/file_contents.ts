import { CipherError } from "../../../crypto/mod.ts";
import { Stream } from "../../../storage/volume/mod.ts";
import { forkPath } from "../attributes/mod.ts";
import { isSystemError, type Platform, reasonOf, StoppedError } from "../platform/mod.ts";
import { BackupReadParser } from "./backup_read.ts";
import { type DataStream, dataStreams, encryptedStreams, splitOffset } from "./data_streams.ts";
import { DecryptedStream } from "./decrypted_stream.ts";
import { Decryption, type RestoreKeys } from "./decryption.ts";
import type { FileWriter } from "./file_writer.ts";
import { PlainMemory } from "./plain_memory.ts";
import type { CurrentFile } from "./restored_file.ts";

/** What only macOS has. */
const forkStreams: ReadonlySet<number> = new Set([
  Stream.macosForkData,
  Stream.encryptedMacosForkData,
  Stream.hfsplusAttributes,
]);

/** What contents need. */
export interface ContentTools {
  readonly platform: Platform;
  readonly keys: RestoreKeys | undefined;
  /** Where decrypted data is put; in memory of its own if absent. */
  readonly plainMemory: PlainMemory | undefined;
  /** Takes what could not be written or decrypted. */
  readonly error: (text: string) => void;
  /** Told of bytes of a resource fork that were written. */
  readonly onForkWritten: (bytes: number) => void;
  /** The file cannot be decrypted: it is not extracted. */
  readonly giveUp: (why: string) => void;
}

/** Whether records of a type are contents of a file. */
export function isContents(type: number): boolean {
  return dataStreams.has(type) || encryptedStreams.has(type);
}

/** Contents and resource forks of files: decrypted, decompressed, written (volume.md 7.2, 9, 13.3, 15.3). */
export class FileContents {
  readonly #tools: ContentTools;
  readonly #decryption: Decryption;
  readonly #plainMemory: PlainMemory;

  /** For the files of one restore. */
  constructor(tools: ContentTools) {
    this.#tools = tools;
    this.#decryption = new Decryption(tools.keys ?? { opening: [] });
    this.#plainMemory = tools.plainMemory ?? new PlainMemory();
  }

  /** Takes a record of contents. */
  data(type: number, record: Uint8Array, file: CurrentFile): void {
    const encrypted = encryptedStreams.get(type);
    const stream = dataStreams.get(type) ?? encrypted;
    if (file.writer === undefined || file.hasFailed || stream === undefined) return;
    try {
      if (encrypted === undefined) this.#chunk(file, file.writer, stream, record);
      else this.#encryptedData(file, stream, record);
    } catch (error) {
      this.fail(file, error);
    }
  }

  /** Whether a record is a fork, or the Finder info, on a system that has them (volume.md 15.3). */
  isFork(type: number): boolean {
    return this.#tools.platform.forkSuffix !== undefined && forkStreams.has(type);
  }

  /** Takes a record for which {@linkcode isFork} holds; how many bytes count as read. */
  fork(type: number, record: Uint8Array, file: CurrentFile | undefined): number {
    if (file?.writer === undefined || file.hasFailed || file.kind !== "regular") return 0;
    if (type === Stream.hfsplusAttributes) {
      file.finderInfo = record.slice();
      return 0;
    }
    const { platform } = this.#tools;
    const write = (chunk: Uint8Array): void => {
      const { name, at } = file.location;
      const path = forkPath(name, platform);
      if (path === undefined) return;
      file.fork ??= platform.open(path, { access: "write", create: true }, at);
      platform.write(file.fork, chunk);
      this.#tools.onForkWritten(chunk.length);
    };
    try {
      if (type === Stream.macosForkData) write(record);
      else this.#encryptedFork(file, record, write);
    } catch (error) {
      this.fail(file, error);
    }
    return record.length;
  }

  /** Closes the fork of a file that is done or given up. */
  closeFork(file: CurrentFile): void {
    const { fork } = file;
    file.fork = undefined;
    if (fork === undefined) return;
    try {
      this.#tools.platform.close(fork);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.fail(file, error);
    }
  }

  /** The key for the data that follows. */
  openSession(record: Uint8Array, file: CurrentFile | undefined): void {
    if (file?.writer === undefined || file.hasFailed) return;
    if (file.hasSession) {
      return this.#tools.giveUp("Unexpected cryptographic session data stream.");
    }
    file.hasSession = true;
    const failure = this.#decryption.open(record);
    if (failure !== undefined) this.#tools.giveUp(failure);
  }

  /** What is left of a file's data, when something else comes. */
  end(file: CurrentFile | undefined): void {
    if (file?.decrypted === undefined) return;
    const { decrypted } = file;
    file.decrypted = undefined;
    if (file.hasFailed) return;
    try {
      decrypted.finish();
    } catch (error) {
      this.fail(file, error);
    }
  }

  /** Writes a chunk, once it is decrypted. */
  #chunk(file: CurrentFile, writer: FileWriter, stream: DataStream, chunk: Uint8Array): void {
    const split = stream.hasOffset ? splitOffset(chunk) : { offset: undefined, data: chunk };
    const data = stream.decompress?.(split.data) ?? split.data;
    if (stream.isBackupRead) {
      file.backupRead ??= new BackupReadParser();
      file.backupRead.push(data, (bytes) => writer.write(bytes));
    } else writer.write(data, split.offset);
    if (stream.hasOffset) file.isSparse = true;
  }

  #encryptedData(file: CurrentFile, stream: DataStream, record: Uint8Array): void {
    if (file.decrypted === undefined) {
      if (!file.hasSession) {
        return this.#tools.giveUp(`Missing encryption session data stream for ${file.target}`);
      }
      const cipher = this.#decryption.begin();
      if (cipher === undefined) {
        return this.#tools.giveUp(`Failed to initialize decryption context for ${file.target}`);
      }
      const { writer } = file;
      file.decrypted = new DecryptedStream(cipher, this.#plainMemory, (chunk) => {
        if (writer !== undefined) this.#chunk(file, writer, stream, chunk);
      });
    }
    file.decrypted.push(record);
  }

  #encryptedFork(file: CurrentFile, record: Uint8Array, write: (chunk: Uint8Array) => void): void {
    if (file.decrypted === undefined) {
      const cipher = file.hasSession ? this.#decryption.begin() : undefined;
      if (cipher === undefined) {
        return this.#tools.giveUp(`Missing encryption session data stream for ${file.target}`);
      }
      file.decrypted = new DecryptedStream(cipher, this.#plainMemory, write);
    }
    file.decrypted.push(record);
  }

  /** Says why contents cannot be written. */
  fail(file: CurrentFile, error: unknown): void {
    if (error instanceof StoppedError) throw error; // the job is over
    file.hasFailed = true;
    const { target } = file;
    const place = ` (behind byte ${file.writer?.size ?? 0} of its contents)`;
    this.#tools.error(
      isSystemError(error) && file.sink !== undefined
        ? `bpipe-fd: Pipe write error of ${target}: ERR=${error.reason}\n`
        : isSystemError(error)
        ? `Write error on file ${target}: ERR=${error.reason}\n`
        : error instanceof CipherError
        ? `Decryption error on file ${target}: ERR=${error.message}${place}\n`
        : `${target}: ${reasonOf(error)}${place}\n`,
    );
  }
}
