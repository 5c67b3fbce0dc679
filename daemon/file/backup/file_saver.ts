/**
 * Saves one file after the other as the frames of a backup (storage-daemon.md
 * 6.2, director-client.md 24, volume.md 7.4): attributes, data, access control
 * lists, extended attributes, signature, digest.
 *
 * @module
 */
import { type Digest, fastDigests, type FileSignature, FileSigner } from "../../../crypto/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import { FileType, Stream } from "../../../storage/volume/mod.ts";
import { forkPath, readFinderInfo, readLists } from "../attributes/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import {
  type Descriptor,
  isSystemError,
  type Platform,
  reasonOf,
  SystemError,
} from "../platform/mod.ts";
import { isHole, readFully } from "./content_digest.ts";
import type { ChunkStages } from "./chunk_stages.ts";
import { GrowthLimit } from "./growth_limit.ts";
import { type GroupWorker, writeOffset } from "./group_worker.ts";
import { CanceledError, type PartWriter } from "./part_writer.ts";
import type { FileItem } from "./save_item.ts";
import { isProtected, type Protection, type Treatment, treatmentOf } from "./protection.ts";
import {
  chunkLength,
  chunksPerGroup,
  compatibleChunkLength,
  type SharedArea,
} from "./shared_area.ts";
import { digestStreamOf, hasData } from "./unit_builder.ts";
import type { StageKeeper } from "./stage_keeper.ts";

/** Bytes of the offset before a chunk of a sparse file. */
const offsetLength = 8;

/** How long a fifo may take to find a writer, and how long between two looks at the job. */
const fifoTimeoutMs = 60_000;
const fifoPollMs = 100;

/** What a saver needs. */
export interface SaverOptions {
  readonly platform: Platform;
  readonly area: SharedArea;
  readonly writer: PartWriter;
  readonly stages: StageKeeper;
  readonly groups: GroupWorker;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
}

/** A file that is being read. */
interface OpenFile {
  readonly item: FileItem;
  readonly options: FileOptions;
  readonly descriptor: Descriptor;
  readonly digest: Digest | undefined;
  readonly signature: FileSignature | undefined;
  readonly isSparse: boolean;
  readonly stages: ChunkStages | undefined;
  /** Bytes of a whole chunk. */
  readonly step: number;
  readonly limit: GrowthLimit;
  /** Bytes read. */
  offset: number;
  /** Groups of chunks that others were given, one after the other; 0 while this thread has the chain. */
  links: number;
  /** Whether it grows faster than it is read, so that the reading was ended. */
  isCutOff: boolean;
  /** Whether a fifo has found a writer. */
  isFlowing: boolean;
}

/** Saves files, in one thread. */
export class FileSaver {
  readonly #with: SaverOptions;
  readonly #createDigest = fastDigests();
  readonly #plain = new Uint8Array(chunkLength);
  readonly #signer: FileSigner | undefined;

  /** A saver that has saved nothing. */
  constructor(options: SaverOptions) {
    this.#with = options;
    const pair = options.protection?.signer;
    this.#signer = pair && new FileSigner(pair);
  }

