import { type BlockDamage, BlockReader } from "./block_reader.ts";
import type { Addressing, MountedVolume } from "./device/mod.ts";
import {
  type Block,
  type Bootstrap,
  type BootstrapMatch,
  BootstrapMatcher,
  decodeSessionLabel,
  formatAddress,
  LabelType,
  type LostRecord,
  RecordCursor,
  RecordJoiner,
  type RecordOrigin,
  VolumeError,
  type VolumeRecord,
} from "./volume/mod.ts";

/** Something that could not be read. The rest is read all the same. */
export interface ReadProblem {
  /** Name of the volume. */
  readonly volume: string;
  /** Offset on the volume. */
  readonly offset: number;
  /** Bytes of the volume that are lost. */
  readonly length: number;
  /** The job message, with its newline. */
  readonly message: string;
  /** The record that is lost, if it is known which. */
  readonly lost?: LostRecord;
}

/** How a {@linkcode VolumeReader} reads. */
export interface VolumeReaderOptions {
  /** What to read; without it, everything. */
  readonly bootstrap?: Bootstrap;
  /** Told of each thing that cannot be read. */
  readonly onProblem?: (problem: ReadProblem) => void;
  /** Told of each block, before its records. */
  readonly onBlock?: (block: Block) => void;
  /** Whether labels are handed out as well (records with a negative FileIndex). */
  readonly withLabels?: boolean;
  /** Labels are all that is handed out; records are looked at only as far as damage is told. */
  readonly labelsOnly?: boolean;
  /** Whether checksums are verified (`Block Checksum`). */
  readonly checksum?: boolean;
  /** Whether to seek to where the bootstrap says (`Block Positioning`). */
  readonly positioning?: boolean;
  /** Bytes asked of the device at once. */
  readonly readSize?: number;
}

/**
 * Reads whole records from a set of volumes, one volume after the other: all of them, or those that
 * a bootstrap wants (storage-daemon.md 11.2). Records that begin on one volume and end on the next
 * come out whole. Who owns the devices opens each volume when its turn comes:
 *
 * ```ts
 * const reader = new VolumeReader({ bootstrap, onProblem });
 * for (const name of reader.volumes) {
 *   const volume = await mount(name);
 *   for (const record of reader.read(volume)) await send(record); // data valid until the next
 *   volume.close();
 * }
 * reader.finish();
 * ```
 */
export class VolumeReader {
  readonly #options: VolumeReaderOptions;
  readonly #matcher: BootstrapMatcher | undefined;
  readonly #cursor = new RecordCursor();
  readonly #joiner: RecordJoiner;

  /**
   * A reader of nothing yet.
   * @throws {SyntaxError} if a `FileRegex` of the bootstrap is no expression
   */
  constructor(options: VolumeReaderOptions = {}) {
    this.#options = options;
    const { bootstrap } = options;
    this.#matcher = bootstrap === undefined ? undefined : new BootstrapMatcher(bootstrap);
    this.#joiner = new RecordJoiner((lost) => this.#reportLost(lost));
  }

  /** The volumes that the bootstrap names, in the order in which they are to be read. */
  get volumes(): readonly string[] {
    return this.#matcher?.volumes ?? [];
  }

