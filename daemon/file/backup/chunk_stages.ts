/**
 * What happens to the chunks of a file between disk and record: compression, encryption. A stage knows nothing of those before and behind it.
 *
 * @module
 */
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
