import { type Descriptor, isSystemError, type Platform } from "../platform/mod.ts";
import { ByteSink, readerPauseMs } from "./byte_sink.ts";
import type { Location } from "./parent_directories.ts";

/** How long a fifo may take to find a reader, in milliseconds. */
const readerTimeoutMs = 60_000;

/** A fifo or device that takes the contents of a file. Its reader may not be there yet. */
export class StreamOutput extends ByteSink {
  readonly #platform: Platform;
  readonly #place: Location;
  readonly #deadline = Date.now() + readerTimeoutMs;
  #descriptor: Descriptor | undefined;

  /** Nothing is opened yet. */
  constructor(platform: Platform, place: Location) {
    super();
    this.#platform = platform;
    this.#place = place;
  }

  /** Whether it was opened. */
  override get isOpen(): boolean {
    return this.#descriptor !== undefined;
  }

  protected override open(): boolean {
    if (this.#descriptor !== undefined) return true;
    const { at, name } = this.#place;
    try {
      this.#descriptor = this.#platform.open(name, { access: "write", nonBlocking: true }, at);
      return true;
    } catch (error) {
      if (!isSystemError(error, "ENXIO") || Date.now() > this.#deadline) throw error;
      return false;
    }
  }

  protected override writeSome(bytes: Uint8Array): number {
    return this.#descriptor === undefined ? 0 : this.#platform.writeSome(this.#descriptor, bytes);
  }

  protected override waitForRoom(): boolean {
    return this.#descriptor !== undefined &&
      this.#platform.waitWritable(this.#descriptor, readerPauseMs);
  }

  protected override shut(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) this.#platform.close(descriptor);
  }
}
