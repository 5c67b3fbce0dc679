/** From what the walk found to units of work for the threads that save. @module */
import { decodeText } from "../../../bytes/mod.ts";
import type { DigestName } from "../../../crypto/mod.ts";
import { JobMessageType } from "../../../protocol/mod.ts";
import {
  encodeAttributes,
  type EncodedStat,
  encodeStat,
  FileType,
  type FileTypeNumber,
  Stream,
} from "../../../storage/volume/mod.ts";
import { encodeFoundFile } from "../attributes/mod.ts";
import {
  type FileOptions,
  type FileSet,
  type FoundFile,
  type Notice,
  type PluginFile,
  pluginFilesOf,
  savedType,
} from "../fileset/mod.ts";
import { type Protection, treatmentOf } from "./protection.ts";
import { type FileItem, type NoticeItem, roomFor, type SaveItem, UnitWriter } from "./save_item.ts";
import { type SharedArea, unitLength } from "./shared_area.ts";

/** A unit is given away when it has so many items, or its files so many bytes. */
const mostItems = 256;
const mostBytes = 768 << 10;
/** Files looked at after which progress is told, even if none was to be saved. */
const mostExamined = 4096;

/** The highest FileIndex there is: it has 32 bits (director-client.md 24.3). */
export const mostFiles = 0xffff_ffff;
/** What is said where there are more files than that. */
export const tooManyFiles =
  "FileIndex overflow detected. Please split the fileset to backup fewer files.";

/** Streams of the digests of files. */
export const digestStreams: Readonly<Record<DigestName, number>> = {
  MD5: Stream.md5Digest,
  SHA1: Stream.sha1Digest,
  SHA256: Stream.sha256Digest,
  SHA512: Stream.sha512Digest,
  XXH128: Stream.xxh128Digest,
};

/** Whether files of this type have data of their own. */
export function hasData(type: number): boolean {
  return type === FileType.emptyFile || type === FileType.regularFile ||
    type === FileType.rawDevice || type === FileType.fifoData;
}

/** The options of a file set; threads that have copies of it number them alike. */
export function optionsOf(fileSet: FileSet): FileOptions[] {
  return fileSet.includes.flatMap(({ blocks, pluginFiles }) =>
    [...blocks, ...pluginFiles].map(({ options }) => options)
  );
}

/** Numbers the files of a job and describes them, unit by unit. */
export class UnitBuilder {
  readonly #area: SharedArea;
  readonly #numbers: ReadonlyMap<FileOptions, number>;
  readonly #plugins: ReadonlyMap<PluginFile, number>;
  readonly #protection: Protection | undefined;
  /** What found no room yet. */
  #held: SaveItem[] = [];
  #writer: UnitWriter | undefined;
  #bytes = 0;
  #examinedBefore = 0;
  /** The highest FileIndex so far. */
  files: number;
  /** Files looked at. */
  examined = 0;
  /** Units given away. */
  units = 0;

  /** Nothing is described yet. */
  constructor(
    area: SharedArea,
    { fileSet, firstFileIndex, protection }: {
      readonly fileSet: FileSet;
      readonly firstFileIndex: number;
      readonly protection?: Protection | undefined;
    },
  ) {
    this.#area = area;
    this.#protection = protection;
    this.#numbers = new Map(optionsOf(fileSet).map((options, number) => [options, number]));
    this.#plugins = new Map(pluginFilesOf(fileSet).map((file, index) => [file, index + 1]));
    this.files = firstFileIndex;
  }

  /** Takes what the walk found, and what else is to be said of it. @throws if there are too many files */
  add(file: FoundFile, notice?: Notice): void {
    this.examined++;
    if (notice !== undefined) this.addNotice(notice);
    if (file.notice !== undefined) this.addNotice(file.notice);
    if (file.isSaved && file.stat !== undefined) this.#file(file, file.stat);
    this.#giveIfFull();
  }

  /** Takes a file of an earlier job that is gone (accurate mode): only its times are left. */
  addDeleted(path: string, { mtime, ctime }: EncodedStat): void {
    const stat = encodeStat({ ...noStat, mtime, ctime }, { dataStream: Stream.fileData });
    this.#addListed(FileType.deleted, path, stat);
  }

  /** Takes a file that is as a base job has it: attributes without data. */
  addBase(path: string, known: EncodedStat): void {
    this.#addListed(FileType.base, path, encodeStat(known, known));
  }

