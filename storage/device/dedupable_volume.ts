/** An open dedupable volume (volume.md 16.3). @module */
import { Buffer } from "node:buffer";
import { blockHeaderLength, maximumBlockLength, parseBlockHeader } from "../volume/mod.ts";
import { BlockOffsets } from "./block_offsets.ts";
import {
  blockEntryLength,
  configLimit,
  type DataFile,
  decodeDedupableConfig,
  decodePart,
  type DedupableConfig,
  DedupableLayoutError,
  encodeBlockEntry,
  encodeDedupableConfig,
  encodeParts,
  type Part,
  partLength,
} from "./dedupable_layout.ts";
import type { Addressing, MountedVolume, OpenMode } from "./device.ts";
import { PartPlacer } from "./dedupable_parts.ts";
import { readAhead, runsOf } from "./dedupable_runs.ts";
import { FolderFiles } from "./folder_files.ts";
import { VolumeTasks } from "./volume_tasks.ts";

/** Name of the file that describes the others. */
export const configFile = "config";
const fileMode = 0o640;
/** Parts of one block: a record of no bytes has one of its own at most. */
const partLimit = maximumBlockLength / 12;

/** Where a volume is and how it is opened. */
export interface DedupableVolumeOptions {
  /** Name of the volume. */
  readonly name: string;
  /** The device as messages name it. */
  readonly devicePrintName: string;
  /** The volume's own folder. */
  readonly folder: string;
  readonly mode: OpenMode;
  /** Bytes of a block of the aligned file, for a new volume. */
  readonly blockSize: number;
}

/**
 * Seen from outside it is bytes from 0 on, all its blocks one behind the other; the catalog knows blocks
 * by their number ({@linkcode MountedVolume.addressing}). Only whole blocks are written, and their
 * description last: what a crash interrupts was never there.
 */
export class DedupableVolume implements MountedVolume {
  readonly name: string;
  readonly devicePrintName: string;
  readonly addressing: Addressing;
  readonly #folder: string;
  readonly #mode: OpenMode;
  readonly #files: FolderFiles;
  readonly #tasks: VolumeTasks;
  readonly #placer = new PartPlacer();
  readonly #offsets: BlockOffsets;
  #config: DedupableConfig;
  /** The block read last. */
  #read: { readonly start: number; readonly bytes: Uint8Array } | undefined;

  /**
   * Opens a volume, or makes one.
   * @throws the system's errors, {@linkcode DedupableLayoutError}
   */
  constructor({ name, devicePrintName, folder, mode, blockSize }: DedupableVolumeOptions) {
    this.name = name;
    this.devicePrintName = devicePrintName;
    this.#folder = folder;
    this.#mode = mode;
    this.#files = new FolderFiles(folder, { isWriting: mode !== "read" });
    this.#tasks = new VolumeTasks(name, devicePrintName);
    if (mode === "create") makeVolume(folder, blockSize);
    try {
      this.#config = this.#readConfig();
      const entries = (into: Uint8Array, at: number): number =>
        this.#files.read(this.#config.blocks.name, into, at);
      this.#offsets = new BlockOffsets(entries);
      this.#offsets.extend(this.#config.blocks.count);
    } catch (error) {
      this.close();
      throw error;
    }
    this.addressing = {
      addressOf: (offset) => this.#tasks.do("measure", offset, () => this.#offsets.indexAt(offset)),
      offsetOf: (address) =>
        this.#tasks.do("measure", undefined, () => this.#offsets.startOf(address)),
    };
  }

