/** Counts of one kind of spooling, for the status output (storage-daemon.md 13). */
export class SpoolTotals {
  /** Jobs that spool now, and the bytes in their files. */
  active = 0;
  bytes = 0;
  /** Jobs that have spooled, and the most bytes that were in a file. */
  total = 0;
  most = 0;

  /** A job begins to spool. */
  begin(): void {
    this.active++;
    this.total++;
  }

  /** A job's file has grown to `size`. */
  grow(by: number, size: number): void {
    this.bytes += by;
    this.most = Math.max(this.most, size);
  }

  /** A job's file has been emptied. */
  shrink(by: number): void {
    this.bytes -= by;
  }

  /** A job spools no more. */
  end(): void {
    this.active--;
  }
}