  #addListed(type: FileTypeNumber, path: string, stat: string): void {
    const fileIndex = this.#nextIndex();
    const attributes = encodeAttributes({ fileIndex, type, name: path, stat });
    this.#put({
      ...{ kind: "file", fileIndex, type, options: 0, attributes },
      ...{
        plugin: 0,
        firstIndex: 0,
        repeatsDigest: 0,
        size: 0,
        blocks: 0,
        atime: 0,
        mtime: 0,
        ctime: 0,
      },
      path: attributes.subarray(0, 0),
    });
    this.#giveIfFull();
  }

  /** Takes a message that belongs behind the files so far. */
  addNotice({ type, text }: Notice): void {
    this.#notice(type, text);
  }

  /** Finds room for what had none; false if there is none now, and nothing may be added. */
  drain(): boolean {
    while (this.#held[0] !== undefined) {
      if (!this.#write(this.#held[0])) return false;
      this.#held.shift();
    }
    return true;
  }

  /** Gives away what is left and says how it ends; all must have room. */
  finish(): void {
    this.#give();
    this.#area.endWalk();
  }

  #file(file: FoundFile, stat: NonNullable<FoundFile["stat"]>): void {
    const { options, hardLink } = file;
    const number = this.#numbers.get(options);
    if (number === undefined) throw new TypeError("A file has options that are not its file set's");
    const fileIndex = this.#nextIndex();
    const type = savedType(file);
    let repeatsDigest = 0;
    if (type === FileType.hardLink) repeatsDigest = hardLink?.digestStream ?? 0;
    else if (hardLink !== undefined) {
      hardLink.fileIndex = fileIndex;
      hardLink.digestStream = digestStreamOf(type, options);
    }
    const { size, blocks, atime, mtime, ctime } = stat;
    this.#put({
      ...{ kind: "file", fileIndex, type, options: number, repeatsDigest },
      ...{ size, blocks, atime, mtime, ctime, path: file.path },
      firstIndex: hardLink?.fileIndex ?? 0,
      plugin: file.plugin === undefined ? 0 : this.#plugins.get(file.plugin) ?? 0,
      attributes: encodeFoundFile(
        file,
        fileIndex,
        treatmentOf(type, options, this.#protection).stream,
      ),
    });
    if (hasData(type)) this.#bytes += Math.max(0, size);
  }

  #nextIndex(): number {
    if (this.files >= mostFiles) throw new RangeError(tooManyFiles);
    return ++this.files;
  }

  #notice(type: JobMessageType, text: string): void {
    this.#put({ kind: "notice", type, text });
  }

  #put(item: FileItem | NoticeItem): void {
    if (roomFor(item) > unitLength) {
      if (item.kind === "notice") throw new RangeError("Cannot pass on a message: it is too long");
      const name = decodeText(item.path.slice(0, 4096));
      this.files--;
      return this.#notice(
        JobMessageType.NOTSAVED,
        `     Could not access "${name}...": ERR=File name too long\n`,
      );
    }
    if (this.#held.length === 0 && this.#write(item)) return;
    // The walk uses the memory of a name again.
    this.#held.push(item.kind === "file" ? { ...item, path: item.path.slice() } : item);
  }

  /** Writes an item to a unit; false if there is no room for another unit. */
  #write(item: SaveItem): boolean {
    const write = (writer: UnitWriter): boolean =>
      item.kind === "file" ? writer.file(item) : writer.notice(item);
    if (this.#writer !== undefined && write(this.#writer)) return true;
    if (this.#writer !== undefined) this.#give();
    const place = this.#area.nextUnit();
    if (place === undefined) return false;
    this.#writer = new UnitWriter(place);
    return write(this.#writer);
  }

  #giveIfFull(): void {
    const isFull = (this.#writer?.items ?? 0) >= mostItems || this.#bytes >= mostBytes ||
      this.examined - this.#examinedBefore >= mostExamined;
    if (isFull) this.#give();
  }

  #give(): void {
    let writer = this.#writer;
    if (writer === undefined && this.examined > this.#examinedBefore) {
      const place = this.#area.nextUnit();
      writer = place && new UnitWriter(place);
    }
    if (writer === undefined) return;
    writer.finish(this.examined);
    this.#area.publishUnit();
    this.units++;
    this.#writer = undefined;
    this.#bytes = 0;
    this.#examinedBefore = this.examined;
  }
}

/** The stream of a file's own digest; 0 if it has none. */
export function digestStreamOf(type: number, { signature }: FileOptions): number {
  const isDigested = hasData(type) && type !== FileType.fifoData;
  return signature === undefined || !isDigested ? 0 : digestStreams[signature];
}

/** The stat of nothing. */
const noStat = {
  ...{ dev: 0, ino: 0, mode: 0, nlink: 0, uid: 0, gid: 0, rdev: 0, size: 0 },
  ...{ blksize: 0, blocks: 0, atime: 0 },
};
