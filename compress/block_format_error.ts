/** A compressed block cannot be decoded, or its output does not fit. */
export class BlockFormatError extends Error {
  override readonly name = "BlockFormatError";
  /** Byte of the compressed block at which it was noticed. */
  readonly offset: number;

  /** An error at `offset` of the compressed block. */
  constructor(codec: string, offset: number, why: string) {
    super(`Cannot decompress ${codec} at byte ${offset}: ${why}`);
    this.offset = offset;
  }
}
