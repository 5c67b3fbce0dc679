import { encodeBase64, encodeText } from "../../../bytes/mod.ts";
import { CipherError, createDigest, type Digest, type DigestName } from "../../../crypto/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import {
  type Attributes,
  decodeAttributes,
  FileType,
  isDirectoryType,
  Stream,
  streamType,
} from "../../../storage/volume/mod.ts";
import { decodeAclText, forkPath, writeFinderInfo } from "../attributes/mod.ts";
import { equalBytes, type Notice } from "../fileset/mod.ts";
import {
  type Descriptor,
  isSystemError,
  type Platform,
  reasonOf,
  StoppedError,
} from "../platform/mod.ts";
import type { PluginSinks } from "../plugins/mod.ts";
import { BackupReadParser } from "./backup_read.ts";
import { FileCreator, type ReplacePolicy } from "./create_file.ts";
import { type DataStream, dataStreams, encryptedStreams, splitOffset } from "./data_streams.ts";
import { DecryptedStream } from "./decrypted_stream.ts";
import { Decryption, type RestoreKeys, signatureFault } from "./decryption.ts";
import type { Destination } from "./destination.ts";
import { FileWriter } from "./file_writer.ts";
import { ParentDirectories } from "./parent_directories.ts";
import { PlainMemory } from "./plain_memory.ts";
import { PluginTarget, type ProgramSink } from "./plugin_target.ts";
import type { CurrentFile } from "./restored_file.ts";
import { setAttributes } from "./set_attributes.ts";
import { SkippedStreams } from "./skipped_streams.ts";

/** A record as a restore sees it; its data is used before `accept` returns. */
export interface RestoreRecord {
  /** Number of the file within its job. */
  readonly fileIndex: number;
  /** Its stream, flags or not. */
  readonly stream: number;
  /** Its data. */
  readonly data: Uint8Array;
}

/** A file that is done, for who prints or counts. */
export interface RestoredFile {
  /** Its record on the volume. */
  readonly attributes: Attributes;
  /** Its name now; directories end in a slash. */
  readonly target: string;
  /** Its link target now. */
  readonly link: string;
}

/** What a restore works with. */
export interface RestoreOptions {
  /** The system, of this thread. */
  readonly platform: Platform;
  /** New names. */
  readonly destination: Destination;
  /** What happens to what is there. */
  readonly replace: ReplacePolicy;
  /** Takes job messages; ERROR and NOTSAVED ones count as errors. */
  report(notice: Notice): void;
  /** Told of each file that counts as restored, when it is complete. */
  onRestored?(file: RestoredFile): void;
  /** Erases a regular file that is replaced, before its name is removed; says what went wrong. */
  erase?(path: string): string | undefined;
  /** Keys for encrypted and signed files; none if absent. */
  readonly keys?: RestoreKeys | undefined;
  /** Whether digests on the volume are compared; they are if absent. */
  readonly verifiesDigests?: boolean;
  /** Begins the digest of a file that had so many bytes; in the same thread if absent. */
  createDigest?(name: DigestName, size: number): Digest;
  /** Programs that take plugins' files; without, those become ordinary files. */
  readonly plugins?: PluginSinks | undefined;
  /** Where decrypted data is put; in memory of its own if absent. */
  readonly plainMemory?: PlainMemory | undefined;
}

/** Counters of a restore (director-client.md 10). */
export interface RestoreCounters {
  /** Files restored or skipped because of what is there. */
  files: number;
  /** Bytes received in data streams. */
  bytesRead: number;
  /** Bytes written. */
  bytesWritten: number;
  /** Error messages. */
  errors: number;
}

/** Digests by stream. */
const digestStreams: ReadonlyMap<number, DigestName> = new Map([
  [Stream.md5Digest, "MD5"],
  [Stream.sha1Digest, "SHA1"],
  [Stream.sha256Digest, "SHA256"],
  [Stream.sha512Digest, "SHA512"],
  [Stream.xxh128Digest, "XXH128"],
]);

