/** What is told of one address in one stretch of time before the rest is only counted. */
const MOST_OF_ONE = 10;
/** What is told of all addresses. */
const MOST_OF_ALL = 100;
/** Length of the stretch in milliseconds. */
const STRETCH_MS = 60_000;
/** Addresses that are told apart. */
const MOST_ADDRESSES = 1_000;

/**
 * Tells of connections that came to nothing, and does not fill the disk with it: of an address that
 * comes again and again the first are told and the others counted, once a minute.
 */
export class Complaints {
  readonly #tell: (text: string) => void;
  readonly #counts = new Map<string, number>();
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `tell` gets whole sentences. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Tells `text`, or counts it. */
  add(address: string, text: string): void {
    this.#timer ??= this.#startTimer();
    const isKnown = this.#counts.has(address) || this.#counts.size < MOST_ADDRESSES;
    const key = isKnown ? address : "other addresses";
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count > MOST_OF_ONE || this.#told >= MOST_OF_ALL) return;
    this.#told++;
    this.#tell(text);
  }

  /** Tells what was only counted, and ends. */
  close(): void {
    clearTimeout(this.#timer);
    this.#settle();
  }

  #startTimer(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#settle(), STRETCH_MS);
    Deno.unrefTimer(timer);
    return timer;
  }

  #settle(): void {
    this.#timer = undefined;
    let untold = -this.#told;
    for (const count of this.#counts.values()) untold += count;
    const [worst] = [...this.#counts].toSorted((a, b) => b[1] - a[1]);
    this.#counts.clear();
    this.#told = 0;
    if (untold <= 0 || worst === undefined) return;
    this.#tell(
      `${untold} more connections came to nothing within a minute, most of them from ${
        worst[0]
      }; ` +
        "of an address that comes so often only the first are told",
    );
  }
}
