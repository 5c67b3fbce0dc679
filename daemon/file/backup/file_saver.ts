/**
 * Saves one file after the other as the frames of a backup (storage-daemon.md
 * 6.2, director-client.md 24, volume.md 7.4): attributes, data, access control
 * lists, extended attributes, signature, digest.
 *
 * @module
 */
import {
  type Digest,
  type DigestName,
  type FileSignature,
  type FileSigner,
} from "../../../crypto/mod.ts";
import { encodeText } from "../../../bytes/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { FileType, Stream } from "../../../storage/volume/mod.ts";
import { readLists } from "../attributes/mod.ts";
import type { FileOptions, PluginFile } from "../fileset/mod.ts";
import { type Descriptor, isSystemError, type Platform, reasonOf } from "../platform/mod.ts";
import { ContentSaver, type OpenFile } from "./content_saver.ts";
import { saveFork } from "./fork_saver.ts";
import { GrowthLimit } from "./growth_limit.ts";
import type { PartWriter, Steps } from "./part_writer.ts";
import { PluginReader } from "./plugin_reader.ts";
import type { FileItem } from "./save_item.ts";
import { isProtected, type Protection, type Treatment, treatmentOf } from "./protection.ts";
import { chunkLength, compatibleChunkLength, type SharedArea } from "./shared_area.ts";
import { offsetLength } from "./sparse_offset.ts";
import { digestStreamOf, hasData } from "./unit_builder.ts";
import type { StageKeeper } from "./stage_keeper.ts";

/** What a saver needs. */
export interface SaverOptions {
  readonly platform: Platform;
  readonly area: SharedArea;
  readonly writer: PartWriter;
  readonly stages: StageKeeper;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  /** The files of plugins by their number, which begins with 1. */
  readonly plugins: readonly PluginFile[];
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
  /** Signs files, if they are to be signed. */
  readonly signer: FileSigner | undefined;
  /** Begins digests. */
  readonly createDigest: (name: DigestName) => Digest;
  /** Memory for a chunk, which others use between two steps. */
  readonly plain: Uint8Array;
}

/** Saves files, one after the other, in one thread and step by step. */
export class FileSaver {
  readonly #with: SaverOptions;
  readonly #contents: ContentSaver;

  /** A saver that has saved nothing. */
  constructor(options: SaverOptions) {
    this.#with = options;
    this.#contents = new ContentSaver(options);
  }

  /** Writes all streams of a file. What goes wrong with it is reported. */
  *save(item: FileItem): Steps {
    const { writer, area, plugins } = this.#with;
    const plugin = plugins[item.plugin - 1];
    if (plugin === undefined) return yield* this.#save(item);
    // One program after the other, and none before its file's turn.
    while (area.head !== writer.unit) yield "waits";
    const { fileIndex } = item;
    yield* writer.put(fileIndex, Stream.pluginName, pluginStart(fileIndex, plugin.line));
    yield* this.#save(item);
    yield* writer.put(fileIndex, Stream.pluginName, encodeText(`${fileIndex} 0`));
  }

