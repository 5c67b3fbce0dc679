import type { BytePath, Descriptor } from "./platform.ts";

const slash = 0x2f;
/** What a cut leaves free for a prefix. */
const room = 128;

/** What a long path needs of the system. */
export interface PlaceOpener {
  /** Bytes of a path, its zero byte included, that every call takes. */
  readonly pathLimit: number;
  /** The number that stands for the current directory. */
  readonly current: Descriptor;
  /** Opens a directory, given as bytes with a zero at the end, just to start from. */
  openPlace(at: Descriptor, path: Uint8Array): Descriptor;
  /** Closes it again. */
  closePlace(place: Descriptor): void;
  /** A path by which an open directory can be reached. */
  pathOf(place: Descriptor): Uint8Array;
}

/**
 * A path made ready for the C library: a directory to start from and bytes with a zero at the end,
 * in a buffer that is used again. A path that is too long for one call is walked in pieces to an open
 * directory near its end; {@linkcode release} closes that.
 */
export class NativePath {
  /** Where {@linkcode bytes} starts from. */
  at: Descriptor;
  /** The path or its rest; valid until the next one is prepared. */
  readonly bytes: Uint8Array;
  readonly #opener: PlaceOpener;
  #place: Descriptor = -1;

  /** Ready for {@linkcode prepare}. */
  constructor(opener: PlaceOpener) {
    this.#opener = opener;
    this.bytes = new Uint8Array(2 * opener.pathLimit);
    this.at = opener.current;
  }

  /** Makes `at` and `bytes` stand for a path. */
  prepare(path: BytePath, at: Descriptor = this.#opener.current): void {
    if (path.length >= this.#opener.pathLimit) return this.#prepareLong(path, at);
    this.at = at;
    this.bytes.set(path);
    this.bytes[path.length] = 0;
  }

  /**
   * Makes `bytes` alone stand for a path, for calls that know no starting directory: by a
   * path that leads to the starting directory if there must be one.
   */
  prepareWhole(path: BytePath, at: Descriptor = this.#opener.current): void {
    this.prepare(path, at);
    if (this.at === this.#opener.current || this.bytes[0] === slash) return;
    const prefix = this.#opener.pathOf(this.at);
    const used = this.bytes.indexOf(0) + 1;
    if (prefix.length + 1 + used > this.bytes.length) return; // the system says what is wrong
    this.bytes.copyWithin(prefix.length + 1, 0, used);
    this.bytes.set(prefix);
    this.bytes[prefix.length] = slash;
  }

  /** Closes what a long path needed. */
  release(): void {
    if (this.#place < 0) return;
    this.#opener.closePlace(this.#place);
    this.#place = -1;
  }

  #prepareLong(path: BytePath, at: Descriptor): void {
    this.release();
    this.at = at;
    let rest = path;
    const piece = this.#opener.pathLimit - room;
    while (rest.length >= piece) {
      const cut = rest.lastIndexOf(slash, piece);
      if (cut <= 0) break; // no name is that long: the system will say so
      this.bytes.set(rest.subarray(0, cut));
      this.bytes[cut] = 0;
      const place = this.#opener.openPlace(this.at, this.bytes);
      this.release();
      this.#place = place;
      this.at = place;
      rest = rest.subarray(cut + 1);
      while (rest[0] === slash) rest = rest.subarray(1);
    }
    const used = Math.min(rest.length, this.bytes.length - 64);
    this.bytes.set(rest.subarray(0, used));
    this.bytes[used] = 0;
  }
}
