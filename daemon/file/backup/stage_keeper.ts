/** Chooses the way of a file's chunks by its options. @module */
import { type Algorithm, ChunkCompressor } from "../../../compress/mod.ts";
import { type CryptoSession, fastCipherStreams } from "../../../crypto/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import type { ChunkStages } from "./chunk_stages.ts";
import { EncryptionStage } from "./encryption_stage.ts";

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
 * Compressions of a thread, by what they do: they keep large tables, and nothing of one chunk for the
 * next one, so one of each is enough for all files.
 */
export type KeptCompressions = Map<string, ChunkStages>;

/** The stages of a job in a thread. Who works on several files at once has a keeper for each. */
export class StageKeeper {
  readonly #kept: KeptCompressions;
  readonly #encrypted = new Map<ChunkStages | undefined, ChunkStages>();
  readonly #session: CryptoSession | undefined;

  /** With the key of the job, if it has one. */
  constructor(session?: CryptoSession, kept: KeptCompressions = new Map()) {
    this.#session = session;
    this.#kept = kept;
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