  *#save(item: FileItem): Steps {
    const { writer, options: all } = this.#with;
    const options = all[item.options];
    const { fileIndex, type } = item;
    const { attributes } = item;
    if (!writer.fits(attributes.length)) yield* writer.makeRoom(attributes.length);
    writer.figures.files = fileIndex;
    writer.pathBytes = item.path;
    writer.record(fileIndex, Stream.unixAttributes, item.attributes);
    if (type === FileType.deleted || type === FileType.base || options === undefined) return;
    const stream = digestStreamOf(type, options);
    let digest: Uint8Array | undefined;
    let signature: FileSignature | undefined;
    if (hasData(type)) {
      const running = stream === 0 || options.signature === undefined
        ? undefined
        : this.#with.createDigest(options.signature);
      const isEmpty = item.size === 0 && type !== FileType.rawDevice && type !== FileType.fifoData;
      const signing = isProtected(type) ? this.#with.signer?.begin() : undefined;
      if (isEmpty) yield* this.#session(item, treatmentOf(type, options, this.#with.protection));
      if (isEmpty || (yield* this.#data(item, options, running, signing))) {
        digest = running?.digest();
        signature = signing;
      }
    }
    if (options.hfsPlus && (type === FileType.regularFile || type === FileType.emptyFile)) {
      yield* saveFork(item, options, this.#with);
    }
    if (options.acl || options.extendedAttributes) yield* this.#lists(item, options);
    if (signature !== undefined) {
      yield* writer.put(fileIndex, Stream.signedDigest, signature.finish());
    }
    if (!writer.fits(longestDigest)) yield* writer.makeRoom(longestDigest);
    const { firstIndex } = item;
    if (item.repeatsDigest !== 0) {
      const room = new Uint8Array(digestLengths[item.repeatsDigest] ?? 0);
      writer.sharedDigest(fileIndex, item.repeatsDigest, room, { firstIndex, isOwn: false });
    } else if (digest !== undefined && firstIndex !== 0) {
      writer.sharedDigest(fileIndex, stream, digest, { firstIndex, isOwn: true });
    } else if (digest !== undefined) writer.record(fileIndex, stream, digest);
    if (options.keepAccessTime) this.#restoreTimes(item);
  }

  /** Sends a file's data; false if it could not be opened. */
  *#data(
    item: FileItem,
    options: FileOptions,
    digest: Digest | undefined,
    signature: FileSignature | undefined,
  ): Steps<boolean> {
    const { platform, writer, stages } = this.#with;
    const plugin = this.#with.plugins[item.plugin - 1];
    let descriptor: Descriptor;
    let program: PluginReader | undefined;
    try {
      program = plugin && new PluginReader(platform, plugin, writer.report.bind(writer));
      descriptor = program?.descriptor ?? platform.open(item.path, {
        follow: item.type === FileType.rawDevice,
        noAccessTime: options.noAccessTime,
        nonBlocking: item.type !== FileType.rawDevice,
      });
    } catch (error) {
      if (plugin !== undefined) {
        const what = plugin.program.join(" ");
        this.#failProgram(options, `Open pipe reader=${what} failed: ERR=${reasonOf(error)}`);
        return false;
      }
      writer.fail(
        JobMessageType.NOTSAVED,
        `     Cannot open "${writer.path}": ERR=${reasonOf(error)}.\n`,
      );
      return false;
    }
    const treatment = treatmentOf(item.type, options, this.#with.protection);
    const { isSparse, isEncrypted, stream } = treatment;
    const whole = options.isCompatible ? compatibleChunkLength : chunkLength;
    const step = isSparse ? whole - offsetLength : whole;
    const isRegular = item.type === FileType.regularFile && program === undefined;
    const file: OpenFile = {
      item,
      options,
      descriptor,
      program,
      digest,
      signature,
      isSparse,
      step,
      stages: stages.stagesOf(options, isEncrypted),
      limit: new GrowthLimit(isRegular ? item.size : 0),
      offset: 0,
      links: 0,
      isCutOff: false,
      isFlowing: false,
    };
    try {
      yield* this.#session(item, treatment);
      if (!writer.fits(0)) yield* writer.makeRoom(0);
      writer.header(item.fileIndex, stream);
      if (program !== undefined) writer.flush(); // it may take its time: the status is to name it
      yield* this.#contents.save(file);
      yield* this.#contents.end(file);
      const fault = program === undefined ? "" : yield* program.finish();
      if (fault !== "") {
        const text = `Error closing stream for pseudo file ${writer.path}: ${fault}`;
        this.#failProgram(options, text);
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield* this.#contents.end(file); // what was read can be restored
      writer.fail(
        JobMessageType.ERROR,
        `Read error on file ${writer.path}. ERR=${reasonOf(error)}\n`,
      );
    } finally {
      if (program === undefined) platform.close(descriptor);
      else program.abandon();
    }
    if (isRegular) this.#tellChanges(file);
    return true;
  }

  /** Says that a regular file was not the same all the time. */
  #tellChanges({ item, options, offset, isCutOff }: OpenFile): void {
    const { writer } = this.#with;
    if (isCutOff) {
      writer.fail(
        JobMessageType.ERROR,
        `${writer.path}: grows faster than it is read. The first ${offset} bytes were saved.\n`,
      );
    } else if (options.checkFileChanges) this.#checkChanges(item);
    else if (offset !== item.size) {
      writer.report(JobMessageType.WARNING, `${writer.path}: size changed during backup.\n`);
    }
  }

  /** Writes the key of the job before what is encrypted with it. */
  *#session({ fileIndex }: FileItem, { isEncrypted }: Treatment): Steps {
    const { writer, protection } = this.#with;
    if (!isEncrypted || protection?.session === undefined) return;
    const { record } = protection.session;
    yield* writer.put(fileIndex, Stream.encryptedSessionData, record);
    writer.figures.bytes += record.length;
  }

