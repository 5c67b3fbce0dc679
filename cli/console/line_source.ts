import { decodeText } from "../../bytes/mod.ts";

/** Where the console gets its lines from: a terminal, standard input, a file. */
export interface LineSource {
  /** Whether a person types: then a prompt is shown and lines are not echoed by us. */
  readonly isTerminal: boolean;
  /** The next line without its end; `undefined` at the end of input. */
  next(prompt: string): Promise<string | undefined>;
  /** Gives the source back. */
  close(): void;
}

/** Longest line that is taken; what follows counts as the next one. */
const LONGEST_LINE = 1 << 20;

/** Lines of a stream that is no terminal, such as a pipe or a file. */
export class StreamLines implements LineSource {
  readonly isTerminal = false;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #onClose: () => void;
  #buffer: Uint8Array = new Uint8Array(0);
  #isEnded = false;

  /** Lines of `chunks`; `onClose` gives the stream back. */
  constructor(chunks: AsyncIterable<Uint8Array>, onClose: () => void = () => {}) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#onClose = onClose;
  }

  /** Lines of a file. */
  static async open(path: string): Promise<StreamLines> {
    const file = await Deno.open(path);
    return new StreamLines(file.readable);
  }

  /** The next line; the prompt is not shown. */
  async next(): Promise<string | undefined> {
    while (true) {
      const end = this.#buffer.indexOf(0x0a);
      if (end >= 0 || this.#buffer.length > LONGEST_LINE) {
        const length = end >= 0 ? end : LONGEST_LINE;
        const line = this.#buffer.subarray(0, length);
        this.#buffer = this.#buffer.subarray(end >= 0 ? end + 1 : length);
        return decodeText(line);
      }
      if (this.#isEnded) {
        if (this.#buffer.length === 0) return undefined;
        const line = decodeText(this.#buffer);
        this.#buffer = new Uint8Array(0);
        return line;
      }
      const { done, value } = await this.#chunks.next();
      if (done) this.#isEnded = true;
      else this.#buffer = concatenate(this.#buffer, value);
    }
  }

  /** Gives the stream back. */
  close(): void {
    this.#onClose();
    this.#chunks.return?.().catch(() => {}); // nobody reads it any more
  }
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
