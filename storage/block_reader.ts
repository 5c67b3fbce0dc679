import { Buffer } from "node:buffer";
import type { MountedVolume } from "./device/mod.ts";
import {
  type Block,
  blockChecksum,
  type BlockHeader,
  blockHeaderLength,
  formatAddress,
  maximumBlockLength,
  parseBlockHeader,
  VolumeError,
} from "./volume/mod.ts";

/** Part of a volume that could not be read as blocks, and was skipped. */
export interface BlockDamage {
  /** Name of the volume. */
  readonly volume: string;
  /** Offset of the first byte that is lost. */
  readonly offset: number;
  /** Bytes up to the next good block, or to the end of the volume. */
  readonly length: number;
  /** The job message, in the words of storage-daemon.md 10.7 and volume.md 3.5. */
  readonly message: string;
  /** Whether the volume just ends within a block, as after a crash. */
  readonly isTruncation: boolean;
}

/** How a {@linkcode BlockReader} reads. */
export interface BlockReaderOptions {
  /** Told of everything that had to be skipped. */
  readonly onDamage?: (damage: BlockDamage) => void;
  /** Whether checksums are verified, of blocks that have one (volume.md 3.3); false takes all blocks as they are. */
  readonly checksum?: boolean;
  /** Bytes asked of the device at once. */
  readonly readSize?: number;
}

const id = Buffer.from("BB02");
const idOffset = 12;
/** Blocks larger than this are not looked for in damaged parts: their length is damaged as well. */
const searchBlockLimit = 4 * 1024 * 1024;
/** Bytes that may be checksummed in vain for each byte that is searched, so that a search ends. */
const searchEffort = 64;

/**
 * Reads the blocks of a volume front to back, in large pieces, and checks them. What is no good
 * block is reported and skipped: reading goes on with the next good one, wherever it begins.
 */
export class BlockReader {
  readonly #volume: MountedVolume;
  readonly #options: BlockReaderOptions;
  readonly #readSize: number;
  #buffer: Uint8Array<ArrayBuffer>;
  /** Offset on the volume of the buffer's first byte. */
  #base = 0;
  /** Bytes in the buffer. */
  #filled = 0;
  #position = 0;
  /** Whether the volume has blocks without a checksum: only then are such looked for behind damage. */
  #hasUnchecked = false;

  /** A reader at the beginning of an open volume, which it does not close. */
  constructor(volume: MountedVolume, options: BlockReaderOptions = {}) {
    this.#volume = volume;
    this.#options = options;
    this.#readSize = Math.max(options.readSize ?? 1024 * 1024, 4096);
    this.#buffer = new Uint8Array(this.#readSize + 64 * 1024);
  }

  /** Offset of the next block. */
  get position(): number {
    return this.#position;
  }

  /** Goes on at an offset, which should be the first byte of a block. */
  seek(offset: number): void {
    this.#position = offset;
  }

  /**
   * Reads the next good block; undefined at the end of the volume. Its bytes are valid until the
   * next call.
   * @throws {DeviceError} if the device cannot read
   */
  next(): Block | undefined {
    for (;;) {
      const offset = this.#position;
      const front = this.#at(offset, blockHeaderLength);
      if (front.length === 0) return undefined;
      const found = this.#tryBlock(offset, front);
      if (typeof found !== "string") {
        this.#position = offset + found.header.length;
        if (found.header.checksum === 0) this.#hasUnchecked = true;
        return found;
      }
      this.#skipDamage(offset, found);
    }
  }