  /**
   * The address at which reading of a volume begins: for `Forward spacing Volume ...`, 0 if it is
   * read from its front.
   */
  startOf(volume: string): number {
    if (this.#options.positioning === false) return 0;
    this.#matcher?.startVolume(volume);
    return this.#matcher?.seekTarget(0) ?? 0;
  }

  /**
   * The wanted records of an open volume, in order. A record's data is valid until the next one is
   * asked for. Does not close the volume.
   * @param name under which the bootstrap knows the volume
   * @throws {DeviceError} if the device cannot read
   */
  *read(volume: MountedVolume, name: string = volume.name): Generator<VolumeRecord, void> {
    for (const records of this.readBlocks(volume, name)) yield* records;
  }

  /**
   * As {@linkcode VolumeReader.read}, with `undefined` after each block: a chance to do something
   * else while a large part of a volume is passed over.
   * @throws {DeviceError} if the device cannot read
   */
  *readWithPauses(
    volume: MountedVolume,
    name: string = volume.name,
  ): Generator<VolumeRecord | undefined, void> {
    for (const records of this.readBlocks(volume, name)) {
      yield* records;
      yield undefined;
    }
  }

  /**
   * As {@linkcode VolumeReader.read}, with the records that are whole at the end of each block together;
   * their data is valid until the next are asked for. For who wants many, the fastest way.
   * @throws {DeviceError} if the device cannot read
   */
  *readBlocks(
    volume: MountedVolume,
    name: string = volume.name,
  ): Generator<readonly VolumeRecord[], void> {
    const matcher = this.#matcher;
    const { addressing } = volume;
    const { checksum, readSize, onBlock } = this.#options;
    const reader = new BlockReader(volume, {
      onDamage: (damage) => this.#reportDamage(damage),
      ...(checksum === undefined ? {} : { checksum }),
      ...(readSize === undefined ? {} : { readSize }),
    });
    matcher?.startVolume(name);
    for (;;) {
      matcher?.advance(addressing?.addressOf(reader.position) ?? reader.position);
      if (matcher?.isVolumeDone && !this.#joiner.hasOpen) return;
      this.#forward(reader, addressing);
      const block = reader.next();
      if (block === undefined) return;
      onBlock?.(block);
      yield this.#recordsOf(block, name);
    }
  }

  /** All volumes are read: what is still unfinished is reported. */
  finish(): void {
    this.#joiner.finish();
  }

  #forward(reader: BlockReader, addressing: Addressing | undefined): void {
    if (this.#options.positioning === false) return;
    // Not away from the rest of a record; at the front of a volume that rest is where the entry says.
    if (this.#joiner.hasOpen && reader.position > 0) return;
    const { position } = reader;
    const target = this.#matcher?.seekTarget(addressing?.addressOf(position) ?? position);
    if (target !== undefined) reader.seek(addressing?.offsetOf(target) ?? target);
  }

  #recordsOf(block: Block, volume: string): VolumeRecord[] {
    const records: VolumeRecord[] = [];
    const { header, offset, address, lastAddress, bytes } = block;
    const last = offset + header.length - 1;
    const cursor = this.#cursor;
    const joiner = this.#joiner;
    const { labelsOnly = false } = this.#options;
    const isWanted =
      this.#matcher?.startBlock(address, lastAddress, header.version === 2 ? header : undefined) ??
        true;
    const plain: RecordOrigin = { volume, offset, last, address };
    let matched: RecordOrigin & { match: BootstrapMatch } | undefined;
    joiner.reuse();
    cursor.start(header, bytes);
    while (this.#step(plain)) {
      if (cursor.fileIndex < 0) {
        const label = this.#label(plain);
        if (label !== undefined) records.push(label);
        continue;
      }
      if (!isWanted && cursor.stream > 0) continue;
      let origin = plain;
      if (this.#matcher !== undefined && cursor.stream > 0) {
        const match = this.#matcher.match(cursor);
        if (match === undefined) {
          if (this.#matcher.isVolumeDone && !joiner.hasOpen) return records;
          continue;
        }
        if (matched?.match !== match) matched = { ...plain, match };
        origin = matched;
      }
      const record = joiner.add(cursor, origin);
      if (record !== undefined && !labelsOnly && this.#isAccepted(record)) records.push(record);
    }
    return records;
  }

  /** Steps to the next record of the block; one that claims too much ends the block. */
  #step({ volume, offset, last }: RecordOrigin): boolean {
    try {
      const skips = this.#options.labelsOnly && this.#matcher === undefined &&
        !this.#joiner.hasOpen;
      if (skips) this.#cursor.skipWholeRecords();
      return this.#cursor.next();
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      const message = `Volume data error at ${formatAddress(offset)}! ${error.message}\n`;
      this.#report({ volume, offset, length: last + 1 - offset, message });
      return false;
    }
  }

  #isAccepted(record: VolumeRecord): boolean {
    const { match } = record.origin;
    if (match === undefined || this.#matcher === undefined) return true;
    try {
      return this.#matcher.accept(match, record);
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      const { volume, offset } = record.origin;
      this.#report({ volume, offset, length: 0, message: `${error.message}\n` });
      return false;
    }
  }

  /** Session labels are kept for the bootstrap; labels are never split. */
  #label(origin: RecordOrigin): VolumeRecord | undefined {
    const { sessionId, sessionTime, fileIndex, stream, data } = this.#cursor;
    if (this.#matcher !== undefined && fileIndex === LabelType.startOfSession) {
      try {
        this.#matcher.noteLabel(this.#cursor, decodeSessionLabel(data, fileIndex));
      } catch (error) {
        if (!(error instanceof VolumeError)) throw error;
        const { volume, offset } = origin;
        this.#report({ volume, offset, length: data.length, message: `${error.message}\n` });
      }
    }
    if (!(this.#options.withLabels ?? this.#options.labelsOnly)) return undefined;
    return { sessionId, sessionTime, fileIndex, stream, data, origin };
  }

  #reportDamage({ volume, offset, length, message }: BlockDamage): void {
    this.#report({ volume, offset, length, message });
  }

  #reportLost(lost: LostRecord): void {
    const { volume, offset } = lost.origin;
    const message = `Volume data error at ${formatAddress(offset)}! Record of file ` +
      `${lost.fileIndex}, stream ${lost.stream}, session ${lost.sessionId} on Volume ` +
      `"${volume}" is incomplete: ${lost.found} of ${lost.length} bytes.\n`;
    this.#report({ volume, offset, length: 0, message, lost });
  }

  #report(problem: ReadProblem): void {
    this.#options.onProblem?.(problem);
  }
}