  /**
   * What a program has written may be a part of what it should be: Bareos ends the job as failed then,
   * Bacula counts an error.
   */
  #failProgram({ isCompatible }: FileOptions, text: string): void {
    const type = isCompatible ? JobMessageType.ERROR : JobMessageType.FATAL;
    this.#with.writer.fail(type, `bpipe-fd: ${text}\n`);
  }

  /** Compares the file's attributes with those from before it was read. */
  #checkChanges({ path, ...before }: FileItem): void {
    const { platform, writer } = this.#with;
    try {
      const after = platform.lstat(path);
      for (const key of ["mtime", "ctime", "size", "blocks"] as const) {
        if (before[key] === after[key]) continue;
        const what = key === "blocks" ? "size" : key;
        writer.fail(JobMessageType.ERROR, `${writer.path}: ${what} changed during backup.\n`);
        return;
      }
    } catch (error) {
      writer.report(
        JobMessageType.WARNING,
        `Cannot stat file ${writer.path}: ERR=${reasonOf(error)}\n`,
      );
    }
  }

  /** Sends access control lists and extended attributes. */
  *#lists({ fileIndex, path, type }: FileItem, options: FileOptions): Steps {
    const { platform, writer } = this.#with;
    const { records, problems } = readLists(platform, { path, type, options });
    for (const { stream, data } of records) {
      yield* writer.put(fileIndex, stream, data);
      writer.figures.bytes += data.length;
    }
    for (const { kind, notice } of problems) {
      writer.figures[kind === "acl" ? "aclErrors" : "attributeErrors"]++;
      writer.report(notice.type, notice.text);
    }
  }

  /** Sets the times from before the file was read. */
  #restoreTimes({ path, atime, mtime }: FileItem): void {
    try {
      this.#with.platform.setTimes(
        path,
        { seconds: atime, nanoseconds: 0 },
        { seconds: mtime, nanoseconds: 0 },
      );
    } catch (error) {
      // The file was saved; that its time of access shows it is a pity, no loss.
      if (!isSystemError(error)) throw error;
    }
  }
}

/** Bytes of the digests by stream. */
const digestLengths: Readonly<Record<number, number>> = {
  [Stream.md5Digest]: 16,
  [Stream.sha1Digest]: 20,
  [Stream.sha256Digest]: 32,
  [Stream.sha512Digest]: 64,
  [Stream.xxh128Digest]: 16,
};

/** Bytes of the longest digest. */
const longestDigest = Math.max(...Object.values(digestLengths));

/** The record before a plugin's file (volume.md 15.1). */
function pluginStart(fileIndex: number, line: string): Uint8Array {
  return encodeText(`${fileIndex} 1 1 ${line}\0`);
}
