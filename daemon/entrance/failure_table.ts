/** Failures at once from an address that cost nothing: a mistyped password, a wrong configuration. */
const FREE_FAILURES = 5;
/** One failure is forgiven in this time, in milliseconds. */
const FORGIVEN_MS = 2_000;
/** What each failure beyond the free ones adds to the wait, and the longest wait, in milliseconds. */
const STEP_MS = 250;
const LONGEST_MS = 3_000;
/** Failures beyond this many are not counted: an address is out of it a minute after its last one. */
const MOST_FAILURES = 30;
/** Addresses that are remembered. */
const MOST_ADDRESSES = 1_000;

interface Record {
  readonly failures: number;
  /** When that was so, milliseconds of the clock. */
  readonly at: number;
  /** Whether somebody was told that its next ones wait. */
  isTold: boolean;
}

/**
 * Addresses from which authentications have failed, and how long the next one from there waits. The
 * wait is short, since real peers may share the address, and the table is small: who comes from a
 * thousand addresses is not slowed down, but neither does he cost memory.
 */
export class FailureTable {
  readonly #records = new Map<string, Record>();
  readonly #clock: () => number;

  /** An empty table; the clock counts milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Addresses that are remembered now. */
  get size(): number {
    return this.#records.size;
  }

  /** Counts a failure. */
  note(address: string): void {
    const before = this.#failuresOf(address);
    const failures = Math.min(MOST_FAILURES, before + 1);
    const isTold = before > FREE_FAILURES && this.#records.get(address)?.isTold === true;
    this.#records.delete(address); // to the end: the first one is the oldest
    this.#records.set(address, { failures, at: this.#clock(), isTold });
    const [oldest] = this.#records.keys();
    if (this.#records.size > MOST_ADDRESSES && oldest !== undefined) this.#records.delete(oldest);
  }

  /** Milliseconds that the next one from this address waits. */
  waitOf(address: string): number {
    const failures = this.#failuresOf(address);
    return Math.min(LONGEST_MS, Math.max(0, failures - FREE_FAILURES) * STEP_MS);
  }

  /** Whether this is asked for the first time since its failures cost something: that is to be told. */
  isFirstWait(address: string): boolean {
    const record = this.#records.get(address);
    if (record === undefined || record.isTold) return false;
    record.isTold = true;
    return true;
  }

  #failuresOf(address: string): number {
    const record = this.#records.get(address);
    if (record === undefined) return 0;
    return Math.max(0, record.failures - (this.#clock() - record.at) / FORGIVEN_MS);
  }
}
