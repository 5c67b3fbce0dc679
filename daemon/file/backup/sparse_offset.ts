/** What stands before a chunk of a sparse file: its offset, u64, big endian (volume.md 9.3). @module */

/** Bytes of the offset. */
export const offsetLength = 8;

/** Writes the offset to the beginning of `into`. */
export function writeOffset(into: Uint8Array, offset: number): void {
  new DataView(into.buffer, into.byteOffset).setBigUint64(0, BigInt(offset));
}
