import { encodeText } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import {
  type Attributes,
  decodeAttributes,
  FileType,
  isDirectoryType,
  Stream,
  streamType,
} from "../../../storage/volume/mod.ts";
import { decodeAclText } from "../attributes/mod.ts";
import type { Notice } from "../fileset/mod.ts";
import { isSystemError, type Platform, reasonOf } from "../platform/mod.ts";
import type { PluginSinks } from "../plugins/mod.ts";
import { type CheckOptions, ContentChecks } from "./content_checks.ts";
import { FileCreator, type ReplacePolicy } from "./create_file.ts";
import type { RestoreKeys } from "./decryption.ts";
import type { Destination } from "./destination.ts";
import { FileContents, isContents } from "./file_contents.ts";
import { FileEnd } from "./file_end.ts";
import { FileWriter } from "./file_writer.ts";
import { whyNotRestored } from "./not_restored.ts";
import { PluginTarget, ProgramOutput, type ProgramSink } from "./plugin_target.ts";
import { ParentDirectories } from "./parent_directories.ts";
import type { PlainMemory } from "./plain_memory.ts";
import type { CurrentFile, RestoredFile } from "./restored_file.ts";
import { type RestoreCounters, RestoreReports } from "./restore_reports.ts";
import type { SignatureBoard } from "./signature_board.ts";
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

/** What a restore works with. */
export interface RestoreOptions extends CheckOptions {
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
  /** Programs that take the contents of plugins' files, which become ordinary files if it is absent. */
  readonly plugins?: PluginSinks | undefined;
  /** Where decrypted data is put; in memory of its own if absent. */
  readonly plainMemory?: PlainMemory | undefined;
  /** Where signatures are put for who has time to check them; they are checked at once if absent. */
  readonly board?: SignatureBoard | undefined;
}

/** What comes before the first record of a file's own, or is its first. */
const startsFile: ReadonlySet<number> = new Set([
  Stream.unixAttributes,
  Stream.unixAttributesEx,
  Stream.pluginName,
  Stream.restoreObject,
]);

/**
 * Recreates files from their records, in the order of the volume (director-client.md 25). Memory
 * does not grow with files. A file that cannot be restored is reported, and the next one follows.
 * For one thread; {@linkcode finish} must be called at the end, whatever happens.
 */
