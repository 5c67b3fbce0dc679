import type { Signal } from "./signal.ts";

/** Bytes of the header: a signed 32 bit big endian length or signal (wire.md 3.1). */
export const FRAME_HEADER = 4;

/** Longest payload that is accepted (wire.md 3.3). */
export const MAX_FRAME_RECEIVED = 1_000_000;

/** Longest payload that is sent; longer messages become several frames (wire.md 3.2). */
export const MAX_FRAME_SENT = 999_996;

/** Bit of a length: the payload is one raw LZ4 block (bacula.md 4.1). */
export const FRAME_COMPRESSED = 0x4000_0000;

/** Longest payload that a compressed one may become. */
export const MAX_FRAME_EXPANDED = 4_000_000;

/** A frame with a payload, which may be empty. */
export interface MessageFrame {
  /** What it is. */
  readonly kind: "message";
  /** A view of the receive buffer: valid until the next `receive()` or `takeBuffered()`. */
  readonly payload: Uint8Array;
}

/** A frame without payload whose header is negative. */
export interface SignalFrame {
  /** What it is. */
  readonly kind: "signal";
  /** Which one. */
  readonly signal: Signal;
}

/** What one header announces. */
export type Frame = MessageFrame | SignalFrame;

/**
 * Writes header and payload into `buffer` at `offset` and returns the offset behind them. The
 * payload must not exceed {@linkcode MAX_FRAME_SENT} and must fit.
 */
export function frameInto(buffer: Uint8Array, offset: number, payload: Uint8Array): number {
  if (payload.length > MAX_FRAME_SENT) {
    throw new RangeError(`Cannot frame ${payload.length} bytes: limit is ${MAX_FRAME_SENT}`);
  }
  headerInto(buffer, offset, payload.length);
  buffer.set(payload, offset + FRAME_HEADER);
  return offset + FRAME_HEADER + payload.length;
}

/** Writes a frame header, a length or a signal, and returns the offset behind it. */
export function headerInto(buffer: Uint8Array, offset: number, value: number): number {
  buffer[offset] = value >> 24;
  buffer[offset + 1] = value >> 16;
  buffer[offset + 2] = value >> 8;
  buffer[offset + 3] = value;
  return offset + FRAME_HEADER;
}

/** Reads a frame header. */
export function headerAt(buffer: Uint8Array, offset: number): number {
  return ((buffer[offset] as number) << 24) | ((buffer[offset + 1] as number) << 16) |
    ((buffer[offset + 2] as number) << 8) | (buffer[offset + 3] as number);
}
