/** What programs say, line by line. @module */
import { decodeText } from "../bytes/mod.ts";

/** Bytes after which a line without an end is cut: it must not fill the memory. */
const longestLine = 64 << 10;

/** Cuts output into lines. */
export class LineSplitter {
  readonly #tell: (line: string) => void;
  #rest = new Uint8Array(0);

  /** `tell` takes each line, without what ends it. */
  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** Takes a piece of the output. */
  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      this.#say(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
    }
    this.#rest = bytes.slice();
    if (this.#rest.length > longestLine) this.end();
  }

  /** The output is over: what is left is a line. */
  end(): void {
    if (this.#rest.length > 0) this.#say(this.#rest);
    this.#rest = new Uint8Array(0);
  }

  #say(line: Uint8Array): void {
    this.#tell(decodeText(line));
  }
}
