/** One block of a cipher in the program's own code, where the runtime has none. @module */

/**
 * A block cipher with its key. Blocks are words of 32 bits, the first byte of the block the highest of
 * the first word: two words for blocks of 8 bytes, four for 16.
 */
export interface BlockCipher {
  /** Bytes of a block. */
  readonly blockLength: 8 | 16;
  /** Encrypts the block in `words`, in place. */
  encrypt(words: Int32Array): void;
  /** Decrypts the block in `words`, in place. */
  decrypt(words: Int32Array): void;
}

/** The words of a key, big endian. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length >> 2 }, (_, n) => view.getInt32(4 * n));
}
