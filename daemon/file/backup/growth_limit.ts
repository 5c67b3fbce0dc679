/** A file may grow by this much while it is read, however small it was. */
const leastGrowth = 256 << 20;

/**
 * How far a regular file is read that grows meanwhile: to its end, but not for ever. A file may double
 * its size, and a small one may grow by 256 MiB; who writes faster than that is not waited for.
 */
export class GrowthLimit {
  readonly #end: number;

  /** For a file that had this size; 0 for one whose size is not known, such as a device. */
  constructor(size: number) {
    this.#end = size === 0 ? Infinity : size + Math.max(size, leastGrowth);
  }

  /** Whether nothing behind this offset is read. */
  isReached(offset: number): boolean {
    return offset >= this.#end;
  }
}
