import { createDigest, type Digest, type DigestName } from "../../../crypto/mod.ts";
import type { Descriptor, Platform } from "../platform/mod.ts";
import type { ByteSink } from "./byte_sink.ts";

/** Bytes read at once when a digest is made afterwards. */
const rereadLength = 256 * 1024;

/**
 * The contents of one file on their way to disk: written where they belong, with the digest of what
 * is written. Stretches that a sparse backup left out count for nothing in a digest (volume.md 12).
 */
export class FileWriter {
  /** The open file; undefined of a fifo, device or program, which takes bytes in order only. */
  readonly descriptor: Descriptor | undefined;
  /** The fifo, device or program. */
  readonly stream: ByteSink | undefined;
  readonly #platform: Platform;
  readonly #digests: Map<DigestName, Digest>;
  /** Digests that were asked for. */
  readonly #known = new Map<DigestName, Uint8Array>();
  #position = 0;
  #size = 0;
  #written = 0;
  /** What was written, as joined stretches: for a digest afterwards. */
  readonly #stretches: { start: number; end: number }[] = [];

  /** Writes to an open file or a stream, and takes along the digests that are likely to be asked for. */
  constructor(
    platform: Platform,
    output: Descriptor | ByteSink,
    digests: Map<DigestName, Digest>,
  ) {
    this.#platform = platform;
    this.descriptor = typeof output === "number" ? output : undefined;
    this.stream = typeof output === "number" ? undefined : output;
    this.#digests = digests;
  }

  /** Where the last byte ends. */
  get size(): number {
    return this.#size;
  }

  /** Bytes written. */
  get written(): number {
    return this.#written;
  }

  /** Writes bytes at `offset`, or behind the last ones. */
  write(bytes: Uint8Array, offset?: number): void {
    const at = offset ?? this.#position;
    if (this.descriptor === undefined) this.stream?.write(bytes);
    else this.#platform.write(this.descriptor, bytes, at);
    for (const digest of this.#digests.values()) digest.update(bytes);
    this.#position = at + bytes.length;
    this.#size = Math.max(this.#size, this.#position);
    this.#written += bytes.length;
    const last = this.#stretches.at(-1);
    if (last?.end === at) last.end = this.#position;
    else this.#stretches.push({ start: at, end: this.#position });
  }

  /** Makes a file with a hole at its end as long as it was. */
  extend(size: number): void {
    if (this.descriptor === undefined || size <= this.#size) return;
    this.#platform.truncate(this.descriptor, size);
    this.#size = size;
  }

  /** Whether this digest was made so far, or is known. */
  makes(name: DigestName): boolean {
    return this.#digests.has(name) || this.#known.has(name);
  }

  /** Closes the file; delayed errors of writing appear here. */
  close(): void {
    if (this.descriptor === undefined) this.stream?.close();
    else this.#platform.close(this.descriptor);
  }

  /** The digest of all that was written, which must be all; undefined if it can no longer be known. */
  digest(name: DigestName): Uint8Array | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const running = this.#digests.get(name);
    this.#digests.delete(name);
    const { descriptor } = this;
    const digest = running?.digest() ??
      (descriptor === undefined ? undefined : this.#reread(descriptor, name));
    if (digest !== undefined) this.#known.set(name, digest);
    return digest;
  }

  #reread(descriptor: Descriptor, name: DigestName): Uint8Array {
    const digest = createDigest(name);
    const buffer = new Uint8Array(rereadLength);
    for (const { start, end } of this.#stretches) {
      for (let at = start; at < end;) {
        const into = buffer.subarray(0, Math.min(buffer.length, end - at));
        const count = this.#platform.read(descriptor, into, at);
        if (count === 0) return digest.digest(); // shorter than it was written: it will not match
        digest.update(into.subarray(0, count));
        at += count;
      }
    }
    return digest.digest();
  }
}