/** What only macOS has. */
const forkStreams: ReadonlySet<number> = new Set([
  Stream.macosForkData,
  Stream.encryptedMacosForkData,
  Stream.hfsplusAttributes,
]);

/**
 * Recreates files from their records, in the order of the volume (director-client.md 25). Memory
 * does not grow with files. A file that cannot be restored is reported, and the next one follows.
 * For one thread; {@linkcode finish} must be called at the end, whatever happens.
 */
export class RestoreTarget {
  /** So far. */
  readonly counters: RestoreCounters = { files: 0, bytesRead: 0, bytesWritten: 0, errors: 0 };
  readonly #options: RestoreOptions;
  readonly #platform: Platform;
  readonly #parents: ParentDirectories;
  readonly #linkParents: ParentDirectories;
  readonly #creator: FileCreator;
  readonly #skipped: SkippedStreams;
  readonly #decryption: Decryption;
  readonly #plainMemory: PlainMemory;
  readonly #plugins: PluginTarget;
  #current: CurrentFile | undefined;
  #fileIndex = 0;
  /** Stream of the last record, 0 if data may not follow it. */
  #lastStream = 0;
  /** The digest that files of this job seem to have; at first, what most installations use. */
  #likelyDigests: readonly DigestName[] = ["MD5", "XXH128"];
  /** Whether a digest came with the current file. */
  #hasDigest = false;

