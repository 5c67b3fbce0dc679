/** Chooses the way of a file's chunks by its options. @module */
import { type Algorithm, ChunkCompressor } from "../../../compress/mod.ts";
import { type CryptoSession, fastCiphers, type StreamMakers } from "../../../crypto/mod.ts";
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

/** What a thread has once for the stages of all its jobs. */
export interface StageTools {
  /**
   * Compressions by what they do: they keep large tables, and nothing of one chunk for the next one, so
   * one of each is enough for all files.
   */
  readonly compressions: Map<string, ChunkStages>;
  /** Begins encryption. */
  readonly ciphers: StreamMakers;
}

/** Makes the tools of a thread. */
export function makeStageTools(): StageTools {
  return { compressions: new Map(), ciphers: fastCiphers() };
}

/** The stages of a job in a thread. Who works on several files at once has a keeper for each. */
export class StageKeeper {
  readonly #tools: StageTools;
  readonly #encrypted = new Map<ChunkStages | undefined, ChunkStages>();
  readonly #session: CryptoSession | undefined;

  /** With the key of the job, if it has one. */
  constructor(session?: CryptoSession, tools: StageTools = makeStageTools()) {
    this.#session = session;
    this.#tools = tools;
  }

  /** The stages that these options want; undefined if chunks go out as they are. */
  stagesOf(options: FileOptions, isEncrypted = false): ChunkStages | undefined {
    const inner = this.#compression(options);
    if (!isEncrypted || this.#session === undefined) return inner;
    let stages = this.#encrypted.get(inner);
    if (stages === undefined) {
      const begin = this.#tools.ciphers(this.#session, "encrypt");
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
    const { compressions } = this.#tools;
    let stages = compressions.get(key);
    if (stages === undefined) {
      stages = new CompressionStage(algorithm, level, isBare);
      compressions.set(key, stages);
    }
    return stages;
  }
}
