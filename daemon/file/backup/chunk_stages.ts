/**
 * What happens to the chunks of a file between disk and record: compression, and whatever else a job
 * wants. A stage knows nothing of those before and behind it.
 *
 * @module
 */
import { type Algorithm, ChunkCompressor } from "../../../compress/mod.ts";
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

  constructor(algorithm: Algorithm, level: number) {
    this.#compressor = new ChunkCompressor(algorithm, level);
  }

  bound(length: number): number {
    return this.#compressor.bound(length);
  }

  process(chunk: Uint8Array, into: Uint8Array): number {
    return this.#compressor.compress(chunk, into, 0);
  }

  finish(): number {
    return 0;
  }
}

/** The stages of a thread: compressors keep large tables, so they are made once. */
export class StageKeeper {
  readonly #kept = new Map<string, ChunkStages>();

  /** The stages that these options want; undefined if chunks go out as they are. */
  stagesOf({ compression }: FileOptions): ChunkStages | undefined {
    if (compression === undefined) return undefined;
    const { algorithm, level } = compression;
    const key = `${algorithm}${level}`;
    let stages = this.#kept.get(key);
    if (stages === undefined) {
      stages = new CompressionStage(algorithm, level);
      this.#kept.set(key, stages);
    }
    return stages;
  }
}
