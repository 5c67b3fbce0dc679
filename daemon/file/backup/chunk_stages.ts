/**
 * What happens to the chunks of a file between disk and record: compression, encryption. A stage knows nothing of those before and behind it.
 *
 * @module
 */
import { type Algorithm, ChunkCompressor } from "../../../compress/mod.ts";
import {
  type CipherStream,
  type CryptoSession,
  fastCipherStreams,
  type StreamMaker,
} from "../../../crypto/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";

/** The way of the chunks of one file, or of all files that have the same options. */
export interface ChunkStages {
  /**
   * Whether a chunk depends on the ones before it, as in a chain of cipher blocks. If not, chunks of a
   * large file are worked on by several threads at once.
   */
  readonly isChained: boolean;
  /** The most bytes that a chunk becomes. */
  bound(length: number): number;
  /**
   * Writes what becomes of a chunk to the beginning of `into`, which has room for `bound`, and says
   * how many bytes; for 0 no record is written.
   */
  process(chunk: Uint8Array, into: Uint8Array): number;
  /** Writes what remains at the end of the file, at most `bound(0)` bytes. */
  finish(into: Uint8Array): number;
}

/** Compression alone. */
class CompressionStage implements ChunkStages {
  readonly isChained = false;
  readonly #compressor: ChunkCompressor;
  readonly #isBare: boolean;

  constructor(algorithm: Algorithm, level: number, isBare: boolean) {
    this.#compressor = new ChunkCompressor(algorithm, level);
    this.#isBare = isBare;
  }

  bound(length: number): number {
    return this.#compressor.bound(length);
  }

  process(chunk: Uint8Array, into: Uint8Array): number {
    return this.#isBare
      ? this.#compressor.compressBare(chunk, into, 0)
      : this.#compressor.compress(chunk, into, 0);
  }

  finish(): number {
    return 0;
  }
}

/** Bytes of the length that stands before an encrypted chunk. */
const lengthBytes = 4;
/** What a cipher may have held back of earlier chunks, and adds at the end. */
const cipherSlack = 32;

/**
 * Encryption of one file after the other, each from the IV of the job, after an inner stage if there
 * is one: a stream of chunks, each behind its length (volume.md 13.3).
 */
class EncryptionStage implements ChunkStages {
  readonly isChained = true;
  readonly #inner: ChunkStages | undefined;
  readonly #begin: StreamMaker;
  readonly #head = new Uint8Array(lengthBytes);
  #packet = new Uint8Array(0);
  #cipher: CipherStream | undefined;

  constructor(inner: ChunkStages | undefined, begin: StreamMaker) {
    this.#inner = inner;
    this.#begin = begin;
  }

  bound(length: number): number {
    return lengthBytes + (this.#inner?.bound(length) ?? length) + cipherSlack;
  }

  process(chunk: Uint8Array, into: Uint8Array): number {
    const cipher = this.#cipher ??= this.#begin();
    const inner = this.#inner;
    if (inner === undefined) {
      this.#setLength(this.#head, chunk.length);
      const before = cipher.update(this.#head, into);
      return before + cipher.update(chunk, into.subarray(before));
    }
    const most = lengthBytes + inner.bound(chunk.length);
    if (this.#packet.length < most) this.#packet = new Uint8Array(most);
    const packed = inner.process(chunk, this.#packet.subarray(lengthBytes));
    this.#setLength(this.#packet, packed);
    return cipher.update(this.#packet.subarray(0, lengthBytes + packed), into);
  }

  /** A file without data has no padding either. */
  finish(into: Uint8Array): number {
    const cipher = this.#cipher;
    this.#cipher = undefined;
    return cipher?.finish(into) ?? 0;
  }

  #setLength(packet: Uint8Array, length: number): void {
    new DataView(packet.buffer, packet.byteOffset).setUint32(0, length);
  }
}

/** The stages of a thread: compressors keep large tables, so they are made once. */
export class StageKeeper {
  readonly #kept = new Map<string, ChunkStages>();
  readonly #encrypted = new Map<ChunkStages | undefined, ChunkStages>();
  readonly #begin: StreamMaker | undefined;

  /** With the key of the job, if it has one. */
  constructor(session?: CryptoSession) {
    this.#begin = session === undefined ? undefined : fastCipherStreams(session, "encrypt");
  }

  /** The stages that these options want; undefined if chunks go out as they are. */
  stagesOf(options: FileOptions, isEncrypted = false): ChunkStages | undefined {
    const inner = this.#compression(options);
    if (!isEncrypted || this.#begin === undefined) return inner;
    let stages = this.#encrypted.get(inner);
    if (stages === undefined) {
      stages = new EncryptionStage(inner, this.#begin);
      this.#encrypted.set(inner, stages);
    }
    return stages;
  }

  #compression({ compression, isCompatible }: FileOptions): ChunkStages | undefined {
    if (compression === undefined) return undefined;
    const { algorithm, level } = compression;
    const isBare = isCompatible && algorithm === "GZIP";
    const key = `${algorithm}${level}${isBare ? " bare" : ""}`;
    let stages = this.#kept.get(key);
    if (stages === undefined) {
      stages = new CompressionStage(algorithm, level, isBare);
      this.#kept.set(key, stages);
    }
    return stages;
  }
}
