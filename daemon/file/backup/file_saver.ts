/**
 * Saves one file after the other as the frames of a backup (storage-daemon.md
 * 6.2, director-client.md 24, volume.md 7.4): attributes, data, access control
 * lists, extended attributes, digest.
 *
 * A step is a piece of a generator that ends where a buffer is full, so that
 * whoever drives it can wait for the network and a file of any size needs one
 * buffer.
 *
 * @module
 */
import { ByteWriter, decodeText, encodeText } from "../../../bytes/mod.ts";
import { ChunkCompressor } from "../../../compress/mod.ts";
import { createDigest, type Digest, type DigestName } from "../../../crypto/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import {
  encodeAttributes,
  type EncodedStat,
  encodeStat,
  type FileStat,
  FileType,
  Stream,
} from "../../../storage/volume/mod.ts";
import { type FoundFile, savedType, stripPath } from "../fileset/mod.ts";
import {
  type BytePath,
  type Descriptor,
  isSystemError,
  type Platform,
  type PlatformStat,
  reasonOf,
} from "../platform/mod.ts";
import type { FrameWriter } from "./frame_writer.ts";

/** Bytes of a chunk of file data: the network buffer of a current Bareos. */
const chunkLength = 262_144;
/** The same where each chunk has the offset in front. */
const sparseChunkLength = chunkLength - 8;
/** The most bytes of extended attributes that are kept of a file (volume.md 14.2). */
const maxAttributes = 1 << 20;
/** After so many errors a backup gives up. */
const maxErrors = 1000;

const attributeMagic = 0x005c5884;
/** Extended attributes that are never kept: the file system makes them. */
const volatileAttributes = /^ceph\.dir\./;
/** Those that are lists of access rights, and saved as such. */
const aclAttributes: ReadonlySet<string> = new Set([
  "system.posix_acl_access",
  "system.posix_acl_default",
]);

/** The stat of nothing. */
const noStat: FileStat = {
  dev: 0,
  ino: 0,
  mode: 0,
  nlink: 0,
  uid: 0,
  gid: 0,
  rdev: 0,
  size: 0,
  blksize: 0,
  blocks: 0,
  atime: 0,
  mtime: 0,
  ctime: 0,
};

const digestStreams: Readonly<Record<DigestName, number>> = {
  MD5: Stream.md5Digest,
  SHA1: Stream.sha1Digest,
  SHA256: Stream.sha256Digest,
  SHA512: Stream.sha512Digest,
  XXH128: Stream.xxh128Digest,
};

/** How far a backup is. */
export interface SaveProgress {
  /** Files saved: the highest FileIndex. */
  files: number;
  /** Bytes of file data, access control lists and extended attributes that were sent. */
  bytes: number;
  /** Bytes read from files; holes that are left out do not count. */
  readBytes: number;
  /** Files looked at. */
  examined: number;
  /** Files that could not be saved or not be saved whole. */
  errors: number;
  /** The file at work, byte preserving. */
  path: string;
  /** Algorithms that were used, as the job report names them. */
  compression: string;
}

/** What a saver needs. */
export interface SaverOptions {
  readonly platform: Platform;
  readonly writer: FrameWriter;
  /** Takes a job message. */
  report(type: JobMessageType, text: string): void;
  /** Files saved before; the first gets the number after it. */
  readonly firstFileIndex: number;
}

/** A backup gives up. */
export class TooManyErrors extends Error {
  override readonly name = "TooManyErrors";
}

/** Saves files. */
export class FileSaver {
  readonly #options: SaverOptions;
  readonly progress: SaveProgress;
  readonly #compressors = new Map<string, ChunkCompressor>();
  readonly #plain = new Uint8Array(chunkLength);
  #aclErrors = 0;
  #attributeErrors = 0;

  /** A saver that has saved nothing. */
  constructor(options: SaverOptions) {
    this.#options = options;
    this.progress = {
      files: options.firstFileIndex,
      bytes: 0,
      readBytes: 0,
      examined: 0,
      errors: 0,
      path: "",
      compression: "",
    };
  }

