const lineFeed = 10;
const carriageReturn = 13;
const dot = 46;

/**
 * The bytes of a text as a mail server wants them (RFC 5321, 4.5.2): lines end with CR LF, and one that
 * begins with a dot gets another one. With a limit, what is longer is cut, and the mail says so.
 */
export class MailBody {
  readonly #maximumLines: number;
  #lines = 0;
  #isLineBegun = false;
  #endsWithReturn = false;

  /** The lines of one mail; `maximumLines` 0 is no limit. */
  constructor(maximumLines = 0) {
    this.#maximumLines = maximumLines;
  }

  /** What is sent of the next bytes of the text. */
  take(bytes: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of bytes) {
      if (byte === lineFeed) {
        this.#put(out, [carriageReturn, lineFeed]);
        this.#lines++;
        this.#isLineBegun = false;
        this.#endsWithReturn = false;
        continue;
      }
      if (this.#endsWithReturn) this.#put(out, [carriageReturn]);
      this.#endsWithReturn = byte === carriageReturn;
      if (this.#endsWithReturn) continue;
      this.#put(out, byte === dot && !this.#isLineBegun ? [dot, dot] : [byte]);
      this.#isLineBegun = true;
    }
    return Uint8Array.from(out);
  }

  /** The end of the last line, what is said of lines that were left out, and the dot that ends all. */
  end(): Uint8Array {
    const out: number[] = [];
    if (this.#isLineBegun) {
      this.#put(out, [carriageReturn, lineFeed]);
      this.#lines++;
    }
    const rest = this.#maximumLines === 0 ? 0 : this.#lines - this.#maximumLines;
    const note = rest > 0
      ? `\r\n[maximum of ${this.#maximumLines} lines exceeded, skipped ${rest} lines of output]\r\n`
      : "";
    return Uint8Array.from([...out, ...new TextEncoder().encode(`${note}.\r\n`)]);
  }

  #put(out: number[], bytes: readonly number[]): void {
    if (this.#maximumLines === 0 || this.#lines < this.#maximumLines) out.push(...bytes);
  }
}