  size(): number {
    return this.#tasks.do("measure", undefined, () => {
      this.#lookAgain();
      return this.#offsets.size;
    });
  }

  modifiedAt(): number {
    return this.#tasks.do("measure", undefined, () => {
      const { mtime } = Deno.statSync(`${this.#folder}/${configFile}`);
      return Math.floor((mtime?.getTime() ?? 0) / 1000);
    });
  }

  readAt(into: Uint8Array, offset: number): number {
    return this.#tasks.do(`read ${into.length} bytes`, offset, () => {
      if (offset + into.length > this.#offsets.size) this.#lookAgain();
      let done = 0;
      while (done < into.length && offset + done < this.#offsets.size) {
        const { start, bytes } = this.#blockAt(offset + done);
        const from = offset + done - start;
        const piece = bytes.subarray(from, from + into.length - done);
        into.set(piece, done);
        done += piece.length;
      }
      return done;
    });
  }

  writeAt(bytes: Uint8Array, offset: number): void {
    let written = 0;
    try {
      this.#mayWrite();
      if (offset !== this.#offsets.size) {
        throw new DedupableLayoutError(
          `blocks are written at the end of a dedupable volume, which is ${this.#offsets.size}`,
        );
      }
      while (written < bytes.length) {
        const { length, version } = parseBlockHeader(bytes.subarray(written));
        if (version !== 2 || length > bytes.length - written) {
          throw new DedupableLayoutError("a dedupable volume takes whole blocks alone");
        }
        this.#append(bytes.subarray(written, written + length));
        written += length;
      }
    } catch (cause) {
      throw this.#tasks.error(`write ${bytes.length} bytes`, cause, offset, written);
    }
  }

  truncate(size: number): void {
    this.#tasks.do("truncate", size, () => {
      this.#mayWrite();
      if (size === this.#offsets.size) return; // what was begun behind it does not count
      const count = size === 0 ? 0 : this.#offsets.indexAt(size);
      if (this.#offsets.startOf(count) !== size) {
        throw new DedupableLayoutError("a dedupable volume is cut between blocks alone");
      }
      this.#cutTo(count);
    });
  }

  sync(): void {
    this.#tasks.do("sync", undefined, () => {
      for (const { name } of this.#allFiles()) this.#files.open(name).syncDataSync();
    });
  }

  async syncMeanwhile(): Promise<void> {
    try {
      // Handles of their own: an asynchronous call bars the other ones' synchronous calls.
      for (const { name } of this.#allFiles()) {
        using file = await Deno.open(`${this.#folder}/${name}`, { write: true });
        await file.syncData();
      }
    } catch (cause) {
      throw this.#tasks.error("sync", cause);
    }
  }

  close(): void {
    this.#files.close();
  }

  /** The data first, the config last. */
  *#allFiles(): Generator<{ readonly name: string }> {
    yield* this.#config.data;
    yield this.#config.parts;
    yield this.#config.blocks;
    yield { name: configFile };
  }

  #append(block: Uint8Array): void {
    const { blocks, parts, data } = this.#config;
    const isFree = ({ isReadOnly }: DataFile): boolean => !isReadOnly;
    const aligned = data.find((file) => isFree(file) && file.blockSize > 1);
    const unaligned = data.find((file) => isFree(file) && file.blockSize === 1);
    if (aligned === undefined || unaligned === undefined) {
      throw new DedupableLayoutError("it has no files that data may be appended to");
    }
    const placed = this.#placer.place(block, { aligned, unaligned });
    const names = new Map(data.map(({ index, name }) => [index, name]));
    for (const { file, offset, bytes } of runsOf(placed.parts)) {
      this.#files.write(names.get(file) ?? "", bytes, offset);
    }
    this.#files.write(parts.name, encodeParts(placed.parts), parts.count * partLength);
    const entry = encodeBlockEntry({
      header: block.subarray(0, blockHeaderLength),
      firstPart: parts.count,
      partCount: placed.parts.length,
    });
    this.#files.write(blocks.name, entry, blocks.count * blockEntryLength);
    const used = new Map([
      [aligned.index, placed.alignedUsed],
      [unaligned.index, placed.unalignedUsed],
    ]);
    this.#describe({
      blocks: { ...blocks, count: blocks.count + 1 },
      parts: { ...parts, count: parts.count + placed.parts.length },
      data: data.map((file) => ({ ...file, used: used.get(file.index) ?? file.used })),
    });
    placed.commit();
    this.#offsets.add(block.length);
  }

  /** Leaves the first `count` blocks. */
  #cutTo(count: number): void {
    const { blocks, parts, data } = this.#config;
    const last = count === 0 ? undefined : this.#offsets.entry(count - 1);
    const partCount = last === undefined ? 0 : last.firstPart + last.partCount;
    const used = this.#usedBy(partCount);
    this.#describe({
      blocks: { ...blocks, count },
      parts: { ...parts, count: partCount },
      data: data.map((file) => ({ ...file, used: used.get(file.index) ?? 0 })),
    });
    this.#placer.clear();
    this.#read = undefined;
    this.#offsets.cutTo(count);
    if (count > 0) return;
    for (const { name } of [blocks, parts, ...data]) this.#files.open(name).truncateSync(0);
  }

  /** Where the data of the first `count` parts ends, in each file. */
  #usedBy(count: number): Map<number, number> {
    const ends = new Map<number, number>();
    const step = 65_536;
    for (let first = 0; first < count; first += step) {
      for (const { file, offset, length } of this.#parts(first, Math.min(step, count - first))) {
        ends.set(file, Math.max(ends.get(file) ?? 0, offset + length));
      }
    }
    const alignedTo = new Map(this.#config.data.map(({ index, blockSize }) => [index, blockSize]));
    for (const [file, end] of ends) {
      const blockSize = Math.max(1, alignedTo.get(file) ?? 1);
      ends.set(file, Math.ceil(end / blockSize) * blockSize);
    }
    return ends;
  }

  /** The block in which the byte at `offset` is. */
  #blockAt(offset: number): { start: number; bytes: Uint8Array } {
    const read = this.#read;
    if (read !== undefined && offset >= read.start && offset < read.start + read.bytes.length) {
      return read;
    }
    const index = this.#offsets.indexAt(offset);
    const start = this.#offsets.startOf(index);
    const { header, firstPart, partCount } = this.#offsets.entry(index);
    const { length } = parseBlockHeader(header);
    if (partCount > partLimit) {
      throw new DedupableLayoutError(`block ${index} is made of ${partCount} parts`);
    }
    const bytes = new Uint8Array(length);
    bytes.set(header);
    let filled = blockHeaderLength;
    const names = new Map(this.#config.data.map(({ index, name }) => [index, name]));
    const parts = this.#parts(firstPart, partCount);
    const total = parts.reduce((sum, part) => sum + part.length, blockHeaderLength);
    if (total !== length) {
      throw new DedupableLayoutError(
        `block ${index} has ${length} bytes, and its parts and header are ${total}`,
      );
    }
    const sources = readAhead(parts, (file, offset, length) => {
      const name = names.get(file);
      if (name === undefined) {
        throw new DedupableLayoutError(`block ${index} has a part in file ${file}, which is none`);
      }
      const into = new Uint8Array(length);
      const found = this.#files.read(name, into, offset);
      return into.subarray(0, found);
    });
    for (const [number, part] of parts.entries()) {
      const piece = sources(number);
      if (piece.length < part.length) {
        throw new DedupableLayoutError(
          `block ${index} lacks ${part.length - piece.length} bytes in ${names.get(part.file)}`,
        );
      }
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return this.#read = { start, bytes };
  }

  #parts(first: number, count: number): Part[] {
    const bytes = Buffer.alloc(count * partLength);
    if (this.#files.read(this.#config.parts.name, bytes, first * partLength) < bytes.length) {
      throw new DedupableLayoutError(
        `its ${this.#config.parts.name} end before part ${first + count}`,
      );
    }
    return Array.from({ length: count }, (_, number) => decodePart(bytes, number * partLength));
  }

  /** Of a volume that another one writes: what has come to it. */
  #lookAgain(): void {
    if (this.#mode !== "read") return;
    const config = this.#readConfig();
    if (config.blocks.count < this.#offsets.count) {
      this.#offsets.cutTo(config.blocks.count);
      this.#read = undefined;
    }
    this.#config = config;
    this.#offsets.extend(config.blocks.count);
  }

  #readConfig(): DedupableConfig {
    const bytes = new Uint8Array(configLimit);
    return decodeDedupableConfig(bytes.subarray(0, this.#files.read(configFile, bytes, 0)));
  }

  #describe(config: DedupableConfig): void {
    this.#files.write(configFile, encodeDedupableConfig(config), 0);
    this.#config = config;
  }

  #mayWrite(): void {
    if (this.#mode === "read") {
      throw Object.assign(new Error("Bad file descriptor"), { code: "EBADF" });
    }
  }
}

/** Makes the files of an empty volume, unless there is one. */
function makeVolume(folder: string, blockSize: number): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
  const empty: DedupableConfig = {
    blocks: { name: "blocks", count: 0 },
    parts: { name: "parts", count: 0 },
    data: [
      { name: "aligned.data", index: 0, blockSize, used: 0, isReadOnly: false },
      { name: "unaligned.data", index: 1, blockSize: 1, used: 0, isReadOnly: false },
    ],
  };
  for (const { name } of [empty.blocks, empty.parts, ...empty.data]) {
    Deno.openSync(`${folder}/${name}`, { write: true, create: true, mode: fileMode }).close();
  }
  try {
    using file = Deno.openSync(`${folder}/${configFile}`, {
      write: true,
      createNew: true,
      mode: fileMode,
    });
    file.writeSync(encodeDedupableConfig(empty));
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
