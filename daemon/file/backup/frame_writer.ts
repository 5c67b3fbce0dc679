/** Frames on their way to the storage daemon, gathered in large buffers. @module */
import { encodeText } from "../../../bytes/mod.ts";
import { frameInto, headerInto, Signal } from "../../../protocol/mod.ts";

/** Bytes after which a buffer is handed on. */
export const fullBuffer: number = 1 << 20;
/** Room beyond that, for the frame that fills it: a chunk with headers. */
const slack = 320 << 10;
const frameHeader = 4;

/** Writes frames one behind the other into a buffer. */
export class FrameWriter {
  #buffer = new Uint8Array(fullBuffer + slack);
  #length = 0;

  /** Bytes written since the last {@linkcode take}. */
  get length(): number {
    return this.#length;
  }

  /** Whether it is time to hand the buffer on. */
  get isFull(): boolean {
    return this.#length >= fullBuffer;
  }

  /** Writes a message. */
  message(payload: Uint8Array): void {
    this.#room(frameHeader + payload.length);
    this.#length = frameInto(this.#buffer, this.#length, payload);
  }

  /** Writes a text message. */
  text(text: string): void {
    this.message(encodeText(text));
  }

  /** Writes the end of a stream or of all data. */
  endOfData(): void {
    this.#room(frameHeader);
    this.#length = headerInto(this.#buffer, this.#length, Signal.EOD);
  }

  /** A place for the payload of the next message; {@linkcode commit} makes it one. */
  reserve(most: number): Uint8Array {
    this.#room(frameHeader + most);
    const start = this.#length + frameHeader;
    return this.#buffer.subarray(start, start + most);
  }

  /** Makes the first `length` bytes of the reserved place a message. */
  commit(length: number): void {
    headerInto(this.#buffer, this.#length, length);
    this.#length += frameHeader + length;
  }

  /** The bytes written, as a buffer of their own that may be handed over; begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = new Uint8Array(fullBuffer + slack);
    this.#length = 0;
    return taken;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = new Uint8Array(this.#length + more + slack);
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
