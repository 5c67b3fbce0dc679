/**
 * A place on a byte addressed volume as the catalog and messages write it: the high and the low
 * half of a 64 bit byte offset (volume.md 6.3).
 */
export interface FileBlock {
  /** Offset divided by 2^32. */
  readonly file: number;
  /** Offset modulo 2^32. */
  readonly block: number;
}

/** Splits a byte offset into its halves. */
export function toFileBlock(offset: number): FileBlock {
  return { file: Math.floor(offset / 2 ** 32), block: offset % 2 ** 32 };
}

/** Joins the halves of an address to a byte offset; beyond 2^53 the result is not exact. */
export function toOffset({ file, block }: FileBlock): number {
  return file * 2 ** 32 + block;
}

/** An offset as messages show it: `<file>:<block>`. */
export function formatAddress(offset: number): string {
  const { file, block } = toFileBlock(offset);
  return `${file}:${block}`;
}