export class RestoreTarget {
  /** So far. */
  readonly counters: RestoreCounters;
  readonly #options: RestoreOptions;
  readonly #platform: Platform;
  readonly #parents: ParentDirectories;
  readonly #linkParents: ParentDirectories;
  readonly #creator: FileCreator;
  readonly #skipped: SkippedStreams;
  readonly #checks: ContentChecks;
  readonly #contents: FileContents;
  readonly #plugins: PluginTarget;
  readonly #reports: RestoreReports;
  readonly #fileEnd: FileEnd;
  #current: CurrentFile | undefined;
  #fileIndex = 0;
  /** Stream of the last record, 0 if data may not follow it. */
  #lastStream = 0;
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
    const { board } = options;
    const reports = new RestoreReports(options.report, board);
    const error = (text: string): void => reports.error(text);
    this.#reports = reports;
    this.counters = reports.counters;
    this.#checks = new ContentChecks(options, reports);
    this.#contents = new FileContents({
      ...{
        platform: options.platform,
        keys: options.keys,
        plainMemory: options.plainMemory,
        error,
      },
      onForkWritten: (bytes) => void (this.counters.bytesWritten += bytes),
      giveUp: (why) => this.#giveUp(why),
    });
    const say = (type: JobMessageType, text: string): void => reports.say(type, text);
    this.#plugins = new PluginTarget(options.plugins, ({ type, text }) => say(type, text));
    this.#skipped = new SkippedStreams((text) => say(JobMessageType.WARNING, text));
    this.#fileEnd = new FileEnd({
      ...{ platform: this.#platform, parents: this.#parents, contents: this.#contents },
      ...{ checks: this.#checks, plugins: this.#plugins, reports },
      onRestored: options.onRestored?.bind(options),
    });
  }

  /**
   * Takes the next record. False if it could not be taken, because a fifo or program that is written to does
   * not read at present, or a fifo has no reader yet: then it has to be offered again, some time later.
   */
  accept({ fileIndex, stream, data }: RestoreRecord): boolean {
    const type = streamType(stream);
    if (!this.#isReadyFor(type, fileIndex !== this.#fileIndex)) return false;
    this.#take(type, fileIndex, data);
    return true;
  }

  #take(type: number, fileIndex: number, data: Uint8Array): void {
    if (type === Stream.unixAttributes || type === Stream.unixAttributesEx) {
      this.#next(fileIndex, type);
      return this.#begin(data);
    }
    if (type === Stream.pluginName) {
      this.#next(fileIndex);
      return this.#plugins.take(fileIndex, data);
    }
    // The director has sent a restore object before; it is a file of its own here (volume.md 7.4).
    if (type === Stream.restoreObject) return this.#next(fileIndex);
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

  /**
   * Ends the last file, closes everything and says what was ignored. False if a fifo or program has to read first:
   * then it has to be called again.
   */
  finish(): boolean {
    if (!this.#isReadyFor(undefined, true)) return false;
    this.#end();
    this.#parents.close();
    this.#linkParents.close();
    this.#skipped.summarize((text) => this.#say(JobMessageType.INFO, text));
    this.#reports.settle();
    return true;
  }

  /**
   * Says what checks of signatures have made known while no records can be taken. What is not said yet: nothing,
   * what waits for answers of others, or what another call may find out.
   */
  catchUp(): "nothing" | "checks" | "answers" {
    return this.#reports.catchUp();
  }

  /** Bytes written, those of the file at work included. */
  get bytesWritten(): number {
    return this.counters.bytesWritten + (this.#current?.writer?.written ?? 0);
  }

  /** Closes everything when the job is canceled; the file at work stays as far as it is. */
  abandon(): void {
    try {
      this.#closeAll();
    } finally {
      this.#reports.settle(); // which takes its time: what is open is not held up by it
    }
  }

  #closeAll(): void {
    const file = this.#current;
    const writer = file?.writer;
    if (file !== undefined) this.#contents.closeFork(file);
    this.#current = undefined;
    if (writer !== undefined) {
      this.counters.bytesWritten += writer.written;
      file?.sink?.program.kill();
      try {
        writer.close();
      } catch (error) {
        if (!isSystemError(error)) throw error; // what is canceled need not be whole
      }
    }
    this.#parents.close();
    this.#linkParents.close();
  }

  /** What has gone into a fifo, device or program must be gone before more comes; a program must have ended. */
  #isReadyFor(type: number | undefined, isOtherFile: boolean): boolean {
    const file = this.#current;
    const stream = file?.writer?.stream;
    if (file === undefined || stream === undefined) return true;
    if (type === undefined || !isContents(type)) this.#contents.end(file); // which may bring more
    try {
      if (!file.hasFailed && !stream.flush()) return false;
    } catch (error) {
      if (stream.isOpen) this.#contents.fail(file, error);
      else {
        if (!isSystemError(error)) throw error;
        this.#current = undefined;
        this.#error(`Could not create ${file.target}: ERR=${error.reason}\n`);
        return true;
      }
    }
    const isAtEnd = isOtherFile || (type !== undefined && startsFile.has(type));
    return file.sink === undefined || !isAtEnd || this.#plugins.hasEnded(file.sink);
  }

  /** The last file ends, and what follows belongs to another. */
  #next(fileIndex: number, lastStream = 0): void {
    this.#end();
    this.#fileIndex = fileIndex;
    this.#lastStream = lastStream;
  }

  /** The beginning of a file: its attributes. */
  #begin(data: Uint8Array): void {
    let attributes: Attributes;
    try {
      attributes = decodeAttributes(data);
    } catch (error) {
      return this.#error(`${reasonOf(error)}\n`);
    }
    const notice = whyNotRestored(attributes);
    if (notice?.type === JobMessageType.ERROR) return this.#error(notice.text);
    if (notice !== undefined) return this.#say(notice.type, notice.text);
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
      const { message } = created;
      if (message !== undefined) this.#say(JobMessageType.INFO, message);
      return this.#reports.then(() => void (this.counters.files += 1));
    }
    const { kind, open } = created;
    const digests = this.#checks.begin(kind, attributes.stat.size, open !== undefined);
    this.#current = {
      ...{ attributes, target, path, link, location, kind, sink },
      writer: open === undefined ? undefined : new FileWriter(this.#platform, open, digests),
      ...nothingYet(),
    };
  }

  /** A file whose contents a program takes. */
  #receive(
    { sink, ...names }: Pick<CurrentFile, "attributes" | "target" | "path"> & {
      readonly sink: ProgramSink;
    },
  ): void {
    const digests = this.#checks.begin("program", names.attributes.stat.size, true);
    this.#current = {
      ...{ ...names, sink, link: "", location: { at: undefined, name: names.path } },
      kind: "program",
      writer: new FileWriter(this.#platform, new ProgramOutput(sink.program), digests),
      ...nothingYet(),
    };
  }

  /** A record that belongs to the file whose attributes came last. */
  #other(type: number, data: Uint8Array): void {
    const file = this.#current;
    if (file !== undefined && this.#isTooLate(type, file)) {
      return this.#checks.refuse(file, "data");
    }
    if (isContents(type)) return this.#data(type, data);
    if (type !== this.#lastStream) this.#contents.end(file);
    if (this.#contents.isFork(type)) {
      this.counters.bytesRead += this.#contents.fork(type, data, file);
      return;
    }
    if (type === Stream.encryptedSessionData) return this.#contents.openSession(data, file);
    if (this.#checks.digest(type, data, file)) return;
    if (type === Stream.signedDigest) return this.#checks.signature(data, file);
    const { access, default: defaults } = this.#platform.aclStreams;
    if (type === access || type === Stream.unixAccessAcl) {
      file?.acls.push({ kind: "access", text: decodeAclText(data) });
    } else if (type === defaults || type === Stream.unixDefaultAcl) {
      file?.acls.push({ kind: "default", text: decodeAclText(data) });
    } else if (type === this.#platform.attributeStream) {
      file?.extendedAttributes.push(data.slice());
    } else this.#skipped.skip(type, file?.target ?? "");
  }

  /** Whether what vouches for the contents of a file has come, so that it cannot vouch for these. */
  #isTooLate(type: number, file: CurrentFile): boolean {
    const isKey = type === Stream.encryptedSessionData;
    if (file.isSigned) return isKey || isContents(type) || this.#contents.isFork(type);
    return isKey && this.#checks.hasDigest;
  }

  #data(type: number, record: Uint8Array): void {
    this.counters.bytesRead += record.length;
    const isExpected = this.#lastStream === type || this.#lastStream === Stream.unixAttributes ||
      this.#lastStream === Stream.unixAttributesEx ||
      this.#lastStream === Stream.encryptedSessionData;
    if (isExpected && this.#current !== undefined) this.#contents.data(type, record, this.#current);
  }

  /** The data cannot be decrypted: the file is not extracted. */
  #giveUp(why: string): void {
    const file = this.#current;
    if (file === undefined || file.hasFailed) return;
    this.#error(`${why}\n`);
    this.#current = undefined;
    this.#contents.closeFork(file);
    if (file.writer === undefined) return;
    file.sink?.program.kill();
    file.writer.close();
    if (file.kind !== "regular") return;
    try {
      this.#platform.remove(file.location.name, file.location.at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#error(`Cannot remove ${file.target}: ERR=${error.reason}\n`);
    }
  }

  /** The end of a file. */
  #end(): void {
    const file = this.#current;
    if (file === undefined) return;
    this.#contents.end(file);
    this.#current = undefined;
    this.#fileEnd.end(file);
  }

  #error(text: string): void {
    this.#reports.error(text);
  }

  #say(type: JobMessageType, text: string): void {
    this.#reports.say(type, text);
  }
}

/** What a file begins with. */
function nothingYet() {
  return {
    ...{ backupRead: undefined, hasSession: false, decrypted: undefined, isSigned: false },
    ...{
      isSparse: false,
      hasFailed: false,
      hasFault: false,
      fork: undefined,
      finderInfo: undefined,
    },
    acls: [],
    extendedAttributes: [],
  };
}
