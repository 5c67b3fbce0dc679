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
import type { PartWriter, Steps } from "./part_writer.ts";
import type { FileItem } from "./save_item.ts";
import { isProtected, type Protection, type Treatment, treatmentOf } from "./protection.ts";
import {
  chunkLength,
  chunksPerGroup,
  compatibleChunkLength,
  type SharedArea,
} from "./shared_area.ts";
import { offsetLength, writeOffset } from "./sparse_offset.ts";
import { digestStreamOf, hasData } from "./unit_builder.ts";
import type { StageKeeper } from "./stage_keeper.ts";

/** How long a fifo may take to find a writer. */
const fifoTimeoutMs = 60_000;

/** What a saver needs. */
export interface SaverOptions {
  readonly platform: Platform;
  readonly area: SharedArea;
  readonly writer: PartWriter;
  readonly stages: StageKeeper;
  /** The options of files by their number. */
  readonly options: readonly FileOptions[];
  /** What is done to contents; nothing if absent. */
  readonly protection?: Protection | undefined;
  /** Signs files, if they are to be signed. */
  readonly signer: FileSigner | undefined;
  /** Begins digests. */
  readonly createDigest: (name: DigestName) => Digest;
  /** Memory for a chunk, which others use between two steps. */
  readonly plain: Uint8Array;
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
  /** Memory for a chunk that comes bit by bit. */
  own?: Uint8Array;
}

/** Saves files, one after the other, in one thread and step by step. */
export class FileSaver {
  readonly #with: SaverOptions;

  /** A saver that has saved nothing. */
  constructor(options: SaverOptions) {
    this.#with = options;
  }

  /** Writes all streams of a file. What goes wrong with it is reported. */
  *save(item: FileItem): Steps {
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
      yield* this.#fork(item, options);
    }
    if (options.acl || options.extendedAttributes) yield* this.#lists(item, options);
    if (signature !== undefined) {
      yield* this.#record(fileIndex, Stream.signedDigest, signature.finish());
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

  /** Writes a stream of one record. */
  *#record(fileIndex: number, stream: number, payload: Uint8Array): Steps {
    const { writer } = this.#with;
    if (!writer.fits(payload.length)) yield* writer.makeRoom(payload.length);
    writer.record(fileIndex, stream, payload);
  }