  /** Saves what the walk found, or says why it is not saved. Yields where the buffer is full. */
  *save(file: FoundFile): Generator<void> {
    const { progress } = this;
    progress.examined++;
    if (file.notice !== undefined) this.#report(file.notice.type, file.notice.text);
    if (!file.isSaved || file.stat === undefined) return;
    progress.path = decodeText(file.path);
    yield* this.#saveFile(file, file.stat);
    if (file.options.keepAccessTime) this.#restoreTimes(file.path, file.stat);
    if (progress.errors > maxErrors) {
      throw new TooManyErrors(`Too many errors. JobErrors=${progress.errors}.`);
    }
  }

  /** Writes a record for a file of an earlier job that is gone (accurate mode): its times are left. */
  *saveDeleted(path: string, known: EncodedStat): Generator<void> {
    this.progress.files++;
    const { mtime, ctime } = known;
    const stat = encodeStat({ ...noStat, mtime, ctime }, { dataStream: Stream.fileData });
    this.#attributes(path, FileType.deleted, stat, "");
    yield* this.#pauseIfFull();
  }

  /** Says what is to be said at the end. */
  finish(): void {
    if (this.#aclErrors > 0) {
      this.#report(
        JobMessageType.WARNING,
        `Encountered ${this.#aclErrors} acl errors while doing backup\n`,
      );
    }
    if (this.#attributeErrors > 0) {
      this.#report(
        JobMessageType.WARNING,
        `Encountered ${this.#attributeErrors} xattr errors while doing backup\n`,
      );
    }
  }

  *#saveFile(file: FoundFile, stat: PlatformStat): Generator<void> {
    const { writer } = this.#options;
    const { options } = file;
    const type = savedType(file);
    const index = ++this.progress.files;
    const isLink = file.type === FileType.hardLink;
    const isData = type === FileType.emptyFile || type === FileType.regularFile ||
      type === FileType.rawDevice || type === FileType.fifoData;
    const dataStream = options.compression === undefined
      ? (options.sparse ? Stream.sparseData : Stream.fileData)
      : (options.sparse ? Stream.sparseCompressedData : Stream.compressedData);
    const name = stripPath(file.path, options.stripPath);
    const wasStripped = name.length < file.path.length;
    this.#attributes(
      type === FileType.directory ? withSlash(name) : name,
      type,
      encodeStat(stat, {
        linkFileIndex: isLink ? file.hardLink?.fileIndex ?? 0 : 0,
        flags: stat.flags,
        dataStream,
      }),
      isLink && wasStripped ? stripPath(file.link, options.stripPath) : file.link,
    );
    if (file.hardLink !== undefined && !isLink) file.hardLink.fileIndex = index;

    let digest: Uint8Array | undefined;
    let digestStream = 0;
    if (isLink) {
      digest = file.hardLink?.digest;
      digestStream = file.hardLink?.digestStream ?? 0;
    } else if (isData && type !== FileType.fifoData && options.signature !== undefined) {
      digestStream = digestStreams[options.signature];
    }
    if (isData) {
      const running = digestStream === 0 || options.signature === undefined
        ? undefined
        : createDigest(options.signature);
      const wasRead = (stat.size === 0 && type !== FileType.rawDevice &&
        type !== FileType.fifoData) || (yield* this.#data(file, stat, dataStream, running));
      if (wasRead) digest = running?.digest();
    }
    if (options.acl && type !== FileType.symbolicLink) this.#acls(file);
    if (options.extendedAttributes) this.#extendedAttributes(file);
    if (digest !== undefined && digestStream !== 0) {
      this.#record(digestStream, digest);
      if (file.hardLink !== undefined && !isLink) {
        file.hardLink.digest = digest;
        file.hardLink.digestStream = digestStream;
      }
    }
    if (writer.isFull) yield;
  }

  #attributes(
    name: string | Uint8Array,
    type: number,
    stat: string,
    link: string | Uint8Array,
  ): void {
    const fileIndex = this.progress.files;
    this.#record(
      Stream.unixAttributes,
      encodeAttributes({ fileIndex, type: type as typeof FileType.regularFile, name, stat, link }),
    );
  }

  #record(stream: number, payload: Uint8Array): void {
    const { writer } = this.#options;
    writer.text(`${this.progress.files} ${stream} 0`);
    writer.message(payload);
    writer.endOfData();
  }

  /** Sends a file's data; false if it could not be opened. */
  *#data(
    file: FoundFile,
    stat: PlatformStat,
    stream: number,
    digest: Digest | undefined,
  ): Generator<void, boolean> {
    const { platform, writer } = this.#options;
    let descriptor: Descriptor;
    try {
      descriptor = platform.open(file.path, {
        follow: file.type === FileType.rawDevice,
        noAccessTime: file.options.noAccessTime,
        nonBlocking: file.type === FileType.regularFile,
      });
    } catch (error) {
      this.#fail(
        JobMessageType.NOTSAVED,
        `     Cannot open "${decodeText(file.path)}": ERR=${reasonOf(error)}.\n`,
      );
      return false;
    }
    try {
      writer.text(`${this.progress.files} ${stream} 0`);
      yield* this.#chunks(file, stat, descriptor, digest);
      writer.endOfData();
    } finally {
      platform.close(descriptor);
    }
    if (file.options.checkFileChanges && file.type === FileType.regularFile) {
      this.#checkChanges(file.path, stat);
    }
    return true;
  }

  *#chunks(
    file: FoundFile,
    stat: PlatformStat,
    descriptor: Descriptor,
    digest: Digest | undefined,
  ): Generator<void> {
    const { platform, writer } = this.#options;
    const { sparse, compression } = file.options;
    const compressor = compression === undefined
      ? undefined
      : this.#compressor(compression.algorithm, compression.level);
    const prefix = sparse ? 8 : 0;
    const step = sparse ? sparseChunkLength : chunkLength;
    for (let offset = 0;;) {
      const most = compressor === undefined ? step : compressor.bound(step);
      const place = writer.reserve(prefix + most);
      const plain = compressor === undefined
        ? place.subarray(prefix, prefix + step)
        : this.#plain.subarray(0, step);
      let count: number;
      try {
        count = readFully(platform, descriptor, plain);
      } catch (error) {
        this.#fail(
          JobMessageType.ERROR,
          `Read error on file ${this.progress.path}. ERR=${reasonOf(error)}\n`,
        );
        return;
      }
      if (count === 0) return;
      const chunk = plain.subarray(0, count);
      const isLast = offset + count >= stat.size && stat.size > 0;
      if (sparse && count === step && !isLast && isZero(chunk)) {
        // As a current Bareos counts: holes of files that it would read in parallel.
        if (stat.size >= 2 * step) this.progress.readBytes += count;
        offset += count;
        continue;
      }
      this.progress.readBytes += count;
      digest?.update(chunk);
      if (sparse) new DataView(place.buffer, place.byteOffset).setBigUint64(0, BigInt(offset));
      const length = prefix + (compressor?.compress(chunk, place, prefix) ?? count);
      writer.commit(length);
      this.progress.bytes += length;
      offset += count;
      yield* this.#pauseIfFull();
      if (count < step) return;
    }
  }

  *#pauseIfFull(): Generator<void> {
    if (this.#options.writer.isFull) yield;
  }

  #compressor(algorithm: ChunkCompressor["algorithm"], level: number): ChunkCompressor {
    const key = `${algorithm}${level}`;
    const compressor = this.#compressors.get(key) ?? new ChunkCompressor(algorithm, level);
    if (!this.#compressors.has(key)) {
      this.#compressors.set(key, compressor);
      const labels = [...this.#compressors.values()].map(({ algorithm }) =>
        algorithm.toLowerCase()
      );
      this.progress.compression = [...new Set(labels)].join(",");
    }
    return compressor;
  }

  #checkChanges(path: BytePath, before: PlatformStat): void {
    let after: PlatformStat;
    try {
      after = this.#options.platform.lstat(path);
    } catch (error) {
      this.#report(
        JobMessageType.WARNING,
        `Cannot stat file ${this.progress.path}: ERR=${reasonOf(error)}\n`,
      );
      return;
    }
    for (const key of ["mtime", "ctime", "size", "blocks"] as const) {
      if (before[key] !== after[key]) {
        const what = key === "blocks" ? "size" : key;
        this.#fail(
          JobMessageType.ERROR,
          `${this.progress.path}: ${what} changed during backup.\n`,
        );
        return;
      }
    }
  }

  #acls(file: FoundFile): void {
    const { platform } = this.#options;
    const isDirectory = savedType(file) === FileType.directory;
    for (const kind of isDirectory ? ["access", "default"] as const : ["access"] as const) {
      try {
        const text = platform.readAcl(file.path, kind);
        if (text === undefined) continue;
        const payload = encodeText(`${text}\0`);
        this.#record(platform.aclStreams[kind], payload);
        this.progress.bytes += payload.length;
      } catch (error) {
        this.#aclErrors++;
        if (!isSystemError(error)) throw error;
      }
    }
  }

  #extendedAttributes(file: FoundFile): void {
    const { platform } = this.#options;
    const entries = new ByteWriter();
    let length = 0;
    try {
      for (const name of platform.listAttributes(file.path)) {
        const text = decodeText(name);
        if (volatileAttributes.test(text) || (file.options.acl && aclAttributes.has(text))) {
          continue;
        }
        const value = platform.readAttribute(file.path, name);
        if (value === undefined) continue;
        length += 12 + name.length + value.length;
        if (length >= maxAttributes) {
          this.#report(
            JobMessageType.WARNING,
            `Xattr stream on file "${this.progress.path}" exceeds maximum size of ${maxAttributes} bytes\n`,
          );
          return;
        }
        entries.u32(attributeMagic).u32(name.length).bytes(name).u32(value.length).bytes(value);
      }
    } catch (error) {
      this.#attributeErrors++;
      if (!isSystemError(error)) throw error;
      return;
    }
    if (length > 0) {
      this.#record(platform.attributeStream, entries.toBytes());
      this.progress.bytes += length;
    }
  }

  #restoreTimes(path: BytePath, stat: PlatformStat): void {
    try {
      this.#options.platform.setTimes(
        path,
        { seconds: stat.atime, nanoseconds: 0 },
        { seconds: stat.mtime, nanoseconds: 0 },
      );
    } catch (error) {
      // The file was saved; that its time of access shows it is a pity, no loss.
      if (!isSystemError(error)) throw error;
    }
  }

  #fail(type: JobMessageType, text: string): void {
    this.#report(type, text);
  }

  #report(type: JobMessageType, text: string): void {
    if (type === JobMessageType.NOTSAVED || type === JobMessageType.ERROR) this.progress.errors++;
    this.#options.report(type, text);
  }
}

/** Reads until `into` is full or the file ends. */
function readFully(platform: Platform, descriptor: Descriptor, into: Uint8Array): number {
  let at = 0;
  while (at < into.length) {
    const count = platform.read(descriptor, at === 0 ? into : into.subarray(at));
    if (count === 0) break;
    at += count;
  }
  return at;
}

/** Whether all bytes are zero; four at a time. */
function isZero(bytes: Uint8Array): boolean {
  let at = 0;
  for (; at < bytes.length && (bytes.byteOffset + at) % 4 !== 0; at++) {
    if (bytes[at] !== 0) return false;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >> 2);
  for (let n = 0; n < words.length; n++) if (words[n] !== 0) return false;
  for (at += words.length * 4; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}

function withSlash(path: Uint8Array): Uint8Array {
  if (path.at(-1) === 0x2f) return path;
  const longer = new Uint8Array(path.length + 1);
  longer.set(path);
  longer[path.length] = 0x2f;
  return longer;
}
