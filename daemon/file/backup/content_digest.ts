import { type Digest, type DigestName, fastDigests } from "../../../crypto/mod.ts";
import type { FileOptions } from "../fileset/mod.ts";
import { type Descriptor, isSystemError, type Platform } from "../platform/mod.ts";
import { chunkLength } from "./shared_area.ts";
import { GrowthLimit } from "./growth_limit.ts";
import { offsetLength } from "./sparse_offset.ts";

/** A file whose contents are to be digested. */
export interface DigestedFile {
  readonly path: Uint8Array;
  /** Its size by its stat. */
  readonly size: number;
  readonly options: FileOptions;
  /** Whether a backup leaves out its holes: they do not count for the digest then (director-client.md 24.3). */
  readonly isSparse: boolean;
}

/** What could not be done with a file. */
export interface Undigested {
  readonly doing: "open" | "read";
  readonly error: unknown;
}

/** Chunks of a file that are read in one step. */
const chunksPerStep = 16;

/** Takes the digest of files as a backup would, for who compares it with the one in the catalog. */
export class ContentDigest {
  readonly #platform: Platform;
  #createDigest: ((name: DigestName) => Digest) | undefined;
  #buffer: Uint8Array | undefined;
  /** Bytes digested so far. */
  bytes = 0;

  /** A digest for the files of a thread. */
  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * A file's digest, raw; or what could not be done with it, and why.
   * @throws what is no error of the system
   */
  of(file: DigestedFile, name: DigestName): Uint8Array | Undigested {
    const steps = this.stepsOf(file, name);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** The same step by step, for who has other work as well; nothing stays open if it is not finished. */
  *stepsOf(
    file: DigestedFile,
    name: DigestName,
  ): Generator<void, Uint8Array | Undigested, undefined> {
    const digest = (this.#createDigest ??= fastDigests())(name);
    let doing: Undigested["doing"] = "open";
    try {
      const { noAccessTime } = file.options;
      const descriptor = this.#platform.open(file.path, { noAccessTime, nonBlocking: true });
      try {
        doing = "read";
        yield* this.#read(descriptor, file, digest);
      } finally {
        this.#platform.close(descriptor);
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return { doing, error };
    }
    return digest.digest();
  }

  *#read(
    descriptor: Descriptor,
    { size, isSparse }: DigestedFile,
    digest: Digest,
  ): Generator<void, void, undefined> {
    const step = isSparse ? chunkLength - offsetLength : chunkLength;
    const chunk = (this.#buffer ??= new Uint8Array(chunkLength)).subarray(0, step);
    const limit = new GrowthLimit(size);
    let offset = 0;
    for (let chunks = 1;; chunks++) {
      const count = readFully(this.#platform, descriptor, chunk);
      if (count === 0) return;
      offset += count;
      if (!isSparse || !isHole(chunk, count, offset, size)) {
        const bytes = chunk.subarray(0, count);
        this.bytes += count;
        digest.update(bytes);
      }
      if (count < step || limit.isReached(offset)) return;
      if (chunks % chunksPerStep === 0) yield;
    }
  }
}

/**
 * Whether a chunk that ends at `end` is left out of a sparse file of this size: a whole one of zeros
 * that is not the last (volume.md 9.3).
 */
export function isHole(chunk: Uint8Array, count: number, end: number, size: number): boolean {
  const isLast = end >= size && size > 0;
  return count === chunk.length && !isLast && isZero(chunk);
}

/** Reads until `into` is full or the file ends. */
export function readFully(
  platform: Platform,
  descriptor: Descriptor,
  into: Uint8Array,
): number {
  let at = 0;
  while (at < into.length) {
    const count = platform.read(descriptor, at === 0 ? into : into.subarray(at));
    if (count === 0) break;
    at += count;
  }
  return at;
}

/** Whether all bytes are zero; four at a time. */
function isZero(bytes: Uint8Array): boolean {
  let at = 0;
  for (; at < bytes.length && (bytes.byteOffset + at) % 4 !== 0; at++) {
    if (bytes[at] !== 0) return false;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >> 2);
  for (let n = 0; n < words.length; n++) if (words[n] !== 0) return false;
  for (at += words.length * 4; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}
