/**
 * What happens to the chunks of a file between disk and record: compression, encryption. A stage knows nothing of those before and behind it.
 *
 * @module
 */
import { type Algorithm, ChunkCompressor } from "../../../compress/mod.ts";
import { type CryptoSession, fastCipherStreams } from "../../../crypto/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import { EncryptionStage } from "./encryption_stage.ts";

/** The way of the chunks of one file, or of all files that have the same options. */
export interface ChunkStages {
  /** The most bytes that a chunk becomes. */
  bound(length: number): number;
  /**
   * Writes what becomes of a chunk to the beginning of `into`, which has room for `bound`, and says
   * how many bytes; for 0 no record is written.
   */
  process(chunk: Uint8Array, into: Uint8Array): number;
  /** Writes what remains at the end of the file, at most `bound(0)` bytes. */
  finish(into: Uint8Array): number;
  /**
   * Set where a chunk depends on the ones before it, as in a chain of cipher blocks. If not, the chunks
   * of a large file are worked on by several threads at once, in any order.
   */
  readonly chain: ChunkChain | undefined;
}

/**
 * A way whose chunks depend on each other. Its state is data, so that another thread can go on where
 * this one has stopped: one link after the other.
 */
export interface ChunkChain {
  /**
   * What can be done to a chunk before its turn: the most bytes that it becomes, and the work. Undefined
   * if that is nothing.
   */
  readonly ahead: {
    bound(length: number): number;
    pack(chunk: Uint8Array, into: Uint8Array): number;
  } | undefined;
  /** Writes what becomes of a chunk that {@linkcode ahead} has packed, like `process`. */
  link(packed: Uint8Array, into: Uint8Array): number;
  /** Writes the state, of {@linkcode chainStateLength} bytes. */
  save(into: Uint8Array): void;
  /** Goes on from a state. */
  resume(from: Uint8Array): void;
}

/** Compression alone. */
class CompressionStage implements ChunkStages {
  readonly chain = undefined;
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

/**
 * The stages of a thread: compressors keep large tables, so they are made once. Who works on several
 * files at once has a keeper for each, if they are encrypted.
 */
export class StageKeeper {
  readonly #kept = new Map<string, ChunkStages>();
  readonly #encrypted = new Map<ChunkStages | undefined, ChunkStages>();
  readonly #session: CryptoSession | undefined;

  /** With the key of the job, if it has one. */
  constructor(session?: CryptoSession) {
    this.#session = session;
  }

  /** The stages that these options want; undefined if chunks go out as they are. */
  stagesOf(options: FileOptions, isEncrypted = false): ChunkStages | undefined {
    const inner = this.#compression(options);
    if (!isEncrypted || this.#session === undefined) return inner;
    let stages = this.#encrypted.get(inner);
    if (stages === undefined) {
      const begin = fastCipherStreams(this.#session, "encrypt");
      stages = new EncryptionStage(inner, begin, this.#session.iv);
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