  /** The block at `offset`, or what is wrong with it. */
  #tryBlock(offset: number, front: Uint8Array): Block | string {
    let header: BlockHeader;
    try {
      header = parseBlockHeader(front);
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      const short = front.length < blockHeaderLength
        ? ` on device ${this.#volume.devicePrintName} discarded.`
        : "";
      return `Volume data error at ${formatAddress(offset)}! ${error.message}${short}\n`;
    }
    const bytes = this.#at(offset, header.length);
    if (bytes.length < header.length) {
      return `Volume data error at ${formatAddress(offset)}! Short block of ${bytes.length} ` +
        `bytes on device ${this.#volume.devicePrintName} discarded.\n`;
    }
    if (this.#options.checksum !== false && header.checksum !== 0) {
      const computed = blockChecksum(bytes);
      if (computed !== header.checksum) {
        return `Volume data error at ${formatAddress(offset)}!\nBlock checksum mismatch in ` +
          `block=${header.number} len=${header.length}: calc=${computed.toString(16)} ` +
          `blk=${header.checksum.toString(16)}\n`;
      }
    }
    const { addressing } = this.#volume;
    const last = offset + header.length - 1;
    if (addressing === undefined) {
      return { header, offset, address: offset, lastAddress: last, bytes };
    }
    const address = addressing.addressOf(offset);
    return { header, offset, address, lastAddress: address, bytes };
  }

  #skipDamage(offset: number, message: string): void {
    const size = this.#volume.size();
    const next = this.#behind(offset, size) ?? this.#search(offset + 1, size);
    this.#position = next ?? size;
    this.#options.onDamage?.({
      volume: this.#volume.name,
      offset,
      length: Math.max(0, this.#position - offset),
      message,
      isTruncation: next === undefined && message.includes("hort block of"),
    });
  }

  /** The end of the damaged block if its length is right: a good block or nothing follows. */
  #behind(offset: number, size: number): number | undefined {
    const front = this.#at(offset, blockHeaderLength);
    if (front.length < blockHeaderLength) return undefined;
    const length = new DataView(front.buffer, front.byteOffset).getUint32(4);
    if (length < blockHeaderLength || length > maximumBlockLength) return undefined;
    const end = offset + length;
    if (end === size) return end;
    return end < size && this.#isGood(end) ? end : undefined;
  }

  /** The offset of the first good block from `start` on. */
  #search(start: number, size: number): number | undefined {
    let effort = 16 * searchBlockLimit + (size - start) * searchEffort;
    let at = start;
    while (at + blockHeaderLength <= size) {
      const chunk = this.#buffered(at);
      const hit = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).indexOf(id, idOffset);
      if (hit < 0) {
        if (at + chunk.length >= size) return undefined;
        at += chunk.length - idOffset - id.length + 1;
        continue;
      }
      const candidate = at + hit - idOffset;
      const length = this.#lengthAt(candidate);
      if (length <= searchBlockLimit && candidate + length <= size) {
        effort -= length;
        if (this.#isGood(candidate)) return candidate;
        if (effort < 0) return undefined;
      }
      at = candidate + 1;
    }
    return undefined;
  }

  /** What the buffer holds from `offset` on, or a new filling if that is next to nothing. */
  #buffered(offset: number): Uint8Array {
    const inside = offset - this.#base;
    const rest = this.#filled - inside;
    return inside >= 0 && rest >= 1024 ? this.#at(offset, rest) : this.#at(offset, this.#readSize);
  }

  #lengthAt(offset: number): number {
    const front = this.#at(offset, blockHeaderLength);
    return new DataView(front.buffer, front.byteOffset).getUint32(4);
  }

  #isGood(offset: number): boolean {
    const found = this.#tryBlock(offset, this.#at(offset, blockHeaderLength));
    if (typeof found === "string") return false;
    return found.header.checksum !== 0 || this.#hasUnchecked || this.#options.checksum === false;
  }

  /** Up to `length` bytes from `offset`, fewer at the end; a view valid until the next call. */
  #at(offset: number, length: number): Uint8Array {
    const inside = offset - this.#base;
    if (inside >= 0 && inside + length <= this.#filled) {
      return this.#buffer.subarray(inside, inside + length);
    }
    this.#load(offset, length);
    return this.#buffer.subarray(0, Math.min(length, this.#filled));
  }

  /** Makes the buffer begin at `offset` and hold `length` bytes and more, as far as there are. */
  #load(offset: number, length: number): void {
    const inside = offset - this.#base;
    const kept = inside >= 0 && inside < this.#filled
      ? this.#buffer.subarray(inside, this.#filled)
      : new Uint8Array(0);
    const wanted = Math.max(length, kept.length) + this.#readSize;
    if (wanted > this.#buffer.length) {
      const larger = new Uint8Array(wanted);
      larger.set(kept);
      this.#buffer = larger;
    } else if (inside > 0 && kept.length > 0) {
      this.#buffer.copyWithin(0, inside, this.#filled);
    }
    this.#base = offset;
    this.#filled = kept.length;
    const target = this.#buffer.subarray(this.#filled);
    this.#filled += this.#volume.readAt(target, offset + this.#filled);
  }
}