  /** Writes all streams of a file. What goes wrong with it is reported. */
  save(item: FileItem): void {
    const { writer, options: all } = this.#with;
    const options = all[item.options];
    const { fileIndex, type } = item;
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
        : this.#createDigest(options.signature);
      const isEmpty = item.size === 0 && type !== FileType.rawDevice && type !== FileType.fifoData;
      const signing = isProtected(type) ? this.#signer?.begin() : undefined;
      if (isEmpty) this.#session(item, treatmentOf(type, options, this.#with.protection));
      if (isEmpty || this.#data(item, options, running, signing)) {
        digest = running?.digest();
        signature = signing;
      }
    }
    if (options.hfsPlus && (type === FileType.regularFile || type === FileType.emptyFile)) {
      this.#fork(item, options);
    }
    if (options.acl || options.extendedAttributes) this.#lists(item, options);
    if (signature !== undefined) writer.record(fileIndex, Stream.signedDigest, signature.finish());
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
  #data(
    item: FileItem,
    options: FileOptions,
    digest: Digest | undefined,
    signature: FileSignature | undefined,
  ): boolean {
    const { platform, writer, stages } = this.#with;
    let descriptor: Descriptor;
    try {
      descriptor = platform.open(item.path, {
        follow: item.type === FileType.rawDevice,
        noAccessTime: options.noAccessTime,
        nonBlocking: item.type !== FileType.rawDevice,
      });
    } catch (error) {
      this.#fail(
        JobMessageType.NOTSAVED,
        `     Cannot open "${writer.path}": ERR=${reasonOf(error)}.\n`,
      );
      return false;
    }
    const treatment = treatmentOf(item.type, options, this.#with.protection);
    const { isSparse, isEncrypted, stream } = treatment;
    const whole = options.isCompatible ? compatibleChunkLength : chunkLength;
    const step = isSparse ? whole - offsetLength : whole;
    const way = stages.stagesOf(options, isEncrypted);
    const isRegular = item.type === FileType.regularFile;
    const file: OpenFile = {
      ...{
        item,
        options,
        descriptor,
        digest,
        signature,
        isSparse,
        step,
        stages: way,
        offset: 0,
        links: 0,
      },
      ...{ limit: new GrowthLimit(isRegular ? item.size : 0), isCutOff: false, isFlowing: false },
    };
    try {
      this.#session(item, treatment);
      writer.header(item.fileIndex, stream);
      this.#chunks(file);
      this.#endOfChunks(file);
      writer.endOfData();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#endOfChunks(file); // what was read can be restored
      this.#fail(
        JobMessageType.ERROR,
        `Read error on file ${writer.path}. ERR=${reasonOf(error)}\n`,
      );
      writer.endOfData();
    } finally {
      platform.close(descriptor);
    }
    if (isRegular) this.#tellChanges(file);
    return true;
  }

  /** Says that a regular file was not the same all the time. */
  #tellChanges({ item, options, offset, isCutOff }: OpenFile): void {
    const { writer } = this.#with;
    if (isCutOff) {
      this.#fail(
        JobMessageType.ERROR,
        `${writer.path}: grows faster than it is read. The first ${offset} bytes were saved.\n`,
      );
    } else if (options.checkFileChanges) this.#checkChanges(item);
    else if (offset !== item.size) {
      writer.report(JobMessageType.WARNING, `${writer.path}: size changed during backup.\n`);
    }
  }

  /** Sends a file's resource fork and Finder info, where the system has such. */
  #fork({ fileIndex, path, type }: FileItem, options: FileOptions): void {
    const { platform, writer, stages, protection } = this.#with;
    const fork = forkPath(path, platform);
    if (fork === undefined) return;
    const { isEncrypted } = treatmentOf(type, options, protection);
    // A fork is never compressed, and never has holes.
    const way = stages.stagesOf({ ...options, compression: undefined }, isEncrypted);
    try {
      if (platform.lstat(fork).size > 0) {
        const descriptor = platform.open(fork, { nonBlocking: true });
        writer.header(
          fileIndex,
          isEncrypted ? Stream.encryptedMacosForkData : Stream.macosForkData,
        );
        try {
          for (let count = chunkLength; count === chunkLength;) {
            const place = writer.reserve(way?.bound(chunkLength) ?? chunkLength);
            const plain = way === undefined ? place.subarray(0, chunkLength) : this.#plain;
            count = readFully(platform, descriptor, plain.subarray(0, chunkLength));
            writer.figures.readBytes += count;
            const length = way?.process(plain.subarray(0, count), place) ?? count;
            if (count > 0 && length > 0) this.#commit(length);
          }
          const place = writer.reserve(way?.bound(0) ?? 0);
          const rest = way?.finish(place) ?? 0;
          if (rest > 0) this.#commit(rest);
        } finally {
          writer.endOfData();
          platform.close(descriptor);
        }
      }
      const info = readFinderInfo(platform, path);
      if (info !== undefined) writer.record(fileIndex, Stream.hfsplusAttributes, info);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code === "ENOENT") return; // without a fork there is nothing to save
      this.#fail(
        JobMessageType.ERROR,
        `Read error on resource fork of ${writer.path}. ERR=${reasonOf(error)}\n`,
      );
    }
  }

  /** Writes the key of the job before what is encrypted with it. */
  #session({ fileIndex }: FileItem, { isEncrypted }: Treatment): void {
    const { writer, protection } = this.#with;
    if (!isEncrypted || protection?.session === undefined) return;
    const { record } = protection.session;
    writer.record(fileIndex, Stream.encryptedSessionData, record);
    writer.figures.bytes += record.length;
  }

  /** Writes what the stages have kept back. */
  #endOfChunks(file: OpenFile): void {
    const { stages } = file;
    if (stages === undefined) return;
    this.#rejoin(file);
    const place = this.#with.writer.reserve(stages.bound(0));
    const rest = stages.finish(place);
    if (rest > 0) this.#commit(rest);
  }

  /** Takes the chain back from those who work on groups. */
  #rejoin(file: OpenFile): void {
    const { area, groups } = this.#with;
    const { stages, links } = file;
    if (stages?.chain === undefined || links === 0) return;
    this.#wait(() => area.turn === links ? file : undefined, () => groups.help());
    stages.chain.resume(area.chainState);
    file.links = 0;
  }

  /** Reads the file chunk by chunk; a large one lets other threads compress and encrypt. */
  #chunks(file: OpenFile): void {
    const { area, writer } = this.#with;
    const { stages, item, step } = file;
    const mayShare = stages !== undefined && area.memory.threads > 1;
    const isLarge = item.size >= 2 * chunksPerGroup * chunkLength;
    for (;;) {
      // Holes and groups ask for no room, which would be refused.
      if (area.isCanceled) throw new CanceledError("The job was canceled");
      // Others help with what is to be written next; what is far ahead can wait.
      const isShared = mayShare && isLarge && item.size - file.offset > step &&
        area.head === writer.unit;
      if (!isShared) this.#rejoin(file);
      if (!(isShared ? this.#group(file) : this.#chunk(file))) break;
    }
  }

  /** Reads a chunk and makes a record of it; false at the end of the file. */
  #chunk(file: OpenFile): boolean {
    const { writer } = this.#with;
    const { stages, step, isSparse } = file;
    const prefix = isSparse ? offsetLength : 0;
    const place = writer.reserve(prefix + (stages?.bound(step) ?? step));
    const plain = stages === undefined
      ? place.subarray(prefix, prefix + step)
      : this.#plain.subarray(0, step);
    const offset = file.offset;
    const read = this.#read(file, plain);
    if (read === "end") return false;
    if (read === "hole") return true;
    const chunk = plain.subarray(0, read);
    if (isSparse) writeOffset(place, offset);
    const length = stages?.process(chunk, place.subarray(prefix)) ?? read;
    if (length > 0) this.#commit(prefix + length);
    return read === step;
  }

  /** Reads some chunks and leaves what is to be done with them to whoever has time; false at the end. */
  #group(file: OpenFile): boolean {
    const { area, writer, groups } = this.#with;
    const taken = this.#wait(() => area.takeGroupSlot(), () => groups.help());
    const chunks: { offset: number; length: number }[] = [];
    let isOver = false;
    try {
      while (!isOver && chunks.length < chunksPerGroup) {
        const at = chunks.length * chunkLength;
        const { offset } = file;
        const read = this.#read(file, taken.bytes.subarray(at, at + file.step));
        if (read === "end") isOver = true;
        else if (read !== "hole") {
          chunks.push({ offset, length: read });
          isOver = read < file.step;
        } else if (area.isCanceled) throw new CanceledError("The job was canceled");
      }
    } finally {
      // What was read before an error is sent all the same.
      if (chunks.length === 0) area.freeGroup(taken.slot);
      else {
        const { fileIndex, options } = file.item;
        const chain = file.stages?.chain;
        if (chain !== undefined && file.links === 0) {
          chain.save(area.chainState);
          area.turn = 0;
        }
        const part = writer.skipPart();
        area.offerGroup({
          ...{ slot: taken.slot, unit: writer.unit, part, fileIndex, options, chunks },
          link: chain === undefined ? -1 : file.links++,
          waits: chain !== undefined && chain.ahead === undefined,
        });
      }
    }
    return !isOver;
  }

  /** Reads and digests a chunk: its length, `"hole"` if it is left out, or `"end"`. */
  #read(file: OpenFile, into: Uint8Array): number | "hole" | "end" {
    const { platform, writer } = this.#with;
    const { item: { size }, options: { isCompatible }, isSparse, step } = file;
    if (file.limit.isReached(file.offset)) {
      file.isCutOff = readFully(platform, file.descriptor, into.subarray(0, 1)) > 0;
      return "end";
    }
    const wait = file.item.type === FileType.fifoData ? () => this.#waitForWriter(file) : undefined;
    const count = readFully(platform, file.descriptor, into, wait);
    if (count === 0) return "end";
    file.offset += count;
    if (isSparse && isHole(into, count, file.offset, size)) {
      // As a current Bareos counts: holes of files that it would read in parallel. A director of
      // Bacula would take them for bytes that compression has saved (bacula.md 11.6).
      if (size >= 2 * step && !isCompatible) writer.figures.readBytes += count;
      return "hole";
    }
    writer.figures.readBytes += count;
    const bytes = into.subarray(0, count);
    file.digest?.update(bytes);
    file.signature?.update(bytes);
    return count;
  }

  /** A fifo has something to read once somebody writes; nobody may keep the job waiting for ever. */
  #waitForWriter(file: OpenFile): void {
    const { item, descriptor } = file;
    const { platform, area } = this.#with;
    const deadline = Date.now() + fifoTimeoutMs;
    while (!platform.waitReadable(descriptor, fifoPollMs)) {
      if (area.isCanceled) throw new CanceledError("The job was canceled");
      if (!file.isFlowing && Date.now() > deadline) {
        throw new SystemError("open", 0, "EAGAIN", "nobody writes to it", item.path);
      }
    }
    file.isFlowing = true;
  }

  #commit(length: number): void {
    const { writer } = this.#with;
    writer.figures.bytes += length;
    writer.commit(length);
  }

  /** Waits for something, and does other work meanwhile. */
  #wait<T extends object>(attempt: () => T | undefined, help: () => true | undefined): T {
    for (;;) {
      const result = this.#with.area.until<T | true>(() => attempt() ?? help());
      if (result === undefined) throw new CanceledError("The job was canceled");
      if (result !== true) return result;
    }
  }

  #checkChanges({ path, ...before }: FileItem): void {
    const { platform, writer } = this.#with;
    try {
      const after = platform.lstat(path);
      for (const key of ["mtime", "ctime", "size", "blocks"] as const) {
        if (before[key] === after[key]) continue;
        const what = key === "blocks" ? "size" : key;
        this.#fail(JobMessageType.ERROR, `${writer.path}: ${what} changed during backup.\n`);
        return;
      }
    } catch (error) {
      writer.report(
        JobMessageType.WARNING,
        `Cannot stat file ${writer.path}: ERR=${reasonOf(error)}\n`,
      );
    }
  }

  #lists({ fileIndex, path, type }: FileItem, options: FileOptions): void {
    const { platform, writer } = this.#with;
    const { records, problems } = readLists(platform, { path, type, options });
    for (const { stream, data } of records) {
      writer.record(fileIndex, stream, data);
      writer.figures.bytes += data.length;
    }
    for (const { kind, notice } of problems) {
      writer.figures[kind === "acl" ? "aclErrors" : "attributeErrors"]++;
      writer.report(notice.type, notice.text);
    }
  }

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

  #fail(type: JobMessageType, text: string): void {
    this.#with.writer.figures.errors++;
    this.#with.writer.report(type, text);
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