  /** Sends a file's data; false if it could not be opened. */
  *#data(
    item: FileItem,
    options: FileOptions,
    digest: Digest | undefined,
    signature: FileSignature | undefined,
  ): Steps<boolean> {
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
      yield* this.#session(item, treatment);
      if (!writer.fits(0)) yield* writer.makeRoom(0);
      writer.header(item.fileIndex, stream);
      yield* this.#chunks(file);
      yield* this.#endOfChunks(file);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield* this.#endOfChunks(file); // what was read can be restored
      this.#fail(
        JobMessageType.ERROR,
        `Read error on file ${writer.path}. ERR=${reasonOf(error)}\n`,
      );
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
  *#fork({ fileIndex, path, type }: FileItem, options: FileOptions): Steps {
    const { platform, writer, stages, protection, plain: chunk } = this.#with;
    const fork = forkPath(path, platform);
    if (fork === undefined) return;
    const { isEncrypted } = treatmentOf(type, options, protection);
    // A fork is never compressed, and never has holes.
    const way = stages.stagesOf({ ...options, compression: undefined }, isEncrypted);
    try {
      if (platform.lstat(fork).size > 0) {
        const descriptor = platform.open(fork, { nonBlocking: true });
        if (!writer.fits(0)) yield* writer.makeRoom(0);
        writer.header(
          fileIndex,
          isEncrypted ? Stream.encryptedMacosForkData : Stream.macosForkData,
        );
        let failure: unknown;
        try {
          for (let count = chunkLength; count === chunkLength;) {
            const most = way?.bound(chunkLength) ?? chunkLength;
            if (!writer.fits(most)) yield* writer.makeRoom(most);
            const place = writer.reserve(most);
            const plain = way === undefined ? place.subarray(0, chunkLength) : chunk;
            count = readFully(platform, descriptor, plain.subarray(0, chunkLength));
            writer.figures.readBytes += count;
            const length = way?.process(plain.subarray(0, count), place) ?? count;
            if (count > 0 && length > 0) this.#commit(length);
          }
        } catch (error) {
          failure = error;
        } finally {
          platform.close(descriptor);
        }
        yield* this.#rest(way);
        if (failure !== undefined) throw failure;
      }
      const info = readFinderInfo(platform, path);
      if (info !== undefined) yield* this.#record(fileIndex, Stream.hfsplusAttributes, info);
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
  *#session({ fileIndex }: FileItem, { isEncrypted }: Treatment): Steps {
    const { writer, protection } = this.#with;
    if (!isEncrypted || protection?.session === undefined) return;
    const { record } = protection.session;
    yield* this.#record(fileIndex, Stream.encryptedSessionData, record);
    writer.figures.bytes += record.length;
  }

  /** Writes what the stages have kept back, and the end of the stream. */
  *#endOfChunks(file: OpenFile): Steps {
    yield* this.#rejoin(file);
    yield* this.#rest(file.stages);
  }

  *#rest(stages: ChunkStages | undefined): Steps {
    const { writer } = this.#with;
    const most = stages?.bound(0) ?? 0;
    if (!writer.fits(most)) yield* writer.makeRoom(most);
    const rest = stages?.finish(writer.reserve(most)) ?? 0;
    if (rest > 0) this.#commit(rest);
    if (!writer.fits(0)) yield* writer.makeRoom(0);
    writer.endOfData();
  }

  /** Takes the chain back from those who work on groups. */
  *#rejoin({ stages, links }: OpenFile): Steps {
    const { area } = this.#with;
    if (stages?.chain === undefined || links === 0) return;
    while (area.turn !== links) yield "waits";
    stages.chain.resume(area.chainState);
  }

  /** Reads the file chunk by chunk; a large one lets other threads compress and encrypt. */
  *#chunks(file: OpenFile): Steps {
    const { area, writer } = this.#with;
    const { stages, item, step } = file;
    const mayShare = stages !== undefined && area.memory.threads > 1;
    const isLarge = item.size >= 2 * chunksPerGroup * chunkLength;
    for (let holes = 0;;) {
      // Others help with what is to be written next; what is far ahead can wait.
      const isShared = mayShare && isLarge && item.size - file.offset > step &&
        area.head === writer.unit;
      if (!isShared) {
        yield* this.#rejoin(file);
        file.links = 0;
      }
      const result = yield* isShared ? this.#group(file) : this.#chunk(file);
      if (result === "end") return;
      holes = result === "hole" ? holes % holesPerStep + 1 : 0;
      // After some work others have their turn.
      if (writer.isFresh || holes === holesPerStep) yield "goes";
    }
  }

  /** Reads a chunk and makes a record of it. */
  *#chunk(file: OpenFile): Steps<"more" | "hole" | "end"> {
    const { writer } = this.#with;
    const { stages, step, isSparse, item } = file;
    const prefix = isSparse ? offsetLength : 0;
    const most = prefix + (stages?.bound(step) ?? step);
    if (!writer.fits(most)) yield* writer.makeRoom(most);
    const place = writer.reserve(most);
    const isSlow = item.type === FileType.fifoData;
    const memory = isSlow ? file.own ??= new Uint8Array(step) : this.#with.plain;
    const plain = stages === undefined
      ? place.subarray(prefix, prefix + step)
      : memory.subarray(0, step);
    const offset = file.offset;
    const read = isSlow ? yield* this.#readFifo(file, plain) : this.#read(file, plain);
    if (read === "end" || read === "hole") return read;
    const chunk = plain.subarray(0, read);
    if (isSparse) writeOffset(place, offset);
    const length = stages?.process(chunk, place.subarray(prefix)) ?? read;
    if (length > 0) this.#commit(prefix + length);
    return read === step ? "more" : "end";
  }

  /** Reads some chunks and leaves what is to be done with them to whoever has time. */
  *#group(file: OpenFile): Steps<"more" | "hole" | "end"> {
    const { area, writer } = this.#with;
    let taken = area.takeGroupSlot();
    while (taken === undefined) {
      yield "waits";
      taken = area.takeGroupSlot();
    }
    const { slot, bytes } = taken;
    const chunks: { offset: number; length: number }[] = [];
    let isOver = false;
    try {
      for (let holes = 0; !isOver && chunks.length < chunksPerGroup && holes < holesPerStep;) {
        const at = chunks.length * chunkLength;
        const { offset } = file;
        const read = this.#read(file, bytes.subarray(at, at + file.step));
        if (read === "end") isOver = true;
        else if (read === "hole") holes++;
        else {
          chunks.push({ offset, length: read });
          isOver = read < file.step;
        }
      }
    } finally {
      // What was read before an error is sent all the same.
      if (chunks.length === 0) area.freeGroup(slot);
      else {
        const { fileIndex, options } = file.item;
        const chain = file.stages?.chain;
        if (chain !== undefined && file.links === 0) {
          chain.save(area.chainState);
          area.turn = 0;
        }
        const part = writer.skipPart();
        area.offerGroup({
          ...{ slot, unit: writer.unit, part, fileIndex, options, chunks },
          link: chain === undefined ? -1 : file.links++,
          waits: chain !== undefined && chain.ahead === undefined,
        });
      }
    }
    return isOver ? "end" : "more";
  }

  /** Reads and digests a chunk: its length, `"hole"` if it is left out, or `"end"`. */
  #read(file: OpenFile, into: Uint8Array): number | "hole" | "end" {
    const { platform } = this.#with;
    if (file.limit.isReached(file.offset)) {
      file.isCutOff = readFully(platform, file.descriptor, into.subarray(0, 1)) > 0;
      return "end";
    }
    return this.#hasRead(file, into, readFully(platform, file.descriptor, into));
  }

  /**
   * The same of a fifo, which has something to read once somebody writes; nobody may keep the job
   * waiting for ever.
   */
  *#readFifo(file: OpenFile, into: Uint8Array): Steps<number | "hole" | "end"> {
    const { platform } = this.#with;
    const { descriptor, item } = file;
    const deadline = Date.now() + fifoTimeoutMs;
    let at = 0;
    while (at < into.length) {
      while (!platform.waitReadable(descriptor, 0)) {
        if (!file.isFlowing && Date.now() > deadline) {
          throw new SystemError("open", 0, "EAGAIN", "nobody writes to it", item.path);
        }
        yield "polls";
      }
      file.isFlowing = true;
      const count = platform.read(descriptor, into.subarray(at));
      if (count === 0) break;
      at += count;
    }
    return this.#hasRead(file, into, at);
  }

  #hasRead(file: OpenFile, into: Uint8Array, count: number): number | "hole" | "end" {
    const { writer } = this.#with;
    const { item: { size }, options: { isCompatible }, isSparse, step } = file;
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

  #commit(length: number): void {
    const { writer } = this.#with;
    writer.figures.bytes += length;
    writer.commit(length);
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

  *#lists({ fileIndex, path, type }: FileItem, options: FileOptions): Steps {
    const { platform, writer } = this.#with;
    const { records, problems } = readLists(platform, { path, type, options });
    for (const { stream, data } of records) {
      yield* this.#record(fileIndex, stream, data);
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

/** Holes that are looked at before others have their turn. */
const holesPerStep = 64;

/** Bytes of the longest digest. */
const longestDigest = 64;

/** Bytes of the digests by stream. */
const digestLengths: Readonly<Record<number, number>> = {
  [Stream.md5Digest]: 16,
  [Stream.sha1Digest]: 20,
  [Stream.sha256Digest]: 32,
  [Stream.sha512Digest]: 64,
  [Stream.xxh128Digest]: 16,
};