  /** Nothing is made yet. */
  constructor(options: RestoreOptions) {
    this.#options = options;
    this.#platform = options.platform;
    const { root } = options.destination;
    const rootBytes = root === undefined ? undefined : encodeText(root);
    this.#parents = new ParentDirectories(options.platform, rootBytes, true);
    this.#linkParents = new ParentDirectories(options.platform, rootBytes, false);
    this.#creator = new FileCreator(
      options.platform,
      options.replace,
      this.#parents,
      this.#linkParents,
      options.erase,
    );
    this.#decryption = new Decryption(options.keys ?? { opening: [] });
    this.#plainMemory = options.plainMemory ?? new PlainMemory();
    this.#plugins = new PluginTarget(options.plugins, options.report);
    this.#skipped = new SkippedStreams((text) => this.#say(JobMessageType.WARNING, text));
  }

  /** Takes the next record. */
  accept({ fileIndex, stream, data }: RestoreRecord): void {
    const type = streamType(stream);
    if (type === Stream.unixAttributes || type === Stream.unixAttributesEx) {
      this.#end();
      this.#fileIndex = fileIndex;
      this.#lastStream = type;
      return this.#begin(data);
    }
    if (type === Stream.pluginName) {
      this.#end();
      this.#fileIndex = fileIndex;
      this.#lastStream = 0;
      return this.#plugins.take(fileIndex, data);
    }
    if (type === Stream.restoreObject) {
      // The director has sent it before; it is a file of its own here (volume.md 7.4).
      this.#end();
      this.#fileIndex = fileIndex;
      this.#lastStream = 0;
      return;
    }
    if (fileIndex !== this.#fileIndex) {
      this.#end();
      return this.#error(
        `Expected to write data to stream ${type} of file ${fileIndex}, but this file was never ` +
          `created. Current file is: ${this.#fileIndex}.\n`,
      );
    }
    this.#other(type, data);
    this.#lastStream = type;
  }

  /** Ends the last file, closes everything and says what was ignored. */
  finish(): void {
    this.#end();
    this.#parents.close();
    this.#linkParents.close();
    this.#skipped.summarize((text) => this.#say(JobMessageType.INFO, text));
  }

  /** Bytes written, those of the file at work included. */
  get bytesWritten(): number {
    return this.counters.bytesWritten + (this.#current?.writer?.written ?? 0);
  }

  /** Closes everything when the job is canceled; the file at work stays as far as it is. */
  abandon(): void {
    const file = this.#current;
    const writer = file?.writer;
    if (file !== undefined) this.#closeFork(file);
    this.#current = undefined;
    if (writer !== undefined) {
      this.counters.bytesWritten += writer.written;
      file?.sink?.program.kill();
      try {
        if (file?.sink === undefined) this.#platform.close(writer.descriptor);
      } catch (error) {
        if (!isSystemError(error)) throw error; // what is canceled need not be whole
      }
    }
    this.#parents.close();
    this.#linkParents.close();
  }

  /** The beginning of a file: its attributes. */
  #begin(data: Uint8Array): void {
    let attributes: Attributes;
    try {
      attributes = decodeAttributes(data);
    } catch (error) {
      return this.#error(`${reasonOf(error)}\n`);
    }
    const { name, type } = attributes;
    if (type === FileType.deleted) {
      return this.#say(
        JobMessageType.INFO,
        `Original file ${name} have been deleted: type=${type}\n`,
      );
    }
    if (type === FileType.base) {
      return this.#say(
        JobMessageType.INFO,
        `Not restored: ${name}. It is as a base job has it, which is to be restored with this one\n`,
      );
    }
    const { deltaSequence } = attributes;
    if (deltaSequence > 0) {
      return this.#error(
        `Cannot restore ${name}: it is number ${deltaSequence} of a chain of deltas, which only its ` +
          "plugin can put together\n",
      );
    }
    if (isNotSaved(type)) return this.#error(`Original file ${name} not saved: type=${type}\n`);
    this.#create(attributes);
  }

  #create(attributes: Attributes): void {
    const { destination } = this.#options;
    const { name, type } = attributes;
    const rewritten = destination.rewrite(name);
    const target = isDirectoryType(type) ? rewritten.replace(/(?<=.)\/+$/s, "") : rewritten;
    const link = type === FileType.symbolicLink
      ? destination.rewriteSymbolicLink(attributes.link)
      : type === FileType.hardLink
      ? destination.rewriteHardLink(attributes.link)
      : "";
    const path = encodeText(target);
    const sink = this.#plugins.open(this.#fileIndex, attributes);
    if (sink !== undefined) {
      if ("failure" in sink) return this.#error(sink.failure);
      return this.#receive({ attributes, target, path, sink });
    }
    let location: CurrentFile["location"];
    try {
      location = this.#parents.locate(path);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const what = isDirectoryType(type) ? "Cannot create directory" : "Could not create";
      return this.#error(`${what} ${target}: ERR=${error.reason}\n`);
    }
    const isOriginalPlace = rewritten === name;
    const created = this.#creator.create({ attributes, target, link, location, isOriginalPlace });
    if (created.outcome === "failed") return this.#error(created.message);
    if (created.outcome === "skipped") {
      if (created.message !== undefined) this.#say(JobMessageType.INFO, created.message);
      this.counters.files += 1;
      return;
    }
    const { kind, open } = created;
    this.#hasDigest = false;
    this.#current = {
      ...{ attributes, target, path, link, location, kind, sink },
      writer: open === undefined ? undefined : new FileWriter(
        ...[this.#platform, open, kind === "regular", this.#newDigests(attributes)] as const,
      ),
      ...nothingYet(),
    };
  }

  /** A file whose contents a program takes. */
  #receive(
    { sink, ...names }: Pick<CurrentFile, "attributes" | "target" | "path"> & {
      readonly sink: ProgramSink;
    },
  ): void {
    const never = (): never => {
      throw new TypeError("A pipe takes bytes, and nothing else");
    };
    const write = (_pipe: Descriptor, bytes: Uint8Array): void => this.#plugins.write(sink, bytes);
    const { descriptor } = sink.program;
    const digests = this.#newDigests(names.attributes);
    this.#hasDigest = false;
    this.#current = {
      ...{ ...names, sink, link: "", location: { at: undefined, name: names.path } },
      kind: "program",
      writer: new FileWriter({ write, truncate: never, read: never }, descriptor, false, digests),
      ...nothingYet(),
    };
  }

  /** The digests that are likely to be asked for. */
  #newDigests({ stat }: Attributes): Map<DigestName, Digest> {
    const likely = new Set(this.#options.verifiesDigests === false ? [] : this.#likelyDigests);
    if (this.#options.keys?.signers !== undefined) likely.add("SHA256");
    const makeDigest = this.#options.createDigest ?? createDigest;
    return new Map([...likely].map((name) => [name, makeDigest(name, stat.size)]));
  }

  /** A record that belongs to the file whose attributes came last. */
  #other(type: number, data: Uint8Array): void {
    const stream = dataStreams.get(type) ?? encryptedStreams.get(type);
    if (stream !== undefined) return this.#data(type, stream, data);
    if (type !== this.#lastStream) this.#endOfData();
    if (this.#platform.forkSuffix !== undefined && forkStreams.has(type)) {
      return this.#forkData(type, data);
    }
    if (type === Stream.encryptedSessionData) return this.#openSession(data);
    const digestName = digestStreams.get(type);
    if (digestName !== undefined) return this.#compareDigest(digestName, data);
    if (type === Stream.signedDigest) return this.#compareSignature(data);
    const { access, default: defaults } = this.#platform.aclStreams;
    const file = this.#current;
    if (type === access || type === Stream.unixAccessAcl) {
      file?.acls.push({ kind: "access", text: decodeAclText(data) });
    } else if (type === defaults || type === Stream.unixDefaultAcl) {
      file?.acls.push({ kind: "default", text: decodeAclText(data) });
    } else if (type === this.#platform.attributeStream) {
      file?.extendedAttributes.push(data.slice());
    } else this.#skipped.skip(type, file?.target ?? "");
  }

  #data(type: number, stream: DataStream, record: Uint8Array): void {
    this.counters.bytesRead += record.length;
    const isExpected = this.#lastStream === type || this.#lastStream === Stream.unixAttributes ||
      this.#lastStream === Stream.unixAttributesEx ||
      this.#lastStream === Stream.encryptedSessionData;
    const file = this.#current;
    if (file?.writer === undefined || file.hasFailed || !isExpected) return;
    try {
      if (encryptedStreams.has(type)) this.#encryptedData(file, stream, record);
      else this.#chunk(file, file.writer, stream, record);
    } catch (error) {
      this.#failData(file, error);
    }
  }

  /** A record of a resource fork, or the Finder info, on a system that has them (volume.md 15.3). */
  #forkData(type: number, record: Uint8Array): void {
    const file = this.#current;
    if (file?.writer === undefined || file.hasFailed || file.kind !== "regular") return;
    if (type === Stream.hfsplusAttributes) {
      file.finderInfo = record.slice();
      return;
    }
    this.counters.bytesRead += record.length;
    const write = (chunk: Uint8Array): void => {
      const { name, at } = file.location;
      const path = forkPath(name, this.#platform);
      if (path === undefined) return;
      file.fork ??= this.#platform.open(path, { access: "write", create: true }, at);
      this.#platform.write(file.fork, chunk);
      this.counters.bytesWritten += chunk.length;
    };
    try {
      if (type === Stream.macosForkData) return write(record);
      if (file.decrypted === undefined) {
        const cipher = file.hasSession ? this.#decryption.begin() : undefined;
        if (cipher === undefined) {
          return this.#giveUp(`Missing encryption session data stream for ${file.target}`);
        }
        file.decrypted = new DecryptedStream(cipher, this.#plainMemory, write);
      }
      file.decrypted.push(record);
    } catch (error) {
      this.#failData(file, error);
    }
  }

  /** Closes the fork of a file that is done or given up. */
  #closeFork(file: CurrentFile): void {
    if (file.fork === undefined) return;
    try {
      this.#platform.close(file.fork);
    } catch (error) {
      this.#failWriting(file, error);
    }
    file.fork = undefined;
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
        return this.#giveUp(`Missing encryption session data stream for ${file.target}`);
      }
      const cipher = this.#decryption.begin();
      if (cipher === undefined) {
        return this.#giveUp(`Failed to initialize decryption context for ${file.target}`);
      }
      const { writer } = file;
      file.decrypted = new DecryptedStream(cipher, this.#plainMemory, (chunk) => {
        if (writer !== undefined) this.#chunk(file, writer, stream, chunk);
      });
    }
    file.decrypted.push(record);
  }

  /** What is left of a file's data, when something else comes. */
  #endOfData(): void {
    const file = this.#current;
    if (file?.decrypted === undefined) return;
    const { decrypted } = file;
    file.decrypted = undefined;
    if (file.hasFailed) return;
    try {
      decrypted.finish();
    } catch (error) {
      this.#failData(file, error);
    }
  }

  #failData(file: CurrentFile, error: unknown): void {
    if (error instanceof StoppedError) throw error; // the job is over
    file.hasFailed = true;
    const { target } = file;
    this.#error(
      isSystemError(error) && file.sink !== undefined
        ? `bpipe-fd: Pipe write error of ${target}: ERR=${error.reason}\n`
        : isSystemError(error)
        ? `Write error on file ${target}: ERR=${error.reason}\n`
        : error instanceof CipherError
        ? `Decryption error on file ${target}: ERR=${error.message}\n`
        : `${target}: ${reasonOf(error)}\n`,
    );
  }

  /** The key for the data that follows. */
  #openSession(record: Uint8Array): void {
    const file = this.#current;
    if (file?.writer === undefined || file.hasFailed) return;
    if (file.hasSession) return this.#giveUp("Unexpected cryptographic session data stream.");
    file.hasSession = true;
    const failure = this.#decryption.open(record);
    if (failure !== undefined) this.#giveUp(failure);
  }

  #compareSignature(record: Uint8Array): void {
    const file = this.#current;
    const signers = this.#options.keys?.signers;
    if (signers === undefined || file?.writer === undefined || file.hasFailed) return;
    file.isSigned = true;
    const { writer } = file;
    try {
      const fault = signatureFault(record, signers, (name) => writer.digest(name));
      if (fault === undefined) return;
      this.#error(`Signature validation failed for file ${file.target}: ERR=${fault}\n`);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#error(`Read error on file ${file.target}. ERR=${error.reason}\n`);
    }
    file.hasFailed = true;
  }

  #compareDigest(name: DigestName, expected: Uint8Array): void {
    if (this.#options.verifiesDigests === false) return;
    this.#likelyDigests = [name];
    this.#hasDigest = true;
    const file = this.#current;
    if (file?.writer === undefined || file.hasFailed || file.backupRead !== undefined) return;
    try {
      const found = file.writer.digest(name);
      if (found === undefined || equalBytes(found, expected)) return;
      this.#error(
        `${name} digest of restored file ${file.target} not correct. Original ` +
          `${encodeBase64(expected, "standard")}, restored ${encodeBase64(found, "standard")}.\n`,
      );
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#error(`Read error on file ${file.target}. ERR=${error.reason}\n`);
    }
    file.hasFailed = true;
  }

  /** The data cannot be decrypted: the file is not extracted. */
  #giveUp(why: string): void {
    const file = this.#current;
    if (file === undefined || file.hasFailed) return;
    this.#error(`${why}\n`);
    this.#current = undefined;
    this.#closeFork(file);
    if (file.writer === undefined) return;
    if (file.sink !== undefined) return file.sink.program.kill();
    this.#platform.close(file.writer.descriptor);
    if (file.kind !== "regular") return;
    try {
      this.#platform.remove(file.location.name, file.location.at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#error(`Cannot remove ${file.target}: ERR=${error.reason}\n`);
    }
  }

  /** The end of a file: its attributes are set and it counts. */
  #end(): void {
    this.#endOfData();
    const file = this.#current;
    if (file === undefined) return;
    this.#current = undefined;
    const { attributes, writer, kind } = file;
    const wantsSignature = this.#options.keys?.signers !== undefined && kind === "regular";
    if (wantsSignature && writer !== undefined && !file.isSigned && !file.hasFailed) {
      file.hasFailed = true;
      this.#error(`Missing cryptographic signature for ${file.target}\n`);
    }
    if (writer !== undefined && !this.#hasDigest) this.#likelyDigests = [];
    const original = attributes.stat.size;
    this.#closeFork(file);
    try {
      if (writer !== undefined && kind === "regular" && !file.hasFailed) {
        if (file.isSparse) writer.extend(original);
        // Without a byte and without the digest that ends a file, its data is missing: the job was cut off.
        const isKnown = writer.size > 0 || (!this.#hasDigest && !file.isSigned);
        if (original > 0 && isKnown && original !== writer.size) {
          this.#error(
            `File size of restored file ${file.target} not correct. Original ${original}, ` +
              `restored ${writer.size}.\n`,
          );
        }
      }
      const { location, finderInfo } = file;
      if (finderInfo !== undefined) {
        writeFinderInfo(this.#platform, location.name, finderInfo, location.at);
      }
      // Another name has what the first one has; a node that takes data stays as it is.
      const isMade = kind !== "hardLink" && kind !== "stream" && kind !== "program";
      if (isMade) this.#setAttributes(file);
    } catch (error) {
      this.#failWriting(file, error);
    }
    if (writer !== undefined) {
      this.counters.bytesWritten += writer.written;
      if (file.sink !== undefined) this.#endProgram(file, file.sink);
      try {
        if (file.sink === undefined) this.#platform.close(writer.descriptor);
      } catch (error) {
        this.#failWriting(file, error);
      }
    }
    if (file.hasFailed) return;
    this.counters.files += 1;
    const target = kind === "directory" ? `${file.target}/` : file.target;
    this.#options.onRestored?.({ attributes, target, link: file.link });
  }

  /** Waits for the program that has taken a file's contents. */
  #endProgram(file: CurrentFile, sink: ProgramSink): void {
    try {
      const fault = this.#plugins.finish(sink);
      if (fault === undefined) return;
      file.hasFailed = true;
      this.#error(fault);
    } catch (error) {
      sink.program.kill(); // the job is over
      throw error;
    }
  }

  #failWriting(file: CurrentFile, error: unknown): void {
    if (!isSystemError(error)) throw error;
    file.hasFailed = true;
    this.#error(`Write error on file ${file.target}: ERR=${error.reason}\n`);
  }

  #setAttributes(file: CurrentFile): void {
    setAttributes(this.#platform, this.#parents, file, (kind, message) => {
      const isList = kind === "acl" || kind === "xattr";
      if (isList || this.#platform.isRoot) this.#say(JobMessageType.WARNING, message);
    });
  }

  #error(text: string): void {
    this.counters.errors += 1;
    this.#say(JobMessageType.ERROR, text);
  }

  #say(type: JobMessageType, text: string): void {
    this.#options.report({ type, text });
  }
}

/** What a file begins with. */
function nothingYet() {
  return {
    ...{ backupRead: undefined, hasSession: false, decrypted: undefined, isSigned: false },
    ...{ isSparse: false, hasFailed: false, fork: undefined, finderInfo: undefined },
    acls: [],
    extendedAttributes: [],
  };
}

/** Types of files that a backup could not read (director-client.md 25.3). */
function isNotSaved(type: number): boolean {
  return type >= FileType.noAccess && type <= FileType.noOpen &&
    type !== FileType.noRecursion && type !== FileType.otherFileSystem;
}
